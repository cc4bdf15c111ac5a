/** The options commands share, as the command line hands them over. */
export interface CommonOptions {
  /** Work with rehearsals instead of real runs. */
  rehearse?: boolean;
  stateDir?: string;
  json?: boolean;
}

export interface VerifyOptions extends CommonOptions {
  /** A hash noted elsewhere; one of the records has to have it. */
  hash?: string;
  /** The file that says whose signatures count, as ssh-keygen reads it. */
  allowedSigners?: string;
}

export interface RunOptions extends CommonOptions {
  /** The directory transcripts are written to; the run's own otherwise. */
  transcript?: string;
  /** Given with -p. */
  parameter?: Record<string, string>;
  plain?: boolean;
  yes?: boolean;
  /** The name of the cluster, as typed confirmation for what cannot be undone. */
  acceptIrreversible?: string;
  /** Why a lock whose holder cannot be seen may be taken over. */
  takeOver?: string;
  /** Requests under way at once at most, while Secrets are rewritten. */
  maxInFlight?: number;
  /** Rehearsal: how much faster simulated time passes. */
  speed?: number;
  /** Rehearsal: the simulated cluster to start from. */
  scenario?: string;
  /** Rehearsal: the az and kubectl that are installed, or stand-ins for them. */
  clients?: 'real' | 'stand-in';
  /** Rehearsal: Secrets the simulated cluster has. */
  secrets?: number;
  /** Rehearsal: what goes wrong. */
  fault?: string[];
}
