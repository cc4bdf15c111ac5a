/** What keeps a plan from being begun. */
import { redact } from '../engine/redaction.ts';
import { pipelineOf } from '../plan/command.ts';
import type { Plan } from '../plan/model.ts';
import { UsageError } from '../runbook/errors.ts';

/** A secret has no place in a plan, which is kept and shown. */
export function requireNoSecret(plan: Plan): void {
  const name = Object.entries(plan.parameters).find(([, value]) => redact(value) !== value)?.[0];
  if (name === undefined) return;
  throw new UsageError(
    `The value of ${name} looks like a secret.`,
    'Give a name or an id; the value is kept in the record of the run.',
  );
}

/** A rehearsal starts nothing but the stand-ins: any other program would act on the real world. */
export async function requireSimulated(plan: Plan): Promise<void> {
  const { standInNames } = await import('../rehearsal/index.ts');
  for (const step of plan.steps) {
    for (const [program = []] of pipelineOf(step) ?? []) {
      const name = program.map((part) => ('text' in part ? part.text : '')).join('');
      if (standInNames.includes(name)) continue;
      throw new UsageError(
        `The step "${step.title}" runs ${name}, which cannot be rehearsed: it would really run.`,
        `Only ${standInNames.join(' and ')} are simulated, by these names.`,
      );
    }
  }
}
