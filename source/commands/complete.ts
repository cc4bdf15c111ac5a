/**
 * What can stand in place of the last word of a command line that is being typed. A shell asks on TAB, so it is quick,
 * asks nobody over a network, and says nothing when something is wrong.
 */
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import type { Argument, Command, Option } from 'commander';
import { contextNames } from '../adapters/kubernetes/context-names.ts';
import { clean } from '../engine/clean.ts';
import { glanceAt } from '../journal/glance.ts';
import type { Glance } from '../journal/glance.ts';
import { knownClusters } from '../journal/known-clusters.ts';
import { listRunIds, runFiles, stateDirectory } from '../journal/state-directory.ts';
import type { Parameter, Runbook } from '../runbook/model.ts';
import { rehearsalCluster } from './parameters.ts';
import { isRepeatable } from './program.ts';
import { pathOf } from './refused.ts';
import { openRunbook, openShippedRunbooks, runbookFile } from './runbook-files.ts';

interface Candidate {
  value: string;
  description?: string | undefined;
}

/** What the shell is to offer itself when no candidate fits. */
type Otherwise = 'nothing' | 'files' | 'directories';

interface Candidates {
  candidates: readonly Candidate[];
  otherwise?: Otherwise;
}

/** A command line up to the word that is being typed. */
interface Line {
  command: Command;
  /** Arguments of the command. */
  given: readonly string[];
  /** Values of its options, by the long name; of one without a value, an empty text. */
  options: ReadonlyMap<string, readonly string[]>;
  /** The option the next word is the value of. */
  open: Option | undefined;
  /** After `--` there are no options. */
  onlyArguments: boolean;
}

/** Names of which it is known what there is, by the placeholder of the option or argument. */
type Source = (line: Line, typed: string) => Promise<Candidates>;

/** Runs that are told of; whoever means an older one knows its day. */
const most = 40;

/**
 * Prints what fits, first what the shell is to offer otherwise, then a candidate in each line: the word, a tab, what
 * it is. `words` follow the program's name; the last is the one being typed.
 */
export async function complete(program: Command, words: readonly string[]): Promise<void> {
  try {
    const typed = words.at(-1) ?? '';
    const line = read(program, words.slice(0, -1));
    const { candidates, otherwise = 'nothing' } = await candidatesFor(line, typed);
    const fitting = candidates.filter(({ value }) => value.startsWith(typed) && isPlain(value));
    const lines = fitting.map(({ value, description }) => `${value}\t${oneLine(description)}`);
    process.stdout.write(`${[otherwise, ...lines].join('\n')}\n`);
  } catch {
    // Whoever presses TAB wants a word or nothing.
  }
}

/**
 * Whether a shell takes a word as it is. Others are not offered: names come from Azure, from a kubeconfig and from
 * files, and one that a shell would act on must not get onto a command line by itself.
 */
function isPlain(value: string): boolean {
  return /^[A-Za-z0-9_./-][A-Za-z0-9_.,:@%+=/-]*$/.test(value);
}

function oneLine(text = ''): string {
  const line = clean(text).replaceAll(/\s+/g, ' ').trim();
  return line.length > 76 ? `${line.slice(0, 75)}…` : line;
}

function read(program: Command, words: readonly string[]): Line {
  let command = program;
  let given: string[] = [];
  let options = new Map<string, string[]>();
  let open: Option | undefined;
  let onlyArguments = false;
  const note = (option: Option | undefined, value: string): void => {
    if (option !== undefined) options.set(nameOf(option), [...(options.get(nameOf(option)) ?? []), value]);
  };
  for (const word of words) {
    if (open !== undefined) {
      note(open, word);
      open = undefined;
    } else if (!onlyArguments && word === '--') {
      onlyArguments = true;
    } else if (!onlyArguments && /^-./.test(word)) {
      const [flag = '', ...value] = word.split('=');
      const option = command.options.find(({ long, short }) => long === flag || short === flag);
      if (option !== undefined && takesValue(option) && value.length === 0) open = option;
      else note(option, value.join('='));
    } else {
      const named = given.length === 0 ? command.commands.find((each) => each.name() === word) : undefined;
      if (named === undefined) {
        given.push(word);
      } else {
        command = named;
        // `runs --rehearse show` is `runs show --rehearse`; the program's own options are not a command's.
        if (command.parent?.parent === null) options = new Map();
        given = [];
      }
    }
  }
  return { command, given, options, open, onlyArguments };
}

