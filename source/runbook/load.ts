/** A runbook file and what it includes → `Runbook`, or everything that is wrong with it. */
import { createHash } from 'node:crypto';
import { basename, dirname, join, posix } from 'node:path';
import { z } from 'zod';
import { checkNames } from './check-names.ts';
import { checkShape } from './check-shape.ts';
import { factsShape } from './facts.ts';
import type { Explanation, Parameter, Runbook, Section, Step } from './model.ts';
import { sortProblems } from './problems.ts';
import type { Problem } from './problems.ts';
import { readTexts } from './check-texts.ts';
import { readParameters } from './read-parameters.ts';
import { readExplanations, readStep } from './read-step.ts';
import { Reading } from './reading.ts';
import { fragmentSchema, idPattern, includeSchema, runbookSchema, sectionSchema } from './schema.ts';
import { SourceFile } from './source-file.ts';
import { suggestion } from './suggest.ts';
import { readYaml } from './yaml-file.ts';
import type { Entry } from './yaml-file.ts';

export interface LoadedRunbook {
  /** Set when there are no errors among the problems. */
  runbook: Runbook | undefined;
  /** All errors and warnings, in the order of files and places. Files are named as reached through `path`. */
  problems: readonly Problem[];
}

/** Its sections are read one by one, each as what it is, for problems that point at the right thing. */
const runbookFrame = runbookSchema.extend({
  sections: z
    .array(z.unknown())
    .min(1)
    .describe(runbookSchema.shape.sections.description ?? ''),
});
const fragmentFrame = fragmentSchema.extend({ sections: z.array(z.unknown()).min(1).optional() });
const sectionFrame = sectionSchema.extend({ steps: z.array(z.unknown()).min(1).optional() });

/**
 * Loads a runbook. `read` returns the text of a file by its path (`path` itself, or a fragment beside or below it)
 * and throws when it cannot. `scenarios` are the names a `rehearsal` may have; any, when not given. Never throws
 * itself, whatever the files hold.
 */
export function loadRunbook(
  path: string,
  read: (path: string) => string,
  scenarios?: readonly string[],
): LoadedRunbook {
  const loader = new Loader(path, read, scenarios);
  const runbook = loader.load();
  const problems = loader.problems();
  return { runbook: problems.some(({ severity }) => severity === 'error') ? undefined : runbook, problems };
}

class Loader {
  readonly #folder: string;
  readonly #name: string;
  readonly #read: (path: string) => string;
  readonly #scenarios: readonly string[] | undefined;
  #reading = new Reading(factsShape([]));
  readonly #files: SourceFile[] = [];
  readonly #explain: Explanation[] = [];
  readonly #sections: Section[] = [];

  constructor(path: string, read: (path: string) => string, scenarios: readonly string[] | undefined) {
    this.#folder = dirname(path);
    this.#name = basename(path);
    this.#read = read;
    this.#scenarios = scenarios;
  }

