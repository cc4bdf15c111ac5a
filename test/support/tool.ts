/** The tool as an operator starts it, without a terminal, beside a test that goes on meanwhile. */
import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openRehearsal, standInNames } from '../../source/rehearsal/index.ts';
import type { Rehearsal, RehearsalOptions } from '../../source/rehearsal/index.ts';
import { root, shellEnvironment } from './terminal.ts';
import type { PlainResult } from './terminal.ts';

const cli = join(root, 'dist', 'cli.js');
/** The bundled one, which starts in half the time. */
const standIn = new URL('../../dist/stand-in.js', import.meta.url);
const badMachine = fileURLToPath(new URL('./bad-machine.mjs', import.meta.url));

/** What is bad about the machine: the settings `bad-machine.mjs` tells of. */
export type BadMachine = Partial<
  Record<'BAD_HOST' | 'BAD_PIDS' | 'BAD_CLOCK' | 'BAD_RANDOM' | 'BAD_DISK', string>
>;

/** The environment of a process on such a machine. */
export function badEnvironment(bad: BadMachine): Record<string, string> {
  return { ...bad, NODE_OPTIONS: `--import=${badMachine}` };
}

export interface ToolOptions {
  /** Beside what a shell has. */
  environment?: Record<string, string> | undefined;
  bad?: BadMachine | undefined;
  stdio?: StdioOptions | undefined;
  /** Started in place of the tool, with the tool's own words after these, as `sh -c … sh`. */
  through?: readonly string[] | undefined;
}

/** A started tool. */
export class Tool {
  readonly child: ChildProcess;
  readonly ended: Promise<PlainResult>;
  #stdout = '';
  #stderr = '';
  #heard = Promise.withResolvers<void>();

