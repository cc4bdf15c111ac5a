/** Command lines read as az's parser (Python's argparse) reads them. */
import { azError } from './ended.ts';

export interface Option {
  /** All spellings, as az lists them; the first is the name the value is found under, without its dashes. */
  names: readonly string[];
  /** Takes no value. */
  flag?: true;
  required?: true;
  choices?: readonly string[];
}

export interface Values {
  /** The value of an option, undefined when it was not given. */
  get(name: string): string | undefined;
  has(name: string): boolean;
}

/** Options every az command has. */
const common: readonly Option[] = [
  { names: ['--output', '-o'], choices: ['json', 'jsonc', 'yaml', 'yamlc', 'table', 'tsv', 'none'] },
  { names: ['--query'] },
  { names: ['--subscription'] },
  { names: ['--only-show-errors'], flag: true },
  { names: ['--verbose'], flag: true },
  { names: ['--debug'], flag: true },
];

/**
 * The values given for `options`.
 *
 * @throws Ended with status 2 and az's words when the command line does not fit.
 */
export function parseArguments(
  command: string,
  words: readonly string[],
  options: readonly Option[],
): Values {
  const known = new Map(
    [...options, ...common].flatMap((option) => option.names.map((name) => [name, option])),
  );
  const values = new Map<string, string>();
  const unrecognized: string[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [, name = word, inline] = /^(--[^=]+)=(.*)$/su.exec(word) ?? [];
    const option = known.get(name);
    if (option === undefined) unrecognized.push(word);
    else if (option.flag === true) values.set(key(option), 'true');
    else values.set(key(option), checked(command, option, inline ?? takeValue(option, rest)));
  }
  const missing = options.filter((option) => option.required === true && !values.has(key(option)));
  if (missing.length > 0)
    throw azError(`the following arguments are required: ${missing.map(spelling).join(', ')}`, 2);
  if (unrecognized.length > 0) throw azError(`unrecognized arguments: ${unrecognized.join(' ')}`, 2);
  return { get: (name) => values.get(name), has: (name) => values.has(name) };
}

function takeValue(option: Option, rest: string[]): string {
  const next = rest[0];
  if (next === undefined || /^--?[a-z]/u.test(next))
    throw azError(`argument ${spelling(option)}: expected one argument`, 2);
  rest.shift();
  return next;
}

function checked(command: string, option: Option, value: string): string {
  if (option.choices === undefined) return value;
  const choice = option.choices.find((known) => known.toLowerCase() === value.toLowerCase());
  if (choice !== undefined) return choice;
  throw azError(
    `az ${command}: '${value}' is not a valid value for '${option.names[0]}'. Allowed values: ${option.choices.join(', ')}.`,
    2,
  );
}

function key(option: Option): string {
  return (option.names[0] ?? '').replace(/^-+/u, '');
}

function spelling(option: Option): string {
  return option.names.join('/');
}
