/**
 * Writes the manual page from the command line itself and the prose below. With `--check` it writes nothing and exits
 * with 1 when the committed one is not what would be written.
 */
import { readFile, writeFile } from 'node:fs/promises';
import type { Command, Option } from 'commander';
import { defaultStatuses, exampleLines, statuses, teaching } from '../source/commands/help.ts';
import type { Example } from '../source/commands/help.ts';
import { buildProgram, everyCommand, termOf } from '../source/commands/program.ts';
import { pathOf } from '../source/commands/refused.ts';

const url = new URL('../docs/aks-kms-runbook.1', import.meta.url);
const name = 'aks-kms-runbook';

const environment: readonly (readonly [string, string])[] = [
  ['AKS_KMS_RUNBOOK_STATE_DIR', 'Where runs are kept. The option --state-dir goes before it.'],
  ['XDG_STATE_HOME', 'On Linux, the directory in which runs are kept otherwise (~/.local/state).'],
  ['LOCALAPPDATA', 'The same on Windows.'],
  [
    'CLUSTER_NAME, RESOURCE_GROUP, …',
    'Values of parameters of a runbook, by their names. The option -p goes before them.',
  ],
  [
    'KUBECONFIG',
    'The kubeconfig files that rewrite-secrets finds its context in. Runs of a runbook do not read it.',
  ],
  ['NO_COLOR', 'When it is set, the screen has no colours.'],
  ['PAGER', 'Shows the output of a step when the screen is asked to; less when it is not set.'],
  ['AKS_KMS_RUNBOOK_QUIET', 'When it is set, neither bell nor notification calls you.'],
  ['TERM', 'When it is “dumb”, there are lines instead of the screen.'],
  ['INK_SCREEN_READER', 'When it is “true”, the screen is told in words for a screen reader.'],
];

const files: readonly (readonly [string, string])[] = [
  [
    '~/.local/state/aks-kms-runbook/runs/RUN/',
    'A run: journal, outputs of commands, transcript; readable by you alone.',
  ],
  ['~/.local/state/aks-kms-runbook/rehearsals/RUN/', 'A rehearsal, with its simulated world.'],
  [
    '~/.local/state/aks-kms-runbook/clusters/',
    'Locks, so that nobody else changes a cluster at the same time.',
  ],
  [
    '~/.local/state/aks-kms-runbook/known-clusters.json',
    'Names of the clusters that were listed last, completed on TAB for half a day.',
  ],
];

/** The page. */
function manual(): string {
  const program = buildProgram(() => undefined);
  const commands = everyCommand(program).filter(isShown);
  const top = teaching[''];
  return [
    '.\\" Written by scripts/write-manual.ts from the command line itself; changes made here are lost.',
    `.TH ${name.toUpperCase()} 1 "" "${name}" "User Commands"`,
    '.SH NAME',
    `${roman(name)} \\- moves AKS clusters between generations of KMS secret encryption`,
    '.SH SYNOPSIS',
    `.B ${roman(name)}`,
    '[\\fIoptions\\fR]',
    '.br',
    `.B ${roman(name)}`,
    '\\fIcommand\\fR [\\fIoptions\\fR]',
    '.SH DESCRIPTION',
    ...paragraphs([
      program.description(),
      'It follows the documents of Microsoft section by section, shows exactly what it is about to run, runs it when you confirm, survives what interrupts it, and leaves a record for the change ticket.',
      ...(top?.more ?? []),
      'With --rehearse everything happens against a simulated Azure and cluster, and nothing real is touched.',
    ]),
    '.SH COMMANDS',
    ...commands.flatMap(commandSection),
    '.SH OPTIONS',
    ...optionSections([program, ...commands]),
    '.SH "EXIT STATUS"',
    ...statuses.flatMap(([status, means]) => tagged(String(status), means)),
    '.SH ENVIRONMENT',
    ...environment.flatMap(([variable, means]) => tagged(variable, means)),
    '.SH FILES',
    ...files.flatMap(([file, means]) => tagged(file, means)),
    '.PP',
    roman('Where --state-dir or the environment name another place, they are there.'),
    '.SH EXAMPLES',
    ...examples(top?.examples ?? []).slice(1),
    '.SH "SEE ALSO"',
    '.BR az (1),',
    '.BR kubectl (1),',
    '.BR ssh\\-keygen (1)',
    '',
  ].join('\n');
}

function commandSection(command: Command): string[] {
  const words = pathOf(command).join(' ');
  const { more = [], examples: own = [], statuses: ends = defaultStatuses } = teaching[words] ?? {};
  return [
    `.SS "${roman([...pathOf(command).slice(0, -1), termOf(command)].join(' '))}"`,
    ...paragraphs([`${capital(command.description())}.`, ...more]),
    ...(command.options.length === 0
      ? []
      : ['.PP', roman(`Options: ${command.options.map(({ long, short }) => long ?? short).join(', ')}.`)]),
    '.PP',
    roman(`Exit status: ${ends.map(([status, means]) => `${status} ${means.split(':')[0]}`).join('; ')}.`),
    ...examples(own),
  ];
}

/** Each option once, with the commands that take it; one that means something else elsewhere, once for each meaning. */
function optionSections(commands: readonly Command[]): string[] {
  const taken = new Map<string, { option: Option; by: string[] }>();
  for (const command of commands)
    for (const option of command.createHelp().visibleOptions(command)) {
      const key = `${option.flags}\n${option.description}`;
      const known = taken.get(key) ?? { option, by: [] };
      known.by.push(pathOf(command).join(' ') || 'home screen');
      taken.set(key, known);
    }
  const help = commands[0]?.createHelp();
  return [...taken.values()]
    .sort((a, b) => sortKey(a.option).localeCompare(sortKey(b.option), 'en'))
    .flatMap(({ option, by }) => {
      const who = by.length === commands.length ? '' : ` (${by.join(', ')})`;
      return tagged(option.flags, `${capital(help?.optionDescription(option) ?? '')}.${who}`);
    });
}

function sortKey({ long, short }: Option): string {
  return (long ?? short ?? '').replace(/^-+/, '');
}

function isShown(command: Command): boolean {
  const { parent } = command;
  return parent?.createHelp().visibleCommands(parent).includes(command) === true;
}

/** Indented by the page itself, by this much. */
const inset = ' '.repeat(11);

function examples(all: readonly Example[]): string[] {
  return all.flatMap(({ line, does }) => [
    '.PP',
    roman(`${capital(does)}:`),
    '.RS 4',
    '.EX',
    ...exampleLines(line, inset).map((each) => roman(each.slice(inset.length))),
    '.EE',
    '.RE',
  ]);
}

function paragraphs(texts: readonly string[]): string[] {
  return texts.flatMap((text, index) => (index === 0 ? [roman(text)] : ['.PP', roman(text)]));
}

function tagged(term: string, text: string): string[] {
  return ['.TP', `.B "${roman(term)}"`, roman(text)];
}

/** Text that the typesetter takes for nothing but text. */
function roman(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('"', '\\(dq')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha')
    .replaceAll('“', '\\(lq')
    .replaceAll('”', '\\(rq')
    .replaceAll('…', '\\&...')
    .replace(/^\./, '\\&.');
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

const wanted = manual();
if (process.argv.includes('--check')) {
  if ((await readFile(url, 'utf8').catch(() => '')) !== wanted) {
    console.error(
      'docs/aks-kms-runbook.1 does not match the command line; run: node scripts/write-manual.ts',
    );
    process.exitCode = 1;
  }
} else {
  await writeFile(url, wanted);
}
