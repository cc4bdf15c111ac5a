/** A run whose states are scripted: a plan, and a controller that shows what it is told and records what is said. */
import type { Activity, Intent, RunController, RunOutcome, RunView } from '../../source/engine/controller.ts';
import { decide } from '../../source/engine/decide.ts';
import { OutputBuffer } from '../../source/engine/output.ts';
import type { Attempt, RunState, StepState } from '../../source/engine/state.ts';
import type { PlannedStep } from '../../source/plan/model.ts';
import type { Expression, Pipeline } from '../../source/runbook/model.ts';

export const beginning = '2026-11-21T01:00:00.000Z';

/** A moment so many seconds after the run began, ISO 8601. */
export function at(seconds: number): string {
  return new Date(Date.parse(beginning) + seconds * 1000).toISOString();
}

function expression(source: string): Expression {
  return { source, facts: ['cluster'], position: { file: 'x.yaml', line: 1, column: 1 } };
}

function pipeline(...commands: string[][]): Pipeline {
  return commands.map((words) => words.map((text) => [{ text }]));
}

const base = { capture: [], evenIfFailed: [], explain: [], confirm: { kind: 'enter' } } as const;

export const steps: readonly PlannedStep[] = [
  {
    ...base,
    id: 'az-version',
    kind: 'check',
    title: 'Azure CLI version 2.73.0 or later',
    text: 'The options of the new KMS experience came with this version.',
    check: expression("at_least(tools.az, '2.73.0')"),
    message: 'The Azure CLI is too old.',
    fix: 'az upgrade',
    severity: 'blocking',
  },
  {
    ...base,
    id: 'policy',
    kind: 'check',
    title: 'No policy blocks updating secrets',
    check: expression('policy.allowed'),
    message: 'A policy would refuse the update of secrets in namespace payments.',
    severity: 'warning',
  },
  {
    ...base,
    id: 'enable-pmk',
    kind: 'run',
    title: 'Enable PMK on your existing KMS v2 cluster',
    text: 'Lets AKS manage the encryption keys. Afterwards KMS no longer uses your key vault and key.',
    pipeline: pipeline([
      'az',
      'aks',
      'update',
      '--name',
      'rehearsal',
      '--resource-group',
      'rehearsal-rg',
      '--kms-infrastructure-encryption',
      'Enabled',
      '--disable-azure-keyvault-kms',
    ]),
    source: 'az aks update …',
    changes: true,
    tolerate: [],
    irreversible: 'Once the new KMS encryption is enabled, you cannot disable it or downgrade to KMS v2.',
    confirm: { kind: 'type', expected: 'rehearsal' },
    doneWhen: expression(
      "cluster.securityProfile.kubernetesResourceObjectEncryptionProfile.infrastructureEncryption == 'Enabled'",
    ),
    normal: 300_000,
  },
  {
    ...base,
    id: 'update-secrets',
    kind: 'run',
    title: 'Update all secrets',
    text: 'Rewrites every secret, so that it is stored under the new key.',
    pipeline: pipeline(
      ['kubectl', 'get', 'secrets', '--all-namespaces', '-o', 'json'],
      ['kubectl', 'replace', '-f', '-'],
    ),
    source: 'kubectl get secrets --all-namespaces -o json | kubectl replace -f -',
    changes: true,
    tolerate: [],
    evenIfFailed: ['enable-pmk'],
  },
  {
    ...base,
    id: 'wait-ready',
    kind: 'wait',
    title: 'The cluster is ready again',
    until: expression("cluster.provisioningState == 'Succeeded'"),
    every: 15_000,
    timeout: 1_800_000,
    normal: 120_000,
  },
  {
    ...base,
    id: 'keep-key',
    kind: 'manual',
    title: 'Keep the old key',
    instruction: 'Make sure that nobody deletes the old key: backups may still be encrypted with it.',
    attest: 'The old key is kept and does not expire.',
    note: 'optional',
  },
];

