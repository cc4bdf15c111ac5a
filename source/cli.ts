#!/usr/bin/env node
/** argv → command, and the exit status. Commands are imported when they are asked for, so that a quick one stays quick. */
import module from 'node:module';
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import type { ExportOptions } from './commands/export.ts';
import { exportHelp, verifyHelp } from './commands/help.ts';
import type { CommonOptions, RunOptions, VerifyOptions } from './commands/options.ts';
import type { RewriteOptions } from './commands/rewrite-secrets.ts';
import { printError, say } from './commands/terminal.ts';
import { UsageError } from './runbook/errors.ts';
import type { ExitStatus } from './runbook/errors.ts';
import { suggestion } from './runbook/suggest.ts';

const formats = ['markdown', 'html', 'json'] as const;

function build(report: (status: ExitStatus) => void): Command {
  const program = new Command('aks-kms-runbook')
    .description(
      'Takes an AKS cluster from one generation of KMS secret encryption to the next, step by step.',
    )
    .version(packageJson.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .enablePositionalOptions()
    .configureOutput({ writeErr: say })
    .exitOverride()
    .addHelpText('after', examples)
    .hook('preSubcommand', refuseStrayOptions);
  runOptions(program.allowExcessArguments()).action(async (options: RunOptions) => {
    const [unknown] = program.args;
    if (unknown !== undefined) {
      const names = program.commands.map((command) => command.name());
      throw new UsageError(
        `There is no command "${unknown}".`,
        sentence(suggestion(unknown, names, 'commands')),
      );
    }
    const { home } = await import('./commands/home.ts');
    report(await home(options));
  });

  common(program.command('list').description('list the runbooks').option('--json', 'as JSON')).action(
    async (options: CommonOptions) => {
      const { list } = await import('./commands/list.ts');
      report(await list(options));
    },
  );
  program
    .command('show <runbook>')
    .description('print a runbook as a document: sections, steps, commands, warnings')
    .option('--json', 'as JSON')
    .action(async (runbook: string, options: { json?: boolean }) => {
      const { show } = await import('./commands/show.ts');
      report(await show(runbook, options));
    });
  parameters(program.command('plan <runbook>').description('print exactly what a run would do; does nothing'))
    .option('--rehearse', 'with the names of the rehearsal cluster')
    .option('--json', 'as JSON')
    .action(async (runbook: string, options: RunOptions) => {
      const { plan } = await import('./commands/plan.ts');
      report(await plan(runbook, options));
    });
  takeOverOption(
    runOptions(program.command('run <runbook>').description('run a runbook against a cluster')),
  ).action(async (runbook: string, options: RunOptions) => {
    const { run } = await import('./commands/run.ts');
    report(await run(runbook, options));
  });
  takeOverOption(
    plainOptions(
      common(
        program.command('resume [run]').description('go on with a run (default: the latest unfinished one)'),
      ),
    ),
  ).action(async (run: string | undefined, options: RunOptions) => {
    const { resume } = await import('./commands/resume.ts');
    report(await resume(run, options));
  });
  rehearsalOptions(
    program
      .command('clusters')
      .description('list every cluster you can see, how it encrypts its secrets, and the runbook for it')
      .option('--rehearse', 'those of a simulated subscription')
      .option('--json', 'as JSON'),
  ).action(async (options: RunOptions) => {
    const { clusters } = await import('./commands/clusters.ts');
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
    const { doctor } = await import('./commands/doctor.ts');
    report(await doctor(runbook, options));
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
            .option('--context <name>', 'the kubeconfig context of the cluster (default: the current one)')
            .option('--namespace <name>', 'only this namespace; repeat for more', collect)
            .option('--dry-run', 'say what there is and what would be refused; writes nothing')
            .option('--json', 'with --dry-run: as JSON'),
        ),
      ),
    ),
  ).action(async (options: RewriteOptions) => {
    const { rewriteSecrets } = await import('./commands/rewrite-secrets.ts');
    report(await rewriteSecrets(options));
  });
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
    .addHelpText('after', exportHelp)
    .action(async (run: string | undefined, options: ExportOptions) => {
      const { exportRun } = await import('./commands/export.ts');
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
  )
    .addHelpText('after', verifyHelp)
    .action(async (runOrFile: string, options: VerifyOptions) => {
      const { verify } = await import('./commands/verify.ts');
      report(await verify(runOrFile, options));
    });
  program
    .command('lint [files...]')
    .description('check runbook files (default: the ones that come with the tool)')
    .option('--json', 'as JSON')
    .action(async (files: string[], options: { json?: boolean }) => {
      const { lint } = await import('./commands/lint.ts');
      report(await lint(files, options));
    });
  program
    .command('schema')
    .description('print a JSON Schema: of runbook files, for editors, or of the records `export` writes')
    .addArgument(new Argument('[of]', 'which').choices(['runbook', 'record']).default('runbook'))
    .action(async (of: 'runbook' | 'record') => {
      const { schema } = await import('./commands/schema.ts');
      report(await schema(of));
    });
  for (const command of program.commands) {
    command.exitOverride();
    for (const part of command.commands) part.exitOverride();
  }
  return program;
}

