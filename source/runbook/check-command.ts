/** What az and kubectl would do with a command that is split into words: act on the right cluster, ask nothing. */
import type { Pipeline, Word } from './model.ts';
import type { TextProblem } from './problems.ts';
import type { Span } from './source-file.ts';
import type { SplitCommand } from './words.ts';

interface WordAt extends Span {
  text: string;
}

/**
 * Commands that ask on the terminal unless told `--yes`. Source: `confirmation=` in the command tables of
 * https://github.com/Azure/azure-cli (modules acs and resource), and the question `aks upgrade` asks by itself.
 */
const asking = new Set(['aks upgrade', 'aks delete', 'aks rotate-certs', 'group delete']);

/** Options with which kubectl talks to another cluster than its kubeconfig says. */
const elsewhere = ['--context', '--cluster', '--kubeconfig', '--server', '-s'];

/** What is wrong with the commands of a step; `changes` when they change something. Offsets are in the block. */
export function checkCommands({ pipeline, spans }: SplitCommand, changes: boolean): TextProblem[] {
  return pipeline.flatMap((command, index) => {
    const words = command.map((word, place): WordAt => ({
      text: written(word),
      ...(spans[index]?.[place] ?? { offset: 0, length: 1 }),
    }));
    if (words[0]?.text === 'az') return checkAz(words, changes);
    return words[0]?.text === 'kubectl' ? checkKubectl(words) : [];
  });
}

/** Whether one of the commands is az: what that changes, the facts can show. */
export function runsAz(pipeline: Pipeline): boolean {
  return pipeline.some(([program]) => program !== undefined && written(program) === 'az');
}

function checkAz(words: readonly WordAt[], changes: boolean): TextProblem[] {
  const [program = { text: '', offset: 0, length: 1 }, ...rest] = words;
  const options = rest.findIndex(({ text }) => text.startsWith('-'));
  const verbs = rest.slice(0, options === -1 ? rest.length : options).map(({ text }) => text);
  const name = verbs.join(' ');
  const last = words[verbs.length] ?? program;
  const span = { offset: program.offset, length: last.offset + last.length - program.offset };
  const problems: TextProblem[] = [];
  if (asking.has(name) && !rest.some(({ text }) => text === '--yes' || text === '-y'))
    problems.push({
      ...span,
      severity: 'warning',
      message: `\`az ${name}\` asks on the terminal, and has none here`,
      suggestion: 'add --yes: the operator has confirmed the step already',
    });
  if (verbs[0] !== 'aks') return problems;
  if (name === 'aks get-credentials')
    problems.push({
      ...span,
      message: 'kubectl is given the credentials for the cluster of the run already',
      suggestion: 'remove the step; this would write into a kubeconfig',
    });
  const pinned: readonly (readonly [options: readonly string[], parameter: string])[] = [
    // Below `az aks nodepool` and the like, `--name` names something inside of the cluster.
    [verbs.length === 2 ? ['--name', '-n', '--cluster-name'] : ['--cluster-name'], 'CLUSTER_NAME'],
    [['--resource-group', '-g'], 'RESOURCE_GROUP'],
  ];
  for (const [names, parameter] of pinned)
    for (const { text, ...place } of valuesOf(rest, names))
      if (text !== `$${parameter}`)
        problems.push({
          ...place,
          severity: changes ? 'error' : 'warning',
          message: `this is not the cluster of the run, which $CLUSTER_NAME and $RESOURCE_GROUP name`,
          suggestion: `write $${parameter}`,
        });
  for (const { text: _, ...place } of valuesOf(rest, ['--subscription']))
    problems.push({
      ...place,
      severity: changes ? 'error' : 'warning',
      message: 'a run is in the subscription az is signed in to',
      suggestion: 'leave --subscription out',
    });
  return problems;
}

function checkKubectl(words: readonly WordAt[]): TextProblem[] {
  const end = words.findIndex(({ text }) => text === '--');
  return words
    .slice(0, end === -1 ? words.length : end)
    .filter(({ text }) => elsewhere.some((option) => text === option || text.startsWith(`${option}=`)))
    .map(({ text, offset, length }) => ({
      offset,
      length,
      message: `with ${text.replace(/=.*/, '')}, kubectl could talk to another cluster than that of the run`,
      suggestion: 'leave it out: kubectl is given a kubeconfig for the cluster of the run',
    }));
}

/** The values of an option, `--name value` and `--name=value`. */
function valuesOf(words: readonly WordAt[], names: readonly string[]): WordAt[] {
  return words.flatMap((word, index) => {
    if (names.includes(word.text)) return words[index + 1] ?? [];
    const name = names.find((candidate) => word.text.startsWith(`${candidate}=`));
    return name === undefined ? [] : { ...word, text: word.text.slice(name.length + 1) };
  });
}

/** A word as text, with `$NAME` for values. */
function written(word: Word): string {
  return word.map((part) => ('text' in part ? part.text : `$${part.name}`)).join('');
}
