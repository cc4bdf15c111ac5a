/** The story of a run as lines. Told from one state to the next, so nothing is told twice and nothing is missed. */
import type { Activity } from '../../engine/controller.ts';
import { type Attempt, isSettled, lastAttempt, type RunState, type StepState } from '../../engine/state.ts';
import type { PlannedStep } from '../../plan/model.ts';
import { rewriteText } from '../../plan/describe.ts';
import { clusterLine } from '../cluster.ts';
import { commandLines } from '../command.ts';
import { earlierFailure, failureParagraphs } from '../failure.ts';
import { leftUndone } from '../../engine/left-undone.ts';
import { rewriteSummary } from '../../engine/in-short.ts';
import { foundAgain, place, signInAsked, statusLook } from '../status.ts';
import { clean } from '../text.ts';
import { between, duration } from '../time.ts';

/** What has been told of a step. */
interface Told {
  introduced: boolean;
  /** Of each attempt, by number: the parts already told. */
  confirmed: Set<number>;
  started: Set<number>;
  ended: Set<number>;
  /** That its command was found again. */
  found: boolean;
  status: StepState['status'];
}

export interface NarratorPort {
  /** Takes a line of prose, without its line break. */
  prose(line: string): void;
  /** Takes a line that is to stay as it is, as of a command. */
  verbatim(line: string): void;
  /** Called to tell a step's output: after its start was told and before its end is. */
  output(step: StepState): void;
  now(): Date;
}

export class Narrator {
  readonly #port: NarratorPort;
  readonly #told = new Map<string, Told>();
  readonly #sections = new Set<string>();
  #notes: number;
  #warnings: number;
  /** What a command asked for, told last. */
  #asks: string | undefined;

  /** What is settled in `state` is known already and not told again. */
  constructor(state: RunState, port: NarratorPort) {
    this.#port = port;
    this.#notes = state.notes.length;
    this.#warnings = state.warnings.length;
    for (const step of Object.values(state.steps))
      if (isSettled(step)) this.#told.set(step.id, settledBefore(step));
    this.#heading(state);
  }

