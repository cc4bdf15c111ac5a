/** Carrying out a step: one function for each kind of effect. Each appends what happens and returns when it is over. */
import { evaluateValue } from '../plan/conditions.ts';
import type { PlannedStep } from '../plan/model.ts';
import { ToolError } from '../runbook/errors.ts';
import { waitUntilSettled } from './cluster.ts';
import type { RunContext } from './context.ts';
import type { Failure } from './events.ts';
import { factFailure } from './failure.ts';
import { investigateRewrite, performRewrite } from './perform-rewrite.ts';
import { redact } from './redaction.ts';
import type { RewriteExtent } from './rewriting.ts';
import { investigate, performRun } from './run-command.ts';
import { holds, succeed } from './settle.ts';
import { lastAttempt, stepState } from './state.ts';

type PlannedKind<K extends PlannedStep['kind']> = Extract<PlannedStep, { kind: K }>;

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
    const extent = step.kind === 'rewrite-secrets' ? await extentOf(context, step) : undefined;
    await context.append({ type: 'step.assessed', step: step.id, applies: true, alreadyDone, extent });
  } catch (error) {
    await failOnFacts(context, step, number, error);
  }
}

/** How much a rewrite has before it, for the operator to know; whether it can be done, it finds out by itself. */
async function extentOf(
  { ports, signal }: RunContext,
  { namespaces }: PlannedKind<'rewrite-secrets'>,
): Promise<RewriteExtent | undefined> {
  try {
    return await ports.secrets.extent(namespaces, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ToolError) return undefined;
    throw error;
  }
}

/** Carries out a step that may go ahead. */
export async function perform(context: RunContext, step: PlannedStep, number: number): Promise<void> {
  switch (step.kind) {
    case 'run':
      return performRun(context, step, number);
    case 'rewrite-secrets':
      return performRewrite(context, step, number);
    case 'check':
      return performCheck(context, step, number);
    case 'wait':
      return performWait(context, step, number);
    case 'manual':
      throw new Error(`step "${step.id}" is the operator's to do`);
  }
}

/** Finds out what became of a command that an earlier sitting started for a step. */
export async function lookInto(context: RunContext, step: PlannedStep, number: number): Promise<void> {
  if (step.kind === 'run') return investigate(context, step, number);
  if (step.kind === 'rewrite-secrets') return investigateRewrite(context, step, number);
  throw new Error(`step "${step.id}" runs no command`);
}

async function performCheck(context: RunContext, step: PlannedKind<'check'>, number: number): Promise<void> {
  await context.append({ type: 'step.started', step: step.id, attempt: number });
  context.doing(step.id, 'checking');
  try {
    const facts = await context.readFacts([...step.check.facts, ...(step.value?.facts ?? [])]);
    // Before it stands in a sentence: what is secret in it shows by how its lines begin.
    const value = step.value && redact(evaluateValue(step.value, facts, ''));
    if (await holds(context, step.check, facts))
      return await succeed(context, step, number, value || undefined);
    const found = value ? `${step.message} ${foundText(value)}` : step.message;
    const failure: Failure = { reason: 'check', what: found, detail: step.fix };
    await context.append({ type: 'step.failed', step: step.id, attempt: number, failure });
  } catch (error) {
    await failOnFacts(context, step, number, error);
  }
}

/** What is lacking is not told as found. */
function foundText(value: string): string {
  return value.startsWith('missing: ') ? `M${value.slice(1)}` : `Found: ${value}`;
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
