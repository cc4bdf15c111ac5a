/** Runbooks for tests: files in memory, and the committed ones. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadRunbook } from '../../source/runbook/load.ts';
import type { LoadedRunbook } from '../../source/runbook/load.ts';
import type { Runbook } from '../../source/runbook/model.ts';

export const runbooksFolder = join(import.meta.dirname, '../../runbooks');

/** Loads `main.yaml` of a folder that holds just these files. */
export function load(files: Record<string, string>, main = 'main.yaml'): LoadedRunbook {
  return loadRunbook(main, (path) => {
    const text = files[path];
    if (text === undefined) throw new Error(`no such file: ${path}`);
    return text;
  });
}

/** A runbook with these sections (YAML, not indented) and otherwise nothing wrong with it. */
export function runbookText(sections: string, more = ''): string {
  return [
    'id: main',
    'title: Test',
    'description: For a test.',
    'source: {title: Document, url: "https://example.com/doc", date: 2026-01-12}',
    'rehearsal: pmk',
    'parameters:',
    '  CLUSTER_NAME: {description: Name of the cluster}',
    '  RESOURCE_GROUP: {description: Its resource group}',
    more,
    'sections:',
    ...sections.split('\n').map((line) => (line === '' ? '' : `  ${line}`)),
  ]
    .filter((line, index) => line !== '' || index > 8)
    .join('\n');
}

/** The section that holds these steps (YAML list, not indented). */
export function stepsText(steps: string): string {
  return runbookText(
    ['- title: Section', '  steps:', ...steps.split('\n').map((line) => `    ${line}`)].join('\n'),
  );
}

/** The runbook of a text that has to be without errors. */
export function runbookOf(text: string, fragments: Record<string, string> = {}): Runbook {
  const { runbook, problems } = load({ 'main.yaml': text, ...fragments });
  if (runbook === undefined) throw new Error(`not loaded: ${JSON.stringify(problems, null, 1)}`);
  return runbook;
}

export function readRunbookFile(path: string): string {
  return readFileSync(path, 'utf8');
}
