/** What can be told only from the whole runbook: names and ids that fit together. */
import type { Reading } from './reading.ts';
import { suggestion } from './suggest.ts';
import type { Entry } from './yaml-file.ts';

/** A run is against one cluster; these parameters say which. */
const targetParameters = ['CLUSTER_NAME', 'RESOURCE_GROUP'];

export function checkNames(root: Entry, reading: Reading): void {
  const parameters = root.child('parameters').keys();
  checkCaptures(parameters, reading);
  checkUses(parameters, reading);
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
    if (parameters.includes(use.name)) continue;
    const captures = reading.captures.filter((capture) => capture.name === use.name);
    if (captures.some((capture) => capture.step < use.step)) continue;
    const known = [
      ...parameters,
      ...reading.captures.filter((capture) => capture.step < use.step).map((capture) => capture.name),
    ];
    reading.problems.add(
      use.entry.source,
      use.entry.place({
        offset: use.offset,
        length: use.length,
        message:
          captures.length === 0
            ? `$${use.name} is neither a parameter nor captured by an earlier step`
            : `$${use.name} is captured only when this step has run, or later`,
        suggestion:
          captures.length === 0
            ? suggestion(use.name, known, 'names')
            : 'capture it in a step before this one',
      }),
    );
  }
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
    const named = reading.ids.find((mention) => mention.id === id);
    if (named !== undefined && named.step < step) continue;
    const earlier = reading.ids.filter((mention) => mention.step < step).map((mention) => mention.id);
    reading.report(entry, {
      message:
        named === undefined ? `there is no step ${id}` : `the step ${id} does not come before this one`,
      suggestion: suggestion(id, [...new Set(earlier)], 'earlier steps'),
    });
  }
}

function checkTarget(root: Entry, parameters: readonly string[], reading: Reading): void {
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
    if (!used.has(name))
      reading.problems.add(root.source, {
        ...root.child('parameters').child(name).keySpan(),
        severity: 'warning',
        message: `the parameter ${name} is never used`,
        suggestion: 'remove it, or use it as $NAME in a command',
      });
}
