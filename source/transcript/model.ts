/**
 * The change record: everything a run was, in an order a reader can follow and without a format. Computed from the
 * journal alone (records, the state they add up to, and the kept output of commands), so the same journal always
 * gives the same record. Strings in it are other people's text as it is; whoever writes it in a format escapes it.
 */

import type { ConfirmedBy, Operator, RunHeader, Session } from '../engine/events.ts';
import type { CommandExit } from '../engine/ports.ts';
import type { StepStatus } from '../engine/state.ts';
import type { Plan } from '../plan/model.ts';
import type { DiffLine } from './diff.ts';
import type { Excerpt } from './excerpt.ts';
import type { Phrase } from './phrase.ts';
import type { RewriteRecord } from './rewriting.ts';

export interface ChangeRecord {
  /** Of the record's own shape; a change that breaks readers of the JSON form raises it. */
  format: 1;
  runId: string;
  rehearsal: boolean;
  /** Of a rehearsal; absent when its journal is older than this being kept. */
  simulation: RunHeader['simulation'];
  runbook: Plan['runbook'];
  parameters: Plan['parameters'];
  /** SHA-256 (hex) of the plan. */
  fingerprint: string;
  target: Plan['target'];
  cluster: RunHeader['cluster'];
  subscription?: RunHeader['subscription'];
  context?: RunHeader['context'];
  tenant?: RunHeader['tenant'];
  /** Who started the run. */
  operator: Operator;
  versions: RunHeader['versions'];
  sessions: readonly SessionRecord[];
  /** ISO 8601 UTC. */
  startedAt: string;
  /** When it completed or stopped; of a run that has not ended, the time of its last record. */
  endedAt: string;
  outcome: Outcome;
  settings: SettingsChange;
  /** Steps without a way back whose command was started. */
  irreversible: readonly IrreversibleStep[];
  /** Decisions and incidents: what the plan did not foresee, in order of time. */
  notable: readonly Entry[];
  remaining: readonly RemainingStep[];
  attestations: readonly Attestation[];
  sections: readonly { title: string; steps: readonly StepRecord[] }[];
  /** What concerns the run as a whole, in order of time. */
  history: readonly Entry[];
  journal: {
    records: number;
    /** SHA-256 (hex) of the journal's last line, to which every line before it contributes. */
    chainHead: string;
  };
  /** Texts (a value, a sentence, an output) that making this record took something secret out of. */
  redactions: number;
}

export interface SessionRecord extends Session {
  startedAt: string;
  /** Time of the session's last record. */
  endedAt: string;
  /** Versions that are not what they were when the run started. */
  changedVersions: readonly { name: string; before?: string | undefined; now?: string | undefined }[];
}

export interface Outcome {
  kind: 'completed' | 'stopped' | 'not-ended';
  /** One or two sentences. */
  phrase: Phrase;
  /** How many steps ended in which way, for example `7 done`, in a fixed order. */
  counts: readonly string[];
}

/** The cluster's encryption settings: first reading before the change against the last one after it. */
export interface SettingsChange {
  before?: string | undefined;
  after?: string | undefined;
  /** With one reading only, that reading; with none, empty. */
  lines: readonly DiffLine[];
}

export interface IrreversibleStep {
  step: StepName;
  /** When its command was first started. */
  at: string;
  why: string;
  result: Phrase;
}

export interface RemainingStep {
  step: StepName;
  result: Phrase;
}

/** A word given for something the tool cannot see, such as keys that are kept. */
export interface Attestation {
  step: StepName;
  statement: string;
  instruction: string;
  note?: string | undefined;
  at: string;
  by: string;
  how: ConfirmedBy;
}

export interface StepName {
  /** Place in the plan, from 1. */
  number: number;
  id: string;
  title: string;
}

export interface StepRecord extends StepName {
  kind: Plan['steps'][number]['kind'];
  /** What it is for, on one line. */
  purpose?: string | undefined;
  /** The expression a check asks. */
  checks?: string | undefined;
  irreversible?: string | undefined;
  status: StepStatus;
  result: Phrase;
  /** Milliseconds spent in its attempts, as far as their end is known. */
  duration?: number | undefined;
  /** Of a step that was not started and is left to do, what it will run; values still to be captured as `$NAME`. */
  planned?: string | undefined;
  /** What happened before its first attempt. */
  entries: readonly Entry[];
  attempts: readonly AttemptRecord[];
  /** Of a step that rewrites all Secrets. */
  rewrite?: RewriteRecord | undefined;
}

export interface AttemptRecord {
  number: number;
  /** One word or two: `succeeded`, `failed`, `interrupted`. */
  result: string;
  duration?: number | undefined;
  entries: readonly Entry[];
  /** As an operator would type it. */
  command?: string | undefined;
  exit?: CommandExit | undefined;
  /** Milliseconds the command itself ran. */
  commandDuration?: number | undefined;
  /** Path in the run's directory; present when the command was started. */
  outputFile?: string | undefined;
  /** Absent when there is no output, it could not be read, or it was altered. */
  output?: Excerpt | undefined;
  /** What is kept is not what the command printed. */
  outputAltered: boolean;
}

/** Something that happened, in words. */
export interface Entry {
  /** Of the journal's record. */
  sequence: number;
  /** ISO 8601 UTC. */
  time: string;
  step?: StepName | undefined;
  phrase: Phrase;
  more: readonly Phrase[];
  /** Text of several lines that belongs to it. */
  detail?: string | undefined;
}

/** The kept output of an attempt. */
export interface AttemptOutput {
  /** All of it, or its last lines when not all is held. */
  text: string;
  /** Lines there have been, including those not held. */
  lines: number;
  /** It is not what the journal says the command printed. */
  altered?: boolean | undefined;
}
