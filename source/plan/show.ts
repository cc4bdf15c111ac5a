/** A runbook to read and a plan to check, as plain lines without colour. */
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import type { Runbook, Step } from '../runbook/model.ts';
import { pipelineOf } from './command.ts';
import { describeKindOf, describeStep } from './describe.ts';
import type { Passage } from './describe.ts';
import type { Plan, PlannedStep } from './model.ts';
import { namesSubscription, subscriptionName } from './subscription.ts';

const defaultWidth = 100;

/** The runbook as a document: title and source, parameters, sections and steps. */
export function showRunbook(runbook: Runbook, width = defaultWidth): string[] {
  return [
    ...heading(runbook.title, width),
    '',
    ...wrap(runbook.description, width),
    '',
    ...sourceLines(runbook.source, width),
    '',
    'Parameters',
    ...table(
      runbook.parameters.map(({ name, description, default: preset }) => [
        name,
        preset === undefined ? description : `${description} (${preset} unless given)`,
      ]),
      width,
    ),
    ...sectionLines(runbook.sections, width),
  ];
}

/** The dry run: what every step would do with these parameters, in order, and what it would ask for. */
export function showPlan(plan: Plan, width = defaultWidth): string[] {
  const steps = new Map(plan.steps.map((step) => [step.id, step]));
  const sections = plan.sections.map((section) => ({
    ...section,
    steps: section.steps.flatMap((id) => steps.get(id) ?? []),
  }));
  return [
    ...heading(plan.runbook.title, width),
    '',
    ...sourceLines(plan.runbook.source, width),
    '',
    'Parameters',
    ...table(Object.entries(plan.parameters), width),
    '',
    `Plan ${plan.fingerprint.slice(0, 12)}. Nothing has been run.`,
    ...(plan.steps.some((step) => namesSubscription(pipelineOf(step) ?? []))
      ? wrap(
          `$${subscriptionName} will be the id of the subscription az is set to when the run begins.`,
          width,
        )
      : []),
    ...sectionLines(sections, width),
  ];
}

interface ShownSection {
  title: string;
  text?: string | undefined;
  steps: readonly (Step | PlannedStep)[];
}

/** Steps are counted through all sections, as the checklist and the change record count them. */
function sectionLines(sections: readonly ShownSection[], width: number): string[] {
  let number = 0;
  return sections.flatMap((section) => [
    '',
    ...heading(section.title, width),
    ...(section.text === undefined ? [] : ['', ...wrap(section.text, width)]),
    ...section.steps.flatMap((step) => stepLines(step, `${(number += 1)}.`, width)),
  ]);
}

function stepLines(step: Step | PlannedStep, number: string, width: number): string[] {
  const margin = ' '.repeat(number.length + 1);
  const title = wrap(`${step.title} [${describeKindOf(step)}]`, width - margin.length);
  const body = describeStep(step).flatMap((passage) => passageLines(passage, width - margin.length));
  return ['', ...indent(title, `${number} `, margin), ...indent(body, margin)];
}

function passageLines({ label, text, verbatim }: Passage, width: number): string[] {
  if (verbatim === true) return [`${label ?? ''}:`, ...indent(text.split('\n'), '  $ ', '    ')];
  return wrap(label === undefined ? text : `${label}: ${text}`, width);
}

function sourceLines({ title, url, date }: Runbook['source'], width: number): string[] {
  return [...wrap(`Mirrors “${title}”, ${date}`, width), url];
}

function heading(text: string, width: number): string[] {
  const lines = wrap(text, width);
  return [...lines, '-'.repeat(Math.max(...lines.map((line) => stringWidth(line))))];
}

function table(rows: readonly (readonly [string, string])[], width: number): string[] {
  const first = Math.max(0, ...rows.map(([name]) => name.length)) + 2;
  return rows.flatMap(([name, text]) =>
    indent(wrap(text, width - first - 2), `  ${name.padEnd(first)}`, ' '.repeat(first + 2)),
  );
}

function indent(lines: readonly string[], first: string, others = first): string[] {
  return lines.map((line, index) => (line === '' ? '' : `${index === 0 ? first : others}${line}`));
}

/** Lines of at most `width` columns, except where a word is longer; indented lines go on indented. */
function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => {
    const lead = /^ *(?:[-*] )?/.exec(line)?.[0] ?? '';
    const room = Math.max(20, width - lead.length);
    const wrapped = wrapAnsi(line.slice(lead.length), room, { trim: true }).split('\n');
    return wrapped.map((part, index) => (index === 0 ? lead : ' '.repeat(lead.length)) + part);
  });
}
