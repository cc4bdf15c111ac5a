/** The options commands share, as the command line hands them over. */
export interface CommonOptions {
  /** Work with rehearsals instead of real runs. */
  rehearse?: boolean;
  stateDir?: string;
  json?: boolean;
}

export interface RunOptions extends CommonOptions {
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
  /** Rehearsal: what goes wrong. */
  fault?: string[];
}
