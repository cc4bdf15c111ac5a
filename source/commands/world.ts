/** The world a run acts on: the operator's Azure, or a simulated one. Everything after this is the same for both. */
import { createCommands } from '../adapters/command/commands.ts';
import type { Environment } from '../adapters/command/capture.ts';
import { readAccount } from '../adapters/azure/account.ts';
import type { Account } from '../adapters/azure/account.ts';
import { signInTo } from '../adapters/azure/private-sign-in.ts';
import { connectWithAz } from '../adapters/azure/connection.ts';
import type { AzureConnection } from '../adapters/azure/connection.ts';
import { hurriedClock, systemClock } from '../adapters/clock.ts';
import { createSignIn } from '../adapters/azure/sign-in.ts';
import { createFacts } from '../adapters/facts.ts';
import { createKubeconfig } from '../adapters/kubernetes/kubeconfig.ts';
import type { Kubeconfig } from '../adapters/kubernetes/kubeconfig.ts';
import { openWith } from '../adapters/kubernetes/open.ts';
import { createSecretRequests } from '../adapters/kubernetes/rewriting.ts';
import { createTargetPin } from '../adapters/target-pin.ts';
import type { RunHeader } from '../engine/events.ts';
import type { Clock, Facts, JournalWriter, Ports } from '../engine/ports.ts';
import type { RunFiles } from '../journal/state-directory.ts';
import type { Plan } from '../plan/model.ts';
import { createRewriter } from '../rewrite/rewriter.ts';
import { ToolError, UsageError } from '../runbook/errors.ts';
import { suggestion } from '../runbook/suggest.ts';
import type { Wiring } from './held.ts';
import type { RehearsalChoice } from './rehearsal.ts';
import { sentence } from './refused.ts';
import type { Retries } from './retries.ts';

export interface World {
  account: Account;
  connection: AzureConnection;
  environment: Environment;
  clock: Clock;
  /** Of a simulated one: how many times faster its time passes. */
  speed?: number | undefined;
  close(): Promise<void>;
}

/** The operator's Azure. Throws `ToolError` when az is missing or nobody is signed in. */
export async function openAzure(onRetry: (text: string) => void): Promise<World> {
  const environment = process.env;
  const account = await readAccount(environment);
  const connection = connectWithAz(account, environment, { onRetry });
  return { account, connection, environment, clock: systemClock, close: async () => undefined };
}

/** A simulated Azure, kept in `directory`. Throws `UsageError` for a scenario or fault that does not exist. */
export async function openRehearsedAzure(
  directory: string,
  choice: RehearsalChoice,
  onRetry: (text: string) => void,
): Promise<World> {
  const { faults, openRehearsal, scenarios } = await import('../rehearsal/index.ts');
  requireKnown('scenario', [choice.scenario], scenarios);
  requireKnown('fault', choice.faults, faults);
  const rehearsal = await simulated(directory, () => openRehearsal({ directory, ...choice }));
  try {
    const environment = { ...process.env, ...rehearsal.environment };
    if (rehearsal.clients === 'real') await signInTo(rehearsal.cloud, environment);
    const account = await readAccount(environment);
    const connection: AzureConnection = {
      endpoint: rehearsal.armEndpoint,
      scope: account.tokenScope,
      credential: {
        getToken: async () => ({ token: rehearsal.token(), expiresOnTimestamp: Date.now() + 60_000 }),
      },
      ca: rehearsal.certificate,
      // The operator's proxy knows nothing of a simulation on this machine.
      direct: true,
      onRetry,
    };
    return {
      account,
      connection,
      environment,
      clock: hurriedClock(choice.speed),
      speed: choice.speed,
      close: () => simulated(directory, () => rehearsal.close()),
    };
  } catch (error) {
    await rehearsal.close();
    throw error;
  }
}

/** The ports of a run in this world; `forget` removes the run's kubeconfig. */
export function portsFor(
  world: World,
  plan: Plan,
  header: Pick<RunHeader, 'subscription' | 'cluster'>,
  files: RunFiles,
  journal: JournalWriter,
  retries: Retries,
  maxInFlight?: number,
): Wiring {
  const { account, connection } = world;
  const { target, parameters } = plan;
  const subscription = header.subscription?.id ?? '';
  // Only the run's own kubeconfig counts; the operator's is neither read nor changed.
  const environment = { ...world.environment, KUBECONFIG: files.kubeconfig };
  const kubeconfig = createKubeconfig({ file: files.kubeconfig, target, subscription, environment });
  const kubernetes = openWith(kubeconfig, retries.add);
  const facts = createFacts({ connection, subscription, target, kubernetes, environment, parameters });
  const ports: Ports = {
    clock: world.clock,
    journal: forgettingAtTheEnd(journal, kubeconfig),
    facts: tellingRetries(facts, retries),
    commands: createCommands({ environment, tell: retries.add }),
    target: createTargetPin({
      connection,
      kubeconfig,
      environment,
      target,
      account,
      subscription,
      cluster: header.cluster,
    }),
    signIn: createSignIn(environment),
    secrets: createRewriter({
      api: async (signal) => createSecretRequests(await kubernetes.open(signal)),
      clock: world.clock,
      maxInFlight,
    }),
    waits: retries,
  };
  return { ports, forget: () => kubeconfig.remove(), close: () => kubernetes.close() };
}

/** Removes the kubeconfig before a run is said to have completed: afterwards nobody would come back to do so. */
function forgettingAtTheEnd(journal: JournalWriter, kubeconfig: Kubeconfig): JournalWriter {
  return {
    async append(event) {
      if (event.type === 'run.completed') await kubeconfig.remove();
      return journal.append(event);
    },
    check: () => journal.check(),
    outputFile: (step, attempt) => journal.outputFile(step, attempt),
    readOutput: (step, attempt, maxBytes) => journal.readOutput(step, attempt, maxBytes),
  };
}

/** Adds what Azure made us wait for to the warnings of the reading it happened in. */
export function tellingRetries(facts: Facts, retries: Retries): Facts {
  return {
    async read(names, signal) {
      const { values, warnings } = await facts.read(names, signal);
      return { values, warnings: [...warnings, ...retries.take()] };
    },
  };
}

/** Does something with the simulation in `directory`. Throws `ToolError` when its files cannot be used. */
async function simulated<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const ofFiles = cause instanceof SyntaxError || (cause instanceof Error && 'syscall' in cause);
    if (!ofFiles) throw cause;
    throw new ToolError(
      `The rehearsal's simulated world in ${directory} cannot be used: ${cause.message}.`,
      'Make room or restore access there, or begin a new rehearsal.',
      { cause },
    );
  }
}

function requireKnown(what: string, names: readonly string[], known: readonly { name: string }[]): void {
  const unknown = names.find((name) => !known.some((entry) => entry.name === name));
  if (unknown === undefined) return;
  const choices = known.map(({ name }) => name);
  throw new UsageError(
    `There is no ${what} "${unknown}".`,
    `${sentence(suggestion(unknown, choices, `${what}s`))} (--${what} help tells what each is)`,
  );
}
