/** Loads the runbook text it is given, and splits it as a command, where memory is limited. */
import { parentPort } from 'node:worker_threads';
import { loadRunbook } from '../../source/runbook/load.ts';
import { formatProblem } from '../../source/runbook/problems.ts';
import { splitCommand } from '../../source/runbook/words.ts';

parentPort?.on('message', (text: string) => {
  const { runbook, problems } = loadRunbook('main.yaml', (path) => {
    if (path === 'main.yaml') return text;
    throw new Error('no such file');
  });
  for (const problem of problems) formatProblem(problem);
  // As much as a runbook may hold is the most there can be to split.
  splitCommand(text.slice(0, 256_000));
  const answer = { loaded: runbook !== undefined, problems: problems.length };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(answer);
});
