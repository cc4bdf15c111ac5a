/** What is wrong with a command line that cannot be run as it was typed, and what was meant. */
import type { Command, CommanderError, Option } from 'commander';
import { UsageError } from '../runbook/errors.ts';
import { closest, suggestion } from '../runbook/suggest.ts';

/** `--scenario help` or `--fault help` was typed: not an error, but the end of what the line says besides. */
export class AskedForChoices extends Error {
  readonly kind: 'scenario' | 'fault';

  constructor(kind: 'scenario' | 'fault') {
    super(`asked for each ${kind}`);
    this.name = new.target.name;
    this.kind = kind;
  }
}

/** The error for a command that is not there. `parent` is what it was looked for in. */
export function unknownCommand(name: string, parent: Command): UsageError {
  const there = visible(parent);
  const names = there.map((command) => command.name());
  return new UsageError(
    `There is no command "${[...pathOf(parent), name].join(' ')}".`,
    sentence(suggestion(name, names, 'commands')),
  );
}

/** The words that name a command, without the program's own. */
export function pathOf(command: Command): string[] {
  return command.parent === null ? [] : [...pathOf(command.parent), command.name()];
}

/** The tool's own error for one that the parser of the command line found at `command`. */
export function refusal(error: CommanderError, command: Command): UsageError | AskedForChoices {
  const words = pathOf(command);
  const help = ['aks-kms-runbook', ...words, '--help'].join(' ');
  const message = error.message.replace(/^error: /, '');
  const [, quoted = ''] = /'([^']*)'/.exec(message) ?? [];
  const [first] = command.args;
  switch (error.code) {
    case 'commander.unknownOption':
      // A command that is not there has no options.
      if (command.commands.length > 0 && first !== undefined && !first.startsWith('-'))
        return unknownCommand(first, command);
      return unknownOption(message.replace(/^unknown option '([\s\S]*)'[\s\S]*$/, '$1'), command, help);
    case 'commander.missingArgument':
      return new UsageError(
        `\`${words.join(' ')}\` needs ${placeholder(quoted)}.`,
        whereToLook(quoted, help),
      );
    case 'commander.optionMissingArgument':
      return new UsageError(
        `There is nothing after ${flagOf(quoted)}.`,
        `Write it as \`${quoted}\`; see \`${help}\`.`,
      );
    case 'commander.excessArguments':
      if (command.commands.length > 0 && first !== undefined) return unknownCommand(first, command);
      return new UsageError(
        `\`${words.join(' ')}\` was given more than it takes: ${command.args.slice(command.registeredArguments.length).join(' ')}.`,
        `See \`${help}\`.`,
      );
    case 'commander.invalidArgument':
      return invalid(message, command);
    default:
      return new UsageError(`${sentence(message)}.`, `See \`${help}\`.`);
  }
}

function unknownOption(typed: string, command: Command, help: string): UsageError | AskedForChoices {
  const [flag = '', attached] = typed.split('=', 2);
  const kind = flag === '--scenario' || flag === '--fault' ? flag.slice(2) : undefined;
  const asked = attached ?? following(flag);
  if (asked === 'help' && (kind === 'scenario' || kind === 'fault')) return new AskedForChoices(kind);
  const own = command.createHelp().visibleOptions(command).flatMap(namesOf);
  const match = closest(flag, own);
  const words = pathOf(command).join(' ');
  const what = `There is no option ${flag}${words === '' ? '' : ` of \`${words}\``}.`;
  if (match !== undefined) return new UsageError(what, `Did you mean \`${match}\`?`);
  const others = takers(flag, command);
  const known = others.length === 0 ? '' : `It is one of ${others.join(', ')}. `;
  return new UsageError(what, `${known}See \`${help}\`.`);
}

/** What was typed after a word. */
function following(word: string): string | undefined {
  const index = process.argv.indexOf(word);
  return index === -1 ? undefined : process.argv[index + 1];
}

/** The other commands that have the option. */
function takers(flag: string, command: Command): string[] {
  const { parent } = command;
  if (parent === null)
    return visible(command).flatMap((each) => (has(each, flag) ? [`\`${pathOf(each).join(' ')}\``] : []));
  return takers(flag, parent);
}

function has(command: Command, flag: string): boolean {
  return command.options.flatMap(namesOf).includes(flag);
}

function namesOf({ long, short }: Option): string[] {
  return [long, short].filter((name) => name !== undefined && name !== null);
}

/** A value that an option or argument does not take. */
function invalid(message: string, command: Command): UsageError {
  const [, flags, value = '', why = ''] =
    /^(?:option '([\s\S]*?)' argument|command-argument value) '([\s\S]*)' is invalid(?: for argument '[^']*')?\. ([\s\S]*)$/.exec(
      message,
    ) ?? [];
  const option = command.options.find((each) => each.flags === flags);
  const argument = command.registeredArguments.find(
    ({ argChoices }) => argChoices?.includes(value) === false,
  );
  const choices = flags === undefined ? argument?.argChoices : option?.argChoices;
  const subject = flags === undefined ? `\`${pathOf(command).join(' ')}\`` : flagOf(flags);
  return new UsageError(
    `${subject} does not take "${value}".`,
    choices === undefined ? why : sentence(suggestion(value, choices, 'choices')),
  );
}

/** `--format` of `--format <format>`, `--parameter` of `-p, --parameter <NAME=VALUE>`. */
function flagOf(flags: string): string {
  return /--[^ ]+/.exec(flags)?.[0] ?? flags;
}

function placeholder(name: string): string {
  const of: Record<string, string> = {
    runbook: 'a runbook',
    run: 'a run',
    'run-or-file': 'a run or a file',
    shell: 'the name of a shell',
  };
  return of[name] ?? `<${name}>`;
}

/** Where what an argument stands for can be found. */
function whereToLook(name: string, help: string): string {
  if (name === 'runbook') return 'Give an id that `aks-kms-runbook list` names, or the path of a .yaml file.';
  if (name.startsWith('run'))
    return 'Give an id that `aks-kms-runbook runs` lists (rehearsals: with --rehearse), or its beginning.';
  return `See \`${help}\`.`;
}

function visible(command: Command): Command[] {
  return command.createHelp().visibleCommands(command);
}

/** With a capital letter. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
