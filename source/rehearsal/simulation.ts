/**
 * The simulated world itself: its state, the passing of time, and the files both are kept in. Nothing runs in the
 * background; whoever looks first calls `settle`, which ends what has ended by the clock meanwhile.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { has, strikes } from './faults.ts';
import { Log, writeWhole } from './files.ts';
import { denialOf } from './kubernetes-admission.ts';
import { population } from './population.ts';
import { SecretStore } from './secrets.ts';
import { initialKey } from './scenarios.ts';
import { currentKey, lagBehind } from './state.ts';
import type { ArmError, Mutation, Operation, Settings, State } from './state.ts';

/** Simulated minutes that things take. */
const minutes = { update: 5, slowUpdate: 30, upgrade: 10, other: 3, registration: 1 };

/** Longer than any rehearsal. Milliseconds. */
const never = 10 * 365 * 24 * 60 * 60_000;

export class Simulation {
  readonly state: State;
  readonly secrets: SecretStore;
  /** Simulated minutes pass this many times faster than real ones. */
  readonly speed: number;
  readonly #directory: string;
  /** Which connections lead to the server that lags behind. */
  readonly #leadBehind = new WeakMap<object, boolean>();
  #nextLeadsBehind = false;
  /** Absent when this is only a look, which leaves no trace. */
  #requests: Log | undefined;

  private constructor(directory: string, state: State, secrets: SecretStore, speed: number) {
    this.#directory = directory;
    this.state = state;
    this.secrets = secrets;
    this.speed = speed;
  }

  /** Goes on with the state in `directory`, or begins with `initial`. */
  static open(directory: string, speed: number, secretCount: number, initial: () => State): Simulation {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const known = existsSync(join(directory, 'state.json'));
    const state = known ? readState(directory) : initial();
    const secrets = SecretStore.open(directory, () =>
      population(secretCount, initialKey(state), new Date(state.createdAt)),
    );
    const simulation = new Simulation(directory, state, secrets, speed);
    simulation.#requests = new Log(join(directory, 'requests.jsonl'));
    simulation.save();
    return simulation;
  }

  /** The world as it is by now, without changing any file. For looking only. */
  static look(directory: string): Simulation {
    return new Simulation(directory, readState(directory), SecretStore.read(directory), 1);
  }

  get directory(): string {
    return this.#directory;
  }

