/** The facts that are only looked at, for no run: each is read once, and not before it is asked for. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFeatures } from '../adapters/azure/features.ts';
import type { Tools } from '../adapters/azure/tools.ts';
import { createFacts } from '../adapters/facts.ts';
import type { TargetFacts } from '../adapters/facts.ts';
import { createKubeconfig } from '../adapters/kubernetes/kubeconfig.ts';
import { openWith } from '../adapters/kubernetes/open.ts';
import type { FactValues } from '../engine/ports.ts';
import type { Target } from '../plan/model.ts';
import { ToolError } from '../runbook/errors.ts';
import type { FactName } from '../runbook/model.ts';
import type { World } from './world.ts';

/** What has been read so far. A name in neither cannot be read here: there is no sign-in, or no cluster. */
export interface Looked {
  values: FactValues;
  failures: ReadonlyMap<FactName, ToolError>;
}

export interface LookFacts {
  /** Reads those that have not been read yet, all of them together. */
  read(names: readonly FactName[]): Promise<Looked>;
  close(): Promise<void>;
}

/** What there is to look at. */
export interface LookedAt {
  environment: World['environment'];
  tools: Tools;
  /** Absent when nobody is signed in. */
  world?: Pick<World, 'account' | 'connection'> | undefined;
  target?: Target | undefined;
}

export async function openLookFacts({ environment, tools, world, target }: LookedAt): Promise<LookFacts> {
  const values: FactValues = { tools, ...(world === undefined ? {} : { account: world.account }) };
  const failures = new Map<FactName, ToolError>();
  const asked = new Set<FactName>(['tools', 'account', 'params', 'captured']);
  const source =
    world === undefined
      ? nothing
      : target === undefined
        ? subscriptionFacts(world)
        : await targetFacts(world, environment, target);
  return {
    async read(names) {
      const fresh = [...new Set(names)].filter((name) => !asked.has(name));
      for (const name of fresh) asked.add(name);
      const read = await source.readEach(fresh);
      Object.assign(values, read.values);
      for (const [name, failure] of read.failures) failures.set(name, failure);
      return { values, failures };
    },
    close: async () => source.close(),
  };
}

interface Source {
  readEach(names: readonly FactName[]): Promise<Looked>;
  close(): Promise<void> | void;
}

const nothing: Source = {
  readEach: async () => ({ values: {}, failures: new Map() }),
  close: () => undefined,
};

/** What can be known of a subscription without naming a cluster in it. */
function subscriptionFacts({ connection, account }: Pick<World, 'account' | 'connection'>): Source {
  return {
    async readEach(names) {
      if (!names.includes('features')) return nothing.readEach(names);
      try {
        const features = await readFeatures(connection, account.subscription);
        return { values: { features }, failures: new Map() };
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        return { values: {}, failures: new Map([['features', error]]) };
      }
    },
    close: () => undefined,
  };
}

/** With a kubeconfig of its own, which is removed again. */
async function targetFacts(
  { connection, account }: Pick<World, 'account' | 'connection'>,
  environment: World['environment'],
  target: Target,
): Promise<Source> {
  const directory = await mkdtemp(join(tmpdir(), 'aks-kms-runbook-'));
  const file = join(directory, 'kubeconfig');
  const own = { ...environment, KUBECONFIG: file };
  const { subscription } = account;
  const kubernetes = openWith(
    createKubeconfig({ file, target, subscription, environment: own }),
    connection.onRetry,
  );
  const facts: TargetFacts = createFacts({
    connection,
    subscription,
    target,
    kubernetes,
    environment: own,
    parameters: {},
  });
  return {
    readEach: (names) => facts.readEach(names),
    async close() {
      kubernetes.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
