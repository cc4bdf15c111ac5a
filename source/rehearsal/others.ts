/** Others at work on the secrets of the cluster while a client rewrites them, under the fault `secrets-busy`. */
import { randomUUID } from 'node:crypto';

import { has, seedOf, strikesOneIn } from './faults.ts';
import { namespacesOf } from './population.ts';
import { chance } from './random.ts';
import { placeOf } from './secrets.ts';
import type { Secret } from './secrets.ts';
import type { Simulation } from './simulation.ts';
import { currentKey } from './state.ts';
import type { Others } from './state.ts';

/** Writes of the client for each act of others. */
const period = 5;
const mark = 'changed-meanwhile';

/** What others did, and which of their changes are gone although the secret is still there. */
export interface OthersRecord {
  created: number;
  changed: number;
  deleted: number;
  lost: readonly string[];
}

/** Called at each write of a client: now and then others change, create or delete a secret before it, in turn. */
export function othersAct(simulation: Simulation): void {
  const { state, secrets } = simulation;
  if (!strikesOneIn(state, 'secrets-busy', period)) return;
  const others = (state.others ??= { created: 0, deleted: 0, changed: {} });
  const turn = Math.floor(((state.met?.['secrets-busy'] ?? 1) - 1) / period);
  const target = secrets.at(chance(seedOf(state), 'target', turn));
  if (turn % 3 === 0) create(simulation, others, turn);
  else if (target === undefined) return;
  else if (turn % 3 === 1) change(simulation, others, target, String(turn));
  else {
    secrets.delete(target);
    delete others.changed[placeOf(target)];
    others.deleted += 1;
  }
}

/** Undefined without the fault. */
export function othersRecord({ state, secrets }: Simulation): OthersRecord | undefined {
  if (!has(state, 'secrets-busy')) return undefined;
  const { created = 0, deleted = 0, changed = {} } = state.others ?? {};
  const lost = Object.entries(changed).filter(([place, text]) => {
    const [namespace = '', name = ''] = place.split('/');
    return secrets.get(namespace, name)?.data[mark] !== encoded(text);
  });
  return { created, deleted, changed: Object.keys(changed).length, lost: lost.map(([place]) => place) };
}

function create({ state, secrets }: Simulation, others: Others, turn: number): void {
  const namespaces = namespacesOf(state);
  const where = Math.floor(chance(seedOf(state), 'namespace', turn) * namespaces.length);
  secrets.put({
    namespace: namespaces[where] ?? 'default',
    name: `created-meanwhile-${turn}`,
    uid: randomUUID(),
    creationTimestamp: new Date().toISOString().replace(/\.\d+Z$/u, 'Z'),
    type: 'Opaque',
    data: { [mark]: encoded(String(turn)) },
    key: currentKey(state.settings),
  });
  others.created += 1;
}

/** An immutable secret is left alone, as anybody's change to it would be refused. */
function change({ state, secrets }: Simulation, others: Others, target: Secret, text: string): void {
  if (target.immutable === true) return;
  const { resourceVersion: _, ...before } = target;
  const data = { ...target.data, [mark]: encoded(text) };
  secrets.put({ ...before, data, key: currentKey(state.settings) });
  others.changed[placeOf(target)] = text;
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}