const header: RunState['header'] = {
  format: 1,
  runId: '20261121-0100-k3f9',
  rehearsal: true,
  runbook: 'kms-v2-public-to-pmk',
  plan: {
    runbook: {
      id: 'kms-v2-public-to-pmk',
      title: 'Migrate from KMS v2 with public Key Vault to PMK',
      description: 'Lets AKS manage the keys.',
      source: { title: 'Migrate to KMS', url: 'https://learn.microsoft.com/x', date: '2026-01-12' },
      digest: 'd'.repeat(64),
      rehearsal: 'kms-v2-public',
    },
    parameters: { CLUSTER_NAME: 'rehearsal', RESOURCE_GROUP: 'rehearsal-rg' },
    target: { clusterName: 'rehearsal', resourceGroup: 'rehearsal-rg' },
    sections: [
      { title: 'Prerequisites', steps: ['az-version', 'policy'] },
      { title: 'Migrate', steps: ['enable-pmk', 'update-secrets', 'wait-ready'] },
      { title: 'Afterwards', steps: ['keep-key'] },
    ],
    steps,
    fingerprint: 'f'.repeat(64),
  },
  operator: { name: 'you@contoso.com', localUser: 'you', host: 'laptop' },
  tenant: '00000000-0000-0000-0000-000000000000',
  subscription: { id: '11111111-1111-1111-1111-111111111111', name: 'Rehearsal' },
  cluster: { id: '/subscriptions/1/x', kubernetesVersion: '1.33.2', fqdn: 'rehearsal.example' },
  versions: { 'aks-kms-runbook': '0.1.0', az: '2.91.0' },
};

/** A run that has just begun. */
export function newState(over: Partial<RunState> = {}): RunState {
  return {
    header,
    plan: header.plan,
    status: 'active',
    startedAt: beginning,
    updatedAt: beginning,
    sequence: 1,
    sessions: [
      { operator: header.operator, pid: 4242, versions: header.versions, speed: 60, startedAt: beginning },
    ],
    steps: Object.fromEntries(steps.map(({ id }) => [id, { id, status: 'pending', attempts: [] }])),
    captured: {},
    notes: [],
    warnings: [],
    settings: {
      before: {
        kubernetesVersion: '1.33.2',
        provisioningState: 'Succeeded',
        azureKeyVaultKms: { enabled: true, keyVaultNetworkAccess: 'Public' },
        kubernetesResourceObjectEncryptionProfile: null,
      },
    },
    ...over,
  };
}

/** The state with steps changed, one event later. */
export function withSteps(
  state: RunState,
  changes: Record<string, Partial<StepState>>,
  over: Partial<RunState> = {},
): RunState {
  const changed = Object.entries(changes).map(
    ([id, change]) => [id, { ...state.steps[id]!, ...change }] as const,
  );
  return {
    ...state,
    ...over,
    sequence: state.sequence + 1,
    steps: { ...state.steps, ...Object.fromEntries(changed) },
  };
}

/** An attempt that ran from `from` to `to`, in seconds of the run. */
export function attempt(from: number, to?: number, over: Partial<Attempt> = {}): Attempt {
  return {
    number: 1,
    startedAt: at(from),
    ...(to === undefined ? {} : { endedAt: at(to) }),
    cancelled: false,
    interrupted: false,
    ...over,
  };
}

const doneSteps = {
  'az-version': { status: 'succeeded', value: '2.91.0', attempts: [attempt(0, 1)], settledAt: at(1) },
  policy: { status: 'succeeded', attempts: [attempt(1, 3)], settledAt: at(3) },
} as const;

/** States an operator is asked something in, or something goes on in. */
export const moments = {
  confirmTyped: () => withSteps(newState(), { ...doneSteps, 'enable-pmk': { status: 'ready' } }),
  confirmEnter: () => withSteps(enabled(), { 'update-secrets': { status: 'ready' } }),
  alreadyDone: () => withSteps(newState(), { ...doneSteps, 'enable-pmk': { status: 'already-done' } }),
  warning: () =>
    withSteps(newState(), {
      ...doneSteps,
      policy: {
        status: 'warned',
        attempts: [
          attempt(1, 3, {
            failure: {
              reason: 'check',
              what: 'A policy would refuse the update of secrets in namespace payments.',
              detail: 'admission webhook "validation.gatekeeper.sh" denied the request',
            },
          }),
        ],
      },
    }),
  attest: () =>
    withSteps(secretsUpdated(), {
      'wait-ready': { status: 'succeeded', attempts: [attempt(90, 95)] },
      'keep-key': { status: 'ready' },
    }),
  running: () =>
    withSteps(newState(), {
      ...doneSteps,
      'enable-pmk': { status: 'running', attempts: [attempt(10)] },
    }),
  failed: () =>
    withSteps(newState(), {
      ...doneSteps,
      'enable-pmk': {
        status: 'failed',
        attempts: [
          attempt(10, 82, {
            failure: {
              reason: 'exit',
              what: 'az ended with exit status 1.',
              detail:
                '(AzureKeyVaultKmsValidateIdentityPermissionCustomerError) identity lacks encrypt permission',
              explanation: {
                means: 'The cluster identity may not use the key.',
                do: 'Give it the role "Key Vault Crypto User", then retry.',
                link: 'https://learn.microsoft.com/y',
              },
            },
          }),
        ],
      },
    }),
  unknown: (effect: boolean | null) =>
    withSteps(newState(), {
      ...doneSteps,
      'enable-pmk': {
        status: 'investigated',
        attempts: [attempt(10, undefined, { interrupted: true, effect })],
      },
    }),
  drift: () => ({
    ...newState(),
    drift: [{ what: 'operator', expected: 'you@contoso.com', found: 'they@contoso.com' }],
  }),
  completed: () => completed(),
};