function runsCommands(program: Command, report: (status: ExitStatus) => void): void {
  const all = common(
    program.command('runs').description('list the runs, newest first').option('--json', 'as JSON'),
  ).action(async (options: CommonOptions) => {
    const { runs } = await import('./commands/runs.ts');
    report(await runs(options));
  });
  common(all.command('show <run>').description('the summary of a run: outcome, changes, decisions')).action(
    async (run: string, _: unknown, command: Command) => {
      const { showRun } = await import('./commands/runs-show.ts');
      report(await showRun(run, command.optsWithGlobals<CommonOptions>()));
    },
  );
  common(
    all
      .command('delete <run>')
      .description('delete a completed run with its record and outputs; asks first')
      .option('--yes', 'do not ask'),
  ).action(async (run: string, _: unknown, command: Command) => {
    const { deleteRun } = await import('./commands/runs-delete.ts');
    report(await deleteRun(run, command.optsWithGlobals<CommonOptions & { yes?: boolean }>()));
  });
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

function common(command: Command): Command {
  return command
    .option('--rehearse', 'rehearsals instead of real runs')
    .option('--state-dir <directory>', 'where runs are kept (AKS_KMS_RUNBOOK_STATE_DIR)');
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
    .option('--plain', 'lines instead of the screen')
    .option(
      '--yes',
      'confirm every step that can be undone, and what is asked to be attested, unread; the rest is asked at a terminal',
    )
    .option('--transcript <directory>', 'where to write the Markdown transcript, as RUN.md')
    .option(
      '--accept-irreversible <CLUSTER_NAME>',
      'confirm the steps that cannot be undone, for this cluster',
    )
    .option(
      '--max-in-flight <n>',
      'requests under way at once at most, while Secrets are rewritten (100)',
      requestCount,
    )
    .option(
      '--speed <factor>',
      'rehearsal: how much faster simulated time passes (60: a minute in a second)',
      positiveNumber,
    );
}

function takeOverOption(command: Command): Command {
  return command.option(
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
    .option('--scenario <name>', 'rehearsal: the cluster to start from (`help` lists them)')
    .option(
      '--fault <name>',
      'rehearsal: something that goes wrong; repeat for more (`help` lists them)',
      collect,
    )
    .option('--secrets <count>', 'rehearsal: how many Secrets the cluster has (120)', secretCount)
    .addOption(
      new Option(
        '--clients <which>',
        'rehearsal: use the az and kubectl that are installed, or stand-ins (default)',
      ).choices(['real', 'stand-in']),
    );
}

const examples = `
Examples:
  aks-kms-runbook --rehearse                            the home screen, against a simulated cluster
  aks-kms-runbook doctor                                what is installed, signed in, permitted, missing
  aks-kms-runbook clusters                              your clusters, and the runbook for each
  aks-kms-runbook show kms-v2-public-to-pmk             read the runbook
  aks-kms-runbook plan kms-v2-public-to-pmk -p CLUSTER_NAME=blue -p RESOURCE_GROUP=blue-rg
  aks-kms-runbook run kms-v2-public-to-pmk              ask for the parameters and begin
  aks-kms-runbook resume                                go on with the latest unfinished run
  aks-kms-runbook rewrite-secrets --context blue --dry-run

Exit status:
  0 completed   1 failed   2 usage or lint   3 stopped, can be resumed   4 locked by another   130 interrupted`;

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
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

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
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

async function main(): Promise<ExitStatus> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 18)) {
    return printError(
      new UsageError(
        `aks-kms-runbook needs Node 22.18 or later; this is ${process.versions.node}.`,
        'Install a current Node. In a clone, `npx node dist/cli.js` uses the one that comes with it.',
      ),
    );
  }
  let status: ExitStatus = 0;
  const program = build((reported) => {
    status = reported;
  });
  try {
    await program.parseAsync();
    return status;
  } catch (error) {
    // Commander has printed its own message by now; help and version are no errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return printError(error);
  }
}

// What cannot be printed is no reason to fall over: a run heeds it itself, and stops. A reader that goes away
// (`| head`) has seen enough; anything else that keeps us from printing is a failure.
let unprinted = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || unprinted) return;
  unprinted = true;
  process.stderr.write(
    `error: what is to be printed cannot be written: ${error.message}.\nMake room, or print it elsewhere.\n`,
  );
});
process.stderr.on('error', () => undefined);
// A file at the limit for its size is an error like a full disk; unheeded, the signal for it would end us first.
if (process.platform !== 'win32') process.on('SIGXFSZ', () => undefined);

// Compiled code is kept between starts, in Node's own cache directory; what cannot be kept is compiled again.
module.enableCompileCache?.();
process.exitCode = await main();
process.once('beforeExit', () => {
  if (unprinted && process.exitCode === 0) process.exitCode = 1;
});
