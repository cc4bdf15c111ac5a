/** Rehearsals in directories of their own, and plain requests to them. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';

import { openRehearsal } from '../../source/rehearsal/index.ts';
import type { Rehearsal, RehearsalOptions } from '../../source/rehearsal/index.ts';

export type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- what a server answers

export const subscription = '00000000-0000-4000-8000-0000000a4b51';
export const clusterPath =
  `/subscriptions/${subscription}/resourceGroups/rehearsal-rg/providers/Microsoft.ContainerService` +
  '/managedClusters/rehearsal';
export const preview = 'api-version=2026-03-02-preview';
export const stable = 'api-version=2026-06-01';
/** Fast enough that a long operation takes milliseconds. */
export const fast = 100_000;
/** Slow enough that one never ends during a test. */
export const slow = 0.01;

const opened = new WeakMap<TestContext, Rehearsal[]>();

/** A directory that is removed when the test ends, after its rehearsals were closed. */
export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'rehearsal-'));
  t.after(async () => {
    for (const rehearsal of opened.get(t) ?? []) await rehearsal.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

/** A rehearsal that is closed when the test ends. */
export async function rehearse(t: TestContext, options: Partial<RehearsalOptions> = {}): Promise<Rehearsal> {
  const rehearsal = await openRehearsal({
    directory: options.directory ?? join(temporaryDirectory(t), 'state'),
    scenario: 'kms-v2-public',
    faults: [],
    clusterName: 'rehearsal',
    resourceGroup: 'rehearsal-rg',
    speed: fast,
    ...options,
  });
  opened.set(t, [...(opened.get(t) ?? []), rehearsal]);
  return rehearsal;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** Empty when there was none, or it was no JSON. */
  body: Json;
  text: string;
}

interface Sent {
  body?: unknown;
  headers?: Record<string, string>;
  host?: string;
}

/** One request over HTTPS, with the certificate checked. */
export function send(rehearsal: Rehearsal, method: string, path: string, sent: Sent = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(path, rehearsal.armEndpoint),
      {
        method,
        // A kept connection may be one to a rehearsal that was closed and opened again at the same port.
        agent: false,
        ca: rehearsal.certificate,
        ...(sent.host === undefined ? {} : { servername: sent.host }),
        headers: {
          'content-type': 'application/json',
          ...(sent.host === undefined ? {} : { host: sent.host }),
          ...sent.headers,
        },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: text.startsWith('{') ? (JSON.parse(text) as Json) : {},
            text,
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(sent.body === undefined ? undefined : JSON.stringify(sent.body));
  });
}

/** A request to ARM by the signed-in user. */
export function arm(rehearsal: Rehearsal, method: string, path: string, body?: unknown): Promise<Answer> {
  return send(rehearsal, method, path, { body, headers: { authorization: `Bearer ${rehearsal.token()}` } });
}

export function getCluster(rehearsal: Rehearsal, version = preview): Promise<Answer> {
  return arm(rehearsal, 'GET', `${clusterPath}?${version}`);
}

/** PUTs the cluster with these properties. */
export function put(rehearsal: Rehearsal, properties: Json, version = preview): Promise<Answer> {
  return arm(rehearsal, 'PUT', `${clusterPath}?${version}`, { location: 'eastus', properties });
}

export const enablePmk = {
  securityProfile: {
    azureKeyVaultKms: { enabled: false },
    kubernetesResourceObjectEncryptionProfile: { infrastructureEncryption: 'Enabled' },
  },
};
export const disableKms = { securityProfile: { azureKeyVaultKms: { enabled: false } } };

/** Follows the operation an answer names until it has ended; its last status document. */
export async function finished(rehearsal: Rehearsal, started: Answer): Promise<Json> {
  const url = new URL(String(started.headers['azure-asyncoperation']));
  return eventually(async () => {
    const { body } = await arm(rehearsal, 'GET', url.pathname + url.search);
    return body['status'] === 'InProgress' ? undefined : body;
  });
}

/** Asks again until there is an answer. */
export async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await setImmediate();
  }
}

export interface ClusterConnection {
  /** The cluster's own name. */
  host: string;
  /** The only way there. */
  proxy: URL;
  token: string;
}

/** What the kubeconfig that AKS gives says of the cluster. */
export async function clusterConnection(rehearsal: Rehearsal): Promise<ClusterConnection> {
  const { body } = await arm(rehearsal, 'POST', `${clusterPath}/listClusterUserCredential?${preview}`);
  const kubeconfig = Buffer.from(body['kubeconfigs'][0].value, 'base64').toString();
  const found = (pattern: RegExp): string => pattern.exec(kubeconfig)?.[1] ?? '';
  return {
    host: found(/server: https:\/\/([^:]+)/u),
    proxy: new URL(found(/proxy-url: (\S+)/u)),
    token: found(/token: (\S+)/u),
  };
}

/** Sends a request to the simulated API server, as the cluster's user. */
export type Ask = (method: string, path: string, sent?: Sent) => Promise<Answer>;

/** A function that sends requests to the simulated API server, as the cluster's user. */
export async function kubernetes(rehearsal: Rehearsal): Promise<Ask> {
  const { host, token } = await clusterConnection(rehearsal);
  return (method, path, sent = {}) =>
    send(rehearsal, method, path, {
      ...sent,
      host,
      headers: { authorization: `Bearer ${token}`, ...sent.headers },
    });
}

export const metadataOnly = {
  list: { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' },
  one: { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' },
};
export const mergePatch = { 'content-type': 'application/merge-patch+json', ...metadataOnly.one };

export interface Ended {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

/** Runs a program in the rehearsal's environment, without a terminal. */
export function run(
  rehearsal: Pick<Rehearsal, 'environment'>,
  program: string,
  words: readonly string[],
  more: { input?: string; environment?: Record<string, string>; started?: (kill: () => void) => void } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const environment = { ...process.env, ...rehearsal.environment, ...more.environment };
    const child = spawn(program, words, { env: environment, stdio: 'pipe' });
    const text = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...text }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(more.input ?? '');
    more.started?.(() => child.kill('SIGTERM'));
  });
}