  problems(): Problem[] {
    const named = this.#reading.problems
      .sorted()
      .map((problem) => ({ ...problem, file: join(this.#folder, problem.file) }));
    return sortProblems(named);
  }

  load(): Runbook | undefined {
    const source = this.#open(this.#name);
    if (typeof source === 'string') {
      const missing = new SourceFile(this.#name, '');
      this.#reading.problems.add(missing, { offset: 0, length: 1, message: source });
      return undefined;
    }
    const { problems } = this.#reading;
    const root = readYaml(source, problems);
    if (root === undefined) return undefined;
    this.#reading = new Reading(factsShape(root.child('parameters').keys()), problems);
    const unfit = unfitRunbook(root);
    if (unfit !== undefined) {
      this.#reading.report(root, unfit);
      return undefined;
    }
    checkShape(root, runbookFrame, problems, (key) =>
      key === 'steps' ? '`steps` belong in a section under `sections`' : undefined,
    );
    checkIdentity(root, this.#name, this.#scenarios, this.#reading);
    const parameters = readParameters(root.child('parameters'), this.#reading);
    this.#contents(root, []);
    checkNames(root, this.#reading);
    if (this.#reading.steps === 0 && !problems.hasErrors())
      problems.add(source, {
        ...root.child('sections').keySpan(),
        message: 'there is not one step in this runbook',
        suggestion: 'add `steps` to a section',
      });
    return this.#assemble(root, parameters);
  }

  #assemble(root: Entry, parameters: Parameter[]): Runbook {
    const text = (key: string, from = root): string =>
      (from.child(key).text ?? '').replace(/\s+/g, ' ').trim();
    const source = root.child('source');
    const sections = this.#sections.map((section) => ({
      ...section,
      steps: section.steps.map((step) =>
        step.kind === 'run' || step.kind === 'rewrite-secrets'
          ? { ...step, explain: [...step.explain, ...this.#explain] }
          : step,
      ),
    }));
    return {
      id: text('id'),
      title: text('title'),
      description: text('description'),
      source: { title: text('title', source), url: text('url', source), date: text('date', source) },
      rehearsal: text('rehearsal'),
      parameters,
      sections,
      digest: digest(this.#files),
    };
  }

  /** The sections and shared explanations of a runbook or fragment; `through` is how it was reached. */
  #contents(file: Entry, through: readonly string[]): void {
    const chain = [...through, file.source.name];
    readTexts(file, this.#reading);
    this.#explain.push(...readExplanations(file.child('explain'), this.#reading));
    for (const item of file.child('sections').items()) {
      if (item.has('include')) this.#include(item, chain);
      else this.#sections.push(this.#section(item));
    }
  }

  #section(entry: Entry): Section {
    checkShape(entry, sectionFrame, this.#reading.problems, (key) =>
      key === 'run' || key === 'check' ? `\`${key}\` belongs in a step under \`steps\`` : undefined,
    );
    if (entry.keys().length > 0 && !entry.has('text') && !entry.has('steps'))
      this.#reading.report(entry, {
        message: 'the section says nothing',
        suggestion: 'add `text`, `steps`, or both',
      });
    const steps = entry
      .child('steps')
      .items()
      .map((step) => readStep(step, this.#reading))
      .filter((step): step is Step => step !== undefined);
    return {
      title: (entry.child('title').text ?? '').replace(/\s+/g, ' ').trim(),
      text: entry.child('text').text?.trimEnd(),
      steps,
    };
  }

  #include(item: Entry, chain: readonly string[]): void {
    checkShape(item, includeSchema, this.#reading.problems, () => 'an include stands alone in its item');
    const entry = item.child('include');
    if (entry.text === undefined || entry.text === '') return;
    const name = posix.join(posix.dirname(item.source.name), entry.text);
    const refusal = this.#refuseInclude(entry.text, name, chain);
    if (refusal !== undefined) {
      this.#reading.report(entry, refusal);
      return;
    }
    const source = this.#open(name);
    if (typeof source === 'string') {
      const message = source;
      this.#reading.report(entry, { message, suggestion: 'the path counts from the folder of this file' });
      return;
    }
    const fragment = readYaml(source, this.#reading.problems);
    if (fragment === undefined) return;
    if (['id', 'source', 'parameters'].some((key) => fragment.has(key))) {
      this.#reading.report(entry, {
        message: `${name} is a runbook, not a fragment`,
        suggestion: 'move the sections both need into a fragment, and include that in both',
      });
      return;
    }
    checkShape(fragment, fragmentFrame, this.#reading.problems);
    if (!fragment.has('sections') && !fragment.has('explain') && fragment.keys().length === 0)
      this.#reading.report(fragment, { message: 'a fragment holds `sections`, `explain`, or both' });
    this.#contents(fragment, chain);
  }

  #refuseInclude(
    path: string,
    name: string,
    chain: readonly string[],
  ): { message: string; suggestion?: string } | undefined {
    if (/^[/\\]|^[A-Za-z]+:|\\/.test(path) || name === '..' || name.startsWith('../'))
      return {
        message: 'an include stays within the folder of the runbook',
        suggestion: 'write a relative path with forward slashes, such as fragments/kms-errors.yaml',
      };
    if (chain.includes(name))
      return {
        message: `this includes itself: ${[...chain.slice(chain.indexOf(name)), name].join(' → ')}`,
        suggestion: 'remove one of these includes',
      };
    if (this.#files.some((file) => file.name === name))
      return {
        message: `${name} is included already`,
        suggestion: 'its steps are part of the runbook; remove this one',
      };
    return undefined;
  }

  /** The file, or why it cannot be read. */
  #open(name: string): SourceFile | string {
    try {
      const source = new SourceFile(name, this.#read(join(this.#folder, name)));
      this.#files.push(source);
      return source;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return `${name} cannot be read: ${reason.replace(/\s+/g, ' ')}`;
    }
  }
}

/** Over every file's name and text, so that no change of any of them goes unnoticed. */
function digest(files: readonly SourceFile[]): string {
  const hash = createHash('sha256');
  for (const { name, text } of files) hash.update(JSON.stringify([name, text]));
  return hash.digest('hex');
}

/** Why a file cannot be a runbook, whatever else is wrong with it. */
function unfitRunbook(root: Entry): { message: string; suggestion: string } | undefined {
  if (root.keys().length === 0)
    return {
      message: root.value === null ? 'the file is empty' : 'a runbook is a mapping of keys to values',
      suggestion: 'begin with `id:`, `title:` and `description:`; docs/runbooks.md tells the rest',
    };
  const parts = ['sections', 'explain'].some((key) => root.has(key));
  if (parts && !['id', 'source', 'parameters'].some((key) => root.has(key)))
    return {
      message: 'this is a fragment, not a runbook',
      suggestion: 'check it with the runbooks that include it',
    };
  return undefined;
}

/** Whether a runbook is found by its id, and can be rehearsed. */
function checkIdentity(
  root: Entry,
  file: string,
  scenarios: readonly string[] | undefined,
  reading: Reading,
): void {
  const [id, rehearsal] = [root.child('id'), root.child('rehearsal')];
  const name = file.replace(/\.ya?ml$/, '');
  if (id.text !== undefined && idPattern.test(id.text) && id.text !== name)
    reading.report(id, {
      message: `the file of a runbook is named for its id, and this one is ${file}`,
      suggestion: `${idPattern.test(name) ? `write \`id: ${name}\`, or ` : ''}name the file ${id.text}.yaml`,
    });
  if (rehearsal.text !== undefined && scenarios?.includes(rehearsal.text) === false)
    reading.report(rehearsal, {
      message: `there is no simulated cluster ${rehearsal.text}`,
      suggestion: suggestion(rehearsal.text, scenarios, 'simulated clusters'),
    });
}
