/** Rewriting all Secrets: by the tool itself or by the document's command, and in either case verified. */
import { storedText } from '../plan/describe.ts';
import type { PlannedRewriteStep, PlannedRunStep } from '../plan/model.ts';
import type { RunContext } from './context.ts';
import type { Failure } from './events.ts';
import { explain, factFailure } from './failure.ts';
import type { RewriteView } from './ports.ts';
import {
  countRefused,
  mostVerifications,
  namespacesOf,
  nextPass,
  refusalLines,
  refusedIn,
  secretNames,
} from './rewriting.ts';
import type { NextPass, RewriteState } from './rewriting.ts';
import { investigate, performRun, targetFailure } from './run-command.ts';
import { succeed } from './settle.ts';
import { lastAttempt, stepState } from './state.ts';

/** Carries a rewrite out in the way that was confirmed. It goes on from where an earlier attempt got to. */
export async function performRewrite(
  context: RunContext,
  step: PlannedRewriteStep,
  number: number,
): Promise<void> {
  const chosen = lastAttempt(stepState(context.state(), step.id))?.confirmed?.documented === true;
  const command = chosen ? documentedCommand(step) : undefined;
  if (command !== undefined)
    return performRun(context, command, number, (_, attempt) => rewrite(context, step, attempt, true));
  context.doing(step.id, 'making sure this is the planned cluster');
  const refusal = await targetFailure(context, step);
  if (refusal !== undefined) return fail(context, step, number, refusal);
  await context.append({ type: 'step.started', step: step.id, attempt: number });
  return rewrite(context, step, number, false);
}

/** Finds out what became of the document's command that an earlier sitting started, then verifies. */
export async function investigateRewrite(
  context: RunContext,
  step: PlannedRewriteStep,
  number: number,
): Promise<void> {
  const command = documentedCommand(step);
  if (command === undefined) throw new Error(`step "${step.id}" runs no command`);
  return investigate(context, command, number, (_, attempt) => rewrite(context, step, attempt, true));
}

/** The step as one that runs the document's command; undefined when it gives none. */
function documentedCommand({ documented, ...step }: PlannedRewriteStep): PlannedRunStep | undefined {
  if (documented === undefined) return undefined;
  const { id, title, text, confirm, capture, evenIfFailed, explain: known, normal, timeout } = step;
  const shared = { id, title, text, confirm, capture, evenIfFailed, explain: known, normal, timeout };
  return { ...shared, ...documented, kind: 'run', changes: true };
}

/** Makes pass after pass until all Secrets are verified or there is no more point in it. `written`: by a command. */
async function rewrite(
  context: RunContext,
  step: PlannedRewriteStep,
  number: number,
  written: boolean,
): Promise<void> {
  try {
    for (;;) {
      const next = nextPass(passesOf(context, step), written);
      switch (next.kind) {
        case 'pass':
          await makePass(context, step, number, next);
          break;
        case 'verified':
          if (next.last.counts.refused === 0) return await succeed(context, step, number);
          return await fail(context, step, number, refusedFailure(step, refusedIn(next.last)));
        case 'unverified':
          return await fail(context, step, number, unverifiedFailure(next.last));
      }
    }
  } catch (error) {
    context.signal.throwIfAborted();
    await fail(context, step, number, factFailure(step, error));
  }
}

async function makePass(
  context: RunContext,
  step: PlannedRewriteStep,
  number: number,
  { number: pass, verifies, from }: NextPass & { kind: 'pass' },
): Promise<void> {
  const { pause, signal, ports } = context;
  const about = { step: step.id, attempt: number };
  const goesOn = from !== undefined || undefined;
  await context.append({ type: 'rewrite.begun', ...about, pass, verifies, goesOn });
  context.doing(step.id, verifies ? 'verifying all Secrets' : 'writing every Secret again', {
    normal: step.normal,
  });
  const ended = pause.open();
  const unsubscribe = pause.subscribe(() => {
    const type = pause.on ? 'rewrite.paused' : 'rewrite.continued';
    // Where this cannot be recorded, what the pass has done cannot be either, and it ends with that error.
    context.append({ type, ...about }).catch(() => undefined);
  });
  try {
    const { unproven } = await ports.secrets.pass({
      pass,
      verifies,
      namespaces: step.namespaces,
      from: from === undefined ? new Map() : namespacesOf(from),
      doneBefore: from?.counts.listed ?? 0,
      pause,
      record: (progress) => context.append({ type: 'rewrite.progressed', ...about, pass, ...progress }),
      show: (view) =>
        context.doing(step.id, doing(view), { normal: step.normal, rewrite: view, overdue: false }),
      signal,
    });
    await context.append({ type: 'rewrite.pass-ended', ...about, pass, unproven });
  } finally {
    unsubscribe();
    ended();
  }
}

/** What a pass is at, in a few words. */
export function doing({ verifies, paused, waiting, inFlight }: RewriteView): string {
  const what = verifies ? 'verifying all Secrets' : 'writing every Secret again';
  if (paused) return `${what} (paused${inFlight > 0 ? ', waiting for what is under way' : ''})`;
  return waiting === undefined ? what : `${what}; waiting for the API server: ${waiting}`;
}

function passesOf(context: RunContext, step: PlannedRewriteStep): RewriteState {
  return stepState(context.state(), step.id).rewrite ?? [];
}

function refusedFailure(step: PlannedRewriteStep, refused: Parameters<typeof refusalLines>[0]): Failure {
  const count = countRefused(refused);
  const detail = refusalLines(refused).join('\n');
  return {
    reason: 'refused',
    what: `The API server refuses to write ${count === 1 ? 'one Secret' : `${count} Secrets`}; all others are ${storedText(step)}.`,
    detail,
    explanation: explain(step, detail),
  };
}

function unverifiedFailure({ counts, unproven }: (NextPass & { kind: 'unverified' })['last']): Failure {
  return {
    reason: 'unverified',
    what:
      `Not every Secret stays as it was written: in the last of ${mostVerifications} verifications ` +
      `${counts.rewritten} of ${counts.listed} had to be written again.`,
    detail: unproven.length === 0 ? undefined : `Changed again at each look: ${secretNames(unproven)}`,
    // Not in the detail, of which only the end is shown where there is little room.
    explanation:
      unproven.length === 0
        ? {
            means:
              'Something is still changing how they are stored, such as an API server that has not heard of the new key.',
            do: 'Wait some minutes, then retry.',
          }
        : {
            means:
              'Something changes these Secrets whenever they are written, such as a mutating webhook, so whether they are stored as they should be cannot be told.',
            do: 'Find out what changes them (kubectl get mutatingwebhookconfigurations), have it leave them alone, then retry.',
          },
  };
}

async function fail(
  context: RunContext,
  step: PlannedRewriteStep,
  attempt: number,
  failure: Failure,
): Promise<void> {
  await context.append({ type: 'step.failed', step: step.id, attempt, failure });
}
