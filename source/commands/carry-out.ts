/** Working a session to its end, on the screen or in plain lines, and what the process ends with. */
import { createInterface } from 'node:readline/promises';
import type { RunController, RunOutcome } from '../engine/controller.ts';
import type { Plan } from '../plan/model.ts';
import { UsageError } from '../runbook/errors.ts';
import type { ExitStatus, ToolError } from '../runbook/errors.ts';
import type { RunOptions } from './options.ts';
import type { Session } from './held.ts';
import { hasTerminal, print, say } from './terminal.ts';

/** Carries a session out in plain lines. The session is closed when this returns. */
export async function carryOutPlain(session: Session, options: RunOptions): Promise<ExitStatus> {
  const { controller } = session;
  const signals = heedSignals(controller);
  const asking = hasTerminal() ? createInterface(process.stdin, process.stdout) : undefined;
  asking?.on('SIGINT', () => process.emit('SIGINT'));
  // It hands on the errors of a terminal that went away; `signals` heeds those of its streams.
  asking?.on('error', () => undefined);
  try {
    const { runPlain } = await import('../renderers/plain/index.ts');
    const outcome = await runPlain(controller, {
      write: print,
      width: process.stdout.isTTY ? process.stdout.columns : undefined,
      yes: options.yes === true,
      acceptIrreversible: options.acceptIrreversible,
      stateDir: session.directory.stateDir,
      interrupted: () => signals.interrupted(),
      prompt: asking && ((question) => asking.question(question, { signal: signals.signal })),
    });
    const problems = await session.close();
    tellProblems(problems);
    if (problems.length === 0) print(`Transcript: ${session.files.transcript}`);
    return signals.interrupted() ? 130 : exitStatus(outcome);
  } catch (error) {
    await session.close().catch(() => undefined);
    throw error;
  } finally {
    asking?.close();
    signals.end();
  }
}

/** The exit status of a run that ended or stopped. */
export function exitStatus(outcome: RunOutcome): ExitStatus {
  switch (outcome) {
    case 'completed':
      return 0;
    case 'failed':
      return 1;
    case 'stopped':
      return 3;
  }
}

/** What could not be done when a session was closed. The run is what it is all the same. */
export function tellProblems(problems: readonly ToolError[]): void {
  for (const { message, next } of problems) say(`warning: ${message}\n${next}\n`);
}

export interface Signals {
  /** Aborted at the first signal. */
  readonly signal: AbortSignal;
  /** Whether Ctrl-C or its like ended the sitting. */
  interrupted(): boolean;
  end(): void;
}

/**
 * Stops a run when the process is told to go: a running command is left to its keeper, and can be found again.
 * Ctrl-C in plain mode is one of those; the screen asks instead.
 */
export function heedSignals(
  controller: RunController,
  names: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'],
): Signals {
  const gone = new AbortController();
  const go = (): void => {
    gone.abort();
    if (controller.send({ type: 'detach' }) !== undefined)
      controller.send({ type: 'stop', reason: 'closed' });
  };
  for (const name of names) process.on(name, go);
  // Nobody reads what would be told: the pipe was closed, or the terminal is gone. Nor can anybody answer.
  process.stdout.on('error', go);
  process.stdin.on('error', go);
  return {
    signal: gone.signal,
    interrupted: () => gone.signal.aborted,
    end: () => {
      for (const name of names) process.off(name, go);
      process.stdout.off('error', go);
      process.stdin.off('error', go);
    },
  };
}

/** Throws `UsageError` when the name given as typed confirmation is not that of the planned cluster. */
export function requireAccepted(plan: Plan, options: Pick<RunOptions, 'acceptIrreversible'>): void {
  const { acceptIrreversible } = options;
  const { clusterName } = plan.target;
  if (acceptIrreversible === undefined || acceptIrreversible === clusterName) return;
  throw new UsageError(
    `--accept-irreversible names "${acceptIrreversible}", but the run is for cluster "${clusterName}". Nothing was changed.`,
    'Give the name of the cluster the run is for, or leave the option out and confirm at the terminal.',
  );
}
