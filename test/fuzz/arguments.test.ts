/** Every subcommand with arguments of every kind: a line what is wrong, a line what to do, and the right status. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';

import { temporaryDirectory } from '../support/directory.ts';
import { hostileText } from '../support/hostile.ts';
import { cases, time } from '../support/soak.ts';

interface Ran {
  status: number;
  stdout: string;
  stderr: string;
  uncaught: string[];
}

const common = ['--rehearse', '--state-dir'];
const simulated = ['--scenario', '--fault', '--clients'];
const parameters = ['-p', '--parameter'];
const answers = ['--plain', '--yes', '--accept-irreversible', '--speed'];
/** The options of each subcommand; the home screen's are under none. */
const optionsOf: Readonly<Record<string, readonly string[]>> = {
  '': [...common, ...parameters, ...answers, ...simulated],
  list: [...common, '--json'],
  show: ['--json'],
  plan: [...parameters, '--rehearse', '--json'],
  run: [...common, ...parameters, ...answers, ...simulated],
  resume: [...common, ...answers],
  runs: [...common, '--json'],
  export: [...common, '--format', '--output'],
  verify: [...common, '--json'],
  clusters: ['--json', ...simulated],
  doctor: [...common, ...parameters, '--json'],
  lint: ['--json'],
  schema: [],
  help: [],
  completion: [],
};
const flags = ['--rehearse', '--plain', '--yes', '--json', '--help', '-h', '--version', '-V', '--nonsense'];
const known = [
  'kms-v2-public-to-pmk',
  'notes.yaml',
  'CLUSTER_NAME=c',
  'RESOURCE_GROUP=rg',
  'help',
  'real',
  'markdown',
  '60',
  '20261121-201500-abcd',
  'state',
];

// No file outside of the directory the tool is started in is named, and no null byte: no shell could pass one.
const text = hostileText
  .map((value) => value.replaceAll('\0', ''))
  .filter((value) => !value.startsWith('/') && !value.includes('..') && !value.startsWith('~'));
const value = fc.oneof({ weight: 1, arbitrary: text }, { weight: 1, arbitrary: fc.constantFrom(...known) });
const line = fc.constantFrom(...Object.keys(optionsOf)).chain((subcommand) => {
  const own = [...(optionsOf[subcommand] ?? []), '--nonsense'];
  const option = fc.tuple(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...own) },
      { weight: 1, arbitrary: fc.constantFrom(...flags) },
    ),
    value,
    fc.nat(9),
  );
  const said = option.map(([name, given, way]) => {
    if (flags.includes(name) || way === 0) return [name];
    return way === 1 ? [`${name}=${given}`] : [name, given];
  });
  const word = value.map((given) => [given]);
  const start = subcommand === '' ? [] : [subcommand];
  return fc
    .array(fc.oneof({ weight: 2, arbitrary: said }, { weight: 1, arbitrary: word }), { maxLength: 4 })
    .map((parts) => [...start, ...parts.flat()]);
});

/** The tool in a process of its own, in an empty directory, without az, kubectl or a terminal. */
async function tool(t: TestContext): Promise<(words: readonly string[]) => Promise<Ran>> {
  const home = await temporaryDirectory(t);
  mkdirSync(join(home, 'bin'));
  writeFileSync(join(home, 'notes.yaml'), 'id: notes\n');
  const driver = fileURLToPath(new URL('../support/argv-driver.mts', import.meta.url));
  const child: ChildProcess = fork(driver, {
    cwd: home,
    env: {
      PATH: join(home, 'bin'),
      HOME: home,
      AKS_KMS_RUNBOOK_STATE_DIR: join(home, 'state'),
      LANG: 'C.UTF-8',
    },
    // What would take memory without bound does not get it.
    execArgv: ['--max-old-space-size=384'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  t.after(() => child.kill('SIGKILL'));
  const ended = new AbortController();
  child.once('exit', (code, signal) => ended.abort(new Error(`the tool's process ended: ${code ?? signal}`)));
  const next = async (): Promise<unknown> =>
    ((await once(child, 'message', { signal: ended.signal })) as [unknown])[0];
  await next();
  return async (words) => {
    const answer = next();
    child.send(words);
    return (await answer) as Ran;
  };
}

test('no list of arguments makes the tool fall over, hang or say nothing', { timeout: time }, async (t) => {
  const run = await tool(t);
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(line, async (words) => {
      const { status, stdout, stderr, uncaught } = await run(words);
      const told = `${JSON.stringify(words)}\n${stdout}${stderr}`;
      assert.deepEqual(uncaught, [], told);
      assert.ok([0, 1, 2, 3].includes(status), `status ${status}: ${told}`);
      assert.doesNotMatch(stderr, /this is a defect/, told);
      assert.notEqual((stdout + stderr).trim(), '', told);
      // What a terminal would act on does not come back out.
      // oxlint-disable-next-line no-control-regex
      assert.doesNotMatch(stdout + stderr, /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202E\u2066]/, told);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }),
    { numRuns: cases(200) },
  );
  t.diagnostic(
    `${cases(200)} command lines, by exit status: ${JSON.stringify(Object.fromEntries(statuses))}`,
  );
  assert.ok((statuses.get(0) ?? 0) > 0 && (statuses.get(2) ?? 0) > 0);
});
