/** What runbooks need of the machine besides what their own checks say. */
import { pipelineOf } from '../plan/command.ts';
import type { Pipeline, Runbook } from '../runbook/model.ts';

export interface Needs {
  /** Programs that their commands run. */
  programs: ReadonlySet<string>;
  /** Milliseconds the longest step usually takes. */
  longest: number;
}

/** Reads it from the runbooks, so that it is said in one place only. */
export function needsOf(runbooks: readonly Runbook[]): Needs {
  const steps = runbooks.flatMap(({ sections }) => sections.flatMap((section) => section.steps));
  return {
    programs: new Set(steps.flatMap((step) => programs(pipelineOf(step) ?? []))),
    longest: Math.max(0, ...steps.map(({ normal = 0 }) => normal)),
  };
}

function programs(pipeline: Pipeline): string[] {
  return pipeline.flatMap(
    ([program]) => program?.flatMap((part) => ('text' in part ? [part.text] : [])) ?? [],
  );
}
