/** Preview features of the subscription. */
import { adapt, type AzureConnection, clientOptions, requestOptions } from './connection.ts';
import { azureError } from './errors.ts';

const namespace = 'Microsoft.ContainerService';

/**
 * The state of every preview feature of AKS by its short name: `{KMSPMKPreview: 'Registered', …}`. Other states are
 * `NotRegistered`, `Registering`, `Pending`, `Unregistering` and `Unregistered`.
 */
export async function readFeatures(
  connection: AzureConnection,
  subscription: string,
  signal?: AbortSignal,
): Promise<Record<string, string>> {
  try {
    const { FeatureClient } = await import('@azure/arm-features');
    const client = new FeatureClient(connection.credential, subscription, clientOptions(connection));
    adapt(client.pipeline, connection);
    const states: Record<string, string> = {};
    for await (const feature of client.features.list(namespace, requestOptions(signal))) {
      const name = feature.name?.split('/').at(-1);
      if (name !== undefined) states[name] = feature.properties?.state ?? 'NotRegistered';
    }
    return states;
  } catch (error) {
    throw azureError(error, `read the preview features of ${namespace}`, signal);
  }
}
