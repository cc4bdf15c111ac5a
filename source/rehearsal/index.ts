/** A rehearsal: a simulated Azure and a simulated cluster inside this process, whose state outlives it. */
import { createArm } from './arm.ts';
import { certificateFor } from './certificate.ts';
import { cloudDescription } from './cloud.ts';
import type { CloudDescription } from './cloud.ts';
import { asElsewhere, openElsewhere } from './elsewhere.ts';
import { faults, isFaultName } from './faults.ts';
import { kubeconfig } from './kubeconfig.ts';
import { createKubernetes } from './kubernetes.ts';
import { createProxy } from './proxy.ts';
import { recordOf } from './record.ts';
import type { SimulationRecord } from './record.ts';
import { initialState, scenarioNamed, scenarios } from './scenarios.ts';
import { closer, createServer, listen } from './server.ts';
import type { Exchange, Place } from './server.ts';
import { Simulation } from './simulation.ts';
import type { State } from './state.ts';
import { issueToken } from './tokens.ts';
import { environmentFor, writeExecutables, writeStandInConfig } from './tools.ts';

export { faults } from './faults.ts';
export { readRecord } from './record.ts';
export type { SimulationRecord } from './record.ts';
export { scenarios } from './scenarios.ts';
export type { Exchange } from './server.ts';
export { standInNames } from './tools.ts';

export interface RehearsalOptions {
  /** Where the state is kept; made with mode 0700 when missing. */
  directory: string;
  /** A name from `scenarios`. Like `faults` and the names, only heeded when the directory holds no rehearsal yet. */
  scenario: string;
  /** Names from the list `faults`. */
  faults: readonly string[];
  clusterName: string;
  resourceGroup: string;
  /**
   * `real`: the az and kubectl that are installed, which have to be signed in to `cloud` first. `stand-in`, the
   * default: those of the simulation. Heeded like `scenario`.
   */
  clients?: 'stand-in' | 'real' | undefined;
  /** Told of each request and its answer. */
  observe?: ((exchange: Exchange) => void) | undefined;
  /** Simulated minutes pass this many times faster than real ones. */
  speed?: number | undefined;
  /** Secrets the cluster starts with. */
  secretCount?: number | undefined;
  /** Milliseconds that each round trip between a client and the API server takes longer. Heeded like `scenario`. */
  roundTrip?: number | undefined;
  /** What the faults that strike by chance follow from. Heeded like `scenario`. */
  seed?: number | undefined;
  /** Adds a cluster for each other scenario, named after it, to be listed and read. Nothing can change those. */
  neighbours?: boolean | undefined;
}

export interface Rehearsal {
  /** Base URL of the simulated Azure Resource Manager, without a slash at the end. */
  armEndpoint: string;
  /** PEM to trust for it, and for the API server. */
  certificate: string;
  /** For every process started against the simulation. Holds a whole PATH, with the stand-ins first if these are used. */
  environment: Record<string, string>;
  clients: 'stand-in' | 'real';
  /** What a real az has to be told of the simulated cloud, and its name there. */
  cloud: CloudDescription;
  /** A bearer token the simulated ARM accepts. */
  token(): string;
  /** What is really so. */
  record(): SimulationRecord;
  /** Somebody deletes the cluster and makes another of the same name, in the state the scenario begins with. */
  recreateCluster(): void;
  /** Stops the servers. An operation under way goes on by the clock. */
  close(): Promise<void>;
}

/**
 * Begins a rehearsal in a directory, or goes on with the one there. One process at a time may have it open.
 *
 * @throws RangeError for a scenario or fault that does not exist; the message names those that do.
 */
export async function openRehearsal(options: RehearsalOptions): Promise<Rehearsal> {
  const { directory, speed = 60, secretCount = 120 } = options;
  const simulation = Simulation.open(directory, speed, secretCount, () => begin(options, secretCount));
  try {
    return await serve(simulation, options.observe);
  } catch (error) {
    simulation.close();
    throw error;
  }
}

