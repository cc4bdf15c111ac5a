/**
 * Reads, replays and exports a run once, from cold. Started as `bench-replay.ts STATE-DIRECTORY RUN`; prints the milliseconds
 * that reading the file takes, that reading and replaying takes, and that exporting takes, in each format.
 */
import { readFile } from 'node:fs/promises';

import { changeRecord } from '../source/commands/change-record.ts';
import { readJournal } from '../source/journal/read.ts';
import { runFiles, stateDirectory } from '../source/journal/state-directory.ts';

const [directory, run = ''] = process.argv.slice(2);
const files = runFiles(stateDirectory(directory, false), run);
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};
const reading = await timed(() => readFile(files.journal));
const replaying = await timed(() => readJournal(files));
const exporting = {
  markdown: await timed(() => changeRecord(files, 'markdown')),
  html: await timed(() => changeRecord(files, 'html')),
  json: await timed(() => changeRecord(files, 'json')),
};
process.stdout.write(JSON.stringify({ reading, replaying, exporting }));
