/** The `az` and `kubectl` that stand first on PATH in a rehearsal, and what they need to know. */
import { mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { certificateFile } from './certificate.ts';
import { writeWhole } from './files.ts';
import type { Simulation } from './simulation.ts';
import { subscriptionsOf } from './subscription.ts';

/** The programs a rehearsal has stand-ins for, by these names alone. Any other would act on the real world. */
export const standInNames: readonly string[] = ['az', 'kubectl'];

/** What the stand-in az reads from its configuration directory, each time it starts and when a connection fails. */
export interface StandInConfig {
  armEndpoint: string;
  identityHeader: string;
  certificate: string;
  tools: { az: string; extensions: Record<string, string> };
  /** Those the sign-in shows. The first is the default until `az account set` names another. */
  subscriptions: readonly { id: string; name: string }[];
}

/** The name of that file in `AZURE_CONFIG_DIR`. */
export const standInConfigFile = 'rehearsal.json';

const folders = { bin: 'bin', azure: 'azure' };

/** Writes the configuration of the stand-ins; again whenever the address or the simulated tools have changed. */
export function writeStandInConfig(simulation: Simulation, armEndpoint: string): void {
  const { directory, state } = simulation;
  const config: StandInConfig = {
    armEndpoint,
    identityHeader: state.keys.identityHeader,
    certificate: join(directory, certificateFile),
    tools: state.tools,
    subscriptions: subscriptionsOf(state),
  };
  const azure = join(directory, folders.azure);
  mkdirSync(azure, { recursive: true, mode: 0o700 });
  writeWhole(join(azure, standInConfigFile), `${JSON.stringify(config, undefined, 2)}\n`);
}

/** Writes the executables. They start the stand-in that lies beside this file, as source or in the bundle. */
export function writeExecutables(directory: string): void {
  const entry = new URL(import.meta.url.endsWith('.ts') ? './stand-in.ts' : './stand-in.js', import.meta.url);
  const bin = join(directory, folders.bin);
  mkdirSync(bin, { recursive: true, mode: 0o700 });
  for (const name of standInNames)
    writeWhole(join(bin, name), `#!${interpreter()}\nimport(${JSON.stringify(entry.href)});\n`, 0o700);
}

/** The environment in which everything meets the simulation instead of the world. */
export function environmentFor(simulation: Simulation, armEndpoint: string): Record<string, string> {
  const { directory, state } = simulation;
  const certificate = join(directory, certificateFile);
  const path = process.env['PATH'] ?? '';
  const azure = join(directory, folders.azure);
  return {
    PATH: state.clients === 'real' ? path : `${join(directory, folders.bin)}${delimiter}${path}`,
    AZURE_CONFIG_DIR: azure,
    AZURE_EXTENSION_DIR: join(azure, 'cliextensions'),
    AZURE_CORE_COLLECT_TELEMETRY: 'no',
    REQUESTS_CA_BUNDLE: certificate,
    IDENTITY_ENDPOINT: `${armEndpoint}/identity/token`,
    IDENTITY_HEADER: state.keys.identityHeader,
    MSI_ENDPOINT: `${armEndpoint}/identity/token/${state.keys.identityHeader}`,
    MSI_SECRET: state.keys.identityHeader,
    NO_PROXY: '127.0.0.1,localhost',
    no_proxy: '127.0.0.1,localhost',
  };
}

/** A `#!` line holds one path without spaces, and kernels cut long ones. */
function interpreter(): string {
  const usable = process.execPath.length < 100 && !/\s/u.test(process.execPath);
  return usable ? process.execPath : '/usr/bin/env node';
}