async function serve(simulation: Simulation, observe: RehearsalOptions['observe']): Promise<Rehearsal> {
  const { directory, state } = simulation;
  const certificate = await certificateFor(directory);
  const elsewhere = openElsewhere(simulation);
  let places: [Place, ...Place[]] | undefined;
  const server = createServer(
    certificate,
    () => {
      if (places === undefined) throw new Error('Asked before it was listening.');
      return places;
    },
    observe,
  );
  const simulations: [Simulation, ...Simulation[]] = [
    simulation,
    ...(elsewhere === undefined ? [] : [elsewhere]),
  ];
  const proxy = createProxy(simulations, server);
  const closeServers = async (): Promise<void> => {
    await Promise.all([closeServer(), closeProxy()]);
    elsewhere?.close();
  };
  const closeServer = closer(server);
  const closeProxy = closer(proxy);
  try {
    state.ports = {
      https: await listen(server, state.ports.https),
      proxy: await listen(proxy, state.ports.proxy),
    };
    simulation.save();
    const armEndpoint = `https://127.0.0.1:${state.ports.https}`;
    const place = (one: Simulation): Place => ({
      simulation: one,
      services: {
        arm: createArm(
          one,
          {
            armEndpoint,
            kubeconfig: () => kubeconfig(one.state, certificate.certificate, state.ports.proxy),
          },
          () => writeStandInConfig(simulation, armEndpoint),
        ),
        kubernetes: createKubernetes(one),
      },
    });
    places = [place(simulation)];
    if (elsewhere !== undefined) {
      const { services } = place(elsewhere);
      places.push({ simulation: elsewhere, services: { ...services, arm: asElsewhere(services.arm) } });
    }
    writeStandInConfig(simulation, armEndpoint);
    writeExecutables(directory);
    let closed: Promise<void> | undefined;
    return {
      armEndpoint,
      certificate: certificate.certificate,
      environment: environmentFor(simulation, armEndpoint),
      clients: state.clients ?? 'stand-in',
      cloud: cloudDescription(armEndpoint),
      token: () => issueToken(state.keys.signing, 'https://management.azure.com/', Date.now()),
      record: () => recordOf(simulation),
      recreateCluster: () => recreate(simulation),
      close: () => {
        closed ??= closeServers().then(() => simulation.close());
        return closed;
      },
    };
  } catch (error) {
    await closeServers();
    throw error;
  }
}

function recreate(simulation: Simulation): void {
  const { state } = simulation;
  const { clusterName, resourceGroup } = state;
  const scenario = scenarioNamed(state.scenario);
  if (scenario === undefined)
    throw new Error(`The state has a scenario ${state.scenario}, which does not exist.`);
  const now = Math.max(Date.now(), state.createdAt + 1);
  const fresh = initialState(scenario, { faults: [], clusterName, resourceGroup, now });
  const { createdAt, fqdn, settings, provisioningState, operations, keys } = fresh;
  const clusterToken = keys.clusterToken;
  Object.assign(state, { createdAt, fqdn, settings, provisioningState, operations, shownGoal: undefined });
  state.keys = { ...state.keys, clusterToken };
  simulation.save();
}

function begin(options: RehearsalOptions, secretCount: number): State {
  const scenario = scenarioNamed(options.scenario);
  if (scenario === undefined)
    throw new RangeError(
      `There is no scenario ${options.scenario}; there are ${scenarios.map(({ name }) => name).join(', ')}.`,
    );
  const named = options.faults.filter(isFaultName);
  const unknown = options.faults.find((name) => !isFaultName(name));
  if (unknown !== undefined)
    throw new RangeError(
      `There is no fault ${unknown}; there are ${faults.map(({ name }) => name).join(', ')}.`,
    );
  const { clients = 'stand-in', clusterName, resourceGroup, neighbours, seed, roundTrip } = options;
  const now = Date.now();
  const names = { clients, clusterName, resourceGroup, neighbours };
  return initialState(scenario, { faults: named, now, seed, roundTrip, secretCount, ...names });
}
