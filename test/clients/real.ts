/** The az and kubectl that are installed, and simulations they are signed in to. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { signInTo } from '../../source/adapters/azure/private-sign-in.ts';
import type { Exchange, Rehearsal, RehearsalOptions } from '../../source/rehearsal/index.ts';
import { rehearse, run } from '../rehearsal/helpers.ts';
import type { Ended, Json } from '../rehearsal/helpers.ts';

export const target = ['--name', 'rehearsal', '--resource-group', 'rehearsal-rg'];
export const feature = ['--namespace', 'Microsoft.ContainerService', '--name', 'KMSPMKPreview'];
export const keyId = 'https://rehearsal-vault.vault.azure.net/keys/etcd/5e1f0d0c3b2a49788796a5b4c3d2e1f0';

/** `az aks update` with the KMS options of the documents. */
export const update = {
  off: ['aks', 'update', ...target, '--disable-azure-keyvault-kms'],
  on: (...access: string[]): string[] =>
    ['aks', 'update', ...target, '--enable-azure-keyvault-kms', '--azure-keyvault-kms-key-id', keyId].concat(
      '--azure-keyvault-kms-key-vault-network-access',
      access,
    ),
};

/** A simulation and one az against it. */
export interface Simulated {
  rehearsal: Rehearsal;
  /** Requests answered so far, oldest first, without those for tokens. */
  exchanges: Exchange[];
  az(...words: string[]): Promise<Ended>;
  /** What it prints, when it succeeds. */
  azJson(...words: string[]): Promise<Json>;
}

/** What az works out about its own commands, in seconds; the same in every configuration directory. */
let commandIndex: string | undefined;

/** A simulation with the installed az signed in to it, in a configuration directory that is removed with the test. */
export async function simulate(t: TestContext, options: Partial<RehearsalOptions> = {}): Promise<Simulated> {
  const simulated = await open(t, { ...options, clients: 'real' });
  const { rehearsal, exchanges } = simulated;
  const indexFile = join(rehearsal.environment['AZURE_CONFIG_DIR'] ?? '', 'commandIndex.json');
  if (commandIndex !== undefined) writeFileSync(indexFile, commandIndex);
  await signInTo(rehearsal.cloud, { ...process.env, ...rehearsal.environment });
  if (existsSync(indexFile)) commandIndex = readFileSync(indexFile, 'utf8');
  exchanges.length = 0;
  return simulated;
}

/** A simulation with the stand-in for az. */
export function simulateStandIn(t: TestContext, options: Partial<RehearsalOptions> = {}): Promise<Simulated> {
  return open(t, { ...options, clients: 'stand-in' });
}

async function open(t: TestContext, options: Partial<RehearsalOptions>): Promise<Simulated> {
  const exchanges: Exchange[] = [];
  const observe = (exchange: Exchange): void => {
    if (!exchange.url.startsWith('/identity/')) exchanges.push(exchange);
  };
  const rehearsal = await rehearse(t, { ...options, observe });
  const az = (...words: string[]): Promise<Ended> => run(rehearsal, 'az', words);
  return { rehearsal, exchanges, az, azJson: async (...words) => parsed(await az(...words)) };
}

function parsed({ code, stdout, stderr }: Ended): Json {
  if (code !== 0) throw new Error(`status ${code}: ${stderr}`);
  return JSON.parse(stdout) as Json;
}
