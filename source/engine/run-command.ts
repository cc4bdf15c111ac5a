/** Running a step's command, following it to its end, and finding it again. */
import { fill } from '../plan/command.ts';
import type { PlannedRunStep, PlannedStep } from '../plan/model.ts';
import { ToolError } from '../runbook/errors.ts';
import { isBusy, readProvisioningState } from './cluster.ts';
import type { RunContext } from './context.ts';
import type { Failure } from './events.ts';
import { Tolerance, factFailure, isForgivable } from './failure.ts';
import type { CommandExit, RunningCommand } from './ports.ts';
import { settleCommand, settleLost } from './settle.ts';
import type { Afterwards } from './settle.ts';
import { SignInRequest } from './sign-in-request.ts';
import { lastAttempt, stepState } from './state.ts';
import { wordValues } from './words.ts';

/** Time between two looks at what Azure says while a command runs. */
const watchMs = 15_000;

/**
 * Runs a step's command: on the planned cluster, with every word filled in, and on record before it starts.
 * `afterwards` is what follows when it has worked.
 */
export async function performRun(
  context: RunContext,
  step: PlannedRunStep,
  number: number,
  afterwards?: Afterwards,
): Promise<void> {
  const { ports } = context;
  context.doing(step.id, 'making sure this is the planned cluster');
  const refusal = await targetFailure(context, step);
  if (refusal !== undefined) {
    await context.append({ type: 'step.failed', step: step.id, attempt: number, failure: refusal });
    return;
  }
  const expired = await signInFailure(context, step);
  if (expired !== undefined) {
    await context.append({ type: 'step.failed', step: step.id, attempt: number, failure: expired });
    return;
  }
  let words: string[][];
  try {
    words = fill(step.pipeline, wordValues(context.state()));
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
    let command: RunningCommand;
    try {
      command = await ports.commands.start(words, ports.journal.outputFile(step.id, number));
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      const failure: Failure = { reason: 'not-started', what: error.message, detail: error.next };
      return await context.append({ type: 'step.failed', step: step.id, attempt: number, failure });
    }
    const { identity } = command;
    try {
      await context.append({ type: 'command.spawned', step: step.id, attempt: number, identity });
      context.signal.throwIfAborted();
    } catch (error) {
      throw leave(command, error);
    }
    await follow(context, step, number, command, afterwards);
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
  afterwards?: Afterwards,
): Promise<void> {
  const attempt = lastAttempt(stepState(context.state(), step.id));
  const since = attempt?.startedAt ?? context.ports.clock.now().toISOString();
  const ended = new AbortController();
  context.holdCommand(command);
  context.doing(step.id, 'running', { normal: step.normal, since });
  const watching = step.changes ? watchCluster(context, step, since, ended.signal) : undefined;
  const timing = watchTimeout(context, step, since, ended.signal);
  const unrecordable = Promise.withResolvers<never>();
  // Heard where the command's end is waited for.
  unrecordable.promise.catch(() => undefined);
  const guarding = guardJournal(context, ended.signal).catch((error: unknown) => {
    unrecordable.reject(error);
    command.detach();
  });
  const output = context.output(step.id, number);
  // An earlier sitting's command is told from its beginning; what was read of it to look at would come twice.
  output.clear();
  const tolerance = new Tolerance(step);
  const request = new SignInRequest();
  let exit: CommandExit;
  try {
    for await (const text of command.output) {
      output.append(text);
      tolerance.push(text);
      await heedSignInRequest(context, step, request, text);
    }
    // A command that was detached ends its output and nothing else.
    context.signal.throwIfAborted();
    exit = await Promise.race([command.exit, unrecordable.promise]);
    await conclude(context, step, number, exit, tolerance);
  } catch (error) {
    throw leave(command, error);
  } finally {
    context.holdCommand(undefined);
    ended.abort();
    await Promise.all([watching, timing, guarding]);
  }
  return settleCommand(context, step, number, exit, afterwards);
}

/** Shows what the command asks of the operator, as long as it waits for it, and records that it did. */
async function heedSignInRequest(
  context: RunContext,
  step: PlannedRunStep,
  request: SignInRequest,
  text: string,
): Promise<void> {
  const before = request.asked;
  request.push(text);
  if (request.asked === before) return;
  context.doing(step.id, 'running', { asks: request.asked });
  const warning = 'The command asked for a sign-in with a browser while it ran.';
  const recorded = context.state().warnings.some((known) => known.step === step.id && known.text === warning);
  if (request.asked !== undefined && !recorded)
    await context.append({ type: 'run.warned', step: step.id, text: warning });
}

/** Lets go of a command, because nothing more can be recorded of it here. Returns what to tell. */
function leave(command: RunningCommand, error: unknown): unknown {
  command.detach();
  if (!(error instanceof ToolError)) return error;
  return new ToolError(
    error.message,
    `The command (process ${command.identity.pid}) is left to itself; resuming finds it. ${error.next}`,
    { status: error.status, cause: error },
  );
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

/** Rejects as soon as what becomes of a command could not be recorded any more: nobody should find out hours later. */
async function guardJournal(context: RunContext, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await context.ports.clock.sleep(watchMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    await context.checkJournal();
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

/** Finds out what became of a command that an earlier sitting started. */
export async function investigate(
  context: RunContext,
  step: PlannedRunStep,
  number: number,
  afterwards?: Afterwards,
): Promise<void> {
  const { ports } = context;
  const attempt = lastAttempt(stepState(context.state(), step.id));
  context.doing(step.id, 'looking for the command of the earlier sitting');
  if (attempt?.exit !== undefined) {
    await context.loadOutput(step.id, number);
    return settleCommand(context, step, number, attempt.exit, afterwards);
  }
  const found = await ports.commands.find(ports.journal.outputFile(step.id, number), attempt?.identity);
  switch (found.kind) {
    case 'running':
      return follow(context, step, number, found.command, afterwards);
    case 'ended':
      await context.loadOutput(step.id, number);
      await conclude(context, step, number, found.exit, keptTolerance(context, step, number, found.exit));
      return settleCommand(context, step, number, found.exit, afterwards);
    case 'lost':
      return settleLost(context, step, number);
    case 'unknowable': {
      // It may still be at work, so not even the postcondition tells what will have become of it.
      const what = 'It is not known whether the command still runs.';
      const failure: Failure = { reason: 'lost', what, detail: found.why };
      await context.append({
        type: 'step.investigated',
        step: step.id,
        attempt: number,
        effect: null,
        failure,
      });
      return;
    }
  }
}

/** Records how a command ended, and whether a known-harmless error is passed over. */
async function conclude(
  context: RunContext,
  step: PlannedRunStep,
  number: number,
  exit: CommandExit,
  tolerance: Tolerance,
): Promise<void> {
  const tolerated = isForgivable(exit) ? tolerance.because() : undefined;
  const toleratedLines = tolerated === undefined ? undefined : tolerance.lines;
  await context.append({
    type: 'command.exited',
    step: step.id,
    attempt: number,
    exit,
    tolerated,
    toleratedLines,
  });
  const warn = (text: string): Promise<void> => context.append({ type: 'run.warned', step: step.id, text });
  if (exit.outputLost !== undefined)
    await warn(`${exit.outputLost} bytes of the output could not be kept: there was no room for them.`);
  if (exit.outputUnsynced !== undefined)
    await warn(`The output may not have reached the disk: ${exit.outputUnsynced}.`);
}

/** What may be passed over in an output of an earlier sitting: nothing, unless the whole of it is at hand. */
function keptTolerance(
  context: RunContext,
  step: PlannedRunStep,
  number: number,
  exit: CommandExit,
): Tolerance {
  const tolerance = new Tolerance(step);
  const output = context.output(step.id, number);
  const text = output.tail(output.length).join('\n');
  if (Buffer.byteLength(text) >= exit.outputBytes - 1) tolerance.push(`${text}\n`);
  return tolerance;
}

/**
 * A change is not begun with a sign-in that has run out, and a token that may run out meanwhile is told of: az gets a
 * new one by itself as long as the sign-in holds, which a policy may limit.
 */
async function signInFailure(context: RunContext, step: PlannedRunStep): Promise<Failure | undefined> {
  if (!step.changes) return undefined;
  const { clock, signIn } = context.ports;
  let until: Date | undefined;
  try {
    until = await signIn.validUntil(context.signal);
  } catch (error) {
    context.signal.throwIfAborted();
    return factFailure(step, error);
  }
  if (until === undefined) return undefined;
  const left = until.getTime() - clock.now().getTime();
  if (left <= 0) {
    return {
      reason: 'facts',
      what: `The sign-in to Azure ran out at ${until.toISOString()}; nothing was run.`,
      detail:
        'Sign in with az login in another terminal, with the same account and subscription, then try again.',
    };
  }
  if (step.normal === undefined || left > step.normal) return undefined;
  await context.append({
    type: 'run.warned',
    step: step.id,
    text:
      `The token az acts with runs out in ${Math.floor(left / 60_000)} min, and this step normally takes ` +
      `${Math.round(step.normal / 60_000)} min. az gets a new one by itself while the sign-in holds. If it does not, ` +
      'Azure goes on with the change: sign in again with az login, and its outcome is looked up.',
  });
  return undefined;
}

/** Why nothing may be done now, when this is not the planned cluster; undefined when it is. */
export async function targetFailure(context: RunContext, step: PlannedStep): Promise<Failure | undefined> {
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
