/**
 * Everything but the tool, in this process: a simulated Azure, a machine with its commands, a disk. On it the engine
 * and the journal can be stopped between any two things they do, and taken up again.
 */
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFacts } from '../../source/adapters/facts.ts';
import { openWith } from '../../source/adapters/kubernetes/open.ts';
import type { KubernetesAccess } from '../../source/adapters/kubernetes/open.ts';
import { createSecretRequests } from '../../source/adapters/kubernetes/rewriting.ts';
import { hurriedClock } from '../../source/adapters/clock.ts';
import type { Intent, RunOutcome } from '../../source/engine/controller.ts';
import type { Question } from '../../source/engine/decide.ts';
import type { JournalRecord, RunEvent } from '../../source/engine/events.ts';
import type { Facts, Ports } from '../../source/engine/ports.ts';
import { openRun } from '../../source/engine/run.ts';
import type { RunState } from '../../source/engine/state.ts';
import { encodeLine } from '../../source/journal/chain.ts';
import { readJournal } from '../../source/journal/read.ts';
import type { RunFiles } from '../../source/journal/state-directory.ts';
import { runFiles } from '../../source/journal/state-directory.ts';
import { FileJournal } from '../../source/journal/writer.ts';
import { buildPlan } from '../../source/plan/plan.ts';
import type { Plan } from '../../source/plan/model.ts';
import { openRehearsal } from '../../source/rehearsal/index.ts';
import type { Rehearsal } from '../../source/rehearsal/index.ts';
import { createRewriter } from '../../source/rewrite/rewriter.ts';
import type { SecretsApi } from '../../source/rewrite/api.ts';
import type { FactName } from '../../source/runbook/model.ts';
import { loadRunbook } from '../../source/runbook/load.ts';
import { subscription, target } from '../adapters/simulation.ts';
import { arm, clusterPath, fast, preview } from '../rehearsal/helpers.ts';
import { readRunbookFile, runbooksFolder } from '../runbook/files.ts';
import { header, session } from '../support/runs.ts';
import { answerWith } from '../support/world.ts';
import { Machine } from './machine.ts';
import { place } from './place.ts';

const runId = '20261121-201500-abcd';

/** What the tool does on the stage, by a name no other has. */
export interface Deed {
  name: string;
  /** Half of it can be done. */
  tears: boolean;
}

/** Where the tool is stopped: at something it does, or at so manyth of a sitting. */
export interface Stop {
  at: string | number;
  when: 'before' | 'during' | 'after';
}

export function planOf(id: string): Plan {
  const { runbook } = loadRunbook(join(runbooksFolder, `${id}.yaml`), readRunbookFile);
  if (runbook === undefined) throw new Error(`runbook ${id} does not load`);
  return buildPlan(runbook, { CLUSTER_NAME: target.clusterName, RESOURCE_GROUP: target.resourceGroup });
}

/** What a stage is copied from, and what is known of its facts: made once for a runbook. */
export class Scenery {
  readonly plan: Plan;
  readonly #template = mkdtempSync(join(place, 'crash-scenery-'));
  readonly #facts = new Map<string, Awaited<ReturnType<Facts['read']>>>();

  private constructor(plan: Plan) {
    this.plan = plan;
  }

