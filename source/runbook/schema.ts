/**
 * The YAML format of runbooks, once: the loader checks against it, the types are inferred from it, and the JSON
 * Schema for editors is generated from it. The descriptions are what an author sees in the editor.
 */
import { z } from 'zod';
import { durationPattern } from './duration.ts';

/** Names of parameters and captured values, written `$NAME` in commands. */
export const namePattern = /^[A-Z][A-Z0-9_]*$/;
/** Ids of runbooks, steps and simulated clusters. */
export const idPattern = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

const text = (description: string) => z.string().min(1).describe(description);
const expression = (description: string) => text(`${description} A JMESPath expression over the facts.`);
const id = (description: string) =>
  z
    .string()
    .max(60)
    .regex(idPattern, 'lower-case words joined with dashes, such as enable-pmk')
    .describe(description);
const duration = (description: string) =>
  z
    .string()
    .regex(durationPattern, 'a duration such as 90s, 30m or 1h30m')
    .describe(`${description} A duration such as 90s, 30m or 1h30m.`);
const name = z.string().regex(namePattern, 'upper-case letters, digits and _, such as CLUSTER_NAME');
const pattern = (description: string) =>
  text(
    `${description} A JavaScript regular expression, found anywhere in the output; upper and lower case do not matter.`,
  );

const explanation = z
  .strictObject({
    pattern: pattern('What the error looks like.'),
    means: text('What the error means here.'),
    do: text('What the operator should do.'),
    link: z
      .url({ protocol: /^https$/, error: 'an https address' })
      .optional()
      .describe('Where to read more.'),
  })
  .meta({ id: 'explanation', description: 'An error, what it means and what to do about it.' });

const explain = z
  .array(explanation)
  .min(1)
  .describe('Errors this step is known to end with. Shown with the error; the first that matches is taken.');

const sharedExplain = z
  .array(explanation)
  .min(1)
  .describe('Explanations for every command of the runbook, after those a step has of its own.');

const common = {
  id: id('Identifies the step in the record of a run. Unique in the runbook, fragments included.'),
  title: text('What the step does, as a line of the checklist.'),
  text: text('The text of the document that belongs to the step.').optional(),
  when: expression('The step applies only if this is true when its turn comes.').optional(),
  capture: z
    .record(name, expression('The value, read when the step has finished.'))
    .optional()
    .describe('Values to read when the step has finished, by the name later commands use: $NAME.'),
  'even-if-failed': z
    .array(id('An earlier step.'))
    .min(1)
    .optional()
    .describe('Earlier steps whose failure leaves this one reachable, and recommended.'),
};

const doneWhen = expression(
  'What is true of the cluster when the step has worked. Checked after the command ended, asked after an interruption, and shown as already done before.',
).optional();

const tolerate = z
  .array(
    z.strictObject({
      pattern: pattern('What the harmless error looks like.'),
      because: text('Why it is harmless here.'),
    }),
  )
  .min(1)
  .optional()
  .describe('Errors that are known to be harmless in this step.');

export const runStepSchema = z
  .strictObject({
    ...common,
    run: text(
      'The command, as the document prints it. It is split into words and $NAME is filled in afterwards; no shell is started.',
    ),
    'read-only': z
      .boolean()
      .optional()
      .describe('true: the command only reads, needs no confirmation and may be repeated freely.'),
    'done-when': doneWhen,
    irreversible: text(
      'Why there is no way back. The operator then has to type the name of the cluster.',
    ).optional(),
    confirm: z
      .union(
        [z.literal('enter'), z.strictObject({ type: name.describe('The parameter whose value is typed.') })],
        {
          error: 'must be `enter` or `{type: CLUSTER_NAME}`',
        },
      )
      .optional()
      .describe('How the operator confirms: one key (the default), or typing the value of a parameter.'),
    timeout: duration('After this long the operator is asked what to do; the command goes on.').optional(),
    normal: duration('How long the command usually takes.').optional(),
    tolerate,
    explain: explain.optional(),
  })
  .meta({ id: 'runStep', description: 'A step that runs a command.' });

export const checkStepSchema = z
  .strictObject({
    ...common,
    check: expression('What has to be true.'),
    message: text('What it means that it is not true.'),
    fix: text('What to do then.').optional(),
    value: expression('Shown beside the result, so that the operator sees what was found.').optional(),
    severity: z
      .enum(['blocking', 'warning'])
      .optional()
      .describe(
        'blocking (the default): the run does not go on. warning: the operator reads it and may go on.',
      ),
  })
  .meta({ id: 'checkStep', description: 'A step that checks something and changes nothing.' });

