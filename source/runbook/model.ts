/**
 * A runbook as the rest of the tool sees it: checked, with includes resolved and commands split into words.
 * Built only by `load.ts`; nothing here is changed afterwards.
 */

/** A place in a runbook file. Lines and columns count from 1, columns in characters. */
export interface Position {
  file: string;
  line: number;
  column: number;
}

/** The facts an expression may name. Each is fetched only when an expression names it. */
export const factNames = [
  'cluster',
  'upgrades',
  'identity',
  'vault',
  'roles',
  'features',
  'tools',
  'account',
  'access',
  'secrets',
  'policy',
  'params',
  'captured',
] as const;
export type FactName = (typeof factNames)[number];

/** A JMESPath expression that compiled, and the facts it names at its root. */
export interface Expression {
  source: string;
  facts: readonly FactName[];
  position: Position;
}

/** A piece of a command word: fixed text, or the value of a parameter or captured name. */
export type WordPart = { text: string } | { name: string };
/** One argument of a command. It stays one argument whatever its values are. */
export type Word = readonly WordPart[];
/** Commands joined with `|`; the first word of each is the program and is always fixed text. */
export type Pipeline = readonly (readonly Word[])[];

export interface Parameter {
  name: string;
  description: string;
  /** Offer a choice from the world instead of a free text prompt. */
  pick?: 'cluster' | undefined;
  default?: string | undefined;
  /** Whole-value regular expression; a value that does not match is refused with `patternHelp`. */
  pattern?: string | undefined;
  patternHelp?: string | undefined;
  position: Position;
}

/** An error known to be harmless here, and why. */
export interface Tolerated {
  pattern: string;
  because: string;
}

/** What an error means and what to do. */
export interface Explanation {
  pattern: string;
  means: string;
  do: string;
  link?: string | undefined;
}

/** How an operator confirms a step: one key, or typing the value of a parameter. */
export type Confirmation = { kind: 'enter' } | { kind: 'type'; parameter: string };

interface StepBase {
  id: string;
  title: string;
  text?: string | undefined;
  /** The step applies only if this holds. */
  when?: Expression | undefined;
  /** What must be true of the cluster when the step has worked. */
  doneWhen?: Expression | undefined;
  /** Why there is no way back. Set: the step needs a typed confirmation and is never covered by `--yes`. */
  irreversible?: string | undefined;
  confirm: Confirmation;
  /** Values read when the step has finished, by the name later steps use. */
  capture: readonly { name: string; expression: Expression }[];
  /** Milliseconds. */
  timeout?: number | undefined;
  /** Milliseconds this step usually takes. */
  normal?: number | undefined;
  /** Steps whose failure leaves this one reachable, and recommended. */
  evenIfFailed: readonly string[];
  explain: readonly Explanation[];
  position: Position;
}

export interface RunStep extends StepBase {
  kind: 'run';
  pipeline: Pipeline;
  /** The block as the document prints it, without the final newline. */
  source: string;
  /** False for a command that only reads (`read-only: true`); such a command may be repeated freely. */
  changes: boolean;
  tolerate: readonly Tolerated[];
}

export interface CheckStep extends StepBase {
  kind: 'check';
  check: Expression;
  /** What it means that the check does not hold. */
  message: string;
  /** What to do then. */
  fix?: string | undefined;
  /** Shown beside the result, so that the operator sees what was found. */
  value?: Expression | undefined;
  severity: 'blocking' | 'warning';
}

export interface WaitStep extends StepBase {
  kind: 'wait';
  until: Expression;
  /** Milliseconds between looks. */
  every: number;
  /** Milliseconds after which the step fails. */
  timeout: number;
}

export interface ManualStep extends StepBase {
  kind: 'manual';
  /** What the operator is asked to do or to know. */
  instruction: string;
  /** The sentence the operator confirms. */
  attest: string;
  /** Whether a note has to be written with the attestation. */
  note: 'optional' | 'required';
}

/** Writes every Secret again as it is, so that it is stored under the current key, and verifies that it is. */
export interface RewriteSecretsStep extends StepBase {
  kind: 'rewrite-secrets';
  /** The namespaces it is about; empty: all. */
  namespaces: readonly string[];
  /** The document's own way, which the operator may choose instead. Absent when there is none. */
  documented?: DocumentedCommand | undefined;
  /** Why no Secret may be left as it is stored. Set: the operator cannot mark the step as done. */
  noExceptions?: string | undefined;
  /** How they are stored afterwards, as in “each is stored without KMS”; absent: under the current key. */
  stored?: string | undefined;
}

/** The command a document gives for something the tool does itself. */
export interface DocumentedCommand {
  pipeline: Pipeline;
  /** The block as the document prints it, without the final newline. */
  source: string;
  tolerate: readonly Tolerated[];
}

export type Step = RunStep | CheckStep | WaitStep | ManualStep | RewriteSecretsStep;

export interface Section {
  title: string;
  text?: string | undefined;
  steps: readonly Step[];
}

export interface Runbook {
  id: string;
  title: string;
  description: string;
  /** The document this runbook mirrors; `date` is the document's own, as YYYY-MM-DD. */
  source: { title: string; url: string; date: string };
  /** The simulated cluster a rehearsal starts from unless another is named. */
  rehearsal: string;
  parameters: readonly Parameter[];
  sections: readonly Section[];
  /** SHA-256 (hex) over the runbook file and everything it includes. */
  digest: string;
}
