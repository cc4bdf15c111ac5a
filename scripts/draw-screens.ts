/**
 * Draws every screen in every state, at four sizes, into docs/pictures/, from frames of the real program in a real
 * pseudo-terminal. Run after `npm run build`: `node scripts/draw-screens.ts [COLUMNSxROWS]`.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TerminalSession, newStateDirectory, root } from '../test/support/terminal.ts';
import { frameSvg, type Ground } from './frame-svg.ts';

const sizes = [
  { columns: 60, rows: 20 },
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
  { columns: 180, rows: 50 },
];

const releases: (() => void)[] = [];
const owner = { after: (release: () => void) => void releases.push(release) };

/** The names of what is drawn, in order: for the page that shows them. */
const names = new Set<string>();

class Studio {
  readonly columns: number;
  readonly rows: number;
  readonly #directory: string;

  constructor({ columns, rows }: { columns: number; rows: number }) {
    this.columns = columns;
    this.rows = rows;
    this.#directory = join(root, 'docs', 'pictures', `${columns}x${rows}`);
    rmSync(this.#directory, { recursive: true, force: true });
    mkdirSync(this.#directory, { recursive: true });
  }

  open(
    words: readonly string[],
    stateDirectory: string,
    environment?: Record<string, string>,
  ): TerminalSession {
    const { columns, rows } = this;
    return TerminalSession.open(owner, words, {
      columns,
      rows,
      stateDirectory,
      ...(environment === undefined ? {} : { environment }),
    });
  }

  draw(name: string, screen: TerminalSession, ground?: Ground): void {
    names.add(name);
    writeFileSync(join(this.#directory, `${name}.svg`), frameSvg(screen, ground));
  }
}

const migration = ['run', 'kms-v2-public-to-pmk', '--rehearse'];

/** From the values to the typed confirmation, its name typed but for the end. */
async function toConfirmation(screen: TerminalSession): Promise<void> {
  await screen.see('enter start');
  await screen.press('\r', 'y confirm');
  await screen.press('y', 'Type the cluster name');
  await screen.see('enter run');
}

async function drawHome(studio: Studio): Promise<void> {
  const stateDirectory = newStateDirectory(owner);
  const screen = studio.open(['--rehearse'], stateDirectory);
  await screen.see('› Clusters');
  await screen.see('q leave');
  await screen.press('j', '› Start');
  studio.draw('home-first', screen);
  await screen.press('?', 'esc close');
  studio.draw('home-keys', screen);
  await screen.press('\u001b', '› Start');
  await screen.press('k', '› Clusters');
  await screen.press('\r', '› cmk');
  studio.draw('clusters', screen);
  await screen.press('/', 'Only with');
  await screen.press('v2 public', /Only with: > v2 public█? *\d+ of/);
  studio.draw('clusters-filtered', screen);
  await screen.press('\t', '? keys');
  let marked = /› (\S+)/.exec(screen.text())?.[1] ?? '';
  while (marked !== 'kms-v2-public') {
    const seen = await screen.press('j', new RegExp(`› (?!${marked} )\\S`));
    marked = /› (\S+)/.exec(seen)?.[1] ?? '';
  }
  await screen.press('\r', 'Which runbook for kms-v2-public');
  studio.draw('cluster-runbooks', screen);
  await screen.press('\r', 'enter start');
  studio.draw('values', screen);
  screen.send('\u0003');
  await screen.exited;
}

async function drawMigration(studio: Studio): Promise<void> {
  const stateDirectory = newStateDirectory(owner);
  const screen = studio.open([...migration, '--fault', 'update-fails-once', '--speed', '60'], stateDirectory);
  await screen.see('enter start');
  await screen.press('\r', 'y confirm');
  studio.draw('question', screen);
  await screen.press('y', 'Type the cluster name');
  await screen.see('enter run');
  await screen.press('rehears', '> rehears');
  studio.draw('cannot-be-undone', screen);
  await screen.press('al', '> rehearsal');
  await screen.press('\r', 'cluster is Updating');
  studio.draw('running', screen);
  await screen.press('\u0003', 'What now?');
  studio.draw('leave-or-end', screen);
  await screen.press('k', 'so far');
  await screen.see(/This step failed\.[^]*r retry/);
  studio.draw('failed', screen);
  if (studio.columns < 76) {
    await screen.press('\u001b[D', 'Waiting for you');
    studio.draw('steps-list', screen);
    await screen.press('\r', 'What now?');
  }
  await screen.press('n', 'A note for the record:');
  await screen.press('Tell the network team', 'network team');
  studio.draw('note', screen);
  await screen.press('\u001b', 'r retry');
  await screen.press('s', /[Ww]hy/);
  studio.draw('reason', screen);
  await screen.press('\u001b', 'r retry');
  await screen.press('o', /lines 1–/);
  await screen.press('e', /errors \d/);
  studio.draw('output', screen);
  await screen.press('q', 'r retry');
  await screen.press('t', 'the run so far');
  studio.draw('timeline', screen);
  await screen.press('q', 'r retry');
  await screen.press('?', 'esc close');
  studio.draw('run-keys', screen);
  await screen.press('\u001b', 'r retry');
  await screen.press('r', 'Type the cluster name');
  await screen.see('enter run');
  await screen.press('rehearsal', '> rehearsal');
  await screen.press('\r', /No policy is left[^]*y confirm/);
  await screen.press('y', '✔ Completed');
  await screen.see(/look at the steps|steps/);
  studio.draw('summary', screen);
  screen.send('\u0003');
  await screen.exited;
  const home = studio.open(['--rehearse'], stateDirectory);
  await home.see('› Clusters');
  await home.press('G', '› Look at');
  studio.draw('home-finished', home);
  await home.press('\r', 'Change record');
  studio.draw('record', home);
  home.send('\u0003');
  await home.exited;
}

async function drawInterruption(studio: Studio): Promise<void> {
  const stateDirectory = newStateDirectory(owner);
  const first = studio.open([...migration, '--fault', 'slow-update', '--speed', '10'], stateDirectory);
  await toConfirmation(first);
  await first.press('rehearsal', '> rehearsal');
  await first.press('\r', 'cluster is Updating');
  first.kill();
  await first.exited;
  const home = studio.open(['--rehearse'], stateDirectory);
  await home.see(/› Resume/);
  await home.see('q leave');
  studio.draw('home-unfinished', home);
  await home.press('\r', 'cluster is Updating');
  if (studio.columns < 76) await home.press('\r', 'all steps');
  await home.see(/still running|nothing was sent again/);
  await home.see('so far');
  studio.draw('found-again', home);
  await home.press('\u0003', 'What now?');
  await home.press('x', 'waiting for Azure');
  home.kill();
  await home.exited;
}

async function drawWarning(studio: Studio): Promise<void> {
  const screen = studio.open([...migration, '--fault', 'policy-blocks'], newStateDirectory(owner));
  await screen.see('enter start');
  await screen.press('\r', /r (retry|check)[^]*stop here/);
  studio.draw('warning', screen);
  screen.kill();
  await screen.exited;
  const refused = studio.open(
    ['run', 'kms-v2-public-to-pmk', '--rehearse', '--scenario', 'no-kms'],
    newStateDirectory(owner),
  );
  await refused.see('enter start');
  await refused.press('\r', /What now\?[^]*stop here/);
  studio.draw('not-for-this-cluster', refused);
  refused.kill();
  await refused.exited;
}

async function drawRewrite(studio: Studio): Promise<void> {
  const words = ['rewrite-secrets', '--rehearse', '--secrets', '12000', '--fault', 'distant-api-server'];
  const screen = studio.open([...words, '--fault', 'secret-refused'], newStateDirectory(owner));
  await screen.see(/This is a warning[^]*enter go on/);
  await screen.press('\r', 'enter rewrite');
  studio.draw('rewrite', screen);
  await screen.press('\r', /[1-9]\d?%/);
  studio.draw('rewriting', screen);
  await screen.press('p', 'Paused');
  studio.draw('rewriting-paused', screen);
  await screen.press('p', 'a second');
  await screen.see(/This step failed\.[^]*retry/);
  studio.draw('secret-refused', screen);
  screen.kill();
  await screen.exited;
}

async function drawReader(studio: Studio): Promise<void> {
  const environment = { INK_SCREEN_READER: 'true', NO_COLOR: '1' };
  const screen = studio.open(migration, newStateDirectory(owner), environment);
  await toConfirmation(screen);
  studio.draw('screen-reader', screen);
  screen.kill();
  await screen.exited;
  const light = studio.open(migration, newStateDirectory(owner));
  await toConfirmation(light);
  studio.draw('light', light, 'light');
  light.kill();
  await light.exited;
}

/** The page that shows them all, at the size most windows have. */
function writePage(): void {
  const rows = [...names].map((name) => `## ${name.replaceAll('-', ' ')}\n\n![${name}](80x24/${name}.svg)\n`);
  const head = [
    '# Screens',
    '',
    'Drawn by `scripts/draw-screens.ts` from frames of the program in a rehearsal; the directories hold the same screens',
    `at ${sizes.map(({ columns, rows }) => `${columns}×${rows}`).join(', ')}.`,
    '',
  ].join('\n');
  writeFileSync(join(root, 'docs', 'pictures', 'README.md'), `${head}\n${rows.join('\n')}`);
}

const [only] = process.argv.slice(2);
try {
  for (const size of sizes) {
    if (only !== undefined && only !== `${size.columns}x${size.rows}`) continue;
    const studio = new Studio(size);
    for (const draw of [drawHome, drawMigration, drawInterruption, drawWarning, drawRewrite, drawReader]) {
      await draw(studio);
      for (const release of releases.splice(0)) release();
    }
  }
  if (only === undefined) writePage();
} finally {
  for (const release of releases) release();
}