  static async make(id: string): Promise<Scenery> {
    const scenery = new Scenery(planOf(id));
    const rehearsal = await openRehearsal(scenery.#options(scenery.#template));
    await rehearsal.close();
    return scenery;
  }

  /** A stage that nothing has happened on. Azure's minutes pass `speed` times faster. */
  async stage(speed = fast): Promise<Stage> {
    const state = mkdtempSync(join(place, 'crash-stage-'));
    const files = runFiles(
      { root: state, runs: state, clusters: join(state, 'clusters'), rehearsal: true },
      runId,
    );
    mkdirSync(files.directory);
    cpSync(this.#template, files.simulation, { recursive: true });
    const rehearsal = await openRehearsal({ ...this.#options(files.simulation), speed });
    const kubernetes = kubernetesOf(rehearsal, files.kubeconfig);
    const facts = this.#factsOf(rehearsal, kubernetes);
    return new Stage(this.plan, { files, rehearsal, facts, kubernetes }, () =>
      rmSync(state, { recursive: true, force: true }),
    );
  }

  tearDown(): void {
    rmSync(this.#template, { recursive: true, force: true });
  }

  #options(directory: string) {
    const { rehearsal: scenario } = this.plan.runbook;
    return { directory, scenario, faults: [], speed: fast, secretCount: 2, ...target };
  }

  /** Facts as the adapters read them. What was read of a world that looks the same is not read again. */
  #factsOf(rehearsal: Rehearsal, kubernetes: KubernetesAccess): Facts {
    const real = createFacts({
      connection: {
        endpoint: rehearsal.armEndpoint,
        scope: 'https://management.core.windows.net//.default',
        ca: rehearsal.certificate,
        credential: {
          getToken: async () => ({ token: rehearsal.token(), expiresOnTimestamp: Date.now() + 3_600_000 }),
        },
      },
      subscription,
      target,
      kubernetes,
      environment: { ...process.env, ...rehearsal.environment },
      parameters: this.plan.parameters,
    });
    const read = async (names: readonly FactName[]): ReturnType<Facts['read']> => {
      const { cluster, secretsByKey } = rehearsal.record();
      const { fqdn: _, ...looks } = cluster;
      const key = JSON.stringify([names, looks, secretsByKey]);
      const reading = this.#facts.get(key) ?? (await real.read(names));
      // What a busy cluster shows is told by the clock.
      if (cluster.provisioningState === 'Succeeded') this.#facts.set(key, reading);
      return reading;
    };
    return { read };
  }
}

function kubernetesOf(rehearsal: Rehearsal, file: string): KubernetesAccess {
  const ensure = async (): Promise<void> => {
    const { body } = await arm(rehearsal, 'POST', `${clusterPath}/listClusterUserCredential?${preview}`);
    writeFileSync(file, Buffer.from(body['kubeconfigs'][0].value, 'base64'), { mode: 0o600 });
  };
  return openWith({ file, ensure, server: async () => '', remove: async () => undefined });
}

/** What a stage is made of. */
interface Properties {
  files: RunFiles;
  rehearsal: Rehearsal;
  facts: Facts;
  kubernetes: KubernetesAccess;
}

export class Stage {
  readonly files: RunFiles;
  readonly machine: Machine;
  /** Everything that was done in all sittings, in order. */
  readonly deeds: Deed[] = [];
  readonly #plan: Plan;
  readonly #rehearsal: Rehearsal;
  readonly #facts: Facts;
  readonly #kubernetes: KubernetesAccess;
  readonly #remove: () => void;

  constructor(plan: Plan, { files, rehearsal, facts, kubernetes }: Properties, remove: () => void) {
    this.#plan = plan;
    this.files = files;
    this.#rehearsal = rehearsal;
    this.#facts = facts;
    this.#kubernetes = kubernetes;
    this.#remove = remove;
    this.machine = new Machine(rehearsal);
  }

  record(): ReturnType<Rehearsal['record']> {
    return this.#rehearsal.record();
  }

  async clear(): Promise<void> {
    this.#kubernetes.close();
    await this.#rehearsal.close();
    this.#remove();
  }

  /** A sitting: the run is begun, or taken up. Resolves with how it ended, or `stopped dead` at the stop. */
  async sit(reply: (question: Question) => Intent, stop?: Stop): Promise<RunOutcome | 'stopped dead'> {
    const sitting = new Sitting(this, stop);
    const opened = await this.#open();
    const run = async (): Promise<RunOutcome> => {
      const { state, opening } = opened;
      const controller = await openRun({ ports: this.#ports(sitting, opened.journal), state, opening });
      return answerWith(controller, reply);
    };
    try {
      return await Promise.race([run(), sitting.dead]);
    } finally {
      await opened.journal.close();
    }
  }

  /** As a session is opened: a torn record is cut off and said to have been. */
  async #open(): Promise<{ journal: FileJournal; state: RunState | undefined; opening: RunEvent[] }> {
    const clock = hurriedClock(1);
    const before = await readJournal(this.files).catch(() => undefined);
    if (before === undefined) {
      rmSync(this.files.journal, { force: true });
      const journal = await FileJournal.create(this.files, clock);
      const started: RunEvent = { type: 'run.started', header: { ...header(this.#plan), runId }, session };
      return { journal, state: undefined, opening: [started] };
    }
    const { state, tornBytes } = before;
    const journal = await FileJournal.reopen(this.files, clock, before);
    const repaired: RunEvent[] =
      tornBytes > 0 ? [{ type: 'run.journal-repaired', droppedBytes: tornBytes }] : [];
    return { journal, state, opening: [...repaired, { type: 'run.resumed', session }] };
  }

  #ports(sitting: Sitting, journal: FileJournal): Ports {
    const clock = hurriedClock(1_000_000);
    return {
      clock: {
        now: () => clock.now(),
        sleep: async (milliseconds, signal) => sitting.unlessDead(clock.sleep(milliseconds, signal)),
      },
      journal: {
        append: async (event) => sitting.append(journal, event),
        check: async () => sitting.unlessDead(journal.check()),
        outputFile: (step, attempt) => journal.outputFile(step, attempt),
        readOutput: async (step, attempt, most) =>
          sitting.unlessDead(journal.readOutput(step, attempt, most)),
      },
      facts: { read: async (names, signal) => sitting.unlessDead(this.#facts.read(names, signal)) },
      commands: {
        start: async (pipeline, outputFile) =>
          sitting.cross(`start ${pipeline[0]?.slice(0, 3).join(' ')}`, () =>
            this.machine.start(pipeline, outputFile),
          ),
        find: async (outputFile) => sitting.unlessDead(this.machine.find(outputFile)),
      },
      target: { differences: async () => sitting.unlessDead(Promise.resolve([])) },
      signIn: { validUntil: async () => sitting.unlessDead(Promise.resolve(undefined)) },
      // One request at a time, so that what is done is always done in the same order.
      secrets: createRewriter({ api: () => this.#secretsApi(sitting), clock, maxInFlight: 1 }),
      waits: { subscribe: () => () => undefined },
    };
  }
  /** Each Secret that is written is something the tool does. */
  async #secretsApi(sitting: Sitting): Promise<SecretsApi> {
    const api = createSecretRequests(await sitting.unlessDead(this.#kubernetes.open()));
    return {
      ...api,
      namespaces: async (signal) => sitting.unlessDead(api.namespaces(signal)),
      count: async (namespaces, signal) => sitting.unlessDead(api.count(namespaces, signal)),
      page: async (namespace, token) => sitting.unlessDead(api.page(namespace, token)),
      rewrite: async (namespace, name) =>
        sitting.cross(`rewrite ${namespace}/${name}`, () => api.rewrite(namespace, name)),
    };
  }
}

/** The tool while it sits on a stage: it does one thing after the other, until it is stopped. */
class Sitting {
  readonly dead: Promise<'stopped dead'>;
  readonly #stage: Stage;
  readonly #stop: Stop | undefined;
  readonly #die: (word: 'stopped dead') => void;
  #isDead = false;
  #done = 0;

  constructor(stage: Stage, stop: Stop | undefined) {
    this.#stage = stage;
    this.#stop = stop;
    const { promise, resolve } = Promise.withResolvers<'stopped dead'>();
    this.dead = promise;
    this.#die = resolve;
  }

  /** A dead process sees no answer. */
  async unlessDead<T>(answer: Promise<T>): Promise<T> {
    const known = await answer;
    return this.#isDead ? new Promise(() => undefined) : known;
  }

  async cross<T>(what: string, whole: () => Promise<T>, half?: () => void): Promise<T> {
    if (this.#isDead) return new Promise(() => undefined);
    const { deeds } = this.#stage;
    const count = deeds.filter(({ name }) => name.replace(/ #\d+$/, '') === what).length;
    const name = count === 0 ? what : `${what} #${count + 1}`;
    deeds.push({ name, tears: half !== undefined });
    this.#done += 1;
    const { at, when } = this.#stop ?? {};
    const moment = at === name || at === this.#done ? when : undefined;
    if (moment === 'before') return this.#end();
    if (moment === 'during') {
      half?.();
      return this.#end();
    }
    const result = await whole();
    return moment === 'after' ? this.#end() : this.unlessDead(Promise.resolve(result));
  }

  async append(journal: FileJournal, event: RunEvent): Promise<JournalRecord> {
    const step = 'step' in event && event.step !== undefined ? ` ${event.step}` : '';
    const half = (): void => {
      const sequence = this.#stage.deeds.length;
      const { line } = encodeLine({ sequence, time: new Date().toISOString(), event }, journal.head);
      appendFileSync(this.#stage.files.journal, line.slice(0, line.length / 2));
    };
    const record = await this.cross(`append ${event.type}${step}`, () => journal.append(event), half);
    if (event.type === 'command.spawned') this.#stage.machine.go();
    return record;
  }

  #end<T>(): Promise<T> {
    this.#isDead = true;
    this.#die('stopped dead');
    return new Promise(() => undefined);
  }
}
