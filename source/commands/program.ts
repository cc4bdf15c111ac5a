/** The command line: every command, argument and option, and what each is for. Help, completion and manual are made from it. */
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { UsageError } from '../runbook/errors.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import type { ExportOptions } from './export.ts';
import { helpFor } from './help.ts';
import type { CommonOptions, RunOptions, VerifyOptions } from './options.ts';
import { AskedForChoices, refusal, unknownCommand } from './refused.ts';
import type { RewriteOptions } from './rewrite-secrets.ts';
import { say } from './terminal.ts';

const formats = ['markdown', 'html', 'json'] as const;
/** The command that the scripts of shells ask. */
const completing = '__complete';
/** The shells there is a completion script for. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** The commands by what they are for, as help and manual show them. */
const groups = {
  before: 'Before the change:',
  change: 'The change:',
  after: 'Afterwards:',
  own: 'Runbooks of your own:',
  shell: 'Help and shell:',
} as const;

/** The options by what they are for. */
const optionGroups = {
  own: 'Options:',
  rehearsal: 'Rehearsal:',
  answers: 'Answers given beforehand:',
} as const;

/**
 * Builds the command line. `report` is told the exit status of the command that ran; one that cannot be run as it was
 * typed throws `UsageError`.
 */
export function buildProgram(report: (status: ExitStatus) => void): Command {
  const program = new Command('aks-kms-runbook')
    .description(
      'Takes an AKS cluster from one generation of KMS secret encryption to the next, step by step.',
    )
    .version(packageJson.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    // Options before a command are refused.
    .usage('[options]\n       aks-kms-runbook <command> [options]')
    .configureHelp({ subcommandTerm: termOf })
    .enablePositionalOptions()
    // What commander would say of a mistake is said with what was meant, as every other error is.
    .configureOutput({ writeErr: say, outputError: () => undefined })
    .hook('preSubcommand', refuseStrayOptions);
  runOptions(program.allowExcessArguments()).action(async (options: RunOptions) => {
    const [unknown] = program.args;
    if (unknown !== undefined) throw unknownCommand(unknown, program);
    const { home } = await import('./home.ts');
    report(await home(options));
  });

  program.commandsGroup(groups.before);
  common(program.command('list').description('list the runbooks').option('--json', 'as JSON')).action(
    async (options: CommonOptions) => {
      const { list } = await import('./list.ts');
      report(await list(options));
    },
  );
  program
    .command('show <runbook>')
    .description('print a runbook as a document: sections, steps, commands, warnings')
    .option('--json', 'as JSON')
    .action(async (runbook: string, options: { json?: boolean }) => {
      const { show } = await import('./show.ts');
      report(await show(runbook, options));
    });
  parameters(program.command('plan <runbook>').description('print exactly what a run would do; does nothing'))
    .option('--rehearse', 'with the names of the rehearsal cluster')
    .option('--json', 'as JSON')
    .action(async (runbook: string, options: RunOptions) => {
      const { plan } = await import('./plan.ts');
      report(await plan(runbook, options));
    });
  rehearsalOptions(
    stateDirectoryOption(
      program
        .command('clusters')
        .description('list every cluster you can see, how it encrypts its secrets, and the runbook for it')
        .option('--rehearse', 'those of a simulated subscription'),
    ).option('--json', 'as JSON'),
  ).action(async (options: RunOptions) => {
    const { clusters } = await import('./clusters.ts');
    report(await clusters(options));
  });
  rehearsalOptions(
    parameters(
      common(
        program
          .command('doctor [runbook]')
          .description('what is missing for a runbook and on a cluster, and how to get it')
          .option('--json', 'as JSON'),
      ),
    ),
  ).action(async (runbook: string | undefined, options: RunOptions) => {
    const { doctor } = await import('./doctor.ts');
    report(await doctor(runbook, options));
  });
  program.commandsGroup(groups.change);
  takeOverOption(
    runOptions(program.command('run <runbook>').description('run a runbook against a cluster')),
  ).action(async (runbook: string, options: RunOptions) => {
    const { run } = await import('./run.ts');
    report(await run(runbook, options));
  });
  takeOverOption(
    plainOptions(
      common(
        program
          .command('resume [run]')
          .description('go on with a run (default: the unfinished one worked on last)'),
      ),
    ),
  ).action(async (run: string | undefined, options: RunOptions) => {
    const { resume } = await import('./resume.ts');
    report(await resume(run, options));
  });
  takeOverOption(
    plainOptions(
      rehearsalOptions(
        common(
          program
            .command('rewrite-secrets')
            .description(
              'write every Secret of a cluster again, so that all are under the current key; reads none',
            )
            .option('--context <context>', 'the kubeconfig context of the cluster (default: the current one)')
            .option('--namespace <namespace>', 'only this namespace; repeat for more', collect)
            .option('--dry-run', 'say what there is and what would be refused; writes nothing')
            .option('--json', 'with --dry-run: as JSON'),
        ),
      ),
    ),
  ).action(async (options: RewriteOptions) => {
    const { rewriteSecrets } = await import('./rewrite-secrets.ts');
    report(await rewriteSecrets(options));
  });
  program.commandsGroup(groups.after);
  runsCommands(program, report);
  common(
    program
      .command('export [run]')
      .description('the change record of a run, finished or not, to attach or keep'),
  )
    .addOption(new Option('--format <format>', 'of the record').choices(formats).default('markdown'))
    .option('--output <file>', 'write it to a file (with --all, to a directory) instead of printing it')
    .option('--all', 'the record of every run')
    .option('--full', 'with the outputs of commands whole; otherwise long ones are cut in the middle')
    .option(
      '--redact <pattern>',
      'take out what this JavaScript regular expression finds, too; repeat for more',
      collect,
    )
    .option('--sign <key>', 'sign the file with this SSH key (ssh-keygen -Y sign); the signature is FILE.sig')
    .action(async (run: string | undefined, options: ExportOptions) => {
      const { exportRun } = await import('./export.ts');
      report(await exportRun(run, options));
    });
  common(
    program
      .command('verify <run-or-file>')
      .description(
        'check that a run, or a file exported from one, is as it was written; says what was altered',
      )
      .option('--hash <sha256>', 'a hash noted elsewhere: one of its records has to have it', givenHash)
      .option('--allowed-signers <file>', 'whose signatures count (ssh-keygen, "ALLOWED SIGNERS")')
      .option('--json', 'as JSON'),
  ).action(async (runOrFile: string, options: VerifyOptions) => {
    const { verify } = await import('./verify.ts');
    report(await verify(runOrFile, options));
  });
  program.commandsGroup(groups.own);
  program
    .command('lint [files...]')
    .description('check runbook files (default: the ones that come with the tool)')
    .option('--json', 'as JSON')
    .action(async (files: string[], options: { json?: boolean }) => {
      const { lint } = await import('./lint.ts');
      report(await lint(files, options));
    });
  program
    .command('schema')
    .description('print a JSON Schema: of runbook files, for editors, or of the records `export` writes')
    .addArgument(new Argument('[of]', 'which').choices(['runbook', 'record']).default('runbook'))
    .action(async (of: 'runbook' | 'record') => {
      const { schema } = await import('./schema.ts');
      report(await schema(of));
    });
  shellCommands(program, report);
  program.commandsGroup('Commands:');
  for (const command of [program, ...everyCommand(program)]) {
    // Only the program itself takes any word, to say that there is no such command; and completion whatever is typed.
    command.allowExcessArguments(command === program || command.name() === completing);
    command.addHelpText('after', () => helpFor(command));
    command.exitOverride((error) => {
      throw error.exitCode === 0 ? error : refusal(error, command);
    });
  }
  return program;
}

/** Options before a command are those of the home screen: left alone, a `--rehearse` there would count for nothing. */
function refuseStrayOptions(program: Command, command: Command): void {
  const [name] = Object.keys(program.opts());
  const stray = program.options.find((option) => option.attributeName() === name)?.long;
  if (stray === undefined) return;
  throw new UsageError(
    `${stray} was given before the command ${command.name()}, where it does not count.`,
    `Give it after the command: aks-kms-runbook ${command.name()} … ${stray}.`,
  );
}

/** The commands of a command, and theirs, in the order help shows them; hidden ones too. */
export function everyCommand(command: Command): Command[] {
  return command.commands.flatMap((each) => [each, ...everyCommand(each)]);
}

/** A command as lists of commands show it: its name and arguments. */
export function termOf(command: Command): string {
  const names = command.registeredArguments.map((each) => {
    const name = each.variadic ? `${each.name()}...` : each.name();
    return each.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...names].join(' ');
}

/** Whether an option may be given more than once. */
export function isRepeatable(option: Option): boolean {
  return (
    option.parseArg === collect || option.parseArg === collectParameter || option.parseArg === collectFault
  );
}

function shellCommands(program: Command, report: (status: ExitStatus) => void): void {
  program.commandsGroup(groups.shell);
  program
    .command('help [command...]')
    .description('print help for a command')
    .action((names: string[]) => {
      let command = program;
      for (const name of names) {
        const named = command.commands.find((each) => each.name() === name);
        if (named === undefined) throw unknownCommand(name, command);
        command = named;
      }
      command.outputHelp();
    });
  program
    .command('completion')
    .description('print a script that completes commands, options, runs and names on TAB')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .action(async (shell: Shell) => {
      const { completion } = await import('./completion.ts');
      report(completion(shell));
    });
  program
    .command(`${completing} [words...]`, { hidden: true })
    .description('what can stand in place of the last word of a command line')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (words: string[]) => {
      const { complete } = await import('./complete.ts');
      await complete(program, words);
    });
}

function runsCommands(program: Command, report: (status: ExitStatus) => void): void {
  const all = common(
    program.command('runs').description('list the runs, newest first').option('--json', 'as JSON'),
  ).action(async (options: CommonOptions) => {
    const { runs } = await import('./runs.ts');
    report(await runs(options));
  });
  common(all.command('show <run>').description('the summary of a run: outcome, changes, decisions')).action(
    async (run: string, _: unknown, command: Command) => {
      const { showRun } = await import('./runs-show.ts');
      report(await showRun(run, command.optsWithGlobals<CommonOptions>()));
    },
  );
  common(
    all
      .command('delete <run>')
      .description('delete a completed run with its record and outputs; asks first')
      .option('--yes', 'do not ask'),
  ).action(async (run: string, _: unknown, command: Command) => {
    const { deleteRun } = await import('./runs-delete.ts');
    report(await deleteRun(run, command.optsWithGlobals<CommonOptions & { yes?: boolean }>()));
  });
}

function common(command: Command): Command {
  return stateDirectoryOption(
    command.optionsGroup(optionGroups.own).option('--rehearse', 'rehearsals instead of real runs'),
  );
}

function stateDirectoryOption(command: Command): Command {
  return command.option('--state-dir <directory>', 'where runs are kept (AKS_KMS_RUNBOOK_STATE_DIR)');
}

function parameters(command: Command): Command {
  return command.option(
    '-p, --parameter <NAME=VALUE>',
    'a parameter of the runbook; repeat for more. Not given: the environment variable NAME',
    collectParameter,
  );
}

function plainOptions(command: Command): Command {
  return command
    .optionsGroup(optionGroups.own)
    .option('--plain', 'lines instead of the screen')
    .option('--transcript <directory>', 'where to write the Markdown transcript, as RUN.md')
    .option(
      '--max-in-flight <n>',
      'requests under way at once at most, while Secrets are rewritten (100)',
      requestCount,
    )
    .optionsGroup(optionGroups.answers)
    .option(
      '--yes',
      'confirm every step that can be undone, and what is asked to be attested, unread; the rest is asked at a terminal',
    )
    .option(
      '--accept-irreversible <CLUSTER_NAME>',
      'confirm the steps that cannot be undone, for this cluster',
    )
    .optionsGroup(optionGroups.rehearsal)
    .option(
      '--speed <factor>',
      'how much faster simulated time passes (60: a minute in a second)',
      positiveNumber,
    );
}

function takeOverOption(command: Command): Command {
  return command
    .optionsGroup(optionGroups.answers)
    .option(
      '--take-over <reason>',
      'take over a lock whose holder cannot be seen from here but is certainly gone; the reason goes into the record',
      givenReason,
    );
}

function runOptions(command: Command): Command {
  return rehearsalOptions(plainOptions(parameters(common(command))));
}

function rehearsalOptions(command: Command): Command {
  return command
    .optionsGroup(optionGroups.rehearsal)
    .option('--scenario <scenario>', 'the cluster to start from (`help` lists them)', chosenScenario)
    .option('--fault <fault>', 'something that goes wrong; repeat for more (`help` lists them)', collectFault)
    .option('--secrets <count>', 'how many Secrets the cluster has (120)', secretCount)
    .addOption(
      new Option(
        '--clients <which>',
        'the az and kubectl that are installed, or stand-ins (default)',
      ).choices(['real', 'stand-in']),
    );
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function chosenScenario(name: string): string {
  if (name === 'help') throw new AskedForChoices('scenario');
  return name;
}

function collectFault(name: string, before?: string[]): string[] {
  if (name === 'help') throw new AskedForChoices('fault');
  return collect(name, before);
}

function collectParameter(text: string, before: Record<string, string> = {}): Record<string, string> {
  const split = text.indexOf('=');
  if (split < 1) throw new InvalidArgumentError('Write it as NAME=VALUE.');
  return { ...before, [text.slice(0, split)]: text.slice(split + 1) };
}

function givenReason(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Give the reason for the record.');
  return text.trim();
}

function givenHash(text: string): string {
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new InvalidArgumentError('Give the 64 digits of a SHA-256.');
  return text;
}

function requestCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1000)
    throw new InvalidArgumentError('Give a whole number from 1 to 1000.');
  return value;
}

function secretCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 200_000)
    throw new InvalidArgumentError('Give a whole number from 1 to 200000.');
  return value;
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('Give a number above 0.');
  return value;
}
