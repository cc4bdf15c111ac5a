/** What can be told only from the whole runbook: names and ids that fit together. */
import { checkShown } from './check-texts.ts';
import type { NameCapture, NameUse, Reading } from './reading.ts';
import { namePattern } from './schema.ts';
import type { TextProblem } from './problems.ts';
import { suggestion } from './suggest.ts';
import type { Entry } from './yaml-file.ts';

/** A run is against one cluster; these parameters say which. */
const targetParameters = ['CLUSTER_NAME', 'RESOURCE_GROUP'];

type Finding = Omit<TextProblem, 'offset' | 'length'>;

export function checkNames(root: Entry, reading: Reading): void {
  const parameters = root.child('parameters').keys();
  checkCaptures(parameters, reading);
  checkUses(parameters, reading);
  checkShown(parameters, reading);
  checkIds(reading);
  checkReferences(reading);
  for (const { name, entry } of reading.confirmations)
    if (parameters.includes(name)) reading.parametersNamed.add(name);
    else
      reading.report(entry, {
        message: `there is no parameter ${name} to type the value of`,
        suggestion: suggestion(name, parameters, 'parameters'),
      });
  checkTarget(root, parameters, reading);
  checkUnused(root, parameters, reading);
}

function checkCaptures(parameters: readonly string[], reading: Reading): void {
  const first = new Map<string, Entry>();
  for (const { name, entry } of reading.captures) {
    const earlier = first.get(name);
    if (parameters.includes(name) || earlier !== undefined)
      reading.problems.add(entry.source, {
        ...entry.keySpan(),
        message: `${name} is ${earlier === undefined ? 'a parameter' : 'captured'} already`,
        suggestion: 'choose another name, so that $NAME means one thing',
      });
    else first.set(name, entry);
  }
}

function checkUses(parameters: readonly string[], reading: Reading): void {
  for (const use of reading.uses) {
    if (reading.problems.full) return;
    if (!use.inExpression && parameters.includes(use.name)) continue;
    const earlier = reading.captures.slice(0, use.captured);
    const capture = earlier.find(({ name }) => name === use.name);
    const problem =
      capture === undefined
        ? unknownValue(
            use,
            parameters,
            earlier.map(({ name }) => name),
            reading.captures,
          )
        : unguardedValue(use, capture);
    if (problem !== undefined)
      reading.problems.add(
        use.entry.source,
        use.entry.place({ offset: use.offset, length: use.length, ...problem }),
      );
  }
}

/** Why a name has no value when it is used. */
function unknownValue(
  { name, inExpression }: NameUse,
  parameters: readonly string[],
  earlier: readonly string[],
  captures: readonly NameCapture[],
): Finding {
  const written = inExpression ? `captured.${name}` : `$${name}`;
  if (captures.some((capture) => capture.name === name))
    return {
      message: `${written} is captured only when this step has run, or later`,
      suggestion: 'capture it in a step before this one',
    };
  if (!inExpression)
    return {
      message: `${written} is neither a parameter nor captured by an earlier step`,
      suggestion: suggestion(name, [...parameters, ...earlier], 'names'),
    };
  return {
    message: `no step captures ${name}`,
    suggestion: parameters.includes(name)
      ? `it is a parameter: write params.${name}`
      : suggestion(name, earlier, 'captured values'),
  };
}

/** A value that may not be there, because the step that captures it may not apply, used as if it were. */
function unguardedValue(
  { name, inExpression, entry, when }: NameUse,
  capture: NameCapture,
): Finding | undefined {
  const captured = `captured.${name}`;
  if (capture.when === undefined || when === capture.when || when?.includes(captured) === true)
    return undefined;
  const asked = new RegExp(`captured\\.${name}\\s*(?:[!=]=|\\|\\|)`);
  if (inExpression && asked.test(entry.text ?? '')) return undefined;
  return {
    severity: 'warning',
    message: `${inExpression ? captured : `$${name}`} has no value where the \`when\` of the step that captures it does not hold`,
    suggestion: `give this step \`when: ${captured} != \`null\`\``,
  };
}

function checkIds(reading: Reading): void {
  const first = new Map<string, Entry>();
  for (const { id, entry } of reading.ids) {
    const earlier = first.get(id);
    if (earlier === undefined) {
      first.set(id, entry);
      continue;
    }
    const { file, line } = earlier.position();
    reading.report(entry, {
      message: `the step id ${id} is taken`,
      suggestion: `it is the id of the step in ${file}, line ${line}; choose another`,
    });
  }
}

function checkReferences(reading: Reading): void {
  for (const { id, entry, step } of reading.references) {
    if (reading.problems.full) return;
    const named = reading.ids.find((mention) => mention.id === id);
    if (named !== undefined && named.step < step) continue;
    const earlier = reading.ids.filter((mention) => mention.step < step).map((mention) => mention.id);
    reading.report(entry, {
      message:
        named === undefined ? `there is no step ${id}` : `the step ${id} does not come before this one`,
      suggestion:
        named === undefined
          ? suggestion(id, [...new Set(earlier)], 'earlier steps')
          : 'name a step that has run by then, or move this one behind it',
    });
  }
}

function checkTarget(root: Entry, parameters: readonly string[], reading: Reading): void {
  // That there are no parameters at all has been said.
  if (parameters.length === 0) return;
  for (const name of targetParameters)
    if (!parameters.includes(name))
      reading.problems.add(root.source, {
        ...root.child('parameters').keySpan(),
        message: `the parameter ${name} is missing`,
        suggestion: 'every run is against one cluster, named by CLUSTER_NAME and RESOURCE_GROUP',
      });
}

function checkUnused(root: Entry, parameters: readonly string[], reading: Reading): void {
  const used = new Set([
    ...reading.uses.map((use) => use.name),
    ...reading.parametersNamed,
    ...targetParameters,
  ]);
  for (const name of parameters)
    if (!used.has(name) && namePattern.test(name))
      reading.problems.add(root.source, {
        ...root.child('parameters').child(name).keySpan(),
        severity: 'warning',
        message: `the parameter ${name} is never used`,
        suggestion: `remove it, or use it: $${name} in a command, params.${name} in an expression`,
      });
}
