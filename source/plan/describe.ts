/** What a step does, in words: the same for a runbook that is read and a plan that is tried dry. */
import type { Expression, Step } from '../runbook/model.ts';
import { displayCommand } from './command.ts';
import type { PlannedStep } from './model.ts';

/** A labelled part of a description. `verbatim` text keeps its line breaks and is never wrapped. */
export interface Passage {
  label?: string | undefined;
  text: string;
  verbatim?: boolean | undefined;
}

/** The passages of a step, in reading order: what it is about, what it does, what it asks for, what follows. */
export function describeStep(step: Step | PlannedStep): Passage[] {
  const passages: (Passage | undefined)[] = [
    said(undefined, step.text),
    condition('Only if', step.when),
    step.irreversible === undefined ? undefined : said('Cannot be undone', step.irreversible),
    ...describeKind(step),
    condition('Done when', step.doneWhen),
    ...step.capture.map(({ name, expression }) => condition(`Afterwards $${name} is`, expression)),
    step.evenIfFailed.length === 0 ? undefined : said('Do this even if failed', step.evenIfFailed.join(', ')),
    step.normal === undefined ? undefined : said('Usually takes', describeDuration(step.normal)),
  ];
  return passages.filter((passage) => passage !== undefined);
}

/** One word for what kind of step it is. */
export function describeKindOf(step: Step | PlannedStep): string {
  if (step.kind === 'run') return step.changes ? 'command' : 'command, only reads';
  if (step.kind === 'check') return step.severity === 'warning' ? 'check, warning only' : 'check';
  return step.kind === 'rewrite-secrets' ? 'rewrite of all Secrets' : step.kind;
}

/** Milliseconds as an author writes them: `90s` is `1m30s`. */
function describeDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'm'],
    [seconds % 60, 's'],
  ] as const;
  const text = parts.map(([count, unit]) => (count === 0 ? '' : `${count}${unit}`)).join('');
  return text === '' ? '0s' : text;
}

function describeKind(step: Step | PlannedStep): (Passage | undefined)[] {
  switch (step.kind) {
    case 'run':
      return [
        { label: 'Runs', text: displayCommand(step.pipeline), verbatim: true },
        said('Confirmation', describeConfirmation(step)),
        step.timeout === undefined
          ? undefined
          : said('Asks what to do after', describeDuration(step.timeout)),
        ...step.tolerate.map(({ pattern, because }) => said('Harmless here', `${pattern} – ${because}`)),
      ];
    case 'check':
      return [
        condition('Checks', step.check),
        said('If not', step.fix === undefined ? step.message : `${step.message} ${step.fix}`),
      ];
    case 'wait':
      return [
        condition('Waits until', step.until),
        said('Looks every', `${describeDuration(step.every)}, for ${describeDuration(step.timeout)} at most`),
      ];
    case 'manual':
      return [
        said(undefined, step.instruction),
        said('Confirm', step.attest),
        step.note === 'required' ? said('Note', 'has to be written') : undefined,
      ];
    case 'rewrite-secrets':
      return [
        said('Does', rewriteText(step)),
        step.namespaces.length === 0 ? undefined : said('Only in', step.namespaces.join(', ')),
        said('Confirmation', 'press Enter'),
        step.noExceptions === undefined ? undefined : said('No Secret may be left out', step.noExceptions),
        ...(step.documented === undefined
          ? []
          : [
              {
                label: 'Or, if you choose so, runs the command of the document',
                text: displayCommand(step.documented.pipeline),
                verbatim: true,
              },
              ...step.documented.tolerate.map(({ pattern, because }) =>
                said('Harmless there', `${pattern} – ${because}`),
              ),
            ]),
      ];
  }
}

/** How a rewrite leaves the Secrets, as the end of “they are …”. */
export function storedText({ stored }: { stored?: string | undefined }): string {
  return stored === undefined ? 'under the current key' : `stored ${stored}`;
}

/** What a rewrite does, in a sentence; `documented`: by the command of the document. */
export function rewriteText(
  { stored = 'under the current key' }: { stored?: string | undefined },
  documented = false,
): string {
  const verified = `verify that each is stored ${stored}.`;
  return documented
    ? 'Runs the command of the document, which holds every Secret in clear while it runs; then the tool goes over ' +
        `all of them, by name, to ${verified}`
    : 'Writes every Secret again as it is, many at once and without receiving anything of it but its name, then ' +
        `goes over all of them once more to ${verified}`;
}

function describeConfirmation(step: Extract<Step | PlannedStep, { kind: 'run' }>): string {
  const { confirm } = step;
  if (confirm.kind === 'type')
    return 'expected' in confirm ? `type ${confirm.expected}` : `type the value of ${confirm.parameter}`;
  return step.changes ? 'press Enter' : 'none, it only reads';
}

function said(label: string | undefined, text: string | undefined): Passage | undefined {
  return text === undefined ? undefined : { label, text };
}

function condition(label: string, expression: Expression | undefined): Passage | undefined {
  return expression && { label, text: expression.source.replace(/\s+/g, ' ') };
}
