/** One step: YAML → `Step`. What is wrong is reported; the step is then a stand-in that nobody gets to see. */
import { checkCommands, runsAz } from './check-command.ts';
import { checkShape } from './check-shape.ts';
import { parseDuration } from './duration.ts';
import type { Confirmation, Explanation, RunStep, Step, Tolerated } from './model.ts';
import type { Reading } from './reading.ts';
import {
  checkStepSchema,
  manualStepSchema,
  namePattern,
  rewriteSecretsStepSchema,
  runStepSchema,
  waitStepSchema,
} from './schema.ts';
import { suggestion } from './suggest.ts';
import { splitCommand } from './words.ts';
import type { Entry } from './yaml-file.ts';

const stepSchemas = {
  run: runStepSchema,
  check: checkStepSchema,
  wait: waitStepSchema,
  manual: manualStepSchema,
  'rewrite-secrets': rewriteSecretsStepSchema,
} as const;
type Kind = keyof typeof stepSchemas;
const kinds = Object.keys(stepSchemas) as Kind[];

const defaultEvery = 15_000;
const clusterName = 'CLUSTER_NAME';

type StepBase = Omit<
  Extract<Step, { kind: 'check' }>,
  'kind' | 'check' | 'message' | 'fix' | 'value' | 'severity'
>;

/** Reads a step. Undefined when it does not say what kind of step it is. */
export function readStep(entry: Entry, reading: Reading): Step | undefined {
  reading.beginStep(entry);
  const id = entry.child('id');
  if (id.text !== undefined) reading.ids.push({ id: id.text, entry: id, step: reading.steps });
  const kind = readKind(entry, reading);
  if (kind === undefined) return undefined;
  checkShape(entry, stepSchemas[kind], reading.problems, (key) => belongsTo(key, kind));
  // What is read when a step has finished is known to later steps only, so its own words come first.
  switch (kind) {
    case 'run':
      return readRun(entry, reading);
    case 'check':
      return readCheck(entry, reading);
    case 'wait':
      return readWait(entry, reading);
    case 'manual':
      return readManual(entry, reading);
    case 'rewrite-secrets':
      return readRewriteSecrets(entry, reading);
  }
}

function readKind(entry: Entry, reading: Reading): Kind | undefined {
  if (entry.keys().length === 0) {
    reading.report(entry, {
      message: 'a step is a mapping of keys to values',
      suggestion: 'start with `- id: …`',
    });
    return undefined;
  }
  const [kind, second] = kinds.filter((candidate) => entry.has(candidate));
  if (second !== undefined)
    reading.problems.add(entry.source, {
      ...entry.child(second).keySpan(),
      message: `a step cannot have both \`${kind}\` and \`${second}\``,
      suggestion: second === 'rewrite-secrets' ? 'put `run` under `rewrite-secrets`' : 'make them two steps',
    });
  if (kind !== undefined) return kind;
  reading.problems.add(entry.source, {
    ...(entry.has('id') ? entry.child('id') : entry).keySpan(),
    message: 'the step does not say what to do',
    suggestion: `add one of: ${kinds.join(', ')}`,
  });
  const known = new Set(kinds.flatMap((candidate) => Object.keys(stepSchemas[candidate].shape)));
  for (const key of entry.keys().filter((candidate) => !known.has(candidate)))
    reading.problems.add(entry.source, {
      ...entry.child(key).keySpan(),
      message: `unknown key \`${key}\``,
      suggestion: suggestion(
        key,
        [...known].filter((candidate) => !entry.has(candidate)),
        'keys',
      ),
    });
  return undefined;
}

