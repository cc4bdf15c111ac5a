/**
 * What the engine needs from the world. `adapters/` and `journal/` provide these; tests provide their own.
 * Nothing in the engine reaches the world in any other way.
 */
import type { FactName } from '../runbook/model.ts';
import type { JournalRecord, RunEvent } from './events.ts';
import type { NamespacePoint, RewriteExtent, RewriteProgress, SecretName } from './rewriting.ts';

export interface Clock {
  now(): Date;
  /** Resolves after `milliseconds`; rejects with the signal's reason when aborted. A rehearsal's clock hurries. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The writing end of a run's journal. Every record is on disk before `append` resolves. */
export interface JournalWriter {
  append(event: RunEvent): Promise<JournalRecord>;
  /** Rejects with a `ToolError` when nothing more can be appended, for example because the journal was deleted. */
  check(): Promise<void>;
  /** Where the output of an attempt is kept, for the command port to write to. */
  outputFile(step: string, attempt: number): string;
  /** The end of what is kept there, at most `maxBytes`; empty when there is nothing. */
  readOutput(step: string, attempt: number, maxBytes: number): Promise<string>;
}

export type FactValues = Partial<Record<FactName, unknown>>;

interface FactReading {
  values: FactValues;
  /** Things the operator should know about how the values were got, one line each. */
  warnings: readonly string[];
}

/** Reads facts about the target, always anew. Throws `FactError` when one cannot be read. */
export interface Facts {
  read(names: readonly FactName[], signal?: AbortSignal): Promise<FactReading>;
}

/** Enough to find a process again after the tool itself was restarted. */
export interface ProcessIdentity {
  pid: number;
  /** Opaque start-time mark of the process, so that a reused pid is not mistaken for it. */
  startMark: string;
  host: string;
  /** Opaque; tells machines of one name apart, and stays the same when one is started anew. Absent when not known. */
  machine?: string | undefined;
}

export interface CommandExit {
  /** Exit status, or null when a signal ended it or it could not be started. */
  code: number | null;
  signal: string | null;
  /** Exit status of each command of the pipeline, in order; null as above. Absent when not known. */
  codes?: readonly (number | null)[] | undefined;
  /** Why it could not be started at all. */
  failure?: string | undefined;
  /** Bytes kept in the output file, and their SHA-256 (hex). */
  outputBytes: number;
  outputSha256: string;
  /** Bytes of output that could not be kept; absent when all was. */
  outputLost?: number | undefined;
  /** Why the output could not be synced to disk, so that it may not stay; absent when it was. */
  outputUnsynced?: string | undefined;
  /** When it ended, ISO 8601 UTC. */
  endedAt: string;
}

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGKILL';

/** A started command. Its owner is a keeper process, which outlives the tool and records how it ended. */
export interface RunningCommand {
  readonly identity: ProcessIdentity;
  /** Cleaned, redacted text as it comes, both streams in order of arrival. Ends when the command has ended. */
  readonly output: AsyncIterable<string>;
  readonly exit: Promise<CommandExit>;
  /** Sends a signal to the command's whole process tree. */
  signal(signal: StopSignal): void;
  /** Leaves it running without us: `output` ends and `exit` never settles. */
  detach(): void;
}

/** How a command from an earlier session is found. */
export type FoundCommand =
  | { kind: 'running'; command: RunningCommand }
  | { kind: 'ended'; exit: CommandExit }
  /** Its keeper is gone and left no word: killed with the machine, or never started. */
  | { kind: 'lost' }
  /** It may still run, and cannot be followed from here; `why` is a sentence for the operator. */
  | { kind: 'unknowable'; why: string };

export interface Commands {
  /**
   * Starts a pipeline without a shell, in the target's environment. The output file receives everything shown.
   * A program that does not exist is an exit with `failure`, not an error.
   */
  start(pipeline: readonly (readonly string[])[], outputFile: string): Promise<RunningCommand>;
  /** Looks for the command whose output goes to `outputFile`. */
  find(outputFile: string, identity: ProcessIdentity | undefined): Promise<FoundCommand>;
}

/** Whether the subscription and the kubeconfig are still those of the planned cluster. */
export interface TargetPin {
  /** Returns the differences found, none when the target is the planned one. Looks each time it is called. */
  differences(signal?: AbortSignal): Promise<readonly Difference[]>;
}

/** The operator's sign-in to Azure. */
export interface SignIn {
  /**
   * When the token that commands act with runs out; undefined when that is not told. Throws `ToolError` when there is
   * none to be had.
   */
  validUntil(signal?: AbortSignal): Promise<Date | undefined>;
}

/** How far a pass over the Secrets is; for the screen, and gone with the process. */
export interface RewriteView {
  pass: number;
  verifies: boolean;
  /** Secrets dealt with in this pass, earlier sittings included, and about how many there are; undefined: not told. */
  done: number;
  total: number | undefined;
  namespacesDone: number;
  namespaces: number;
  /** Secrets a second, over the last few seconds. */
  rate: number;
  inFlight: number;
  retries: number;
  refused: number;
  /** Nothing is sent until the operator goes on. */
  paused: boolean;
  /** What the API server makes it wait for. */
  waiting?: string | undefined;
}

/** The operator's pause, from the pass's side. */
export interface Pause {
  readonly on: boolean;
  /** Called when it begins and when it ends; returns the unsubscriber. */
  subscribe(listener: () => void): () => void;
}

/** A pass to be made. */
export interface PassWork {
  pass: number;
  verifies: boolean;
  /** Empty: all there are. */
  namespaces: readonly string[];
  /** By namespace, what an earlier sitting got done of this pass. */
  from: ReadonlyMap<string, NamespacePoint>;
  /** Secrets that were dealt with then. */
  doneBefore: number;
  pause: Pause;
  /** Takes what has been done since the last time. What it rejects with ends the pass. */
  record(progress: RewriteProgress): Promise<void>;
  show(view: RewriteView): void;
  signal: AbortSignal;
}

/** Writes Secrets again as they are, without reading one. */
export interface SecretRewriter {
  /** How much there is to write, in these namespaces or in all. Throws `ToolError` when that cannot be found out. */
  extent(namespaces: readonly string[], signal: AbortSignal): Promise<RewriteExtent>;
  /**
   * Goes over all Secrets once. Resolves with those that were changed again at each look, when it verifies. When
   * aborted it sends nothing more, waits for what is under way, records it, and rejects with the signal's reason.
   * Throws `ToolError` when the API server cannot be worked with; what was recorded holds.
   */
  pass(work: PassWork): Promise<{ unproven: readonly SecretName[] }>;
}

/** What the world makes us wait for, such as a busy Azure, told while it happens. */
export interface Waits {
  /** The listener gets one line each time; returns the unsubscriber. */
  subscribe(listener: (text: string) => void): () => void;
}

/** Something that is not as it was planned or recorded. */
export interface Difference {
  what: string;
  expected: string;
  found: string;
}

export interface Ports {
  clock: Clock;
  journal: JournalWriter;
  facts: Facts;
  commands: Commands;
  target: TargetPin;
  signIn: SignIn;
  secrets: SecretRewriter;
  waits: Waits;
}