  constructor(t: TestContext, stateDirectory: string, words: readonly string[], options: ToolOptions = {}) {
    const { environment = {}, bad, stdio = ['ignore', 'pipe', 'pipe'], through = [] } = options;
    const command = [...through, process.execPath, cli, ...words];
    this.child = spawn(command[0]!, command.slice(1), {
      cwd: root,
      env: {
        ...shellEnvironment(stateDirectory),
        ...environment,
        ...(bad !== undefined && badEnvironment(bad)),
      },
      stdio,
    });
    t.after(() => this.child.kill('SIGKILL'));
    const hear = (take: (text: string) => void) => (text: string) => {
      take(text);
      this.#heard.resolve();
      this.#heard = Promise.withResolvers();
    };
    this.child.stdout?.setEncoding('utf8').on(
      'data',
      hear((text) => (this.#stdout += text)),
    );
    this.child.stderr?.setEncoding('utf8').on(
      'data',
      hear((text) => (this.#stderr += text)),
    );
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code) => {
        resolve({ status: code ?? -1, stdout: this.#stdout, stderr: this.#stderr });
        this.#heard.resolve();
      });
    });
  }

  /** Waits until the condition holds of what it printed. Rejects when it ends without. */
  async until(condition: (stdout: string) => boolean): Promise<void> {
    while (!condition(this.#stdout)) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        const { stdout, stderr } = await this.ended;
        if (condition(stdout)) return;
        throw new Error(`it ended first:\n${stdout}\n${stderr}`);
      }
      await this.#heard.promise;
    }
  }
}

/** Runs the tool to its end. */
export async function runTool(
  t: TestContext,
  stateDirectory: string,
  words: readonly string[],
  options?: ToolOptions,
): Promise<PlainResult> {
  return new Tool(t, stateDirectory, words, options).ended;
}

/** A state directory and a simulated Azure that the tool takes for the real one: its runs are no rehearsals. */
export interface Office {
  /** Where everything of it is, removed with the test. */
  home: string;
  state: string;
  rehearsal: Rehearsal;
  /** Done when the test ends, before the state is removed. */
  atEnd(end: () => void): void;
  /** What the environment needs to meet the simulation. */
  environment: Record<string, string>;
  /** The words of a command; for `run` alone those of a run of the small runbook on the cluster `blue`. */
  words(command: readonly string[]): string[];
  /** Starts the tool with these words. */
  start(words: readonly string[], options?: ToolOptions): Tool;
}

/** A small runbook for the simulation's cluster: a check, the migration, a word of the operator's. */
const runbook = `
id: small
title: A small migration
description: Moves the cluster to PMK.
source: {title: T, url: https://example.com/, date: 2026-01-12}
rehearsal: kms-v2-public
parameters:
  CLUSTER_NAME: {description: Name of the AKS cluster}
  RESOURCE_GROUP: {description: Its resource group}
sections:
  - title: Migrate
    steps:
      - id: on-kms
        title: KMS is on
        check: cluster.securityProfile.azureKeyVaultKms.enabled == \`true\`
        message: KMS is off.
        severity: warning
      - id: enable-pmk
        title: Enable PMK
        run: >-
          az aks update --name $CLUSTER_NAME --resource-group $RESOURCE_GROUP
          --kms-infrastructure-encryption "Enabled" --disable-azure-keyvault-kms
        irreversible: There is no way back.
        confirm: {type: CLUSTER_NAME}
        done-when: >-
          cluster.provisioningState == 'Succeeded'
          && cluster.securityProfile.kubernetesResourceObjectEncryptionProfile.infrastructureEncryption == 'Enabled'
      - id: told
        title: Everybody is told
        manual: {instruction: Tell everybody., attest: Everybody is told.}
`;

/** The words that carry the small runbook out without asking. */
export const carryOut = ['--plain', '--yes', '--accept-irreversible', 'blue'];

/** Opens an office. What an update of the cluster takes is five minutes, \`speed\` times hurried. */
export async function openOffice(t: TestContext, options: Partial<RehearsalOptions> = {}): Promise<Office> {
  const home = mkdtempSync(join(tmpdir(), 'aks-kms-runbook-office-'));
  const state = join(home, 'state');
  const rehearsal = await openRehearsal({
    directory: join(home, 'simulation'),
    scenario: 'kms-v2-public',
    faults: [],
    clusterName: 'blue',
    resourceGroup: 'blue-rg',
    speed: 100_000,
    secretCount: 3,
    ...options,
  });
  const ends: (() => void)[] = [];
  t.after(async () => {
    for (const end of ends) end();
    await rehearsal.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });
  for (const name of standInNames)
    writeFileSync(
      join(home, 'simulation', 'bin', name),
      `#!${process.execPath}\nimport(${JSON.stringify(standIn.href)});\n`,
    );
  const authority = join(home, 'authority.pem');
  writeFileSync(authority, rehearsal.certificate);
  const file = join(home, 'small.yaml');
  writeFileSync(file, runbook);
  const environment = { ...rehearsal.environment, HOME: home, NODE_EXTRA_CA_CERTS: authority };
  const target = ['-p', 'CLUSTER_NAME=blue', '-p', 'RESOURCE_GROUP=blue-rg'];
  const wordsOf = ([first = '', ...rest]: readonly string[]): string[] =>
    first === 'run' ? ['run', file, ...target, ...rest] : [first, ...rest];
  return {
    home,
    state,
    rehearsal,
    atEnd: (end) => ends.push(end),
    environment,
    words: wordsOf,
    start: (words, more = {}) =>
      new Tool(t, state, wordsOf(words), {
        ...more,
        environment: { ...environment, ...more.environment },
      }),
  };
}

/** The only run in a state directory that is no rehearsal. */
export function runIn(state: string): { runId: string; directory: string } {
  const runs = readdirSync(join(state, 'runs'));
  const [runId] = runs;
  if (runId === undefined || runs.length !== 1) throw new Error(`${runs.length} runs in ${state}`);
  return { runId, directory: join(state, 'runs', runId) };
}
