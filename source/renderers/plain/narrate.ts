/** The story of a run as lines. Told from one state to the next, so nothing is told twice and nothing is missed. */
import { type Attempt, isSettled, lastAttempt, type RunState, type StepState } from '../../engine/state.ts';
import type { PlannedStep } from '../../plan/model.ts';
import { clusterLine } from '../cluster.ts';
import { commandLines } from '../command.ts';
import { failureParagraphs } from '../questions.ts';
import { place, statusLook } from '../status.ts';
import { clean } from '../text.ts';
import { between, duration } from '../time.ts';

/** What has been told of a step. */
interface Told {
  introduced: boolean;
  /** Of each attempt, by number: the parts already told. */
  confirmed: Set<number>;
  started: Set<number>;
  ended: Set<number>;
  status: StepState['status'];
}

export class Narrator {
  readonly #write: (line: string) => void;
  readonly #output: (step: StepState) => void;
  readonly #told = new Map<string, Told>();
  readonly #sections = new Set<string>();
  #notes: number;
  #warnings: number;

  /**
   * What is settled in `state` is known already and not told again. `output` is called to tell a step's output: after
   * its start was told and before its end is.
   */
  constructor(state: RunState, write: (line: string) => void, output: (step: StepState) => void) {
    this.#output = output;
    this.#write = (line) => write(clean(line));
    this.#notes = state.notes.length;
    this.#warnings = state.warnings.length;
    for (const step of Object.values(state.steps))
      if (isSettled(step)) this.#told.set(step.id, settledBefore(step));
    this.#heading(state);
  }

  /** Tells what is new since the state told last. */
  tell(state: RunState): void {
    for (const warning of state.warnings.slice(this.#warnings)) this.#write(`! ${warning.text}`);
    this.#warnings = state.warnings.length;
    for (const step of state.plan.steps) {
      const progress = state.steps[step.id];
      if (progress !== undefined && progress.status !== 'pending') this.#step(state, step, progress);
    }
    for (const note of state.notes.slice(this.#notes)) this.#write(`  note: ${note.text}`);
    this.#notes = state.notes.length;
  }

  #heading(state: RunState): void {
    const { header, plan } = state;
    if (header.rehearsal) this.#write('REHEARSAL: nothing real is touched.');
    this.#write(plan.runbook.title);
    this.#write(`cluster ${clusterLine(state)}`);
    this.#write(
      `operator ${state.sessions.at(-1)?.operator.name ?? header.operator.name} · run ${header.runId}`,
    );
    const behind = Object.values(state.steps).filter(isSettled).length;
    if (behind > 0) this.#write(`${behind} of ${plan.steps.length} steps were settled before.`);
  }

  #step(state: RunState, step: PlannedStep, progress: StepState): void {
    const told = this.#told.get(step.id) ?? fresh();
    this.#told.set(step.id, told);
    if (!told.introduced) this.#introduce(state, step, progress);
    told.introduced = true;
    for (const attempt of progress.attempts) this.#attempt(state, step, progress, told, attempt);
    if (told.status !== progress.status) this.#settled(progress);
    told.status = progress.status;
  }

  #introduce(state: RunState, step: PlannedStep, progress: StepState): void {
    const section = state.plan.sections.find(({ steps }) => steps.includes(step.id));
    if (section !== undefined && !this.#sections.has(section.title)) {
      this.#sections.add(section.title);
      this.#write('');
      this.#write(`== ${section.title} ==`);
    }
    this.#write('');
    this.#write(`[${place(state, step.id)}] ${step.title}`);
    if (progress.status === 'not-applicable') return;
    if (step.text !== undefined) this.#indented(step.text);
    if (step.kind === 'manual') this.#indented(step.instruction);
    if (step.kind === 'run') this.#indented(commandLines(state, step).join('\n'));
    if (step.irreversible !== undefined && ['ready', 'confirmed'].includes(progress.status)) {
      this.#indented(`⚠ CANNOT BE UNDONE: ${step.irreversible}`);
    }
  }

  #attempt(state: RunState, step: PlannedStep, progress: StepState, told: Told, attempt: Attempt): void {
    const { number, confirmed, failure } = attempt;
    if (confirmed !== undefined && !told.confirmed.has(number)) {
      told.confirmed.add(number);
      const typed = confirmed.typed === undefined ? '' : `, typed “${confirmed.typed}”`;
      this.#indented(`confirmed by ${confirmed.operator} with ${how(confirmed.by)}${typed}`);
    }
    if (attempt.startedAt !== undefined && !told.started.has(number)) {
      told.started.add(number);
      if (number > 1) this.#indented(`attempt ${number}`);
      if (number > 1 && step.kind === 'run') this.#indented(commandLines(state, step).join('\n'));
    }
    if (attempt === lastAttempt(progress)) this.#output(progress);
    const over = failure !== undefined || attempt.outcome !== undefined;
    if (!over || told.ended.has(number)) return;
    told.ended.add(number);
    if (attempt.tolerated !== undefined) this.#indented(`the error is harmless here: ${attempt.tolerated}`);
    if (failure === undefined) return;
    const [what = '', ...more] = failureParagraphs(failure);
    const glyph = progress.status === 'warned' ? '!' : '✘';
    this.#indented(`${glyph} ${what}${took(attempt)}`);
    for (const text of more) this.#indented(text);
  }

  #settled(progress: StepState): void {
    const { glyph, word } = statusLook(progress.status);
    const attempt = lastAttempt(progress);
    switch (progress.status) {
      case 'succeeded':
        return this.#indented(
          `${glyph} ${word}${progress.value === undefined ? '' : `: ${progress.value}`}${attempt === undefined ? '' : took(attempt)}`,
        );
      case 'unknown':
        return this.#indented(`${glyph} ${word}: how it ended is being found out`);
      case 'already-done':
      case 'accepted':
      case 'acknowledged':
      case 'not-applicable':
        return this.#indented(`${glyph} ${word}`);
      case 'attested':
      case 'skipped':
      case 'overridden':
        return this.#indented(
          `${glyph} ${word}${progress.reason === undefined ? '' : `: ${progress.reason}`}`,
        );
      default:
    }
  }

  #indented(text: string): void {
    for (const line of text.split('\n')) this.#write(`  ${line}`);
  }
}

function fresh(): Told {
  return { introduced: false, confirmed: new Set(), started: new Set(), ended: new Set(), status: 'pending' };
}

function settledBefore(step: StepState): Told {
  const numbers = new Set(step.attempts.map(({ number }) => number));
  return { introduced: true, confirmed: numbers, started: numbers, ended: numbers, status: step.status };
}

function how(by: NonNullable<Attempt['confirmed']>['by']): string {
  return {
    key: 'a key',
    typed: 'the typed text',
    '--yes': '--yes',
    '--accept-irreversible': '--accept-irreversible',
  }[by];
}

function took(attempt: Attempt): string {
  if (attempt.startedAt === undefined || attempt.endedAt === undefined) return '';
  return ` (${duration(between(attempt.startedAt, attempt.endedAt))})`;
}
