import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Pipeline } from '../../source/runbook/model.ts';
import { splitCommand } from '../../source/runbook/words.ts';
import { load, stepsText } from './files.ts';

/** Words as text, names as `<NAME>`. */
function words(block: string): string[][] {
  const { pipeline, problems } = splitCommand(block);
  assert.deepEqual(problems, []);
  return shown(pipeline);
}

function shown(pipeline: Pipeline): string[][] {
  return pipeline.map((command) =>
    command.map((word) => word.map((part) => ('text' in part ? part.text : `<${part.name}>`)).join('')),
  );
}

function codeBlocks(document: string): string[] {
  return Array.from(document.matchAll(/^( *)```\S+\n([\s\S]*?)^ *```$/gm), ([, indent = '', body = '']) =>
    body
      .split('\n')
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
      .join('\n'),
  );
}

test('every command block of both documents splits as it stands', () => {
  const folder = join(import.meta.dirname, 'documents');
  const blocks = readdirSync(folder).flatMap((file) => codeBlocks(readFileSync(join(folder, file), 'utf8')));
  assert.equal(blocks.length, 8);
  assert.deepEqual(
    blocks.map((block) => words(block).map(([program]) => program)),
    [['az'], ['kubectl', 'kubectl'], ['az'], ['kubectl', 'kubectl'], ['az'], ['az'], ['az'], ['az']],
  );
  assert.deepEqual(words(blocks[4]!), [
    [
      'az',
      'aks',
      'update',
      '--name',
      '<CLUSTER_NAME>',
      '--resource-group',
      '<RESOURCE_GROUP>',
      '--kms-infrastructure-encryption',
      'Enabled',
      '--disable-azure-keyvault-kms',
    ],
  ]);
  assert.deepEqual(words(blocks[1]!), [
    ['kubectl', 'get', 'secrets', '--all-namespaces', '-o', 'json'],
    ['kubectl', 'replace', '-f', '-'],
  ]);
});

test('quotes, names and continuations mean what they mean to a shell', () => {
  assert.deepEqual(words(`az 'a b' "c $D" e"f"'g' '' ""`), [['az', 'a b', 'c <D>', 'efg', '', '']]);
  assert.deepEqual(words('az pre${NAME}post $A$B "$A"x'), [['az', 'pre<NAME>post', '<A><B>', '<A>x']]);
  assert.deepEqual(words(`az '$NAME' "\\$NAME" \\$NAME "a\\b" a\\;b`), [
    ['az', '$NAME', '$NAME', '$NAME', 'a\\b', 'a;b'],
  ]);
  assert.deepEqual(words('az one\\\ntwo \\\n  three'), [['az', 'onetwo', 'three']]);
  assert.deepEqual(words('# first\n\n  # second\naz x |\n# third\n  kubectl y\n# last\n'), [
    ['az', 'x'],
    ['kubectl', 'y'],
  ]);
  assert.deepEqual(words(`kubectl -o 'jsonpath={.items[*].name}' a=b {} x#y`), [
    ['kubectl', '-o', 'jsonpath={.items[*].name}', 'a=b', '{}', 'x#y'],
  ]);
});

const refusals: readonly (readonly [block: string, line: number, column: number, message: RegExp])[] = [
  ['az a; rm b', 1, 5, /second command/],
  ['az a && az b', 1, 6, /second command/],
  ['az a || az b', 1, 6, /second command/],
  ['az a |& az b', 1, 6, /errors into the next/],
  ['az a &', 1, 6, /background/],
  ['az a > file', 1, 6, /write to a file/],
  ['az a >> file', 1, 6, /write to a file/],
  ['az a 2>&1', 1, 7, /output elsewhere/],
  ['az a &> file', 1, 6, /to a file/],
  ['az < file', 1, 4, /read a file/],
  ['az --name <cluster-name>', 1, 11, /read a file/],
  ['az << END', 1, 4, /feed text/],
  ['az <(b)', 1, 4, /run another command/],
  ['az $(b)', 1, 4, /run another command/],
  ['az "x $(b)"', 1, 7, /run another command/],
  ['az `b`', 1, 4, /backtick/],
  ['az "`b`"', 1, 5, /backtick/],
  ['(az)', 1, 1, /subshell/],
  ['az *.txt', 1, 4, /matching files/],
  ['az a?', 1, 5, /matching files/],
  ['az [ab]', 1, 4, /matching files/],
  ['az ~/x', 1, 4, /home folder/],
  ['az !x', 1, 4, /history/],
  ['az "a!x"', 1, 6, /history/],
  ['az {a,b}', 1, 4, /expanded/],
  ['az a{1..3}', 1, 5, /expanded/],
  ["az 'a b", 1, 4, /never closed/],
  ['az "a b', 1, 4, /never closed/],
  ['A=b az', 1, 1, /shell variable/],
  ['az a\naz b', 2, 1, /second command/],
  ['az a\n  --name b', 2, 3, /second command/],
  ['az a \\ \n  --name b', 1, 6, /blank follows/],
  ['az a \\', 1, 6, /nothing follows/],
  ['az a # note', 1, 6, /comment/],
  ['az a \\\n# note\n  b', 2, 1, /comment/],
  ['az |', 1, 4, /no command after/],
  ['| az', 1, 1, /no command before/],
  ['az a\n| kubectl b', 2, 1, /no command before/],
  ['az | | b', 1, 6, /no command before/],
  ['az $', 1, 4, /stands before the name/],
  ['az $1', 1, 4, /stands before the name/],
  ['az $?', 1, 4, /stands before the name/],
  ['az ${A:-b}', 1, 4, /plain name/],
  ['az ${A', 1, 4, /plain name/],
  ['$PROGRAM a', 1, 1, /program to run/],
  ['"" a', 1, 1, /no name/],
  ['cd /tmp', 1, 1, /belongs to the shell/],
  ['az x |\n  export A', 2, 3, /belongs to the shell/],
  ['az \u00A0--name x', 1, 4, /looks like/],
  ['az \u201Cx\u201D', 1, 4, /looks like/],
  ['az \u2013name x', 1, 4, /dash/],
  ['az \u0007', 1, 4, /control character/],
  ["az '\u001B[2J'", 1, 5, /control character/],
  ['az "a\u202Eb"', 1, 6, /control character/],
  ['az x | /usr/bin/sh -c y', 1, 8, /a shell/],
  ['PowerShell x', 1, 1, /a shell/],
  ['# nothing', 1, 1, /no command/],
];