export const waitStepSchema = z
  .strictObject({
    ...common,
    wait: z
      .strictObject({
        until: expression('What is waited for.'),
        every: duration('How often to look; 15s unless said.').optional(),
        timeout: duration('After this long the step fails.'),
      })
      .describe('What is waited for, and how long.'),
    normal: duration('How long this usually takes.').optional(),
  })
  .meta({ id: 'waitStep', description: 'A step that waits until something is true.' });

export const manualStepSchema = z
  .strictObject({
    ...common,
    manual: z
      .strictObject({
        instruction: text('What the operator has to do or to know.'),
        attest: text('The sentence the operator confirms; it goes into the record.'),
        note: z
          .enum(['optional', 'required'])
          .optional()
          .describe('Whether a note has to be written with it; optional unless said.'),
      })
      .describe('What a person does, and the sentence they confirm.'),
    'done-when': doneWhen,
  })
  .meta({ id: 'manualStep', description: 'A step a person does and vouches for.' });

export const rewriteSecretsStepSchema = z
  .strictObject({
    ...common,
    'rewrite-secrets': z
      .strictObject({
        run: text(
          "The command the document gives for it, offered as the operator's other choice. Split into words like any command.",
        ).optional(),
        tolerate,
        'no-exceptions': text(
          'Why no Secret may be left as it is stored. The step can then not be marked as done while some are refused: it is tried again or skipped.',
        ).optional(),
        stored: text(
          'How they are stored afterwards, as the end of “each is stored …”; “under the current key” unless said.',
        ).optional(),
      })
      .describe(
        'Write every Secret again as it is, so that it is stored under the current key, and verify that it is. {} when the document gives no command for it.',
      ),
    timeout: duration(
      'After this long the operator is asked what to do, when the command of the document was chosen.',
    ).optional(),
    normal: duration('How long it usually takes.').optional(),
    explain: explain.optional(),
  })
  .meta({
    id: 'rewriteSecretsStep',
    description: 'A step that writes every Secret again, without reading one.',
  });

export const includeSchema = z
  .strictObject({
    include: text('A fragment, relative to this file, for example fragments/kms-errors.yaml.'),
  })
  .meta({ id: 'include', description: 'The sections and explanations of a fragment, in this place.' });

const stepSchema = z.union([
  runStepSchema,
  checkStepSchema,
  waitStepSchema,
  manualStepSchema,
  rewriteSecretsStepSchema,
]);

export const sectionSchema = z
  .strictObject({
    title: text('The heading in the document.'),
    text: text('The text under the heading. Blank lines separate paragraphs.').optional(),
    steps: z.array(stepSchema).min(1).optional().describe('The steps, in the order of the document.'),
  })
  .meta({ id: 'section', description: 'A heading of the document and the steps under it.' });

const sections = z
  .array(z.union([includeSchema, sectionSchema]))
  .min(1)
  .describe('The headings of the document in its order.');

const parameter = z
  .strictObject({
    description: text('What the value is, as the operator is asked for it.'),
    pick: z.literal('cluster').optional().describe('cluster: offer a choice of the clusters there are.'),
    default: text('The value unless another is given.').optional(),
    pattern: text('A JavaScript regular expression the whole value has to match.').optional(),
    'pattern-help': text('What a value looks like that matches; shown when one does not.').optional(),
  })
  .meta({ id: 'parameter', description: 'A value the operator gives.' });

export const runbookSchema = z
  .strictObject({
    id: id('Names the runbook on the command line and in records.'),
    title: text('The heading of the migration path in the document.'),
    description: text('What the runbook is for and which cluster it needs, in a sentence or two.'),
    source: z
      .strictObject({
        title: text('The title of the document.'),
        url: z
          .url({ protocol: /^https$/, error: 'an https address' })
          .describe('Where the document is published.'),
        date: z.iso
          .date('a date such as 2026-01-12')
          .describe('The date of the document (ms.date), as YYYY-MM-DD.'),
      })
      .describe('The document this runbook mirrors.'),
    rehearsal: id('The simulated cluster a rehearsal of this runbook starts from.'),
    parameters: z
      .record(name, parameter)
      .describe(
        'The values the operator gives, by the name commands use: $NAME. CLUSTER_NAME and RESOURCE_GROUP say which cluster a run is for.',
      ),
    sections,
    explain: sharedExplain.optional(),
  })
  .meta({ title: 'Runbook', description: 'One migration path of one document.' });

export const fragmentSchema = z
  .strictObject({ sections: sections.optional(), explain: sharedExplain.optional() })
  .meta({ title: 'Runbook fragment', description: 'Sections and explanations that runbooks include.' });
