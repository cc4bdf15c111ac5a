/** Runs as they are kept in a state directory, written from journals made by hand. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Journal } from '../transcript/fixtures.ts';

/** Puts a run into a state directory; returns its id and its own directory. */
export function keepRun(stateDirectory: string, journal: Journal): { runId: string; directory: string } {
  const [first] = journal.records;
  if (first?.event.type !== 'run.started') throw new Error('a journal without a header');
  const { runId, rehearsal } = first.event.header;
  const directory = join(stateDirectory, rehearsal ? 'rehearsals' : 'runs', runId);
  mkdirSync(join(directory, 'output'), { recursive: true });
  writeFileSync(
    join(directory, 'journal.jsonl'),
    journal
      .lines()
      .map((line) => `${line}\n`)
      .join(''),
  );
  for (const [name, { text }] of journal.outputs)
    writeFileSync(join(directory, 'output', `${name}.log`), text);
  return { runId, directory };
}
