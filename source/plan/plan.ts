/** A runbook and the values of its parameters → the plan of a run. */
import { createHash } from 'node:crypto';
import { ToolError, UsageError } from '../runbook/errors.ts';
import type { Parameter, Pipeline, Runbook, Step } from '../runbook/model.ts';
import { matchesWhole } from '../runbook/pattern.ts';
import { suggestion } from '../runbook/suggest.ts';
import { valueProblem } from '../runbook/value.ts';
import { fillKnown, quoteWords } from './command.ts';
import type { Plan, PlannedConfirmation, PlannedStep } from './model.ts';
import { inSubscription } from './subscription.ts';

type Values = Readonly<Record<string, string>>;

/** The parameters that have neither a value nor a default, in the order of the runbook. */
export function missingParameters(runbook: Runbook, values: Values): Parameter[] {
  return runbook.parameters.filter((parameter) => valueOf(parameter, values) === undefined);
}

/**
 * Why a value does not fit a parameter, in words that follow its name, or undefined when it fits. What cannot stand
 * as a command word of its own fits no parameter.
 */
export function parameterProblem(parameter: Parameter, value: string): string | undefined {
  const problem = valueProblem(value);
  if (problem !== undefined) return problem;
  if (matchesWhole(parameter.pattern, value)) return undefined;
  return `does not fit: ${parameter.patternHelp ?? `it has to match ${parameter.pattern}`}`;
}

/**
 * Builds the plan. Throws one `UsageError` that names everything that is missing, unknown or does not fit. `named` is
 * how the operator named the runbook: its id, or the path of its file.
 */
export function buildPlan(runbook: Runbook, values: Values, named = runbook.id): Plan {
  const problems = [...unknownParameters(runbook, values), ...unfitParameters(runbook, values)];
  if (problems.length > 0)
    throw new UsageError(
      `The parameters of ${runbook.id} cannot be used: ${problems.join('; ')}.`,
      `Give every parameter as -p NAME=VALUE; \`aks-kms-runbook ${quoteWords(['show', named])}\` lists them.`,
    );
  const parameters: Record<string, string> = {};
  for (const parameter of runbook.parameters) parameters[parameter.name] = valueOf(parameter, values) ?? '';
  const { id, title, description, source, digest, rehearsal } = runbook;
  const plan: Omit<Plan, 'fingerprint'> = {
    runbook: { id, title, description, source, digest, rehearsal },
    parameters,
    target: {
      clusterName: parameters['CLUSTER_NAME'] ?? '',
      resourceGroup: parameters['RESOURCE_GROUP'] ?? '',
    },
    sections: runbook.sections.map((section) => ({
      title: section.title,
      text: section.text,
      steps: section.steps.map((step) => step.id),
    })),
    steps: runbook.sections.flatMap((section) => section.steps.map((step) => planStep(step, parameters))),
  };
  return { ...plan, fingerprint: fingerprint(plan) };
}

/** SHA-256 (hex) of a plan without its fingerprint, in canonical JSON: keys sorted, absent values left out. */
export function fingerprint(plan: Omit<Plan, 'fingerprint'>): string {
  const { fingerprint: _, ...rest } = plan as Plan;
  return createHash('sha256').update(canonicalJson(rest)).digest('hex');
}

function valueOf(parameter: Parameter, values: Values): string | undefined {
  return (Object.hasOwn(values, parameter.name) ? values[parameter.name] : undefined) ?? parameter.default;
}

function unknownParameters(runbook: Runbook, values: Values): string[] {
  const known = runbook.parameters.map((parameter) => parameter.name);
  return Object.keys(values)
    .filter((name) => !known.includes(name))
    .map((name) => `${name} is not one of them (${suggestion(name, known, 'parameters')})`);
}

function unfitParameters(runbook: Runbook, values: Values): string[] {
  return runbook.parameters.flatMap((parameter) => {
    const value = valueOf(parameter, values);
    const problem = value === undefined ? 'is missing' : parameterProblem(parameter, value);
    return problem === undefined ? [] : [`${parameter.name} (${parameter.description}) ${problem}`];
  });
}

function planStep(step: Step, parameters: Values): PlannedStep {
  const { position: _, ...rest } = step;
  const confirm = planConfirmation(step, parameters);
  try {
    const command = (pipeline: Pipeline): Pipeline => inSubscription(fillKnown(pipeline, parameters));
    if (rest.kind === 'run') return { ...rest, confirm, pipeline: command(rest.pipeline) };
    if (rest.kind !== 'rewrite-secrets' || rest.documented === undefined) return { ...rest, confirm };
    return {
      ...rest,
      confirm,
      documented: { ...rest.documented, pipeline: command(rest.documented.pipeline) },
    };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new UsageError(`In the step "${step.title}": ${error.message}`, error.next, { cause: error });
  }
}

function planConfirmation(step: Step, parameters: Values): PlannedConfirmation {
  const { confirm } = step;
  return confirm.kind === 'enter' ? confirm : { kind: 'type', expected: parameters[confirm.parameter] ?? '' };
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, nested: unknown) =>
    typeof nested === 'object' && nested !== null && !Array.isArray(nested)
      ? Object.fromEntries(Object.entries(nested).sort(([a], [b]) => (a < b ? -1 : 1)))
      : nested,
  );
}
