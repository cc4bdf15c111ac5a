/** Carrying out a step: one function for each kind of effect. Each appends what happens and returns when it is over. */
import { fill } from '../plan/command.ts';
import { evaluateValue } from '../plan/conditions.ts';
import type { PlannedRunStep, PlannedStep } from '../plan/model.ts';
import { ToolError } from '../runbook/errors.ts';
import { isBusy, readProvisioningState, waitUntilSettled } from './cluster.ts';
import type { RunContext } from './context.ts';
import type { Failure } from './events.ts';
import { errorLines, factFailure, toleratedBecause } from './failure.ts';
import type { CommandExit, RunningCommand } from './ports.ts';
import { holds, settleCommand, settleLost, succeed } from './settle.ts';
import { lastAttempt, stepState } from './state.ts';

type PlannedKind<K extends PlannedStep['kind']> = Extract<PlannedStep, { kind: K }>;

/** Time between two looks at what Azure says while a command runs. */
const watchMs = 15_000;

/** Looks whether a step applies and whether it is in effect already. Never changes anything. */
export async function assess(context: RunContext, step: PlannedStep): Promise<void> {
  const number = (lastAttempt(stepState(context.state(), step.id))?.number ?? 0) + 1;
  context.doing(step.id, 'looking at the cluster');
  try {
    if (step.when !== undefined && !(await holds(context, step.when))) {
      await context.append({ type: 'step.assessed', step: step.id, applies: false, alreadyDone: null });
      return;
    }
    let alreadyDone: boolean | null = null;
    const changes = step.kind === 'run' && step.changes;
    if (changes) await waitUntilSettled(context, step.id, number);
    if (step.doneWhen !== undefined && (changes || step.kind === 'manual')) {
      alreadyDone = await holds(context, step.doneWhen);
    }
    await context.append({ type: 'step.assessed', step: step.id, applies: true, alreadyDone });
  } catch (error) {
    await failOnFacts(context, step, number, error);
  }
}

/** Carries out a step that may go ahead. */
export async function perform(context: RunContext, step: PlannedStep, number: number): Promise<void> {
  switch (step.kind) {
    case 'run':
      return performRun(context, step, number);
    case 'check':
      return performCheck(context, step, number);
    case 'wait':
      return performWait(context, step, number);
    case 'manual':
      throw new Error(`step "${step.id}" is the operator's to do`);
  }
}

async function performRun(context: RunContext, step: PlannedRunStep, number: number): Promise<void> {
  const { ports } = context;
  context.doing(step.id, 'making sure this is the planned cluster');
  const refusal = await targetFailure(context, step);
  if (refusal !== undefined) {
    await context.append({ type: 'step.failed', step: step.id, attempt: number, failure: refusal });
    return;
  }
  let words: string[][];
  try {
    words = fill(step.pipeline, context.state().captured);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const failure: Failure = { reason: 'word', what: error.message, detail: error.next };
    await context.append({ type: 'step.failed', step: step.id, attempt: number, failure });
    return;
  }
  context.signal.throwIfAborted();
  context.holdCommand('starting');
  try {
    await context.append({ type: 'step.started', step: step.id, attempt: number, command: words });
    const command = await ports.commands.start(words, ports.journal.outputFile(step.id, number));
    await context.append({
      type: 'command.spawned',
      step: step.id,
      attempt: number,
      identity: command.identity,
    });
    if (context.signal.aborted) command.detach();
    context.signal.throwIfAborted();
    await follow(context, step, number, command);
  } finally {
    context.holdCommand(undefined);
  }
}

/** Stays with a command until it has ended, then finds out what became of it. */
async function follow(
  context: RunContext,
  step: PlannedRunStep,
  number: number,
  command: RunningCommand,
): Promise<void> {
  const attempt = lastAttempt(stepState(context.state(), step.id));
  const since = attempt?.startedAt ?? context.ports.clock.now().toISOString();
  const ended = new AbortController();
  context.holdCommand(command);
  context.doing(step.id, 'running', { normal: step.normal, since });
  const watching = step.changes ? watchCluster(context, step, since, ended.signal) : undefined;
  const timing = watchTimeout(context, step, since, ended.signal);
  const output = context.output(step.id, number);
  try {
    for await (const text of command.output) output.append(text);
    // A command that was detached ends its output and nothing else.
    context.signal.throwIfAborted();
    const exit = await command.exit;
    await conclude(context, step, number, exit);
    context.holdCommand(undefined);
    ended.abort();
    await settleCommand(context, step, number, exit);
  } finally {
    context.holdCommand(undefined);
    ended.abort();
    await Promise.all([watching, timing]);
  }
}

