/** Who is signed in to az, and to which cloud. */
import type { Environment } from '../command/capture.ts';
import { azJson } from './az.ts';

export interface Account {
  /** The signed-in account, for example an email address or a client id. */
  operator: string;
  tenant: string;
  /** The active subscription's id and name. */
  subscription: string;
  subscriptionName: string;
  /** `AzureCloud`, `AzureUSGovernment`, … */
  cloud: string;
  /** Base URL of the cloud's Resource Manager, without a slash at the end. */
  armEndpoint: string;
  /** What a token for it is asked for. */
  tokenScope: string;
}

interface AccountShown {
  id: string;
  name: string;
  tenantId: string;
  environmentName: string;
  user: { name: string };
}

interface CloudShown {
  name: string;
  endpoints: { resourceManager: string; activeDirectoryResourceId: string };
}

/** Reads `az account show` and `az cloud show`. Throws a `ToolError` when az is missing or nobody is signed in. */
export async function readAccount(environment: Environment, signal?: AbortSignal): Promise<Account> {
  const [account, cloud] = await Promise.all([
    azJson<AccountShown>(['account', 'show'], 'find out who is signed in', environment, signal),
    azJson<CloudShown>(['cloud', 'show'], 'find out which cloud is active', environment, signal),
  ]);
  return {
    operator: account.user.name,
    tenant: account.tenantId,
    subscription: account.id,
    subscriptionName: account.name,
    cloud: cloud.name,
    armEndpoint: cloud.endpoints.resourceManager.replace(/\/+$/, ''),
    tokenScope: `${cloud.endpoints.activeDirectoryResourceId}/.default`,
  };
}

/** Who az acts as by now, and where: what `az account show` alone tells, which is quicker to have. */
export async function readActive(
  environment: Environment,
  signal?: AbortSignal,
): Promise<Pick<Account, 'operator' | 'tenant' | 'subscription' | 'cloud'>> {
  const what = 'find out who is signed in, and to which subscription';
  const shown = await azJson<AccountShown>(['account', 'show'], what, environment, signal);
  const { id, tenantId, environmentName, user } = shown;
  return { operator: user.name, tenant: tenantId, subscription: id, cloud: environmentName };
}
