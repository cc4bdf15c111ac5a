/**
 * The second subscription, under the fault `second-subscription`: a simulation of its own in a folder of the first's,
 * where nothing differs but ids and addresses. What is done to it by mistake is on its own record.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { has } from './faults.ts';
import { Refusal } from './http.ts';
import type { Reply, Request } from './http.ts';
import { initialState, scenarioNamed } from './scenarios.ts';
import { Simulation } from './simulation.ts';
import type { State } from './state.ts';
import { secondSubscription, subscription } from './subscription.ts';

/** The folder, in that of the rehearsal. */
export const elsewhereFolder = 'second-subscription';

const secretCount = 12;

/** Undefined unless the rehearsal was begun with the fault. */
export function openElsewhere(simulation: Simulation): Simulation | undefined {
  if (!has(simulation.state, 'second-subscription')) return undefined;
  const directory = join(simulation.directory, elsewhereFolder);
  return Simulation.open(directory, simulation.speed, secretCount, () => begin(simulation.state));
}

function begin({ scenario: name, clusterName, resourceGroup, keys }: State): State {
  const scenario = scenarioNamed(name);
  if (scenario === undefined) throw new Error(`The state has a scenario ${name}, which does not exist.`);
  const state = initialState(scenario, { faults: [], clusterName, resourceGroup, now: Date.now() });
  // The same sign-in is good for both subscriptions; a cluster's token is good for that cluster.
  return { ...state, keys: { ...keys, clusterToken: randomBytes(32).toString('hex') } };
}

/** Whether a request to ARM is about the second subscription. */
export function isElsewhere(path: string): boolean {
  return path.toLowerCase().startsWith(`/subscriptions/${secondSubscription.id}`);
}

/** The ARM of the second subscription, made from one that knows only the first's id. */
export function asElsewhere(arm: (request: Request) => Reply): (request: Request) => Reply {
  return (request) => {
    const path = request.path.replace(new RegExp(secondSubscription.id, 'iu'), subscription.id);
    try {
      return renamed(
        arm({ ...request, path, body: replaced(request.body, secondSubscription, subscription) }),
      );
    } catch (error) {
      throw error instanceof Refusal ? new Refusal(renamed(error.reply)) : error;
    }
  };
}

function renamed({ headers, body, ...rest }: Reply): Reply {
  return {
    ...rest,
    headers: replaced(headers, subscription, secondSubscription),
    body: replaced(body, subscription, secondSubscription),
  };
}

function replaced<T>(value: T, from: { id: string }, to: { id: string }): T {
  if (value === undefined) return value;
  return JSON.parse(JSON.stringify(value).replaceAll(from.id, to.id)) as T;
}
