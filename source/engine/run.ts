/**
 * The run loop: decide, append, act, again. Nothing else appends to a run's journal, and nothing but an appended
 * record changes its state.
 */
import type { FactName } from '../runbook/model.ts';
import { answer } from './answer.ts';
import { Stopping } from './context.ts';
import type { RunContext } from './context.ts';
import type { Intent, RunController, RunOutcome, RunView } from './controller.ts';
import { decide } from './decide.ts';
import type { Decision } from './decide.ts';
import type { RunEvent } from './events.ts';
import { Doing } from './doing.ts';
import { Insistence } from './insist.ts';
import { Ledger } from './ledger.ts';
import type { OutputBuffer } from './output.ts';
import { Outputs } from './outputs.ts';
import { PauseSwitch } from './pause.ts';
import { assess, lookInto, perform } from './perform.ts';
import type { FactValues, Ports, RunningCommand } from './ports.ts';
import { redact } from './redaction.ts';
import { capture, captureWhatCanBe, observeSettings } from './settle.ts';
import { factFailure } from './failure.ts';
import { lastAttempt, plannedStep, stepState } from './state.ts';
import type { RunState } from './state.ts';

export interface RunOptions {
  ports: Ports;
  /** What the journal adds up to; undefined for a new run, whose first opening event is `run.started`. */
  state?: RunState | undefined;
  /** Appended before anything else: the start or the resumption, and what was found on the way to it. */
  opening: readonly RunEvent[];
}

/**
 * Starts working on a run. Resolves once the opening events are on disk; the controller's `finished` tells when
 * the run has completed or stopped.
 */
export async function openRun(options: RunOptions): Promise<RunController> {
  const run = new Run(options.ports, options.state);
  for (const event of options.opening) await run.record(event);
  run.begin();
  return run;
}

class Run implements RunController {
  readonly finished: Promise<RunOutcome>;
  readonly #ports: Ports;
  readonly #listeners = new Set<() => void>();
  readonly #ledger: Ledger;
  readonly #outputs: Outputs;
  readonly #doing: Doing;
  readonly #pause = new PauseSwitch();
  readonly #warned = new Set<string>();
  readonly #settle: { resolve: (outcome: RunOutcome) => void; reject: (error: unknown) => void };
  #view: RunView | undefined;
  #answering: ((intent: Intent) => void) | undefined;
  #operation: AbortController | undefined;
  #command: RunningCommand | 'starting' | undefined;
  #insistence: Insistence | undefined;
  #stopping: Extract<RunEvent, { type: 'run.stopped' }>['reason'] | undefined;

