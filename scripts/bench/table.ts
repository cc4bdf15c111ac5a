/** The table of budgets in the README, made from the results that are kept in docs/bench.json. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { isMet } from './results.ts';
import type { Measured, Result } from './results.ts';

/** The file of the results. */
export const kept = fileURLToPath(new URL('../../docs/bench.json', import.meta.url));
const readme = fileURLToPath(new URL('../../README.md', import.meta.url));
const place = /(?<=<!-- budgets: .* -->\n)[\s\S]*(?=<!-- end of budgets -->)/;

/** The README with the table as the results have it. */
function withTable(text: string): string {
  if (!place.test(text)) throw new Error('The README has no place for the table of budgets.');
  const { machine, topics } = JSON.parse(readFileSync(kept, 'utf8')) as Measured;
  const rows = Object.values(topics)
    .flat()
    .filter(({ target }) => target !== undefined)
    .map(row);
  const { cpu, cores, memoryGiB, platform, node } = machine;
  const lines = [
    '| what | measured | against | ratio | budget |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
    '',
    `Medians, on ${platform} with ${cores} cores (${cpu}), ${memoryGiB} GiB and Node ${node}.`,
  ];
  return text.replace(place, () => `\n${lines.join('\n')}\n\n`);
}

function row(result: Result): string[] {
  const { what, against, unit, ours, theirs, ratio, target } = result;
  const compared = theirs === undefined ? against : `${against}: ${number(theirs)} ${unit}`;
  const budget = target === undefined ? '' : `${target.at === 'most' ? '≤' : '≥'} ${number(target.value)}`;
  const missed = isMet(result) ? '' : ' (**missed**)';
  return [
    what,
    `${number(ours)} ${unit}`,
    compared,
    ratio === undefined ? '' : number(ratio),
    budget + missed,
  ];
}

function number(value: number): string {
  return value.toLocaleString('en');
}

/** Puts the table into the README. */
export function writeTable(): void {
  writeFileSync(readme, withTable(readFileSync(readme, 'utf8')));
}

/** Whether the README has the table as the results have it. */
export function tableIsWritten(): boolean {
  const text = readFileSync(readme, 'utf8');
  return withTable(text) === text;
}
