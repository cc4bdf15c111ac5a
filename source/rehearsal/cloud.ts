/** The simulated cloud as az knows a cloud. */

export interface CloudDescription {
  name: string;
  /** For `az cloud register --cloud-config`, in the shape `az cloud show` prints. */
  config: { endpoints: Record<string, string>; suffixes: Record<string, string> };
}

/** Every address that az may be led to by a command is the simulation's. */
export function cloudDescription(armEndpoint: string): CloudDescription {
  return {
    name: 'Rehearsal',
    config: {
      endpoints: {
        activeDirectory: armEndpoint,
        activeDirectoryGraphResourceId: `${armEndpoint}/`,
        activeDirectoryResourceId: 'https://management.core.windows.net/',
        management: `${armEndpoint}/`,
        microsoftGraphResourceId: `${armEndpoint}/`,
        portal: 'https://portal.azure.com',
        resourceManager: `${armEndpoint}/`,
      },
      suffixes: { keyvaultDns: '.vault.azure.net' },
    },
  };
}
