/** What `--help` and the manual say of a command besides its options. */
import type { Command } from 'commander';
import { pathOf } from './refused.ts';

/** A command line to learn from. */
export interface Example {
  /** What follows the program's name. */
  line: string;
  /** What it does. */
  does: string;
}

interface Teaching {
  /** Prose, a paragraph each. */
  more?: readonly string[];
  examples: readonly Example[];
  /** What its exit statuses mean, where it is not only whether it could be done. */
  statuses?: readonly Status[];
}

type Status = readonly [status: number, means: string];

/** What the exit statuses of the tool mean. */
export const statuses: readonly Status[] = [
  [0, 'completed'],
  [1, 'failed: the run stands at a step that failed; it can be resumed'],
  [2, 'wrong usage, or a runbook with errors; nothing was begun'],
  [3, 'stopped; it can be resumed'],
  [4, 'somebody else works on this run or this cluster'],
  [130, 'interrupted'],
];

const looking: readonly Status[] = [
  [0, 'done'],
  [1, 'it could not be done'],
  [2, 'wrong usage'],
];

/** By the words that name the command; the program's own under none. */
export const teaching: Readonly<Record<string, Teaching>> = {
  '': {
    more: [
      'Without a command: the home screen, to go on with a run, find the runbook for a cluster, or look at a finished run.',
    ],
    examples: [
      { line: '--rehearse', does: 'the home screen, against a simulated cluster' },
      { line: 'doctor', does: 'what is installed, signed in, permitted, missing' },
      { line: 'clusters', does: 'your clusters, and the runbook for each' },
      { line: 'show kms-v2-public-to-pmk', does: 'read the runbook' },
      { line: 'run kms-v2-public-to-pmk', does: 'ask for the parameters and begin' },
      { line: 'resume', does: 'go on with the unfinished run worked on last' },
      { line: 'help export', does: 'more about a command' },
    ],
    statuses,
  },
  list: {
    examples: [
      { line: 'list', does: 'ids and titles' },
      { line: 'list --json', does: 'the same with parameters, for a program' },
    ],
  },
  show: {
    examples: [
      { line: 'show kms-v2-public-to-pmk', does: 'read one that comes with the tool' },
      { line: 'show ./my-runbook.yaml', does: 'read one of your own' },
    ],
    statuses: looking,
  },
  plan: {
    more: ['It asks neither Azure nor the cluster.'],
    examples: [
      {
        line: 'plan kms-v2-public-to-pmk -p CLUSTER_NAME=blue -p RESOURCE_GROUP=rg',
        does: 'every command with its values filled in',
      },
      { line: 'plan kms-v2-public-to-pmk --rehearse', does: 'the same with the names of the rehearsal' },
      {
        line: 'plan kms-v2-public-to-pmk --rehearse --json',
        does: 'for a program',
      },
    ],
    statuses: looking,
  },
  clusters: {
    more: ['The names are kept for half a day, so that TAB completes them without asking Azure.'],
    examples: [
      { line: 'clusters', does: 'those in every subscription of the tenant' },
      { line: 'clusters --json', does: 'with ids, locations and what to do about what is in the way' },
      { line: 'clusters --rehearse', does: 'those of a simulated subscription' },
    ],
    statuses: looking,
  },
  doctor: {
    examples: [
      { line: 'doctor', does: 'this machine and the signed-in account' },
      {
        line: 'doctor -p CLUSTER_NAME=blue -p RESOURCE_GROUP=rg',
        does: 'also the cluster, and what its runbooks check first',
      },
      {
        line: 'doctor kms-v2-public-to-pmk --rehearse --fault az-old',
        does: 'what it says when something is missing',
      },
    ],
    statuses: [
      [0, 'nothing that is needed is missing'],
      [1, 'something is missing, or the runbook is not for the cluster'],
      [2, 'wrong usage'],
    ],
  },
  run: {
    more: [
      'At a terminal each command is shown and waits for your word. Without one (or with --plain) it goes on in lines; what needs an answer that was not given beforehand stops the run, which can be resumed.',
    ],
    examples: [
      { line: 'run kms-v2-public-to-pmk', does: 'ask for the parameters, then step by step' },
      {
        line: 'run kms-v2-public-to-pmk --rehearse --fault update-fails-once',
        does: 'rehearse it, with something going wrong',
      },
      {
        line: 'run ./my-runbook.yaml --transcript ./records',
        does: 'one of your own; its record goes there',
      },
    ],
    statuses,
  },
  resume: {
    more: ['A run is named by its id or the beginning of it, as far as no other begins so.'],
    examples: [
      { line: 'resume', does: 'the unfinished run worked on last' },
      { line: 'resume 20261121-2015', does: 'the one whose id begins so' },
      { line: 'resume --rehearse', does: 'the unfinished rehearsal worked on last' },
    ],
    statuses,
  },
  'rewrite-secrets': {
    more: ['No Secret is read: each is patched with nothing, which stores it again under the current key.'],
    examples: [
      { line: 'rewrite-secrets --context blue --dry-run', does: 'what there is, and what would be refused' },
      { line: 'rewrite-secrets --context blue', does: 'rewrite and verify all of them' },
      { line: 'rewrite-secrets --rehearse --secrets 5000', does: 'rehearse it on a larger cluster' },
    ],
    statuses,
  },
  runs: {
    examples: [
      { line: 'runs', does: 'outcome, length, cluster, operator of each' },
      { line: 'runs --rehearse', does: 'the rehearsals' },
      { line: 'runs show 20261121-201500-ab12', does: 'how one ended, and what is left to do' },
    ],
    statuses: looking,
  },
  'runs show': {
    examples: [
      { line: 'runs show 20261121-201500-ab12', does: 'of one run' },
      { line: 'runs show 20261121', does: 'of the only run of that day' },
    ],
    statuses: looking,
  },
  'runs delete': {
    more: ['One that has not completed stays: it may say what was left undone.'],
    examples: [
      { line: 'runs delete 20261121-201500-ab12', does: 'asks, then deletes' },
      { line: 'runs delete 20261121-201500-ab12 --yes', does: 'does not ask' },
    ],
    statuses: looking,
  },
  export: {
    more: [
      'Markdown is for a ticket, HTML to read and print, JSON holds the journal itself, so that `verify` can check it where the run is not. Secrets are taken out of all of them.',
    ],
    examples: [
      { line: 'export 20261121-201500-ab12', does: 'print it as Markdown' },
      {
        line: 'export 20261121-201500-ab12 --format html --output run.html',
        does: 'write it to read and print',
      },
      {
        line: 'export 20261121 --format json --output r.json --sign ~/.ssh/id',
        does: 'write and sign it; the signature is r.json.sig',
      },
      { line: 'export --all --format json --output records', does: 'every run, into a directory' },
    ],
    statuses: looking,
  },
  verify: {
    more: [
      'A run is checked where it is kept; a file is a JSON export, or any export with its signature (FILE.sig) beside it.',
    ],
    examples: [
      { line: 'verify 20261121-201500-ab12', does: 'a run, by what `runs` prints' },
      { line: 'verify ./record.json', does: 'an exported record' },
      {
        line: 'verify ./record.html --allowed-signers ~/.ssh/allowed_signers',
        does: 'by its signature, and whose that is',
      },
    ],
    statuses: [
      [0, 'as it was written'],
      [1, 'altered, and where'],
      [2, 'wrong usage'],
    ],
  },
  lint: {
    examples: [
      { line: 'lint', does: 'those that come with the tool' },
      { line: 'lint ./my-runbook.yaml', does: 'one of your own, problems by line and column' },
    ],
    statuses: [
      [0, 'no errors'],
      [2, 'errors, or wrong usage'],
    ],
  },
  schema: {
    examples: [
      { line: 'schema > runbook.schema.json', does: 'for an editor' },
      { line: 'schema record', does: 'of what `export --format json` writes' },
    ],
  },
  help: {
    examples: [
      { line: 'help', does: 'the commands' },
      { line: 'help runs show', does: 'what `runs show --help` prints' },
    ],
  },
  completion: {
    more: [
      'Completed are commands, options, runbooks, runs, parameters and their values, scenarios, faults, contexts of the kubeconfig, and files. Nothing is asked of Azure or a cluster: names of clusters are those `clusters` listed within half a day, and those of earlier runs.',
      'A name that a shell would read as more than a name is not offered. What confirms a step that cannot be undone is not completed: it is there to be typed.',
    ],
    examples: [
      {
        line: 'completion bash > ~/.local/share/bash-completion/completions/aks-kms-runbook',
        does: 'for bash',
      },
      {
        line: 'completion zsh > ~/.zfunc/_aks-kms-runbook',
        does: 'for zsh, with ~/.zfunc in fpath before compinit',
      },
      {
        line: 'completion fish > ~/.config/fish/completions/aks-kms-runbook.fish',
        does: 'for fish',
      },
    ],
  },
};