  /** Writes the state to disk; when it returns, a crash cannot take the change back. */
  save(): void {
    if (this.#requests === undefined) return;
    writeWhole(join(this.#directory, 'state.json'), `${JSON.stringify(this.state, undefined, 1)}\n`);
  }

  /** Keeps a changing request in the log. */
  logRequest(entry: { method: string; path: string; who: string; status: number }): void {
    this.#requests?.append(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
  }

  close(): void {
    this.settle();
    this.save();
    this.#requests?.close();
    this.secrets.close();
  }

  /** The operation that holds the cluster busy, if any. Settle first. */
  running(): Operation | undefined {
    return this.state.operations.find((operation) => operation.status === 'InProgress');
  }

  /** What a read of the cluster shows: the goal while an operation runs, or something out of date. */
  shownSettings(): Settings {
    const running = this.running();
    if (running !== undefined) return running.goal;
    const { stale } = this.state;
    if (stale === undefined || stale.reads <= 0) return this.state.shownGoal ?? this.state.settings;
    stale.reads -= 1;
    this.save();
    return stale.settings;
  }

  /** `Succeeded`, `Failed`, `Canceled`, `Updating` or `Upgrading`. */
  provisioningState(): string {
    const running = this.running();
    if (running === undefined) return this.state.provisioningState;
    return running.kind === 'upgrade' ? 'Upgrading' : 'Updating';
  }

  /** Starts a long operation and its record. The cluster must be free. */
  begin(
    kind: Operation['kind'],
    goal: Settings,
    mutation: Omit<Mutation, 'time' | 'outcome'> | undefined,
  ): Operation {
    const now = Date.now();
    const [id, endsAt] = [randomUUID(), now + this.#lasts(kind)];
    const fails = kind === 'update' && strikes(this.state, 'update-fails-once');
    const operation: Operation = {
      id,
      kind,
      startedAt: now,
      endsAt,
      status: 'InProgress',
      goal,
      fails: fails ? internalError(id, endsAt) : undefined,
      canceled:
        kind === 'update' && strikes(this.state, 'update-canceled')
          ? { code: 'OperationCanceled', message: 'The operation was canceled by another request.' }
          : undefined,
    };
    this.state.stale = undefined;
    this.state.operations.push(operation);
    if (mutation !== undefined) this.record(mutation, 'InProgress', operation.id);
    this.save();
    return operation;
  }

  /** Adds to the record of what was asked for. The caller saves. */
  record(mutation: Omit<Mutation, 'time' | 'outcome'>, outcome: string, operationId?: string): void {
    this.state.mutations.push({ time: new Date().toISOString(), ...mutation, outcome, operationId });
  }

  /** Registers the preview feature; that takes a simulated minute. */
  registerFeature(): void {
    this.state.feature = {
      registered: false,
      registeredAt: Date.now() + this.#milliseconds(minutes.registration),
    };
    this.save();
  }

  featureState(): 'Registered' | 'Registering' | 'NotRegistered' {
    const { registered, registeredAt } = this.state.feature;
    if (registered || (registeredAt !== undefined && registeredAt <= Date.now())) return 'Registered';
    return registeredAt === undefined ? 'NotRegistered' : 'Registering';
  }

  /** Milliseconds of real time that `count` simulated minutes take, at least one. */
  #milliseconds(count: number): number {
    return Math.max(1, Math.round((count * 60_000) / this.speed));
  }

  #lasts(kind: Operation['kind']): number {
    if (kind === 'update' && has(this.state, 'update-never-ends')) return never;
    if (kind === 'update' && has(this.state, 'slow-update')) return this.#milliseconds(minutes.slowUpdate);
    return this.#milliseconds(minutes[kind]);
  }

  /** Ends the operation whose time is over. */
  settle(): void {
    const operation = this.running();
    if (operation === undefined || operation.endsAt > Date.now()) return;
    const before = this.state.settings;
    operation.error = operation.canceled ?? operation.fails ?? this.#rewriteFor(operation);
    if (operation.error === undefined) operation.status = 'Succeeded';
    else operation.status = operation.canceled === undefined ? 'Failed' : 'Canceled';
    this.state.provisioningState = operation.status;
    this.state.shownGoal = undefined;
    if (operation.error === undefined) {
      this.state.settings = operation.goal;
      const key = currentKey(before);
      if (has(this.state, 'api-server-lags') && key !== currentKey(operation.goal))
        this.state.lag = lagBehind(key);
      if (operation.kind !== 'other' && strikes(this.state, 'stale-read'))
        this.state.stale = { settings: before, reads: 5 };
    } else if (has(this.state, 'failure-keeps-goal')) this.state.shownGoal = operation.goal;
    const mutation = this.state.mutations.find(({ operationId }) => operationId === operation.id);
    if (mutation !== undefined) mutation.outcome = operation.status;
    this.save();
  }

  /**
   * What the API server at the end of a connection writes secrets under. Of two servers one may lag behind: every other
   * connection leads to it, and each time this is asked for one of those it comes closer to knowing better.
   */
  writingKey(connection: object): string {
    const { lag, settings } = this.state;
    if (lag === undefined || !this.#leadsBehind(connection)) return currentKey(settings);
    lag.writes -= 1;
    if (lag.writes <= 0) this.state.lag = undefined;
    return lag.key;
  }

  /** Connections lead to the two servers by turns, as they are first asked about. */
  #leadsBehind(connection: object): boolean {
    const known = this.#leadBehind.get(connection);
    if (known !== undefined) return known;
    const behind = this.#nextLeadsBehind;
    this.#nextLeadsBehind = !behind;
    this.#leadBehind.set(connection, behind);
    return behind;
  }

  /**
   * Turning to a platform-managed or customer-managed key makes AKS itself write all secrets anew, which admission
   * policies apply to as to anybody (newer revision of the document "Migrate to KMS with PMK or CMK").
   */
  #rewriteFor(operation: Operation): ArmError | undefined {
    const key = currentKey(operation.goal);
    if (operation.goal.infrastructureEncryption !== 'Enabled' || key === currentKey(this.state.settings))
      return undefined;
    const stale = [...this.secrets.values()].filter((secret) => secret.key !== key);
    for (const secret of stale) {
      const denial = denialOf(this.state, secret);
      if (denial === undefined) continue;
      const { namespace, name } = secret;
      return {
        code: 'KMSSecretMigrationFailed',
        message: `Failed to update secret ${namespace}/${name}: ${denial.message}`,
      };
    }
    this.secrets.rewriteAll(stale, key);
    return undefined;
  }
}

/** In the words of AKS (https://github.com/Azure/AKS/issues/1798); az prints them as they are. */
function internalError(operationId: string, endsAt: number): ArmError {
  const timestamp = new Date(endsAt).toISOString().replace(/\.\d+Z$/u, 'Z');
  return {
    code: 'InternalOperationError',
    message:
      `We are unable to serve this request due to an internal error, Correlation ID: ${randomUUID()}, ` +
      `Operation ID: ${operationId}, Timestamp: ${timestamp}.`,
  };
}

function readState(directory: string): State {
  return JSON.parse(readFileSync(join(directory, 'state.json'), 'utf8')) as State;
}
