/** The clusters a simulated subscription has besides its own: one for each other scenario, only to be looked at. */
import type { ClusterView } from './arm-cluster.ts';
import { initialState, scenarios } from './scenarios.ts';
import type { Simulation } from './simulation.ts';

/** Empty unless the rehearsal was begun with neighbours. */
export function neighboursOf({ state }: Simulation): ClusterView[] {
  if (state.neighbours !== true) return [];
  const { resourceGroup, createdAt: now } = state;
  return scenarios
    .filter(({ name }) => name !== state.scenario)
    .map((scenario) => {
      const shown = initialState(scenario, { faults: [], clusterName: scenario.name, resourceGroup, now });
      return {
        state: shown,
        shownSettings: () => shown.settings,
        provisioningState: () => shown.provisioningState,
      };
    });
}
