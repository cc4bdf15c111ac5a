/** A machine that commands run on under keepers, which goes on when the tool on it is stopped. */
import { createHash } from 'node:crypto';
import { appendFileSync, closeSync, openSync } from 'node:fs';
import type {
  CommandExit,
  Commands,
  FoundCommand,
  ProcessIdentity,
  RunningCommand,
} from '../../source/engine/ports.ts';
import type { Rehearsal } from '../../source/rehearsal/index.ts';
import { finished, kubernetes, put } from '../rehearsal/helpers.ts';
import type { Json } from '../rehearsal/helpers.ts';

/** What becomes of a command that was about to act when the tool was stopped. */
export const fates = [
  'it ends',
  'it goes on',
  'it dies before it acts',
  'it dies while Azure is at work',
  'it dies after it acted',
] as const;
export type Fate = (typeof fates)[number];

const identity: ProcessIdentity = { pid: 4242, startMark: 'mark', host: 'bastion' };

interface Kept {
  command: RunningCommand;
  exit: Promise<CommandExit>;
  /** What it asks for has been taken. */
  asked: Promise<void>;
  fate: Fate | undefined;
}

export class Machine implements Commands {
  readonly #rehearsal: Rehearsal;
  readonly #kept = new Map<string, Kept>();
  #held: { file: string; go: () => void } | undefined;

  constructor(rehearsal: Rehearsal) {
    this.#rehearsal = rehearsal;
  }

  /** Starts a command, which does nothing before `go`. */
  async start(pipeline: readonly (readonly string[])[], outputFile: string): Promise<RunningCommand> {
    // As a keeper does, which two cannot be of one attempt.
    closeSync(openSync(outputFile, 'wx', 0o600));
    const going = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const exit = going.promise.then(() => this.#carryOut(pipeline, outputFile, asked.resolve));
    const command: RunningCommand = {
      identity,
      exit,
      output: told(exit, outputFile),
      signal: () => undefined,
      detach: () => undefined,
    };
    this.#kept.set(outputFile, { command, exit, asked: asked.promise, fate: undefined });
    this.#held = { file: outputFile, go: going.resolve };
    return command;
  }

  /** Lets the command that was started act. */
  go(): void {
    this.#held?.go();
    this.#held = undefined;
  }

  /** The tool is stopped. Resolves when what happens to its command meanwhile has happened. */
  async leave(fate: Fate): Promise<void> {
    const kept = this.#kept.get(this.#held?.file ?? '');
    if (kept === undefined) return;
    kept.fate = fate;
    if (fate === 'it ends' || fate === 'it dies after it acted') {
      this.go();
      await kept.exit;
    }
    if (fate === 'it dies while Azure is at work') {
      this.go();
      await kept.asked;
    }
    if (fate === 'it dies before it acts') this.#held = undefined;
  }

  async find(outputFile: string): Promise<FoundCommand> {
    const kept = this.#kept.get(outputFile);
    switch (kept?.fate) {
      case 'it goes on':
        this.go();
        return { kind: 'running', command: kept.command };
      case 'it ends':
      case undefined:
        return kept === undefined ? { kind: 'lost' } : { kind: 'ended', exit: await kept.exit };
      default:
        return { kind: 'lost' };
    }
  }

  async #carryOut(
    pipeline: readonly (readonly string[])[],
    outputFile: string,
    asked: () => void,
  ): Promise<CommandExit> {
    const lines: string[] = [];
    const say = (line: string): void => {
      lines.push(`${line}\n`);
      appendFileSync(outputFile, `${line}\n`);
    };
    const [[program = '', ...words] = []] = pipeline;
    const code =
      program === 'az' ? await this.#az(words, say, asked) : await this.#rewriteSecrets(say, asked);
    const text = lines.join('');
    return {
      code,
      signal: null,
      outputBytes: Buffer.byteLength(text),
      outputSha256: createHash('sha256').update(text).digest('hex'),
      endedAt: new Date().toISOString(),
    };
  }

  async #az(words: readonly string[], say: (line: string) => void, asked: () => void): Promise<number> {
    const answer = await put(this.#rehearsal, propertiesOf(words));
    asked();
    if (answer.status >= 400) {
      say(`ERROR: (${answer.body['error']['code']}) ${answer.body['error']['message']}`);
      return 1;
    }
    const { status } = await finished(this.#rehearsal, answer);
    say(JSON.stringify({ provisioningState: status }));
    return status === 'Succeeded' ? 0 : 1;
  }

  async #rewriteSecrets(say: (line: string) => void, asked: () => void): Promise<number> {
    const ask = await kubernetes(this.#rehearsal);
    asked();
    const { status, body } = await ask('GET', '/api/v1/secrets');
    if (status !== 200) {
      say(`Error from server: ${body['message']}`);
      return 1;
    }
    for (const secret of body['items'] as Json[]) {
      const { namespace, name } = secret['metadata'] as { namespace: string; name: string };
      const { status } = await ask('PUT', `/api/v1/namespaces/${namespace}/secrets/${name}`, {
        body: secret,
      });
      say(`secret/${name} ${status === 200 ? 'replaced' : status}`);
    }
    return 0;
  }
}

async function* told(exit: Promise<CommandExit>, outputFile: string): AsyncGenerator<string> {
  await exit;
  yield* [await import('node:fs').then(({ readFileSync }) => readFileSync(outputFile, 'utf8'))];
}

/** What az asks for with these words. */
function propertiesOf(words: readonly string[]): Json {
  const value = (option: string): string | undefined =>
    words.includes(option) ? words[words.indexOf(option) + 1] : undefined;
  if (words[1] === 'upgrade') return { kubernetesVersion: value('--kubernetes-version') };
  const encryption = value('--kms-infrastructure-encryption');
  const access = value('--azure-keyvault-kms-key-vault-network-access');
  return {
    securityProfile: {
      ...(words.includes('--disable-azure-keyvault-kms') && { azureKeyVaultKms: { enabled: false } }),
      ...(words.includes('--enable-azure-keyvault-kms') && {
        azureKeyVaultKms: {
          enabled: true,
          keyId: value('--azure-keyvault-kms-key-id'),
          keyVaultNetworkAccess: access,
          keyVaultResourceId: '',
        },
      }),
      ...(encryption !== undefined && {
        kubernetesResourceObjectEncryptionProfile: { infrastructureEncryption: encryption },
      }),
    },
  };
}
