/** The parameters of a runbook: YAML → `Parameter`. */
import type { Parameter } from './model.ts';
import { matchesWhole } from './pattern.ts';
import type { Reading } from './reading.ts';
import type { Span } from './source-file.ts';
import { valueProblem } from './value.ts';
import type { Entry } from './yaml-file.ts';

/** Variables that nearly every environment has; a parameter takes its value from the environment unless it is given. */
const environment = new Set(
  'EDITOR HOME HOST HOSTNAME LANG LOGNAME PATH PWD SHELL TERM TMPDIR USER USERNAME'.split(' '),
);

/** Reads the mapping of parameters, and reports defaults that could not be used. */
export function readParameters(entry: Entry, reading: Reading): Parameter[] {
  return entry.keys().map((name) => {
    const parameter = entry.child(name);
    const [pattern, help, preset] = [
      parameter.child('pattern'),
      parameter.child('pattern-help'),
      parameter.child('default'),
    ];
    const warn = (place: Span, message: string, suggestion: string): void =>
      reading.problems.add(parameter.source, { ...place, severity: 'warning', message, suggestion });
    reading.checkPattern(pattern);
    if (preset.text !== undefined) checkDefault(preset, pattern.text, reading);
    if (help.text !== undefined && !parameter.has('pattern'))
      warn(
        help.keySpan(),
        'there is no `pattern` that this would explain',
        'add `pattern`, or say it in `description`',
      );
    if (environment.has(name))
      warn(
        parameter.keySpan(),
        `shells set a variable ${name}, and a parameter takes its value from there`,
        'choose another name',
      );
    if (parameter.child('pick').text === 'cluster' && name !== 'CLUSTER_NAME')
      warn(
        parameter.child('pick').keySpan(),
        'the cluster that is picked is the one of the run, whose name is CLUSTER_NAME',
        'remove `pick`, or move it there',
      );
    return {
      name,
      description: (parameter.child('description').text ?? '').replace(/\s+/g, ' ').trim(),
      pick: parameter.child('pick').text === 'cluster' ? 'cluster' : undefined,
      default: preset.text,
      pattern: pattern.text,
      patternHelp: help.text,
      position: parameter.position(),
    };
  });
}

function checkDefault(preset: Entry, pattern: string | undefined, reading: Reading): void {
  const value = preset.text ?? '';
  const problem = value === '' ? undefined : valueProblem(value);
  if (problem !== undefined)
    reading.report(preset, {
      message: `the default ${problem}, and no value may`,
      suggestion: 'write another, or none, so that the operator is asked for it',
    });
  else if (!matchesWhole(pattern, value))
    reading.report(preset, {
      message: 'the default does not match the pattern',
      suggestion: 'the whole value has to match; change one of them',
    });
}
