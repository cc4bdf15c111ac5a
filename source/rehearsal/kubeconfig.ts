/** The kubeconfig AKS gives for the simulated cluster. */
import type { State } from './state.ts';

/** YAML, laid out as AKS does it, with the simulation's proxy in it. */
export function kubeconfig(state: State, certificate: string, proxyPort: number): string {
  const { clusterName, resourceGroup, fqdn } = state;
  const user = `clusterUser_${resourceGroup}_${clusterName}`;
  return [
    'apiVersion: v1',
    'clusters:',
    '- cluster:',
    `    certificate-authority-data: ${Buffer.from(certificate).toString('base64')}`,
    `    proxy-url: http://127.0.0.1:${proxyPort}`,
    `    server: https://${fqdn}:443`,
    `  name: ${JSON.stringify(clusterName)}`,
    'contexts:',
    '- context:',
    `    cluster: ${JSON.stringify(clusterName)}`,
    `    user: ${JSON.stringify(user)}`,
    `  name: ${JSON.stringify(clusterName)}`,
    `current-context: ${JSON.stringify(clusterName)}`,
    'kind: Config',
    'preferences: {}',
    'users:',
    `- name: ${JSON.stringify(user)}`,
    '  user:',
    `    token: ${state.keys.clusterToken}`,
    '',
  ].join('\n');
}
