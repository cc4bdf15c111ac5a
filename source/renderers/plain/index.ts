/** A run as lines, for pipes, logs and automation: the same story and the same questions as on the screen. */
import type { Intent, RunController, RunOutcome } from '../../engine/controller.ts';
import type { Question } from '../../engine/decide.ts';
import { questionKey } from '../questions.ts';
import { doneText, paceText } from '../rewriting.ts';
import { elapsed } from '../status.ts';
import { summaryLines } from '../summary.ts';
import { wrapProse } from '../text.ts';
import { Narrator } from './narrate.ts';
import { OutputTeller } from './output.ts';
import { askPerson } from './prompt.ts';
import { reply, told } from './reply.ts';

export interface PlainOptions {
  /** Takes one line, without its line break. */
  write(line: string): void;
  /** `--yes`: confirms what can be undone, and accepts what the tool found out. The rest is asked. */
  yes: boolean;
  /** The value of `--accept-irreversible`: the text that would be typed. */
  acceptIrreversible?: string | undefined;
  /** Asks a person for one line; absent when there is none. Rejecting means that there is none any more. */
  prompt?: ((question: string) => Promise<string>) | undefined;
  /** Whether a signal, as of Ctrl-C, is why the prompt rejected. */
  interrupted?: (() => boolean) | undefined;
  /** Where the transcript is; asked when the run is over. */
  transcriptPath?: (() => string | undefined) | undefined;
  /** What `--state-dir` said, if it was given: for the command that takes up the run again. */
  stateDir?: string | undefined;
  /** Columns that prose is wrapped to; commands, output and paths are left as they are. Absent: nothing is wrapped. */
  width?: number | undefined;
  /** Milliseconds between two lines about work that takes long; 30 seconds unless said, 10 in a rehearsal. */
  progressEvery?: number | undefined;
  /** The time elapsed times are counted to. */
  now?: (() => Date) | undefined;
}

/**
 * Tells a run from where it is until it is over, and answers what it asks: from the options, else by asking, else
 * by stopping. Rejects as the controller's `finished` does.
 */
export async function runPlain(controller: RunController, options: PlainOptions): Promise<RunOutcome> {
  const run = new PlainRun(controller, options);
  try {
    return await run.follow();
  } finally {
    run.close();
  }
}

class PlainRun {
  readonly #controller: RunController;
  readonly #options: PlainOptions;
  readonly #narrator: Narrator;
  readonly #output: OutputTeller;
  readonly #detoured = new Set<string>();
  readonly #failed = Promise.withResolvers<never>();
  /** The asking answered last. */
  #answered: string | undefined;
  #next: NodeJS.Immediate | undefined;
  #progress: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(controller: RunController, options: PlainOptions) {
    this.#controller = controller;
    this.#options = options;
    this.#output = new OutputTeller(controller, options.write, () => this.#wake());
    this.#narrator = new Narrator(controller.view().state, {
      prose: (line) => this.#write(line),
      verbatim: options.write,
      output: (step) => this.#output.tell(step),
      now: () => this.#now(),
    });
  }

  async follow(): Promise<RunOutcome> {
    const { transcriptPath, stateDir } = this.#options;
    const { rehearsal } = this.#controller.view().state.header;
    const { progressEvery = rehearsal ? 10_000 : 30_000 } = this.#options;
    this.#unsubscribe = this.#controller.subscribe(() => this.#wake());
    this.#progress = setInterval(() => this.#tellProgress(), progressEvery);
    this.#wake();
    const outcome = await Promise.race([this.#controller.finished, this.#failed.promise]);
    this.#tell();
    this.#write('');
    const places = { transcript: transcriptPath?.(), stateDir };
    for (const line of summaryLines(this.#controller.view().state, places)) {
      // To be copied, so in one piece.
      if (/^(Transcript|Resume with): /.test(line)) this.#options.write(line);
      else this.#write(line);
    }
    return outcome;
  }

  close(): void {
    this.#unsubscribe?.();
    this.#output.stop();
    clearImmediate(this.#next);
    clearInterval(this.#progress);
  }

  /** Changes come in bursts; one look after a burst sees them all. */
  #wake(): void {
    this.#next ??= setImmediate(() => {
      this.#next = undefined;
      this.#tell();
      this.#answer().catch((error: unknown) => this.#failed.reject(error));
    });
  }

  #tell(): void {
    const { state, activity } = this.#controller.view();
    this.#narrator.tell(state, activity);
  }

  #tellProgress(): void {
    const { activity, state } = this.#controller.view();
    if (activity === undefined) return;
    const overdue = activity.overdue ? '; longer than this step should take' : '';
    const time = elapsed(activity, this.#now(), state);
    const { rewrite } = activity;
    const far = rewrite === undefined ? '' : `${doneText(rewrite)} · ${paceText(rewrite)} · `;
    this.#write(`  … ${activity.doing}: ${far}${time}${overdue}`);
  }

  #now(): Date {
    return this.#options.now?.() ?? new Date();
  }

  #write(line: string): void {
    for (const row of wrapProse(line, this.#options.width)) this.#options.write(row);
  }

  async #answer(): Promise<void> {
    const { state, decision, asking } = this.#controller.view();
    if (decision.kind !== 'ask' || !asking) return;
    const key = `${questionKey(state, decision.question)} ${state.sequence}`;
    if (key === this.#answered) return;
    this.#answered = key;
    const { yes, acceptIrreversible } = this.#options;
    const write = (line: string): void => this.#write(line);
    const given = reply(state, decision.question, { yes, acceptIrreversible, detoured: this.#detoured });
    const intent = given.kind === 'answer' ? given.intent : await this.#askOrStop(decision.question, given);
    const decided = given.kind === 'answer' ? told(state, intent) : undefined;
    if (decided !== undefined) write(`  ${decided}`);
    const refusal = this.#controller.send(intent);
    if (refusal === undefined) {
      if (intent.type === 'detour') this.#detoured.add(intent.step);
      return;
    }
    write(`! ${refusal}`);
    // A person is asked again; the options of the command line would say the same again.
    this.#answered = undefined;
    if (given.kind === 'ask') this.#wake();
    else this.#controller.send({ type: 'stop', reason: 'unconfirmed' });
  }

  async #askOrStop(
    question: Question,
    given: { why: readonly string[]; stop: 'unconfirmed' | 'failed' },
  ): Promise<Intent> {
    const { prompt } = this.#options;
    const write = (line: string): void => this.#write(line);
    if (prompt === undefined) {
      for (const why of given.why) write(`! ${why}`);
      return { type: 'stop', reason: given.stop };
    }
    try {
      return await askPerson({ write, prompt }, this.#controller.view().state, question);
    } catch {
      write(
        this.#options.interrupted?.() === true
          ? '! Stopped by Ctrl-C.'
          : '! There is nobody to ask any more.',
      );
      return { type: 'stop', reason: given.stop };
    }
  }
}
