import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { displayCommand, fill, fillKnown } from '../../source/plan/command.ts';
import type { Pipeline } from '../../source/runbook/model.ts';
import { valueProblem } from '../../source/runbook/value.ts';
import { splitCommand } from '../../source/runbook/words.ts';

function split(block: string): Pipeline {
  const { pipeline, problems } = splitCommand(block);
  assert.deepEqual(problems, [], block);
  return pipeline;
}

/** Any text, and often text with what shells and options are made of. */
const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc
    .array(fc.constantFrom(...`a -;|&$(){}[]*?!~#'"\\\`<>=@%\n\t,`), { maxLength: 12 })
    .map((list) => list.join('')),
);

test('whatever its characters, a value is part of one argument or is refused', () => {
  const pipeline = split('az --name $A --id=x${A}y "$A" --set=$A | kubectl $A$A');
  fc.assert(
    fc.property(value, (text) => {
      let words: string[][];
      try {
        words = fill(pipeline, { A: text });
      } catch (error) {
        assert.equal((error as Error).name, 'UsageError');
        assert.notEqual(valueProblem(text), undefined);
        return;
      }
      assert.deepEqual(words, [
        ['az', '--name', text, `--id=x${text}y`, text, `--set=${text}`],
        ['kubectl', text + text],
      ]);
    }),
    { numRuns: 3000 },
  );
});

test('a value is refused where it could mean something else', () => {
  const refused = (block: string, text: string, message: RegExp): void =>
    assert.throws(() => fill(split(block), { A: text }), { name: 'UsageError', message });
  refused('az $A', '', /A is empty/);
  refused('az x$A', '', /A is empty/);
  refused('az $A', '-x', /option/);
  refused('az "$A"x', '--name', /option/);
  refused('az $A', '@/etc/passwd', /file/);
  refused('az --name=$A', '@/etc/passwd', /file/);
  refused('az $A', 'a\u0000b', /control/);
  refused('az $A', 'a\nb', /control/);
  refused('az $A', 'a\u001B[2J', /control/);
  refused('az $A', 'a\uD800', /half/);
  for (const hidden of ['\u202E', '\u2066', '\u200B', '\u200D', '\u00AD', '\uFEFF', '\u3164', '\u{E0061}'])
    refused('az $A', `prod${hidden}1`, /does not show/);
  assert.deepEqual(fill(split('az x$A y=z$A'), { A: '-@' }), [['az', 'x-@', 'y=z-@']]);
});

test('a name without a value is an error, unless it may stay open', () => {
  const pipeline = split('az $A $B-$A');
  assert.throws(() => fill(pipeline, { A: 'x' }), { name: 'UsageError', message: /\$B has no value/ });
  assert.throws(() => fill(pipeline, { A: 'x', constructor: 'y' }), /\$B has no value/);
  const partly = fillKnown(pipeline, { A: 'x' });
  assert.deepEqual(partly, [[[{ text: 'az' }], [{ text: 'x' }], [{ name: 'B' }, { text: '-x' }]]]);
  assert.deepEqual(fill(partly, { B: 'y' }), [['az', 'x', 'y-x']]);
  // What comes after a name that is still open does not begin its word.
  assert.deepEqual(fillKnown(split('az $B$A'), { A: '-x' })[0]?.[1], [{ name: 'B' }, { text: '-x' }]);
});

test('a displayed command reads as the same words again', () => {
  const program = fc.constantFrom('az', 'kubectl', './x y', 'a=b', "it's");
  const argument = fc.oneof(
    value.filter((text) => !/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]|\p{Bidi_Control}/u.test(text)),
    fc.constantFrom('--name', '-n', '', '-', '~', '#x', '$A', '${A}', '\\', '--a=b c', '!'),
  );
  const command = fc
    .tuple(program, fc.array(argument, { maxLength: 8 }))
    .map(([first, rest]) => [first, ...rest]);
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 3 }), (commands) => {
      assert.deepEqual(fill(split(displayCommand(commands)), {}), commands);
    }),
    { numRuns: 3000 },
  );
});

test('a displayed pipeline with open names reads as the same pipeline again', () => {
  const part = fc.oneof(
    fc.constantFrom({ name: 'A' }, { name: 'B_1' }),
    fc.string({ minLength: 1 }).map((text) => ({ text })),
  );
  const word = fc
    .array(part, { minLength: 1, maxLength: 4 })
    // Neighbouring texts are one text once they are read again.
    .filter((parts) =>
      parts.every((one, index) => !('text' in one && index > 0 && 'text' in parts[index - 1]!)),
    );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), (words) => {
      const pipeline: Pipeline = [[[{ text: 'az' }], ...words]];
      assert.deepEqual(split(displayCommand(pipeline)), pipeline);
    }),
    { numRuns: 2000 },
  );
});

test('is shown as a document would print it', () => {
  const block = `az aks update \\
    --name rehearsal \\
    --resource-group rehearsal-rg \\
    --kms-infrastructure-encryption Enabled \\
    --disable-azure-keyvault-kms`;
  assert.equal(displayCommand(split(block)), block);
  const pipe = 'kubectl get secrets --all-namespaces -o json | kubectl replace -f -';
  assert.equal(displayCommand(split(pipe)), pipe);
  assert.equal(displayCommand(split('az aks show --name $A')), 'az aks show --name $A');
  assert.equal(
    displayCommand([
      ['kubectl', 'get', 'secrets', '--all-namespaces', '-o', 'json', '-l', "it's=so"],
      ['kubectl', 'replace', '-f', '-'],
    ]),
    `kubectl get secrets \\\n    --all-namespaces \\\n    -o json \\\n    -l 'it'\\''s=so' \\\n  | kubectl replace \\\n    -f -`,
  );
});
