/** Journals to make change records from: written event by event, with a clock that only they move. */
import { createHash } from 'node:crypto';
import type { JournalRecord, Operator, RunEvent, RunHeader, Session } from '../../source/engine/events.ts';
import type { CommandExit } from '../../source/engine/ports.ts';
import { replay } from '../../source/engine/reduce.ts';
import { chainStart, encodeLine } from '../../source/journal/chain.ts';
import type { Plan, PlannedRunStep, PlannedStep } from '../../source/plan/model.ts';
import { buildRecord } from '../../source/transcript/build.ts';
import type { RecordSource } from '../../source/transcript/build.ts';
import type { AttemptOutput, ChangeRecord } from '../../source/transcript/model.ts';

/** Collects records; `after` moves the clock by so many seconds before the event. */
export class Journal {
  readonly records: JournalRecord[] = [];
  readonly outputs = new Map<string, AttemptOutput>();
  #now = Date.parse('2026-11-21T01:02:03.000Z');

  add(after: number, event: RunEvent): this {
    this.#now += after * 1000;
    this.records.push({ sequence: this.records.length + 1, time: this.now, event });
    return this;
  }

  get now(): string {
    return new Date(this.#now).toISOString();
  }

  /** Keeps an output and gives the exit that goes with it, `after` seconds from now. */
  exit(step: string, attempt: number, code: number, text: string, after: number): CommandExit {
    this.outputs.set(`${step}-${attempt}`, { text, lines: text.split('\n').length - 1 });
    const endedAt = new Date(this.#now + after * 1000).toISOString();
    const outputSha256 = createHash('sha256').update(text).digest('hex');
    return { code, signal: null, outputBytes: text.length, outputSha256, endedAt };
  }

  /** The lines a journal of these records consists of. */
  lines(): string[] {
    let previous = chainStart;
    return this.records.map((record) => {
      const { line, hash } = encodeLine(record, previous);
      previous = hash;
      return line;
    });
  }

  record(options: Pick<RecordSource, 'full' | 'redactMore'> = {}): ChangeRecord {
    const state = replay(this.records);
    if (state === undefined) throw new Error('an empty journal');
    const output = (step: string, attempt: number) => this.outputs.get(`${step}-${attempt}`);
    const chainHead = /"hash":"([0-9a-f]{64})"\}$/.exec(this.lines().at(-1) ?? '')?.[1] ?? '';
    return buildRecord({ state, records: this.records, chainHead, output, ...options });
  }
}

export const mia: Operator = { name: 'mia@contoso.com', localUser: 'mia', host: 'jump-01' };
export const noor: Operator = { name: 'noor@contoso.com', localUser: 'noor', host: 'jump-02' };

export const versions = {
  'aks-kms-runbook': '0.1.0',
  az: '2.91.0',
  'aks-preview': '19.0.0b13',
  kubectl: '1.33.2',
  node: '24.21.0',
};

export function session(operator: Operator = mia, pid = 4711, changed: Record<string, string> = {}): Session {
  return { operator, pid, versions: { ...versions, ...changed }, timeZone: 'Europe/Amsterdam' };
}

const position = { file: 'runbooks/kms-v2-public-to-pmk.yaml', line: 1, column: 1 };
const common = {
  position: undefined,
  confirm: { kind: 'enter' } as const,
  capture: [],
  evenIfFailed: [],
  explain: [],
};
const expression = { source: 'cluster', facts: ['cluster'] as const, position };

export function check(id: string, title: string, severity: 'blocking' | 'warning' = 'blocking'): PlannedStep {
  const { position: _, ...base } = common;
  return {
    ...base,
    id,
    title,
    kind: 'check',
    check: expression,
    message: `${title} does not hold.`,
    severity,
  };
}

export function run(
  id: string,
  title: string,
  words: string[],
  more: Partial<PlannedRunStep> = {},
): PlannedRunStep {
  const { position: _, ...base } = common;
  const pipeline = [words.map((text) => [{ text }])];
  return {
    ...base,
    id,
    title,
    kind: 'run',
    pipeline,
    source: words.join(' '),
    changes: true,
    tolerate: [],
    ...more,
  };
}

export function manual(id: string, title: string, instruction: string, attest: string): PlannedStep {
  const { position: _, ...base } = common;
  return { ...base, id, title, kind: 'manual', instruction, attest, note: 'optional' };
}

export const enable = ['az', 'aks', 'update', '--name', 'prod-weu', '--resource-group', 'prod-rg'].concat(
  '--kms-infrastructure-encryption',
  'Enabled',
  '--disable-azure-keyvault-kms',
);
export const rewrite = ['aks-kms-runbook', 'rewrite-secrets', '--cluster', 'prod-weu'];

export const plan: Plan = {
  runbook: {
    id: 'kms-v2-public-to-pmk',
    title: 'Migrate from KMS v2 with public Key Vault to PMK',
    description: 'Moves a cluster to platform-managed keys.',
    source: {
      title: 'Migrate to Key Management Service (KMS) with platform-managed or customer-managed keys',
      url: 'https://learn.microsoft.com/azure/aks/kms-migrate-v2-to-pmk',
      date: '2026-01-12',
    },
    digest: 'd1ce'.repeat(16),
    rehearsal: 'v2-public',
  },
  parameters: { CLUSTER_NAME: 'prod-weu', RESOURCE_GROUP: 'prod-rg' },
  target: { clusterName: 'prod-weu', resourceGroup: 'prod-rg' },
  sections: [
    { title: 'Prerequisites', steps: ['az-version', 'policies'] },
    { title: 'Migrate', steps: ['enable-pmk', 'rewrite', 'keep-key'] },
  ],
  steps: [
    check('az-version', 'Azure CLI 2.73.0 or later'),
    check('policies', 'No policy blocks updating secrets', 'warning'),
    run('enable-pmk', 'Enable PMK on your existing KMS v2 cluster', enable, {
      text: 'Lets AKS manage the encryption keys. Afterwards\nKMS no longer uses your key vault and key.',
      irreversible: 'Once the new KMS encryption is enabled, you cannot disable it or downgrade to KMS v2.',
      confirm: { kind: 'type', expected: 'prod-weu' },
    }),
    run('rewrite', 'Update all secrets', rewrite, {
      text: 'Stores every Secret under the current key.',
      evenIfFailed: ['enable-pmk'],
    }),
    manual(
      'keep-key',
      'Keep the old key',
      'Do not delete the old key and do not let it expire: backups of etcd may still need it.',
      'The old key is kept and does not expire.',
    ),
  ],
  fingerprint: 'f19e'.repeat(16),
};

export const header: RunHeader = {
  format: 1,
  runId: '20261121-010203-prod-weu',
  rehearsal: false,
  runbook: 'kms-v2-public-to-pmk',
  plan,
  operator: mia,
  tenant: '11111111-2222-3333-4444-555555555555',
  subscription: { id: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee', name: 'Contoso Production' },
  cluster: {
    id: '/subscriptions/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee/resourceGroups/prod-rg/providers/Microsoft.ContainerService/managedClusters/prod-weu',
    kubernetesVersion: '1.33.2',
    fqdn: 'prod-weu-dns-1a2b3c4d.hcp.westeurope.azmk8s.io',
    createdAt: '2024-03-04T05:06:07Z',
  },
  versions,
};

export const before = {
  kubernetesVersion: '1.33.2',
  provisioningState: 'Succeeded',
  azureKeyVaultKms: {
    enabled: true,
    keyId: 'https://contoso-kv.vault.azure.net/keys/aks/0123456789abcdef0123456789abcdef',
    keyVaultNetworkAccess: 'Public',
  },
  kubernetesResourceObjectEncryptionProfile: null,
};

export const after = {
  kubernetesVersion: '1.33.2',
  provisioningState: 'Succeeded',
  azureKeyVaultKms: { enabled: false },
  kubernetesResourceObjectEncryptionProfile: { infrastructureEncryption: 'Enabled' },
};
