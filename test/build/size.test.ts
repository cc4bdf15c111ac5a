/**
 * What the tool weighs. Times depend on the machine, so they are measured by `npm run bench`; what has to be read and
 * loaded does not, and is where a start becomes slow. A limit that has to be raised is raised here, on purpose.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { TerminalSession, newStateDirectory, root, shellEnvironment } from '../support/terminal.ts';

const dist = join(root, 'dist');
const counter = pathToFileURL(join(root, 'test', 'support', 'count-modules.mjs')).href;

/** Kilobytes and files of our own. */
const limits = {
  everything: { kilobytes: 7150, files: 125 },
  list: { kilobytes: 186, files: 16 },
  home: { kilobytes: 1370, files: 44 },
};

/** Parts of Node that take long to load, and that neither a list nor the home screen needs. */
const heavy = ['internal/deps/undici/undici', 'http', 'https', 'tls', 'vm'];

/** The environment in which a program tells what it loads, and what it told. */
function counting(directory: string): {
  environment: Record<string, string>;
  loaded(): { kilobytes: number; files: number; heavy: string[] };
} {
  const told = join(directory, 'modules.json');
  return {
    environment: { NODE_OPTIONS: `--import=${counter}`, MODULES: told },
    loaded() {
      const { files, inNode } = JSON.parse(readFileSync(told, 'utf8')) as {
        files: string[];
        inNode: string[];
      };
      const ours = files.filter((url) => url.startsWith(pathToFileURL(dist).href));
      const bytes = ours.reduce((sum, url) => sum + statSync(fileURLToPath(url)).size, 0);
      return {
        kilobytes: Math.ceil(bytes / 1000),
        files: ours.length,
        heavy: heavy.filter((name) => inNode.includes(name)),
      };
    },
  };
}

function within(
  found: { kilobytes: number; files: number },
  limit: { kilobytes: number; files: number },
): void {
  const told = `${found.kilobytes} kB in ${found.files} files; the limit is ${limit.kilobytes} kB in ${limit.files}`;
  assert.ok(found.kilobytes <= limit.kilobytes && found.files <= limit.files, told);
}

test('the tool is no larger than it was', () => {
  const names = readdirSync(dist);
  const bytes = names.reduce((sum, name) => sum + statSync(join(dist, name)).size, 0);
  within({ kilobytes: Math.ceil(bytes / 1000), files: names.length }, limits.everything);
});

test('`list` loads little', (t) => {
  const state = newStateDirectory(t);
  const { environment, loaded } = counting(state);
  execFileSync(process.execPath, [join(dist, 'cli.js'), 'list'], {
    env: { ...shellEnvironment(state), ...environment },
    stdio: 'ignore',
  });
  within(loaded(), limits.list);
  assert.deepEqual(loaded().heavy, []);
});

test('the home screen loads what it shows, and nothing of a run', async (t) => {
  const state = newStateDirectory(t);
  const { environment, loaded } = counting(state);
  const screen = TerminalSession.open(t, ['--rehearse'], { stateDirectory: state, environment });
  await screen.see('What do you want to do?');
  screen.send('q');
  assert.equal(await screen.exited, 0);
  within(loaded(), limits.home);
  assert.deepEqual(loaded().heavy, []);
});