/** The end of the help of a command: prose, examples, exit statuses; in 80 columns. */
export function helpFor(command: Command): string {
  const about = teaching[pathOf(command).join(' ')];
  if (about === undefined) return '';
  const { more = [], examples, statuses: own = defaultStatuses } = about;
  return [
    ...more.flatMap((text) => ['', ...fold(text)]),
    '',
    'Examples:',
    ...examples.flatMap(({ line, does }) => [...exampleLines(line), `      ${does}`]),
    '',
    'Exit status:',
    ...own.map(([status, means]) => `  ${String(status).padEnd(5)}${means}`),
  ].join('\n');
}

/** Of a command that only prints. */
export const defaultStatuses: readonly Status[] = [
  [0, 'done'],
  [2, 'wrong usage'],
];

const columns = 80;

/** An example as it is typed, indented; one that is too long goes on after a backslash, as a shell takes it. */
export function exampleLines(line: string, indent = '  '): string[] {
  const whole = `${indent}aks-kms-runbook ${line}`;
  if (whole.length <= columns) return [whole];
  const cut = whole.lastIndexOf(' ', columns - 2);
  return [`${whole.slice(0, cut)} \\`, `${indent}  ${whole.slice(cut + 1)}`];
}

/** Text in lines of at most 80 columns. */
function fold(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.length - 1;
    const longer = lines[last] === '' ? word : `${lines[last]} ${word}`;
    if (longer.length <= columns) lines[last] = longer;
    else lines.push(word);
  }
  return lines;
}
