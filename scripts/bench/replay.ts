/** Replaying a long journal, against reading its file, and exporting it, against replaying it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { RunEvent } from '../../source/engine/events.ts';
import { chainStart, encodeLine } from '../../source/journal/chain.ts';
import { runFiles, stateDirectory } from '../../source/journal/state-directory.ts';
import { plan, rewriteStep, runStep, started } from '../../test/support/runs.ts';
import { median, rounded } from './results.ts';
import type { Result } from './results.ts';

const events = 10_000;
const rounds = 9;
const run = '20260101-000000-0000';

interface Times {
  reading: number;
  replaying: number;
  exporting: Record<'markdown' | 'html' | 'json', number>;
}

/** A journal of 10,000 events, each time read by a new process. */
export function replaying(): Result[] {
  const directory = mkdtempSync(join(tmpdir(), 'aks-kms-runbook-bench-'));
  try {
    const { journal } = runFiles(stateDirectory(directory, false), run);
    mkdirSync(dirname(journal), { recursive: true });
    writeJournal(journal);
    const script = fileURLToPath(new URL('../bench-replay.ts', import.meta.url));
    const times = Array.from(
      { length: rounds },
      () =>
        JSON.parse(execFileSync(process.execPath, [script, directory, run], { encoding: 'utf8' })) as Times,
    );
    const replayed = rounded(median(times.map((time) => time.replaying)));
    return [
      {
        what: 'replaying a journal of 10,000 events, in milliseconds more than reading the file',
        against: 'reading the file',
        unit: 'ms',
        ours: rounded(median(times.map((time) => time.replaying - time.reading))),
        theirs: rounded(median(times.map((time) => time.reading))),
        target: { at: 'most', value: 150 },
      },
      ...(['markdown', 'html', 'json'] as const).map((format): Result => ({
        what: `exporting a run of 10,000 events as ${format}, in milliseconds more than replaying it`,
        against: 'replaying it',
        unit: 'ms',
        ours: rounded(median(times.map((time) => time.exporting[format] - time.replaying))),
        theirs: replayed,
        target: { at: 'most', value: 1000 },
      })),
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function writeJournal(file: string): void {
  let previous = chainStart;
  const lines = longRun().map((event, index) => {
    const time = new Date(Date.UTC(2026, 0, 1) + index * 2000).toISOString();
    const { line, hash } = encodeLine({ sequence: index + 1, time, event }, previous);
    previous = hash;
    return `${line}\n`;
  });
  writeFileSync(file, lines.join(''), { mode: 0o600 });
}

/** A command that fails a thousand times, notes, and a rewrite of 300 namespaces that tells of itself for hours. */
function longRun(): RunEvent[] {
  const step = 'rewrite';
  const all: RunEvent[] = [started(plan(runStep({ id: 'update' }), rewriteStep({ id: step })))];
  all.push({ type: 'step.assessed', step: 'update', applies: true, alreadyDone: false });
  for (let attempt = 1; attempt <= 1000; attempt += 1) all.push(...failedAttempt('update', attempt));
  for (let note = 0; note < 1000; note += 1)
    all.push({ type: 'run.noted', text: `Still waiting (${note}).` });
  all.push({ type: 'rewrite.begun', step, attempt: 1, pass: 1, verifies: false });
  for (let told = 0; all.length < events; told += 1) all.push(progress(step, told));
  return all;
}

function failedAttempt(step: string, attempt: number): RunEvent[] {
  return [
    { type: 'step.confirmed', step, attempt, by: 'key' },
    { type: 'step.started', step, attempt, command: [['az', 'aks', 'update']] },
    { type: 'step.failed', step, attempt, failure: { reason: 'exit', what: 'It ended with status 1.' } },
  ];
}

function progress(step: string, told: number): RunEvent {
  const namespaces = [0, 1, 2].map((more) => {
    const name = `team-${String(((told + more) % 300) + 1).padStart(3, '0')}`;
    const counts = { listed: 100, rewritten: 100, current: 0, gone: 0, refused: 0 };
    return { name, done: false, after: `registry-${told}`, continue: 'e'.repeat(90), counts };
  });
  return { type: 'rewrite.progressed', step, attempt: 1, pass: 1, namespaces, refused: [], retries: 0 };
}
