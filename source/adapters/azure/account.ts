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

/** The id of the active subscription alone, which is quicker to have. */
export async function readSubscription(environment: Environment, signal?: AbortSignal): Promise<string> {
  const what = 'find out which subscription is active';
  return (await azJson<AccountShown>(['account', 'show'], what, environment, signal)).id;
}
