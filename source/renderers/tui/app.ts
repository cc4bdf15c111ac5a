/** What the terminal screen needs from the rest of the tool, and what it gives back. `commands/` provides it. */
import type { RunController, RunOutcome } from '../../engine/controller.ts';
import type { OutputBuffer } from '../../engine/output.ts';
import type { RunState, RunStatus } from '../../engine/state.ts';

export interface TuiApp {
  /** The session rehearses: every screen says so, also before there is a run. */
  rehearsal: boolean;
  /** Read anew each time the home screen is shown. */
  home(signal: AbortSignal): Promise<HomeData>;
  /** Clusters to choose from, at home and for a parameter with `pick: 'cluster'`. Absent: they are named by hand. */
  clusters?(signal: AbortSignal): Promise<readonly ClusterChoice[]>;
  /** Why a value is refused, in one line; undefined when it is fine. */
  checkParameter(runbookId: string, name: string, value: string): string | undefined;
  /**
   * Starts a run; nothing is changed before its controller is told to. A `ToolError` is shown, and the operator
   * is back at the home screen. `signal` is aborted when the operator leaves meanwhile; `tell` takes one line on what
   * it has to wait for.
   */
  startRun(
    runbookId: string,
    parameters: Readonly<Record<string, string>>,
    signal: AbortSignal,
    tell: (text: string) => void,
  ): Promise<RunController>;
  /** Takes up an unfinished run. As `startRun` otherwise. */
  resumeRun(runId: string, signal: AbortSignal, tell: (text: string) => void): Promise<RunController>;
  /** Reads a run to look at. As `startRun` otherwise. */
  readRun(runId: string, signal: AbortSignal): Promise<PastRun>;
  /** Writes the record of a run as Markdown and HTML, and returns the files' paths. Rejects with `ToolError`. */
  exportRecord(runId: string): Promise<readonly string[]>;
  /**
   * Opens the kept output of an attempt in the operator's own pager, which has the terminal until it ends. Rejects with
   * `ToolError`. Absent: there is none.
   */
  pageOutput?(runId: string, step: string, attempt: number): Promise<void>;
  /** Where the run's transcript is (or will be when it ends); undefined when there is none. */
  transcriptPath(runId: string): string | undefined;
  /** What `--state-dir` said, if it was given: for the command that takes up a run again. */
  stateDir?: string | undefined;
  /** The first screen; the home screen unless told otherwise. */
  open?: { kind: 'home' } | { kind: 'run'; controller: RunController } | { kind: 'start'; runbookId: string };
}

export interface HomeData {
  runbooks: readonly RunbookChoice[];
  /** Newest first. */
  unfinished: readonly RunSummary[];
  /** Newest first. */
  finished: readonly RunSummary[];
  /** How many more there are whose journals cannot be read. */
  unreadable?: number | undefined;
}

export interface RunbookChoice {
  id: string;
  title: string;
  description: string;
  /** In the order of the document. */
  sections: readonly { title: string; steps: number }[];
  /** In the order they are asked for. */
  parameters: readonly ParameterPrompt[];
}

export interface ParameterPrompt {
  name: string;
  description: string;
  /** What the field starts with: given on the command line, or the runbook's or the rehearsal's default. */
  value?: string | undefined;
  pick?: 'cluster' | undefined;
}

export interface ClusterChoice {
  name: string;
  resourceGroup: string;
  /** A few words to tell clusters apart: version, encryption. */
  detail: string;
  /** Ids of the runbooks for a cluster encrypted like this. */
  runbooks: readonly string[];
  /** Why none of them can be begun, and what to do, as sentences; absent when the first one can. */
  blocked?: string | undefined;
  /** Why it cannot be taken, and what to do; absent when it can. */
  unavailable?: string | undefined;
}

export interface RunSummary {
  runId: string;
  runbookId: string;
  runbookTitle: string;
  cluster: string;
  /** Who has it open right now, and where; absent: nobody that can be seen. */
  openBy?: string | undefined;
  /** ISO 8601, UTC; so is `updatedAt`. */
  startedAt: string;
  updatedAt: string;
  status: RunStatus;
  /** Why it stopped; absent while it is under way, when it was cut off, or when it is completed. */
  stoppedBecause?: RunState['stoppedBecause'];
  /** Title of the step it is at; absent when completed. */
  currentStep?: string | undefined;
  /** Where that is: `4 of 9`; absent when completed. */
  place?: string | undefined;
  /** Who worked on it last. */
  operator: string;
  rehearsal: boolean;
  /** How it ended, in few words; absent when it can be gone on with. */
  end?: string | undefined;
}

/** A run to look at: nothing of it can be changed. */
export interface PastRun {
  state: RunState;
  /** Its record as lines of text, as long as they are. */
  report: readonly string[];
  output(step: string, attempt: number): OutputBuffer | undefined;
}

export interface TuiResult {
  /** `left`: no run was open when the operator left. `interrupted`: the same, by Ctrl-C. */
  outcome: RunOutcome | 'left' | 'interrupted';
  /** The run that was open last. */
  runId?: string | undefined;
  /** For the primary screen, since the alternate screen is gone. */
  summary: readonly string[];
}

/** Where the screen is drawn and read; the process's own streams unless told otherwise. Tests say otherwise. */
export interface TuiOptions {
  stdin?: NodeJS.ReadStream;
  stdout?: NodeJS.WriteStream;
  /** Aborted, the screen is left at once. Ending the run is then for who aborted it. */
  signal?: AbortSignal;
  /** The time elapsed times are counted to. */
  now?: () => Date;
  /** Linear layout with roles. Default: `INK_SCREEN_READER=true` in the environment, as Ink has it. */
  screenReader?: boolean;
  /** What says which terminal it is. Default: the process's own. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** No colours. Default: `NO_COLOR` is set and not empty. */
  noColor?: boolean;
}
