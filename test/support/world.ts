/** A world for the engine, made of plain values: a cluster, commands that are functions, a clock that never waits. */
import { setImmediate } from 'node:timers/promises';
import { ToolError } from '../../source/runbook/errors.ts';
import type { Intent, RunController, RunOutcome } from '../../source/engine/controller.ts';
import type { Question } from '../../source/engine/decide.ts';
import type { JournalRecord, RunEvent } from '../../source/engine/events.ts';
import type {
  CommandExit,
  Difference,
  FactValues,
  FoundCommand,
  Ports,
  ProcessIdentity,
  RunningCommand,
  SecretRewriter,
  StopSignal,
} from '../../source/engine/ports.ts';
import { replay } from '../../source/engine/reduce.ts';
import { openRun } from '../../source/engine/run.ts';
import type { Plan } from '../../source/plan/model.ts';
import { session, started } from './runs.ts';

/** What a command does: change the world, say something, end. Null: nobody sees how it ends. */
export type Behaviour = (world: FakeWorld, command: FakeCommand) => Promise<number> | number | null;

const identity: ProcessIdentity = { pid: 77, startMark: 'mark', host: 'bastion' };

export class FakeCommand implements RunningCommand {
  readonly identity = identity;
  readonly signals: StopSignal[] = [];
  readonly exit: Promise<CommandExit>;
  detached = false;
  text = '';
  readonly #ended = Promise.withResolvers<CommandExit>();
  readonly #released = Promise.withResolvers<void>();
  readonly #signalled = Promise.withResolvers<void>();

  constructor() {
    this.exit = this.#ended.promise;
  }

  get output(): AsyncIterable<string> {
    return this.#output();
  }

  async *#output(): AsyncGenerator<string> {
    await Promise.race([this.#ended.promise, this.#released.promise]);
    if (!this.detached) yield this.text;
  }

  say(text: string): void {
    this.text += text;
  }

  end(code: number | null, signal: string | null = null, more: Partial<CommandExit> = {}): void {
    const endedAt = '2026-11-21T20:20:00.000Z';
    this.#ended.resolve({
      code,
      signal,
      outputBytes: this.text.length,
      outputSha256: 'a'.repeat(64),
      endedAt,
      ...more,
    });
  }

  signal(signal: StopSignal): void {
    this.signals.push(signal);
    this.#signalled.resolve();
  }

  /** Resolves when the command has been sent a signal. */
  get signalled(): Promise<void> {
    return this.#signalled.promise;
  }

  detach(): void {
    this.detached = true;
    this.#released.resolve();
  }
}

export class FakeWorld {
  cluster: Record<string, unknown> = { provisioningState: 'Succeeded', ready: true, done: false };
  facts: FactValues = {};
  warnings: string[] = [];
  /** Makes reading facts fail, for example to play a lost network. */
  unreadable: string | undefined;
  differences: Difference[] = [];
  /** When the token runs out; undefined: nobody is signed in. */
  signedInUntil: Date | undefined = new Date('2027-01-01T00:00:00Z');
  /** Goes over the Secrets: finds none, unless told otherwise. */
  secrets: Pick<SecretRewriter, 'pass'> & Partial<SecretRewriter> = { pass: async () => ({ unproven: [] }) };
  /** How long reading facts takes. */
  slowly: () => Promise<void> = async () => undefined;
  /** Plays a world that has to be waited for. */
  tellWaiting: (text: string) => void = () => undefined;
  /** By the first two words. */
  behaviours: Record<string, Behaviour> = {};
  /** What a later sitting finds of an earlier one's command. */
  found: FoundCommand = { kind: 'lost' };
  /** Every command started, in order. */
  readonly started: string[] = [];
  readonly commands: FakeCommand[] = [];
  readonly records: JournalRecord[] = [];
  readonly outputs = new Map<string, string>();
  /** Called at each look at the clock's sleeping, so that time can bring things about. */
  onSleep: (milliseconds: number) => void = () => undefined;
  /** Called before a record is kept; may throw to play a full disk. */
  beforeAppend: (event: RunEvent) => void = () => undefined;
  /** Called when it is asked whether records can be kept; may throw to play a journal that was deleted. */
  beforeCheck: () => void = () => undefined;
  #killed = false;
  #now = Date.parse('2026-11-21T20:15:00Z');

