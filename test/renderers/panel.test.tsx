import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render } from 'ink-testing-library';
import { line } from '../../source/renderers/tui/lines.ts';
import { Panel } from '../../source/renderers/tui/screen/Panel.tsx';

test('a panel has its title in its border and is as wide and high as it is told', () => {
  const rows = [line('first'), line('second', { tone: 'bad' })];
  const { lastFrame, unmount } = render(<Panel title="steps" rows={rows} columns={30} height={6} />);
  const lines = (lastFrame() ?? '').split('\n');
  unmount();
  assert.equal(lines.length, 6);
  assert.match(lines[0] ?? '', /^╭ steps ─+╮$/);
  assert.match(lines[1] ?? '', /^│ first +│$/);
  assert.match(lines[2] ?? '', /^│ second +│$/);
  assert.deepEqual([...new Set(lines.map((text) => text.length))], [30]);
});

test('what does not fit a panel is left out, and nothing is drawn outside it', () => {
  const rows = Array.from({ length: 50 }, (_, index) => line(`row ${index} ${'x'.repeat(100)}`));
  const { lastFrame, unmount } = render(<Panel title={'t'.repeat(80)} rows={rows} columns={24} height={5} />);
  const lines = (lastFrame() ?? '').split('\n');
  unmount();
  assert.equal(lines.length, 5);
  assert.deepEqual([...new Set(lines.map((text) => text.length))], [24]);
});
