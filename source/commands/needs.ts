/** What runbooks need of the machine and the subscription, as their own checks and commands say. */
import { compareVersions } from '../runbook/versions.ts';
import type { Pipeline, Runbook, Step } from '../runbook/model.ts';

/** Something needed, and the ids of the runbooks that need it (so recent); undefined when all do. */
interface Need {
  name: string;
  runbooks: readonly string[] | undefined;
}

export interface Needs {
  /** Programs with the lowest version that will do; undefined where any will. */
  tools: readonly (Need & { version: string | undefined })[];
  /** Preview features of Microsoft.ContainerService. */
  features: readonly Need[];
  /** Milliseconds the longest step usually takes. */
  longest: number;
}

/** `at_least(tools.az, '2.73.0')`, `tools."aks-preview"`. */
const toolCheck = /at_least\(\s*tools\.(?:"([^"]+)"|([\w-]+))\s*,\s*'([^']+)'\s*\)/g;
const featureCheck = /features\.(\w+)\s*==\s*'Registered'/g;

/** Reads it from the runbooks, so that it is said in one place only. */
export function needsOf(runbooks: readonly Runbook[]): Needs {
  /** By name: the version each runbook needs, undefined where any will do. */
  const tools = new Map<string, Map<string, string | undefined>>();
  const features = new Map<string, Set<string>>();
  for (const { id, sections } of runbooks) {
    for (const step of sections.flatMap((section) => section.steps)) {
      for (const [name, version] of toolsOf(step)) {
        const known = tools.get(name) ?? new Map<string, string | undefined>();
        tools.set(name, known.set(id, later(known.get(id), version)));
      }
      for (const name of featuresOf(step)) features.set(name, (features.get(name) ?? new Set()).add(id));
    }
  }
  const unlessAll = (ids: readonly string[]): readonly string[] | undefined =>
    ids.length === runbooks.length ? undefined : ids;
  return {
    tools: [...tools].map(([name, needed]) => {
      const version = [...needed.values()].reduce(later, undefined);
      const ids = [...needed].flatMap(([id, own]) => (own === version ? [id] : []));
      return { name, version, runbooks: unlessAll(ids) };
    }),
    features: [...features].map(([name, ids]) => ({ name, runbooks: unlessAll([...ids]) })),
    longest: Math.max(0, ...runbooks.flatMap(({ sections }) => sections.flatMap(normals))),
  };
}

function normals({ steps }: Runbook['sections'][number]): number[] {
  return steps.map(({ normal = 0 }) => normal);
}

/** Tools a step names, with the version it checks for. */
function toolsOf(step: Step): [string, string | undefined][] {
  if (step.kind === 'run') return programs(step.pipeline).map((name) => [name, undefined]);
  if (step.kind === 'rewrite-secrets' && step.documented !== undefined)
    return programs(step.documented.pipeline).map((name) => [name, undefined]);
  if (step.kind !== 'check') return [];
  const found = step.check.source.matchAll(toolCheck);
  return [...found].map(([, quoted, plain, version]) => [quoted ?? plain ?? '', version]);
}

function featuresOf(step: Step): string[] {
  if (step.kind !== 'check') return [];
  return [...step.check.source.matchAll(featureCheck)].map(([, name = '']) => name);
}

function programs(pipeline: Pipeline): string[] {
  return pipeline.flatMap(
    ([program]) => program?.flatMap((part) => ('text' in part ? [part.text] : [])) ?? [],
  );
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return (compareVersions(a, b) ?? 0) >= 0 ? a : b;
}