  /** Tells what is new since the state told last. `activity` is what goes on. */
  tell(state: RunState, activity?: Activity): void {
    for (const warning of state.warnings.slice(this.#warnings)) this.#write(`! ${warning.text}`);
    this.#warnings = state.warnings.length;
    for (const step of state.plan.steps) {
      const progress = state.steps[step.id];
      if (progress !== undefined && progress.status !== 'pending') this.#step(state, step, progress);
    }
    this.#found(state, activity);
    this.#asked(activity);
    for (const note of state.notes.slice(this.#notes)) this.#write(`  note: ${note.text}`);
    this.#notes = state.notes.length;
  }

  /** Tells that a command of an earlier sitting was found and still runs. */
  #found(state: RunState, activity: Activity | undefined): void {
    const step = activity?.command === true ? state.steps[activity.step] : undefined;
    const told = step && this.#told.get(step.id);
    if (step === undefined || told === undefined || told.found) return;
    const found = foundAgain(step, activity, this.#port.now());
    if (found === undefined) return;
    told.found = true;
    this.#indented(`▸ ${found}`);
  }

  /** Tells what a command asks for, once each time it does. */
  #asked(activity: Activity | undefined): void {
    if (activity?.asks === this.#asks) return;
    this.#asks = activity?.asks;
    if (this.#asks === undefined) return;
    this.#indented(`! ${signInAsked}`);
    this.#port.verbatim(`  ! ${clean(this.#asks)}`);
  }

  #heading(state: RunState): void {
    const { header, plan } = state;
    if (header.rehearsal) this.#write('REHEARSAL: nothing real is touched.');
    this.#write(plan.runbook.title);
    this.#write(`cluster ${clusterLine(state)}`);
    const { subscription } = header;
    if (subscription !== undefined) this.#write(`subscription ${subscription.name} (${subscription.id})`);
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
    if (told.status === 'pending' && ['ready', 'confirmed'].includes(progress.status))
      this.#warn(state, step);
    told.status = progress.status;
  }

  #introduce(state: RunState, step: PlannedStep, progress: StepState): void {
    const section = state.plan.sections.find(({ steps }) => steps.includes(step.id));
    if (section !== undefined && !this.#sections.has(section.title)) {
      this.#sections.add(section.title);
      this.#write('');
      this.#write(`== ${section.title} ==`);
      if (section.text !== undefined) this.#indented(section.text);
    }
    this.#write('');
    this.#write(`[${place(state, step.id)}] ${step.title}`);
    if (progress.status === 'not-applicable') return;
    if (step.text !== undefined) this.#indented(step.text);
    if (step.kind === 'manual') this.#indented(step.instruction);
    if (step.kind === 'run') this.#command(state, step);
    if (step.kind === 'rewrite-secrets') this.#rewrite(state, step);
  }

  /** What is to be read before a step that cannot be undone, each time it is about to be asked for. */
  #warn(state: RunState, step: PlannedStep): void {
    if (step.irreversible === undefined) return;
    this.#indented(`⚠ CANNOT BE UNDONE: ${step.irreversible}`);
    for (const left of leftUndone(state, step.id)) this.#indented(`⚠ ${left}`);
  }

  #attempt(state: RunState, step: PlannedStep, progress: StepState, told: Told, attempt: Attempt): void {
    const { number, confirmed, failure } = attempt;
    if (confirmed !== undefined && !told.confirmed.has(number)) {
      told.confirmed.add(number);
      const documented = confirmed.documented === true ? ', as the document says' : '';
      this.#indented(`confirmed by ${confirmed.operator}${how(confirmed)}${documented}`);
    }
    if (attempt.startedAt !== undefined && !told.started.has(number)) {
      told.started.add(number);
      if (number > 1) this.#indented(`attempt ${number}`);
      if (attempt.command !== undefined && (number > 1 || step.kind !== 'run')) this.#command(state, step);
    }
    if (attempt === lastAttempt(progress)) this.#port.output(progress);
    const over = failure !== undefined || attempt.outcome !== undefined;
    if (!over || told.ended.has(number)) return;
    told.ended.add(number);
    if (attempt.tolerated !== undefined) {
      const times = attempt.toleratedLines ?? 1;
      this.#indented(
        `the error is harmless here${times > 1 ? ` (${times} times)` : ''}: ${attempt.tolerated}`,
      );
    }
    const rewritten = progress.rewrite && rewriteSummary(progress.rewrite, { ...step, ...progress });
    if (rewritten !== undefined) this.#indented(rewritten);
    if (failure === undefined) return;
    const earlier = earlierFailure(state, step.id, this.#port.now());
    // Its output was just told: the error's own words are in it.
    const printed = attempt.exit !== undefined && earlier === undefined;
    const [what = '', ...more] = failureParagraphs(printed ? { ...failure, detail: undefined } : failure);
    const glyph = progress.status === 'warned' ? '!' : '✘';
    this.#indented(`${glyph} ${earlier === undefined ? '' : `${earlier}: `}${what}${took(attempt)}`);
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
        return this.#indented(`${glyph} ${word}: how it ended is being found out, nothing is sent again`);
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

  #write(line: string): void {
    this.#port.prose(line);
  }

  #indented(text: string): void {
    for (const line of text.split('\n')) this.#write(`  ${line}`);
  }

  #rewrite(state: RunState, step: PlannedStep & { kind: 'rewrite-secrets' }): void {
    this.#indented(rewriteText(step));
    if (step.documented === undefined) return;
    this.#indented('Or, where it is chosen, by the command of the document:');
    this.#command(state, step);
  }

  #command(state: RunState, step: PlannedStep): void {
    for (const line of commandLines(state, step)) this.#port.verbatim(`  ${clean(line)}`);
  }
}

function fresh(): Told {
  return {
    introduced: false,
    confirmed: new Set(),
    started: new Set(),
    ended: new Set(),
    found: false,
    status: 'pending',
  };
}

function settledBefore(step: StepState): Told {
  const numbers = new Set(step.attempts.map(({ number }) => number));
  return {
    introduced: true,
    confirmed: numbers,
    started: numbers,
    ended: numbers,
    found: false,
    status: step.status,
  };
}

function how({ by, typed }: NonNullable<Attempt['confirmed']>): string {
  switch (by) {
    case 'typed':
      return `, typed “${typed ?? ''}”`;
    case '--accept-irreversible':
      return `, given with --accept-irreversible ${typed ?? ''}`;
    case '--yes':
      return ' with --yes';
    case 'key':
      return ' with a key';
  }
}

function took(attempt: Attempt): string {
  if (attempt.startedAt === undefined || attempt.endedAt === undefined) return '';
  return ` (${duration(between(attempt.startedAt, attempt.endedAt))})`;
}
