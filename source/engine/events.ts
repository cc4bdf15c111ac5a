/**
 * Everything that can happen in a run. A journal is a list of these; state is a fold over them (`reduce.ts`).
 * Events are plain JSON and say what happened, in the past tense; they are never changed once written.
 */
import type { Plan } from '../plan/model.ts';
import type { CommandExit, Difference, ProcessIdentity } from './ports.ts';
import type { NamespaceProgress, RefusedSecrets, RewriteExtent, SecretName } from './rewriting.ts';

/** One line of a journal, without the chain's hashes, which are the journal's own business. */
export interface JournalRecord {
  /** From 1, without gaps. */
  sequence: number;
  /** ISO 8601, UTC. */
  time: string;
  event: RunEvent;
}

/** The person a run acts for, as az knows them, and where they sit. */
export interface Operator {
  /** The signed-in account, for example an email address or a client id. */
  name: string;
  localUser: string;
  host: string;
}

/** What a run is, fixed when it starts. */
export interface RunHeader {
  format: 1;
  runId: string;
  rehearsal: boolean;
  /** What a rehearsal began from and what was made to go wrong; absent in a real run. */
  simulation?: { scenario: string; faults: readonly string[]; clients: 'stand-in' | 'real' } | undefined;
  /** The runbook as it was named: the id of one that comes with the tool, or the absolute path of a file. */
  runbook: string;
  plan: Plan;
  operator: Operator;
  /** Of Azure; absent for a cluster that is known by a kubeconfig context only. */
  tenant?: string | undefined;
  subscription?: { id: string; name: string } | undefined;
  /**
   * For a cluster that is known by a kubeconfig context: its name, the server's address, and the uid of kube-system, or
   * of `namespace` where the operator may not see kube-system.
   */
  context?: { name: string; server: string; uid: string; namespace?: string | undefined } | undefined;
  cluster: { id: string; kubernetesVersion: string; fqdn: string; createdAt?: string | undefined };
  /** Versions by name: aks-kms-runbook, node, az, aks-preview, kubectl, kubelogin; absent when not installed. */
  versions: Readonly<Record<string, string>>;
}

/** One sitting: a process of the tool working on the run. */
export interface Session {
  operator: Operator;
  pid: number;
  versions: Readonly<Record<string, string>>;
  /** In a rehearsal, how many times faster than real time the simulated time passes. */
  speed?: number | undefined;
  /** Where the operator's clock is set to, for example `Europe/Amsterdam` (IANA); absent in older journals. */
  timeZone?: string | undefined;
  /** Requests under way at once at most while Secrets are rewritten, where the operator has said so. */
  maxInFlight?: number | undefined;
}

/** How an operator's word reached the tool. */
export type ConfirmedBy = 'key' | 'typed' | '--yes' | '--accept-irreversible';

/** Why an attempt did not work. `what` is for people; `detail` is the cleaned text it was told from. */
export interface Failure {
  reason:
    | 'exit'
    | 'not-started'
    | 'postcondition'
    | 'check'
    | 'timeout'
    | 'facts'
    | 'target'
    | 'cancelled'
    | 'word'
    | 'lost'
    /** Some Secrets were refused; all others are rewritten and verified. */
    | 'refused'
    /** Not every Secret was found current, however often it was verified. */
    | 'unverified';
  what: string;
  detail?: string | undefined;
  /** From the runbook's `explain`, when one matched. */
  explanation?: { means: string; do: string; link?: string | undefined } | undefined;
}

/** The cluster's encryption settings and state as read from Azure. */
export type ClusterSettings = Readonly<Record<string, unknown>>;