function enabled(): RunState {
  return withSteps(newState(), {
    ...doneSteps,
    'enable-pmk': { status: 'succeeded', attempts: [attempt(10, 82)], settledAt: at(82) },
  });
}

function secretsUpdated(): RunState {
  return withSteps(enabled(), {
    'update-secrets': { status: 'succeeded', attempts: [attempt(83, 90)], settledAt: at(90) },
  });
}

function completed(): RunState {
  return withSteps(
    secretsUpdated(),
    {
      policy: { status: 'acknowledged' },
      'wait-ready': { status: 'skipped', reason: 'seen in the portal' },
      'keep-key': { status: 'attested', reason: 'ticket 4711' },
    },
    {
      status: 'completed',
      updatedAt: at(130),
      settings: {
        ...newState().settings,
        after: {
          kubernetesVersion: '1.33.2',
          provisioningState: 'Succeeded',
          azureKeyVaultKms: { enabled: false },
          kubernetesResourceObjectEncryptionProfile: { infrastructureEncryption: 'Enabled' },
        },
      },
    },
  );
}

/** What goes on while the command of `enable-pmk` runs. */
export const running: Activity = {
  step: 'enable-pmk',
  doing: 'running; Azure says the cluster is Updating',
  since: at(10),
  normal: 300_000,
  command: true,
  overdue: false,
};

/** A controller that shows what a test tells it to. Every intent is kept; `refusals` are given to the next ones. */
export class FakeController implements RunController {
  readonly intents: Intent[] = [];
  readonly refusals: string[] = [];
  readonly finished: Promise<RunOutcome>;
  /** Called with every intent that was taken, to let the script go on. */
  onIntent: (intent: Intent) => void = () => undefined;
  readonly #outputs = new Map<string, OutputBuffer>();
  readonly #listeners = new Set<() => void>();
  readonly #finish: (outcome: RunOutcome) => void;
  #view: RunView;

  constructor(state: RunState, activity?: Activity) {
    this.#view = viewOf(state, activity);
    const { promise, resolve } = Promise.withResolvers<RunOutcome>();
    this.finished = promise;
    this.#finish = resolve;
  }

  view(): RunView {
    return this.#view;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Listeners there are now. */
  get listeners(): number {
    return this.#listeners.size;
  }

  send(intent: Intent): string | undefined {
    this.intents.push(intent);
    const refusal = this.refusals.shift();
    if (refusal === undefined) this.onIntent(intent);
    return refusal;
  }

  output(step: string, attempt: number): OutputBuffer | undefined {
    return this.#outputs.get(`${step} ${attempt}`);
  }

  /** The buffer of an attempt, made when there is none. */
  write(step: string, attempt: number, text: string): OutputBuffer {
    const buffer = this.output(step, attempt) ?? new OutputBuffer();
    this.#outputs.set(`${step} ${attempt}`, buffer);
    buffer.append(text);
    return buffer;
  }

  show(state: RunState, activity?: Activity): void {
    this.#view = viewOf(state, activity);
    for (const listener of this.#listeners) listener();
  }

  finish(outcome: RunOutcome, state?: RunState): void {
    if (state !== undefined) this.show(state);
    this.#finish(outcome);
  }
}

/** The view the engine would give: it asks whenever a question is open. */
function viewOf(state: RunState, activity: Activity | undefined): RunView {
  const decision = decide(state);
  return { state, decision, asking: decision.kind === 'ask', activity };
}