  ports(): Ports {
    return {
      clock: {
        now: () => new Date(this.#now),
        sleep: async (milliseconds, signal) => {
          await setImmediate();
          await this.#unlessKilled();
          signal?.throwIfAborted();
          this.#now += milliseconds;
          this.onSleep(milliseconds);
        },
      },
      journal: {
        append: async (event) => {
          await this.#unlessKilled();
          this.beforeAppend(event);
          const record = {
            sequence: this.records.length + 1,
            time: new Date(this.#now).toISOString(),
            event,
          };
          this.records.push(structuredClone(record));
          return record;
        },
        check: async () => this.beforeCheck(),
        outputFile: (step, attempt) => `${step}-${attempt}`,
        readOutput: async (step, attempt) => this.outputs.get(`${step}-${attempt}`) ?? '',
      },
      facts: {
        read: async (_names, signal) => {
          signal?.throwIfAborted();
          await this.slowly();
          if (this.unreadable !== undefined) throw new ToolError(this.unreadable, 'Check the network.');
          return {
            values: { ...this.facts, cluster: structuredClone(this.cluster) },
            warnings: this.warnings,
          };
        },
      },
      commands: {
        start: async (pipeline, outputFile) => this.#start(pipeline, outputFile),
        find: async () => this.found,
      },
      target: { differences: async () => this.differences },
      signIn: {
        validUntil: async () => {
          if (this.signedInUntil === undefined)
            throw new ToolError('The sign-in does not hold.', 'Sign in with az login.');
          return this.signedInUntil;
        },
      },
      secrets: { extent: async () => ({ secrets: 40, namespaces: 3 }), ...this.secrets },
      waits: {
        subscribe: (listener) => {
          this.tellWaiting = listener;
          return () => (this.tellWaiting = () => undefined);
        },
      },
    };
  }

  #start(pipeline: readonly (readonly string[])[], outputFile: string): FakeCommand {
    const words = pipeline.map((command) => command.join(' ')).join(' | ');
    this.started.push(words);
    const command = new FakeCommand();
    this.commands.push(command);
    const behaviour = this.behaviours[words] ?? (() => 0);
    void this.#play(behaviour, command, outputFile);
    return command;
  }

  async #play(behaviour: Behaviour, command: FakeCommand, outputFile: string): Promise<void> {
    const code = await behaviour(this, command);
    this.outputs.set(outputFile, command.text);
    command.end(code);
  }

  /** Plays SIGKILL: nothing that waits on this world goes on. */
  kill(): void {
    this.#killed = true;
  }

  #unlessKilled(): Promise<void> {
    return this.#killed ? new Promise(() => undefined) : Promise.resolve();
  }

  /** Begins a run of `plan`. */
  async begin(plan: Plan): Promise<RunController> {
    return openRun({ ports: this.ports(), opening: [started(plan)] });
  }

  /** Goes on with what the records add up to, as after the tool was killed. `keep` cuts the journal off. */
  async resume(keep = this.records.length): Promise<RunController> {
    this.records.length = keep;
    const state = replay(this.records);
    return openRun({ ports: this.ports(), state, opening: [{ type: 'run.resumed', session }] });
  }

  /** The types of all events, without those of the run's own. */
  story(): string[] {
    return this.records.map(({ event }) => event.type).filter((type) => type !== 'run.settings-observed');
  }
}

/** Answers each question as told until the run is over. */
export async function answerWith(
  controller: RunController,
  reply: (question: Question) => Intent | undefined,
): Promise<RunOutcome> {
  const refused: string[] = [];
  const respond = (): void => {
    const { decision, asking } = controller.view();
    if (decision.kind !== 'ask' || !asking) return;
    const intent = reply(decision.question);
    if (intent === undefined) return;
    const refusal = controller.send(intent);
    if (refusal !== undefined) refused.push(refusal);
  };
  const unsubscribe = controller.subscribe(() => queueMicrotask(respond));
  respond();
  try {
    const outcome = await controller.finished;
    if (refused.length > 0) throw new Error(`refused: ${refused.join('; ')}`);
    return outcome;
  } finally {
    unsubscribe();
  }
}

/** The answers of an operator who goes ahead with everything and stops at the first failure. */
export function goAhead(question: Question): Intent {
  switch (question.kind) {
    case 'drift':
      return { type: 'accept-drift', reason: 'agreed' };
    case 'confirm':
      return { type: 'confirm', step: question.step, by: 'typed', typed: question.expected };
    case 'already-done':
      return { type: 'accept', step: question.step, by: 'key' };
    case 'warning':
      return { type: 'acknowledge', step: question.step, by: 'key' };
    case 'attest':
      return { type: 'attest', step: question.step, by: 'key', note: 'noted' };
    case 'unknown':
      return question.effect === true
        ? { type: 'accept', step: question.step, by: 'key' }
        : { type: 'run-again', step: question.step };
    case 'failed':
      return { type: 'stop' };
  }
}