async function candidatesFor(line: Line, typed: string): Promise<Candidates> {
  const { command, open, onlyArguments } = line;
  if (open !== undefined) return valuesOf(open, line, typed);
  const [flag = '', attached] = typed.split(/=(.*)/s, 2);
  if (!onlyArguments && /^--./.test(typed) && attached !== undefined) {
    const option = command.options.find(({ long }) => long === flag);
    if (option === undefined || !takesValue(option)) return { candidates: [] };
    const { candidates, otherwise = 'nothing' } = await valuesOf(option, line, attached);
    return {
      candidates: candidates.map((each) => ({ ...each, value: `${flag}=${each.value}` })),
      otherwise,
    };
  }
  if (!onlyArguments && typed.startsWith('-')) return { candidates: optionsOf(line) };
  const argument = argumentOf(line);
  const own = argument === undefined ? { candidates: [] } : await valuesOf(argument, line, typed);
  const commands = line.given.length > 0 ? [] : commandsOf(command);
  const candidates = [...commands, ...own.candidates];
  if (candidates.length === 0 && argument === undefined && !onlyArguments)
    return { candidates: optionsOf(line) };
  return { ...own, candidates };
}

function commandsOf(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((each) => ({ value: each.name(), description: each.description() }));
}

function optionsOf({ command, options }: Line): Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter((option) => isRepeatable(option) || !options.has(nameOf(option)))
    .map((option) => ({ value: nameOf(option), description: option.description }));
}

/** The argument that is next; the last one again when it takes several. */
function argumentOf({ command, given }: Line): Argument | undefined {
  const { registeredArguments } = command;
  const last = registeredArguments.at(-1);
  return registeredArguments[given.length] ?? (last?.variadic === true ? last : undefined);
}

async function valuesOf(of: Option | Argument, line: Line, typed: string): Promise<Candidates> {
  if (of.argChoices !== undefined) return { candidates: of.argChoices.map((value) => ({ value })) };
  const placeholder = 'flags' in of ? (/[<[]([^>\]]+)/.exec(of.flags)?.[1] ?? '') : of.name();
  return (await sources[placeholder]?.(line, typed)) ?? { candidates: [] };
}

const files: Source = async () => ({ candidates: [], otherwise: 'files' });

/** By placeholder. The confirmation of what cannot be undone is not among them: it is there to be typed. */
const sources: Readonly<Record<string, Source>> = {
  runbook: async () => ({
    candidates: (await openShippedRunbooks()).map(({ id, title }) => ({ value: id, description: title })),
    otherwise: 'files',
  }),
  run: async (line) => ({ candidates: await runsOf(line) }),
  'run-or-file': async (line) => ({ candidates: await runsOf(line), otherwise: 'files' }),
  'NAME=VALUE': parametersOf,
  scenario: async () => {
    const { scenarios } = await import('../rehearsal/scenarios.ts');
    return { candidates: [...scenarios.map(described), help] };
  },
  fault: async ({ options }) => {
    const { faults } = await import('../rehearsal/faults.ts');
    const chosen = options.get('--fault') ?? [];
    return { candidates: [...faults.filter(({ name }) => !chosen.includes(name)).map(described), help] };
  },
  context: async () => ({ candidates: (await contextNames(process.env)).map((value) => ({ value })) }),
  directory: async () => ({ candidates: [], otherwise: 'directories' }),
  file: files,
  files,
  key: files,
  command: async ({ command: { parent }, given }) => {
    let named = parent;
    for (const name of given) named = named?.commands.find((each) => each.name() === name) ?? null;
    return {
      candidates: named === null ? [] : commandsOf(named),
    };
  },
};

const help: Candidate = { value: 'help', description: 'list them' };

function described({ name, description }: { name: string; description: string }): Candidate {
  return { value: name, description };
}

/** Runs the command can be about: to go on with, those that are unfinished; to delete, those that are completed. */
async function runsOf({ command, options }: Line): Promise<Candidate[]> {
  const verb = pathOf(command).join(' ');
  const kinds = options.has('--rehearse') ? [true] : [false, true];
  const found = await Promise.all(
    kinds.map(async (rehearsal) =>
      (await glances(options, rehearsal)).map((each) => ({ ...each, rehearsal })),
    ),
  );
  return found
    .flat()
    .filter(({ seen }) => verb !== 'resume' || seen?.completed !== true)
    .filter(({ seen }) => verb !== 'runs delete' || seen?.completed === true)
    .map(({ runId, seen, rehearsal }) => ({
      value: runId,
      description: [
        ...(rehearsal ? ['rehearsal'] : []),
        ...(seen === undefined
          ? ['unreadable']
          : [seen.completed ? 'completed' : 'unfinished', seen.clusterName, seen.runbook]),
      ].join(', '),
    }));
}

interface Glanced {
  runId: string;
  seen: Glance | undefined;
}

