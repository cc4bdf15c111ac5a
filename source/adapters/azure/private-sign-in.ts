/** Signing the installed az in to a simulated cloud, in a configuration directory of its own. */
import { mkdir } from 'node:fs/promises';
import { ToolError } from '../../runbook/errors.ts';
import type { Environment } from '../command/capture.ts';
import { runForText } from '../command/capture.ts';
import { azFailed } from './az.ts';

/** A cloud as `az cloud register --cloud-config` takes it. */
export interface Cloud {
  name: string;
  config: object;
}

/**
 * Makes `cloud` the active one of `environment.AZURE_CONFIG_DIR` and signs in with the managed identity the environment
 * names. What is there from an earlier time is brought up to date. Throws a `ToolError` when az is missing or fails, or
 * when the environment names no directory: the operator's own sign-in is never touched.
 */
export async function signInTo(cloud: Cloud, environment: Environment, signal?: AbortSignal): Promise<void> {
  const directory = environment['AZURE_CONFIG_DIR'];
  if (directory === undefined)
    throw new ToolError('AZURE_CONFIG_DIR is not set.', 'Set it to a directory that is not the one az uses.');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const az = async (...words: string[]): Promise<void> => {
    const result = await runForText(['az', ...words, '-o', 'none'], { environment, signal });
    if (result.code !== 0) throw azFailed(result, 'sign the installed az in to the simulation');
  };
  const config = JSON.stringify(cloud.config);
  // "register" refuses a name that is known, "update" one that is not.
  const known = await runForText(['az', 'cloud', 'show', '--name', cloud.name, '-o', 'none'], {
    environment,
    signal,
  });
  await az('cloud', known.code === 0 ? 'update' : 'register', '--name', cloud.name, '--cloud-config', config);
  await az('cloud', 'set', '--name', cloud.name);
  await az('login', '--identity');
}