export type RunEvent =
  | { type: 'run.started'; header: RunHeader; session: Session }
  | { type: 'run.resumed'; session: Session }
  /**
   * The holder of the run's or the cluster's lock was gone. With `reason`, nobody could see that, and the operator
   * vouched for it; without `from`, the lock was damaged.
   */
  | {
      type: 'run.lock-taken-over';
      from?: { pid: number; host: string; operator: string; since: string } | undefined;
      reason?: string | undefined;
    }
  | { type: 'run.journal-repaired'; droppedBytes: number }
  | { type: 'run.drifted'; differences: readonly Difference[] }
  | { type: 'run.drift-accepted'; reason: string }
  | { type: 'run.settings-observed'; moment: 'before' | 'after'; settings: ClusterSettings }
  | { type: 'run.noted'; step?: string | undefined; text: string }
  | { type: 'run.warned'; step?: string | undefined; text: string }
  /** `detached`: a command was left running. `closed`: the terminal or the process was told to go. */
  | { type: 'run.stopped'; reason: 'operator' | 'unconfirmed' | 'failed' | 'detached' | 'closed' }
  | { type: 'run.completed' }
  /** Looked before acting: does it apply, and does its postcondition already hold (null: none, or not asked)? */
  | {
      type: 'step.assessed';
      step: string;
      applies: boolean;
      alreadyDone: boolean | null;
      /** Of a rewrite: what there is to write, as far as it could be counted. */
      extent?: RewriteExtent | undefined;
    }
  | {
      type: 'step.confirmed';
      step: string;
      attempt: number;
      by: ConfirmedBy;
      typed?: string | undefined;
      /** Of a rewrite: by the command the document gives. */
      documented?: boolean | undefined;
    }
  | {
      type: 'step.started';
      step: string;
      attempt: number;
      command?: readonly (readonly string[])[] | undefined;
    }
  | { type: 'command.spawned'; step: string; attempt: number; identity: ProcessIdentity }
  | {
      type: 'command.exited';
      step: string;
      attempt: number;
      exit: CommandExit;
      /** Why its error is passed over, and how many lines told of it. */
      tolerated?: string | undefined;
      toleratedLines?: number | undefined;
    }
  | { type: 'command.cancelled'; step: string; attempt: number }
  /** The cluster was found busy with an operation of Azure's, and waited for. */
  | { type: 'step.cluster-busy'; step: string; attempt: number; provisioningState: string }
  | { type: 'step.cluster-settled'; step: string; attempt: number; provisioningState: string }
  /** An attempt with no known end was looked into; `effect` is what `done-when` says, null when it cannot say. */
  | {
      type: 'step.investigated';
      step: string;
      attempt: number;
      effect: boolean | null;
      failure?: Failure | undefined;
    }
  /** The postcondition was asked of the cluster, for the last time in this attempt. */
  | { type: 'step.verified'; step: string; attempt: number; expression: string; holds: boolean }
  | { type: 'step.succeeded'; step: string; attempt: number; value?: string | undefined }
  | { type: 'step.failed'; step: string; attempt: number; failure: Failure }
  /** A warning check that did not hold, and was read. */
  | { type: 'step.acknowledged'; step: string; by: ConfirmedBy }
  | { type: 'step.attested'; step: string; by: ConfirmedBy; note?: string | undefined }
  /** `already`: it was in effect before it ran. `took-effect`: after an interruption or an error it turned out done. */
  | { type: 'step.accepted'; step: string; why: 'already' | 'took-effect'; by: ConfirmedBy }
  | { type: 'step.skipped'; step: string; reason: string }
  /** `acknowledged`: Secrets that the API server refuses, and that are left as they are stored. */
  | {
      type: 'step.overridden';
      step: string;
      reason: string;
      acknowledged?: readonly Omit<RefusedSecrets, 'message'>[] | undefined;
    }
  /** After a failure: to be assessed again. After an inconclusive look: to be looked into again. */
  | { type: 'step.retried'; step: string }
  /** It is in effect, or nobody knows, and the operator wants it run all the same. */
  | { type: 'step.rerun-chosen'; step: string }
  /** With `after` failed, the operator went on to this step, whose `even-if-failed` names it. */
  | { type: 'step.detoured'; step: string; after: string }
  /** A pass over the Secrets begins, or one that writes is gone on with. */
  | {
      type: 'rewrite.begun';
      step: string;
      attempt: number;
      pass: number;
      verifies: boolean;
      /** It goes on where an earlier attempt got to. */
      goesOn?: boolean | undefined;
    }
  /** What a pass has done since it told so last. */
  | {
      type: 'rewrite.progressed';
      step: string;
      attempt: number;
      pass: number;
      namespaces: readonly NamespaceProgress[];
      refused: readonly RefusedSecrets[];
      retries: number;
    }
  /** A pass has come to its end. `unproven`: Secrets that were changed again at each look of a verification. */
  | {
      type: 'rewrite.pass-ended';
      step: string;
      attempt: number;
      pass: number;
      unproven: readonly SecretName[];
    }
  | { type: 'rewrite.paused'; step: string; attempt: number }
  | { type: 'rewrite.continued'; step: string; attempt: number }
  | { type: 'value.captured'; step: string; name: string; value: string };