/** Shows what Azure says about the cluster while a command runs. Best effort: it never fails a step. */
async function watchCluster(
  context: RunContext,
  step: PlannedRunStep,
  since: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (;;) {
      await context.ports.clock.sleep(watchMs, signal);
      const state = await readProvisioningState(context);
      if (signal.aborted) return;
      const doing = isBusy(state) ? `running; Azure says the cluster is ${state}` : 'running';
      context.doing(step.id, doing, { normal: step.normal, since });
    }
  } catch (error) {
    if (!signal.aborted && !(error instanceof ToolError) && !context.signal.aborted) throw error;
  }
}

/** Marks a command that has run past its time. It goes on: only the operator ends it. */
async function watchTimeout(
  context: RunContext,
  step: PlannedRunStep,
  since: string,
  signal: AbortSignal,
): Promise<void> {
  if (step.timeout === undefined) return;
  try {
    await context.ports.clock.sleep(step.timeout, signal);
    context.doing(step.id, 'running, longer than this step should take', {
      normal: step.normal,
      since,
      overdue: true,
    });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function performCheck(context: RunContext, step: PlannedKind<'check'>, number: number): Promise<void> {
  await context.append({ type: 'step.started', step: step.id, attempt: number });
  context.doing(step.id, 'checking');
  try {
    const facts = await context.readFacts([...step.check.facts, ...(step.value?.facts ?? [])]);
    const value = step.value && evaluateValue(step.value, facts, '');
    if (await holds(context, step.check, facts))
      return await succeed(context, step, number, value || undefined);
    const found = value ? `${step.message} Found: ${value}` : step.message;
    const failure: Failure = { reason: 'check', what: found, detail: step.fix };
    await context.append({ type: 'step.failed', step: step.id, attempt: number, failure });
  } catch (error) {
    await failOnFacts(context, step, number, error);
  }
}

async function performWait(context: RunContext, step: PlannedKind<'wait'>, number: number): Promise<void> {
  const { clock } = context.ports;
  await context.append({ type: 'step.started', step: step.id, attempt: number });
  const since = clock.now().toISOString();
  const overdue = new AbortController();
  const ended = new AbortController();
  const timing = clock.sleep(step.timeout, ended.signal).then(
    () => overdue.abort(),
    () => undefined,
  );
  try {
    for (;;) {
      context.doing(step.id, 'waiting', { normal: step.normal, since });
      if (await holds(context, step.until)) return await succeed(context, step, number);
      if (overdue.signal.aborted) {
        const failure: Failure = {
          reason: 'timeout',
          what: 'It has not come true within the time this step allows.',
          detail: `Waited for: ${step.until.source}`,
        };
        await context.append({ type: 'step.failed', step: step.id, attempt: number, failure });
        return;
      }
      await clock.sleep(step.every, context.signal);
    }
  } catch (error) {
    await failOnFacts(context, step, number, error);
  } finally {
    ended.abort();
    await timing;
  }
}

/** Finds out what became of a command that an earlier sitting started. */
export async function investigate(context: RunContext, step: PlannedRunStep, number: number): Promise<void> {
  const { ports } = context;
  const attempt = lastAttempt(stepState(context.state(), step.id));
  context.doing(step.id, 'looking for the command of the earlier sitting');
  if (attempt?.exit !== undefined) {
    await context.loadOutput(step.id, number);
    return settleCommand(context, step, number, attempt.exit);
  }
  const found = await ports.commands.find(ports.journal.outputFile(step.id, number), attempt?.identity);
  switch (found.kind) {
    case 'running':
      return follow(context, step, number, found.command);
    case 'ended':
      await context.loadOutput(step.id, number);
      await conclude(context, step, number, found.exit);
      return settleCommand(context, step, number, found.exit);
    case 'lost':
      return settleLost(context, step, number);
  }
}

/** Records how a command ended, and whether a known-harmless error is passed over. */
async function conclude(
  context: RunContext,
  step: PlannedRunStep,
  number: number,
  exit: CommandExit,
): Promise<void> {
  const output = context.output(step.id, number).tail(errorLines).join('\n');
  const forgivable = exit.code !== 0 && exit.failure === undefined && exit.signal === null;
  const tolerated = forgivable ? toleratedBecause(step, output) : undefined;
  await context.append({ type: 'command.exited', step: step.id, attempt: number, exit, tolerated });
}

async function targetFailure(context: RunContext, step: PlannedStep): Promise<Failure | undefined> {
  try {
    const differences = await context.ports.target.differences(context.signal);
    if (differences.length === 0) return undefined;
    return {
      reason: 'target',
      what: 'This is not the planned cluster; nothing was run.',
      detail: differences
        .map(({ what, expected, found }) => `${what}: planned ${expected}, found ${found}`)
        .join('\n'),
    };
  } catch (error) {
    context.signal.throwIfAborted();
    return factFailure(step, error);
  }
}

async function failOnFacts(
  context: RunContext,
  step: PlannedStep,
  number: number,
  error: unknown,
): Promise<void> {
  context.signal.throwIfAborted();
  await context.append({
    type: 'step.failed',
    step: step.id,
    attempt: number,
    failure: factFailure(step, error),
  });
}
