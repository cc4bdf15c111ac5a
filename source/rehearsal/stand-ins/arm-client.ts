/** How the stand-in az reaches the simulated ARM, and how it words what goes wrong. */
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import type { StandInConfig } from '../tools.ts';
import { azError } from './ended.ts';
import type { Ended } from './ended.ts';

type Json = Record<string, unknown>;

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Json;
}

/** Milliseconds a lost simulation is waited for: it may be resumed, as Azure would not have gone away at all. */
const patience = 10 * 60_000;

/** Resets of one request that are followed by another try. */
const resetsBorne = 3;

/** How az ends an error about the sign-in. */
const signInAgain = 'Interactive authentication is needed. Please run:\naz login';

/**
 * What the simulation wrote for its stand-ins.
 *
 * @throws Ended when this environment belongs to no rehearsal.
 */
export function readConfig(): StandInConfig {
  try {
    return JSON.parse(
      readFileSync(join(process.env['AZURE_CONFIG_DIR'] ?? '', 'rehearsal.json'), 'utf8'),
    ) as StandInConfig;
  } catch {
    throw azError('This az belongs to a rehearsal, and AZURE_CONFIG_DIR names none.');
  }
}

export class ArmClient {
  #token: string | undefined;

  /** A token from the simulated sign-in. */
  async token(resource = 'https://management.core.windows.net/'): Promise<Json> {
    const path = `/identity/token?api-version=2019-08-01&resource=${encodeURIComponent(resource)}`;
    const { status, body } = await this.#patiently('GET', path, undefined, false);
    if (status >= 400) throw azError(`${String(body['error_description'])}\n${signInAgain}`);
    return body;
  }

  /** Signs in once more, after the sign-in ran out. */
  async signIn(): Promise<void> {
    await this.#patiently('PUT', '/rehearsal/sign-in', {}, false);
  }

  /**
   * The body of the answer.
   *
   * @throws Ended with az's words for an ARM error.
   */
  async ask(method: string, path: string, apiVersion: string, body?: Json): Promise<Json> {
    const answer = await this.send(method, withVersion(path, apiVersion), body);
    if (answer.status >= 400) throw armError(answer.body, answer.status);
    return answer.body;
  }

  /** The whole answer to a path with its query, or to an absolute URL; 429 is tried again as az does. */
  async send(method: string, path: string, body?: Json): Promise<Answer> {
    this.#token ??= String((await this.token())['access_token']);
    for (let left = 3; ; left -= 1) {
      const answer = await this.#patiently(method, path, body, true);
      if (answer.status !== 429 || left === 0) return answer;
      await setTimeout(waitOf(answer));
    }
  }

  /**
   * Reads are repeated while the simulation is away; a write is not. A connection that is reset is tried three times
   * more, whatever was sent on it, as az's own client does.
   */
  async #patiently(method: string, path: string, body: Json | undefined, signed: boolean): Promise<Answer> {
    const until = Date.now() + (method === 'GET' ? patience : 0);
    for (let resets = 0; ;) {
      try {
        return await this.#once(method, path, body, signed);
      } catch (error) {
        const reset = (error as NodeJS.ErrnoException).code === 'ECONNRESET';
        if (reset) resets += 1;
        if (resets > resetsBorne)
          throw azError(
            "('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))",
          );
        if (!reset && Date.now() >= until)
          throw azError(`Failed to connect to the simulated Azure: ${(error as Error).message}`);
        await setTimeout(reset ? 20 : 500);
      }
    }
  }

  #once(method: string, path: string, body: Json | undefined, signed: boolean): Promise<Answer> {
    const config = readConfig();
    const target = path.startsWith('https:') ? new URL(path) : undefined;
    const url = new URL(
      target === undefined ? path : `${target.pathname}${target.search}`,
      config.armEndpoint,
    );
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      'user-agent': `AZURECLI/${config.tools.az} (rehearsal)`,
      ...(signed
        ? { authorization: `Bearer ${this.#token}` }
        : { 'x-identity-header': config.identityHeader }),
      ...(text === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const ca = readFileSync(config.certificate);
    return new Promise((resolve, reject) => {
      const outgoing = request(url, { method, headers, ca }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const received = Buffer.concat(chunks).toString();
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: received === '' ? {} : (JSON.parse(received) as Json),
          });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(text);
    });
  }
}

/** Milliseconds a poller is asked to wait. */
export function waitOf(answer: Answer): number {
  const exact = Number(answer.headers['retry-after-ms']);
  return Number.isFinite(exact) ? exact : Number(answer.headers['retry-after'] ?? 1) * 1000;
}

/** az's three lines for an ARM error; exit status 3 when ARM answered 404. */
export function armError(body: Json, status: number): Ended {
  const { code, message } = (body['error'] ?? {}) as { code?: string; message?: string };
  if (code === 'ExpiredAuthenticationToken')
    return azError(
      'AADSTS70043: The refresh token has expired or is invalid due to sign-in frequency checks by conditional ' +
        `access. The token was issued earlier and the maximum allowed lifetime for this request is 43200.\n${signInAgain}`,
    );
  return azError(`(${code}) ${message}\nCode: ${code}\nMessage: ${message}`, status === 404 ? 3 : 1);
}

function withVersion(path: string, apiVersion: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}api-version=${apiVersion}`;
}
