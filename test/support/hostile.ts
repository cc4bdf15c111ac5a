/** Text as it should not be: for values, arguments and files. */
import * as fc from 'fast-check';

const shell = [
  '"',
  "'",
  '\\',
  '`',
  '$(id)',
  '${HOME}',
  '$CLUSTER_NAME',
  ';',
  '&&',
  '|',
  '>',
  '*',
  '?',
  '~',
  '!',
];
const controls = ['\n', '\r', '\t', '\0', '\u001B[2J', '\u0007', '\u0085', '\u2028', ' ', '\u00A0'];
const options = [
  '-',
  '--',
  '--subscription',
  '--name=',
  '-p',
  '@',
  '@/etc/passwd',
  '=',
  ',',
  '%s',
  '%00',
  '#',
];
/** Letters that look like others: Cyrillic а, е, о, р; Greek ο; full-width a; a dotless i. */
const lookAlikes = ['\u0430', '\u0435', '\u043E', '\u0440', '\u03BF', '\uFF41', '\u0131'];
/** Direction overrides, what does not show, what joins, half of a character, and letters of several units. */
const strange = [
  '\u202E',
  '\u2066',
  '\u200B',
  '\u200D',
  '\u00AD',
  '\uFEFF',
  '\u0301',
  '\uD800',
  '\u{1F600}',
  '漢',
];
const names = [
  '../',
  '/',
  '.',
  'con',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'true',
  '0',
  '-1',
  '1e999',
];
const plain = ['prod', 'blue-rg', '[]', '{}', 'a'.repeat(300)];
/** Pieces that mean something to a shell, az, a terminal, YAML or a file system, or that only look harmless. */
const pieces = [...shell, ...controls, ...options, ...lookAlikes, ...strange, ...names, ...plain];

/** A text made of such pieces, or any text at all. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 4 }).map(joined) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 30 }) },
);

function joined(parts: readonly string[]): string {
  return parts.join('');
}