/** The latest runs, newest first. */
async function glances(options: Line['options'], rehearsal: boolean): Promise<Glanced[]> {
  const directory = stateDirectoryOf(options, rehearsal);
  const ids = (await listRunIds(directory)).toReversed().slice(0, most);
  return Promise.all(ids.map(async (runId) => ({ runId, seen: await glanceAt(runFiles(directory, runId)) })));
}

function stateDirectoryOf(options: Line['options'], rehearsal: boolean): ReturnType<typeof stateDirectory> {
  const chosen = options.get('--state-dir')?.at(-1);
  // The shell has not read the word yet.
  return stateDirectory(chosen?.replace(/^~(?=\/|$)/, homedir()), rehearsal);
}

/** `NAME=` of each parameter that was not given yet; after the sign, what it can be. */
async function parametersOf(line: Line, typed: string): Promise<Candidates> {
  const { options } = line;
  const parameters = await parametersFor(line);
  const given = new Map(
    (options.get('--parameter') ?? []).map((text) => text.split(/=(.*)/s, 2) as [string, string]),
  );
  if (!typed.includes('=')) {
    return {
      candidates: parameters
        .filter(({ name }) => !given.has(name))
        .map(({ name, description }) => ({ value: `${name}=`, description })),
    };
  }
  const [name = ''] = typed.split('=');
  const parameter = parameters.find((each) => each.name === name);
  if (parameter === undefined) return { candidates: [] };
  const values = await valuesFor(parameter, line, given.get('CLUSTER_NAME'));
  return { candidates: values.map((each) => ({ ...each, value: `${name}=${each.value}` })) };
}

/** Those of the runbook that is given, or of all that come with the tool. */
async function parametersFor({ command, given }: Line): Promise<Parameter[]> {
  const [named] = command.registeredArguments[0]?.name() === 'runbook' ? given : [];
  const runbooks = named === undefined ? await openShippedRunbooks() : await runbookNamed(named);
  const byName = new Map(runbooks.flatMap(({ parameters }) => parameters.map((each) => [each.name, each])));
  return [...byName.values()];
}

/** A file is read if it can be one of a runbook: nobody waits for a pipe at a prompt. */
async function runbookNamed(named: string): Promise<Runbook[]> {
  const path = named.replace(/^~(?=\/)/, homedir());
  const found = await stat(runbookFile(path));
  return found.isFile() && found.size < 1024 * 1024 ? [await openRunbook(path)] : [];
}

async function valuesFor(
  { name, pick, default: preset }: Parameter,
  { options }: Line,
  cluster: string | undefined,
): Promise<Candidate[]> {
  if (pick !== 'cluster' && name !== 'RESOURCE_GROUP')
    return preset === undefined ? [] : [{ value: preset, description: 'the default' }];
  const clusters = await clustersOf(options);
  if (pick === 'cluster') {
    const names = clusters.map(({ name: value, ...about }) => ({ value, description: about.description }));
    return unique(names);
  }
  const own = clusters.filter((each) => cluster === undefined || each.name === cluster);
  return unique(own.map(({ resourceGroup: value }) => ({ value })));
}

interface NamedCluster {
  name: string;
  resourceGroup: string;
  description: string;
}

/** Those `clusters` listed lately, and those of earlier runs; in a rehearsal, the simulated ones. */
async function clustersOf(options: Line['options']): Promise<NamedCluster[]> {
  const { CLUSTER_NAME = '', RESOURCE_GROUP = '' } = rehearsalCluster;
  if (options.has('--rehearse')) {
    const { scenarios } = await import('../rehearsal/scenarios.ts');
    return [
      { name: CLUSTER_NAME, resourceGroup: RESOURCE_GROUP, description: 'of a rehearsal' },
      ...scenarios.map(({ name, description }) => ({ name, resourceGroup: RESOURCE_GROUP, description })),
    ];
  }
  const [listed, before] = await Promise.all([
    knownClusters(stateDirectoryOf(options, false)),
    glances(options, false),
  ]);
  return [
    ...listed.map(({ name, resourceGroup }) => ({ name, resourceGroup, description: resourceGroup })),
    ...before.flatMap(({ seen }) =>
      seen === undefined || seen.clusterName === ''
        ? []
        : [{ name: seen.clusterName, resourceGroup: seen.resourceGroup, description: seen.resourceGroup }],
    ),
  ];
}

/** Each word once. */
function unique(candidates: readonly Candidate[]): Candidate[] {
  return [...new Map(candidates.toReversed().map((each) => [each.value, each])).values()].toReversed();
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

function nameOf({ long, short }: Option): string {
  return long ?? short ?? '';
}
