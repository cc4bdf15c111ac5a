/** What is really so in the simulation, told from its state and not from anything the tool says. */
import { securityProfile } from './arm-cluster.ts';
import { othersRecord } from './others.ts';
import type { OthersRecord } from './others.ts';
import { Simulation } from './simulation.ts';
import { currentKey } from './state.ts';
import type { Mutation, Operation } from './state.ts';

export interface SimulationRecord {
  scenario: string;
  faults: readonly string[];
  cluster: {
    name: string;
    resourceGroup: string;
    fqdn: string;
    /** What runs, whatever ARM shows while an operation is under way. */
    kubernetesVersion: string;
    provisioningState: string;
    /** What is in force, in the shape of `securityProfile`. */
    securityProfile: Record<string, unknown>;
  };
  /** What new writes of secrets are stored under, for example `kms-v2:https://…` or `identity`. */
  currentKey: string;
  /** How many secrets are stored under each key. */
  secretsByKey: Record<string, number>;
  secrets: number;
  /** Times the value of a secret was sent to a client. */
  secretValuesSent: number;
  /** Times a client that asked for metadata only was sent an annotation that holds the values of a secret. */
  appliedValuesSent: number;
  /** The work of others under the fault `secrets-busy`. */
  others?: OthersRecord | undefined;
  mutations: readonly Mutation[];
  operations: readonly Operation[];
  /** Requests answered, as `arm GET`, `kubernetes PATCH` and so on. */
  requestCounts: Record<string, number>;
}

export function recordOf(simulation: Simulation): SimulationRecord {
  simulation.settle();
  const { state, secrets } = simulation;
  return structuredClone({
    scenario: state.scenario,
    faults: state.faults,
    cluster: {
      name: state.clusterName,
      resourceGroup: state.resourceGroup,
      fqdn: state.fqdn,
      kubernetesVersion: state.settings.kubernetesVersion,
      provisioningState: simulation.provisioningState(),
      securityProfile: securityProfile(state.settings, true),
    },
    currentKey: currentKey(state.settings),
    secretsByKey: secrets.countByKey(),
    secrets: secrets.size,
    secretValuesSent: state.secretValuesSent,
    appliedValuesSent: state.appliedValuesSent ?? 0,
    others: othersRecord(simulation),
    mutations: state.mutations,
    operations: state.operations,
    requestCounts: state.requestCounts,
  });
}

/**
 * The record of the rehearsal in `directory`, whether or not a process has it open, changing nothing. What has ended
 * by the clock counts as ended. Everything about changes is exact; `requestCounts`, `others` and the values sent are
 * those of the last save when a process has it open or was killed.
 *
 * @throws the file system's error when there is no rehearsal in `directory`.
 */
export function readRecord(directory: string): SimulationRecord {
  return recordOf(Simulation.look(directory));
}