function belongsTo(key: string, kind: Kind): string | false | undefined {
  // Two kinds in one step have been reported as that.
  if ((kinds as string[]).includes(key)) return false;
  if (kind === 'wait' && ['until', 'every', 'timeout'].includes(key))
    return `\`${key}\` belongs under \`wait\``;
  if (kind === 'rewrite-secrets' && ['tolerate', 'no-exceptions', 'stored'].includes(key))
    return `\`${key}\` belongs under \`rewrite-secrets\``;
  if (kind === 'manual' && ['instruction', 'attest', 'note'].includes(key))
    return `\`${key}\` belongs under \`manual\``;
  const others = kinds.filter(
    (candidate) => candidate !== kind && Object.hasOwn(stepSchemas[candidate].shape, key),
  );
  return others.length === 0
    ? undefined
    : `\`${key}\` is for steps with ${others.map((other) => `\`${other}\``).join(' or ')}`;
}

function readBase(entry: Entry, reading: Reading): StepBase {
  const capture = entry.child('capture');
  const evenIfFailed = entry.child('even-if-failed').items();
  for (const item of evenIfFailed)
    if (item.text !== undefined) reading.references.push({ id: item.text, entry: item, step: reading.steps });
  return {
    id: entry.child('id').text ?? '',
    title: line(entry.child('title')),
    text: entry.child('text').text?.trimEnd(),
    when: reading.optionalCondition(entry.child('when')),
    doneWhen: reading.optionalCondition(entry.child('done-when')),
    irreversible: entry.child('irreversible').text?.trim(),
    confirm: { kind: 'enter' },
    capture: capture.keys().map((name) => {
      const entry = capture.child(name);
      const expression = reading.captureExpression(entry);
      if (namePattern.test(name)) reading.captureName(name, entry);
      return { name, expression };
    }),
    timeout: duration(entry.child('timeout'), reading),
    normal: duration(entry.child('normal'), reading),
    evenIfFailed: evenIfFailed.map((item) => item.text ?? ''),
    explain: readExplanations(entry.child('explain'), reading),
    position: entry.child('id').position(),
  };
}

function readRun(entry: Entry, reading: Reading): RunStep {
  const changes = entry.child('read-only').value !== true;
  const command = readCommand(entry.child('run'), { changes, shows: entry.has('done-when') }, reading);
  const base = readBase(entry, reading);
  if (!changes && base.irreversible !== undefined)
    reading.report(entry.child('irreversible'), {
      message: 'a command that only reads has nothing that could not be undone',
      suggestion: 'remove `read-only`, or `irreversible`',
    });
  const tolerate = readTolerated(entry.child('tolerate'), reading);
  const confirm = readConfirm(entry, changes, reading);
  warnOfLonger(entry.child('normal'), entry.child('timeout'), reading);
  return { ...base, kind: 'run', confirm, ...command, changes, tolerate };
}

/** Reads the command in `run`. `shows`: something tells when it has worked. */
function readCommand(
  run: Entry,
  { changes, shows }: { changes: boolean; shows: boolean },
  reading: Reading,
): Pick<RunStep, 'pipeline' | 'source'> {
  const source = (run.text ?? '').replace(/\n+$/, '');
  if (run.text === undefined || run.text === '') return { pipeline: [], source };
  const split = splitCommand(source);
  const { pipeline } = split;
  reading.useNames(run, split.names);
  reading.shown.push(...split.quotedNames.map((name) => ({ ...name, entry: run, place: 'quotes' as const })));
  for (const problem of split.problems) reading.problems.add(run.source, run.place(problem));
  if (split.problems.length > 0) return { pipeline, source };
  for (const problem of checkCommands(split, changes)) reading.problems.add(run.source, run.place(problem));
  const warn = (message: string, suggestion: string): void =>
    reading.problems.add(run.source, { ...run.keySpan(), severity: 'warning', message, suggestion });
  if (run.joinsLines)
    warn(
      'YAML joins the lines of this command into one',
      'write it below `run: |`, with a backslash at the end of each line that goes on',
    );
  if (changes && runsAz(pipeline) && !shows)
    warn(
      'nothing tells when this command has worked',
      'add `done-when` with what is true of the cluster then, or `read-only: true` if it changes nothing',
    );
  return { pipeline, source };
}

function readTolerated(entry: Entry, reading: Reading): Tolerated[] {
  return entry.items().map((item) => {
    reading.checkOutputPattern(item.child('pattern'));
    return { pattern: item.child('pattern').text ?? '', because: line(item.child('because')) };
  });
}

function readConfirm(entry: Entry, changes: boolean, reading: Reading): Confirmation {
  const confirm = entry.child('confirm');
  if (!changes && entry.has('confirm'))
    reading.report(confirm, {
      message: 'a command that only reads is not confirmed',
      suggestion: 'remove `read-only`, or `confirm`',
    });
  const irreversible = entry.has('irreversible');
  const type = confirm.child('type').text;
  if (type !== undefined && namePattern.test(type))
    reading.confirmations.push({ name: type, entry: confirm.child('type') });
  if (irreversible && (confirm.text === 'enter' || (type !== undefined && type !== clusterName)))
    reading.report(confirm, {
      message: 'a step that is irreversible is confirmed with the name of the cluster',
      suggestion: `remove \`confirm\`: the operator then types the value of ${clusterName}`,
    });
  if (type !== undefined) return { kind: 'type', parameter: type };
  return irreversible ? { kind: 'type', parameter: clusterName } : { kind: 'enter' };
}