for (const [block, line, column, message] of refusals)
  test(`refuses ${JSON.stringify(block)}`, () => {
    const { problems } = splitCommand(block);
    const before = block.slice(0, problems[0]?.offset).split('\n');
    assert.match(problems[0]?.message ?? '', message);
    assert.deepEqual([before.length, before.at(-1)!.length + 1], [line, column]);
    assert.ok(problems[0]!.length >= 1);
    if (!/no command here/.test(problems[0]!.message)) assert.ok(problems[0]?.suggestion);
  });

for (const style of ['|', '|-', '|2-'])
  test(`a problem inside a ${style} block is reported at its true place in the YAML file`, () => {
    for (const [block, line, column] of refusals) {
      // Raw control characters are refused for the whole file.
      if (/[\u0007\u001B\u202E]/.test(block)) continue;
      const indented = block.replaceAll('\n', '\n    ');
      const text = stepsText(`- id: a\n  title: A\n  run: ${style}\n    ${indented}`);
      const start = text.split('\n').findIndex((one) => one.includes('run: |')) + 2;
      const { problems } = load({ 'main.yaml': text });
      // The block's lines begin at column 11; for `|2` two of the blanks before are part of the block.
      const first = problems.find((problem) => !/neither a parameter/.test(problem.message));
      assert.deepEqual([first?.line, first?.column], [start + line - 1, column + 10], block);
    }
  });

/** How many problems a value of `run` has, and how many lines below `run:` and in which column the first is. */
function place(run: string): (number | undefined)[] {
  const text = stepsText(`- id: a\n  title: A\n  run: ${run}`);
  const start = text.split('\n').findIndex((line) => line.includes('run:')) + 1;
  const { problems } = load({ 'main.yaml': text });
  return [problems.length, (problems[0]?.line ?? 0) - start, problems[0]?.column];
}

test('places are true in folded, plain and quoted text too', () => {
  assert.deepEqual(place('az a; b'), [1, 0, 18]);
  assert.deepEqual(place('"az a; b"'), [1, 0, 19]);
  assert.deepEqual(place('"az \\"é\\u0041\\" a; b"'), [1, 0, 31]);
  assert.deepEqual(place("'az ''x'' a; b'"), [1, 0, 25]);
  assert.deepEqual(place('>-\n    az a\n    b; c\n'), [1, 2, 12]);
  assert.deepEqual(place('az a\n      b;\n      c'), [1, 1, 14]);
});

test('several problems in one block are all reported', () => {
  const { problems } = splitCommand('az $(a) > b ; c\nkubectl *');
  assert.deepEqual(
    problems.map(({ offset }) => offset),
    [3, 8, 12, 16, 24],
  );
});

test('every word has its place, and a name in single quotes too', () => {
  const block = "az 'a b'c \\\n  --x=$N \"$N\" | kubectl '$N ${M} $m'";
  const { spans, pipeline, quotedNames } = splitCommand(block);
  const written = (list: readonly { offset: number; length: number }[]) =>
    list.map(({ offset, length }) => block.slice(offset, offset + length));
  assert.deepEqual(spans.map(written), [
    ['az', "'a b'c", '--x=$N', '"$N"'],
    ['kubectl', "'$N ${M} $m'"],
  ]);
  assert.deepEqual(
    spans.map((command) => command.length),
    pipeline.map((command) => command.length),
  );
  assert.deepEqual(written(quotedNames), ['$N', '${M}']);
});

test('never throws, and problems lie within the block', () => {
  const character = fc.constantFrom(...'az $N{}|\\\'"#;&<>()*?[]~!=-\n\t `\u00A0\u201C');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(character).map((list) => list.join('')),
      ),
      (block) => {
        const { problems, names } = splitCommand(block);
        for (const { offset, length } of [...problems, ...names]) {
          assert.ok(offset >= 0 && length >= 1);
          assert.ok(offset + length <= Math.max(1, block.length) + 1);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