  constructor(ports: Ports, state: RunState | undefined) {
    this.#ports = ports;
    this.#ledger = new Ledger(ports.journal, state, () => {
      this.#doing.wait(undefined);
      this.#changed();
    });
    this.#outputs = new Outputs(ports.journal);
    this.#doing = new Doing(ports.clock, () => this.#changed());
    const { promise, resolve, reject } = Promise.withResolvers<RunOutcome>();
    this.finished = promise;
    this.#settle = { resolve, reject };
  }

  begin(): void {
    const unsubscribe = this.#ports.waits.subscribe((text) => this.#doing.wait(text));
    this.#loop().finally(unsubscribe).then(this.#settle.resolve, this.#settle.reject);
  }

  view(): RunView {
    this.#view ??= {
      state: this.#current(),
      decision: decide(this.#current()),
      asking: this.#answering !== undefined,
      activity: this.#doing.shown(),
    };
    return this.#view;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  output(step: string, attempt: number): OutputBuffer | undefined {
    const known = stepState(this.#current(), step).attempts.find(({ number }) => number === attempt);
    return known?.command === undefined ? undefined : this.#outputs.show(step, attempt);
  }

  send(intent: Intent): string | undefined {
    switch (intent.type) {
      case 'note':
        void this.record({ type: 'run.noted', step: intent.step, text: redact(intent.text) }).catch(
          this.#settle.reject,
        );
        return undefined;
      case 'pause':
      case 'go-on':
        return this.#pause.set(intent.type === 'pause');
      case 'cancel':
        return this.#cancel();
      case 'detach':
        if (this.#command === undefined) return 'No command is running.';
        if (this.#command !== 'starting') this.#command.detach();
        this.#stop('detached');
        return undefined;
      case 'stop':
        if (this.#command !== undefined)
          return 'A command is running: leave it running (detach) or end it (cancel).';
        this.#stop(intent.reason ?? 'operator');
        return undefined;
      default: {
        if (this.#answering === undefined) return 'Nothing is being asked right now.';
        const refusal = answer(this.view().decision, this.#current(), intent).refusal;
        if (refusal !== undefined) return refusal;
        this.#answering(intent);
        // One answer to one question: what comes before the next question is asked answers nothing.
        this.#answering = undefined;
        this.#changed();
        return undefined;
      }
    }
  }

  /** Puts an event on record; see `Ledger`. */
  record(event: RunEvent): Promise<void> {
    return this.#ledger.append(event);
  }

  async #loop(): Promise<RunOutcome> {
    for (;;) {
      if (this.#stopping !== undefined) return this.#stopped(this.#stopping);
      const decision = decide(this.#current());
      switch (decision.kind) {
        case 'ask': {
          const intent = await this.#ask();
          if (intent !== undefined) await this.#take(decision, intent);
          break;
        }
        case 'complete':
          await this.record({ type: 'run.completed' });
          return 'completed';
        case 'over':
          return this.#current().status === 'completed' ? 'completed' : 'stopped';
        default:
          await this.#act(decision);
      }
    }
  }

  async #stopped(reason: Extract<RunEvent, { type: 'run.stopped' }>['reason']): Promise<RunOutcome> {
    const decision = decide(this.#current());
    const failed = decision.kind === 'ask' && decision.question.kind === 'failed';
    await this.record({ type: 'run.stopped', reason });
    return failed ? 'failed' : 'stopped';
  }

  #ask(): Promise<Intent | undefined> {
    const { promise, resolve } = Promise.withResolvers<Intent | undefined>();
    const operation = new AbortController();
    operation.signal.addEventListener('abort', () => resolve(undefined));
    this.#operation = operation;
    this.#answering = resolve;
    this.#changed();
    return promise.finally(() => {
      this.#answering = undefined;
      this.#operation = undefined;
    });
  }

  /** Records an answer. What a step hands to later ones is read even when it is accepted, overridden or skipped. */
  async #take(decision: Decision, intent: Intent): Promise<void> {
    const { events = [] } = answer(decision, this.#current(), intent);
    const record = async (): Promise<void> => {
      for (const event of events) await this.record(event);
    };
    if (intent.type !== 'accept' && intent.type !== 'override' && intent.type !== 'skip') return record();
    const step = plannedStep(this.#current().plan, intent.step);
    await this.#within(step.id, async (context) => {
      if (intent.type !== 'accept') {
        await captureWhatCanBe(context, step);
        return record();
      }
      try {
        await capture(context, step);
        if (step.kind === 'run' && step.changes) await observeSettings(context, step.id);
        await record();
      } catch (error) {
        context.signal.throwIfAborted();
        const attempt = lastAttempt(stepState(this.#current(), step.id))?.number ?? 1;
        await this.record({ type: 'step.failed', step: step.id, attempt, failure: factFailure(step, error) });
      }
    });
  }

  async #act(decision: Extract<Decision, { kind: 'assess' | 'perform' | 'investigate' }>): Promise<void> {
    await this.#within(decision.step.id, async (context) => {
      if (decision.kind === 'assess') return assess(context, decision.step);
      if (decision.kind === 'perform') return perform(context, decision.step, decision.attempt);
      return lookInto(context, decision.step, decision.attempt);
    });
  }

  /** Runs one effect so that it can be cancelled, and records it when it was. */
  async #within(step: string, effect: (context: RunContext) => Promise<void>): Promise<void> {
    const operation = new AbortController();
    this.#operation = operation;
    try {
      await effect(this.#context(operation.signal));
    } catch (error) {
      if (!operation.signal.aborted) throw error;
      if (!(operation.signal.reason instanceof Stopping)) await this.#recordCancellation(step);
    } finally {
      this.#operation = undefined;
      this.#insistence?.stop();
      this.#insistence = undefined;
      this.#doing.end();
    }
  }

  async #recordCancellation(step: string): Promise<void> {
    const { status, attempts } = stepState(this.#current(), step);
    const attempt = attempts.at(-1)?.number ?? 1;
    const failure = { reason: 'cancelled', what: 'The operator ended it before it was done.' } as const;
    const begun = status === 'settling' || status === 'unknown';
    await this.record(
      begun
        ? { type: 'step.investigated', step, attempt, effect: null, failure }
        : { type: 'step.failed', step, attempt, failure },
    );
  }

  #context(signal: AbortSignal): RunContext {
    return {
      ports: this.#ports,
      signal,
      state: () => this.#current(),
      append: (event) => this.record(event),
      checkJournal: () => this.#ledger.check(),
      doing: (...what) => this.#doing.say(this.#command !== undefined, ...what),
      pause: this.#pause,
      readFacts: (names) => this.#readFacts(names, signal),
      holdCommand: (command) => {
        this.#command = command;
      },
      output: (step, attempt) => this.#outputs.of(step, attempt),
      loadOutput: (step, attempt) => this.#outputs.load(step, attempt),
    };
  }

  async #readFacts(names: readonly FactName[], signal: AbortSignal): Promise<FactValues> {
    const wanted = [...new Set(names)].filter((name) => name !== 'params' && name !== 'captured');
    const { values, warnings } = await this.#ports.facts
      .read(wanted, signal)
      .finally(() => this.#doing.wait(undefined));
    for (const text of warnings) {
      if (this.#warned.has(text)) continue;
      this.#warned.add(text);
      await this.record({ type: 'run.warned', text });
    }
    const { plan, captured } = this.#current();
    return { ...values, params: plan.parameters, captured };
  }

  #cancel(): string | undefined {
    if (this.#operation === undefined || this.#answering !== undefined) return 'Nothing is running.';
    if (this.#command === 'starting') return 'The command is just being started; try again.';
    if (this.#command === undefined) {
      this.#operation.abort(new Error('cancelled by the operator'));
      return undefined;
    }
    this.#insistence ??= new Insistence(this.#ports.clock, this.#command);
    this.#insist(this.#insistence).catch(this.#settle.reject);
    return undefined;
  }

  async #insist(insistence: Insistence): Promise<void> {
    if (!insistence.begun) await this.#recordCommandCancelled();
    await insistence.ask();
  }

  async #recordCommandCancelled(): Promise<void> {
    const step = this.#doing.step;
    const attempt = step === undefined ? undefined : lastAttempt(stepState(this.#current(), step));
    if (step === undefined || attempt === undefined) return;
    await this.record({ type: 'command.cancelled', step, attempt: attempt.number });
  }

  #stop(reason: Extract<RunEvent, { type: 'run.stopped' }>['reason']): void {
    this.#stopping = reason;
    this.#operation?.abort(new Stopping());
  }

  #current(): RunState {
    return this.#ledger.state;
  }

  #changed(): void {
    this.#view = undefined;
    for (const listener of this.#listeners) listener();
  }
}