function readCheck(entry: Entry, reading: Reading): Step {
  return {
    ...readBase(entry, reading),
    kind: 'check',
    check: reading.condition(entry.child('check')),
    message: line(entry.child('message')),
    fix: entry.child('fix').text?.trim(),
    value: reading.optionalValue(entry.child('value')),
    severity: entry.child('severity').text === 'warning' ? 'warning' : 'blocking',
  };
}

function readWait(entry: Entry, reading: Reading): Step {
  const wait = entry.child('wait');
  warnOfLonger(entry.child('normal'), wait.child('timeout'), reading);
  warnOfLonger(wait.child('every'), wait.child('timeout'), reading);
  return {
    ...readBase(entry, reading),
    kind: 'wait',
    until: reading.condition(wait.child('until')),
    every: duration(wait.child('every'), reading) ?? defaultEvery,
    timeout: duration(wait.child('timeout'), reading) ?? defaultEvery,
  };
}

function readManual(entry: Entry, reading: Reading): Step {
  const manual = entry.child('manual');
  return {
    ...readBase(entry, reading),
    kind: 'manual',
    instruction: (manual.child('instruction').text ?? '').trimEnd(),
    attest: line(manual.child('attest')),
    note: manual.child('note').text === 'required' ? 'required' : 'optional',
  };
}

function readRewriteSecrets(entry: Entry, reading: Reading): Step {
  const rewrite = entry.child('rewrite-secrets');
  const documented = rewrite.has('run')
    ? {
        // What it has done, a verification tells.
        ...readCommand(rewrite.child('run'), { changes: true, shows: true }, reading),
        tolerate: readTolerated(rewrite.child('tolerate'), reading),
      }
    : undefined;
  if (documented === undefined && rewrite.has('tolerate'))
    reading.report(rewrite.child('tolerate'), {
      message: '`tolerate` is about the command in `run`, and there is none',
      suggestion: 'add `run` beside it, or remove it',
    });
  warnOfLonger(entry.child('normal'), entry.child('timeout'), reading);
  return {
    ...readBase(entry, reading),
    kind: 'rewrite-secrets',
    namespaces: [],
    documented,
    noExceptions: rewrite.has('no-exceptions') ? line(rewrite.child('no-exceptions')) : undefined,
    stored: rewrite.has('stored') ? line(rewrite.child('stored')) : undefined,
  };
}

/** The explanations in a list, here or at the top of a file. */
export function readExplanations(entry: Entry, reading: Reading): Explanation[] {
  return entry.items().map((item) => {
    reading.checkOutputPattern(item.child('pattern'));
    return {
      pattern: item.child('pattern').text ?? '',
      means: line(item.child('means')),
      do: line(item.child('do')),
      link: item.child('link').text,
    };
  });
}

/** A sentence: whatever its line breaks in the file, one line. */
function line(entry: Entry): string {
  return (entry.text ?? '').replace(/\s+/g, ' ').trim();
}

/** Milliseconds. What is no duration at all, the format's check has reported. */
function duration(entry: Entry, reading: Reading): number | undefined {
  if (entry.text === undefined) return undefined;
  const milliseconds = parseDuration(entry.text);
  if (milliseconds === undefined && /^(?:0+[hms])+$/.test(entry.text))
    reading.report(entry, { message: 'a duration has to be longer than nothing' });
  else if (milliseconds !== undefined && milliseconds > 24 * 3_600_000)
    reading.report(entry, { message: 'a duration is a day at most', suggestion: 'write 24h or less' });
  return milliseconds;
}

/** Warns when a time is longer than the one after which nothing is waited for any more. */
function warnOfLonger(time: Entry, limit: Entry, reading: Reading): void {
  const [milliseconds, most] = [parseDuration(time.text ?? ''), parseDuration(limit.text ?? '')];
  if (milliseconds !== undefined && most !== undefined && milliseconds > most)
    reading.report(time, {
      severity: 'warning',
      message: `this is longer than \`timeout\`, which is ${limit.text ?? ''}`,
      suggestion: 'make `timeout` the longer one',
    });
}
