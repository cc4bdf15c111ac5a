/**
 * Draws docs/pictures/*.svg from frames of the real program in a real pseudo-terminal. Run after `npm run build`:
 * `node scripts/draw-screens.ts`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TerminalSession, newStateDirectory, root } from '../test/support/terminal.ts';

const cell = { width: 8.4, height: 18 };
const ink = '#d7dae0';
const paper = '#14161b';
/** The sixteen colours of a terminal, readable on a dark ground. */
const palette = [
  '#3b4048',
  '#f2777a',
  '#8fd19e',
  '#f3c969',
  '#7cb7ff',
  '#d59bf6',
  '#6fd3d8',
  ink,
  '#7d8590',
  '#ff9a9c',
  '#b2e6bd',
  '#ffe08a',
  '#a5cfff',
  '#e6bdff',
  '#9be8ec',
  '#ffffff',
];

const releases: (() => void)[] = [];
const owner = { after: (release: () => void) => void releases.push(release) };

/** A frame as SVG: text stays text, placed cell by cell. */
function svg(screen: TerminalSession): string {
  const { columns, rows } = screen.size;
  const width = Math.ceil(columns * cell.width) + 24;
  const height = rows * cell.height + 24;
  const lines: string[] = [];
  for (let row = 0; row < rows; row += 1) lines.push(...runs(screen, row));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<rect width="100%" height="100%" rx="8" fill="${paper}"/>`,
    `<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" xml:space="preserve">`,
    ...lines,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** The runs of equal looks in a row. */
function runs(screen: TerminalSession, row: number): string[] {
  const cells = screen.row(row);
  const drawn: string[] = [];
  for (let start = 0; start < cells.length;) {
    const look = looks(cells[start]!);
    let end = start;
    let text = '';
    while (end < cells.length && looks(cells[end]!).key === look.key) text += cells[end++]!.text;
    drawn.push(...run(text, start, end - start, row, look));
    start = end;
  }
  return drawn;
}

function looks(of: ReturnType<TerminalSession['row']>[number]) {
  const color = of.color === undefined ? ink : (palette[of.color] ?? ink);
  return {
    key: `${color}${of.bold}${of.dim}${of.inverse}`,
    color,
    bold: of.bold,
    dim: of.dim,
    inverse: of.inverse,
  };
}

function run(
  text: string,
  column: number,
  columns: number,
  row: number,
  look: ReturnType<typeof looks>,
): string[] {
  const x = 12 + column * cell.width;
  const y = 12 + row * cell.height;
  const width = columns * cell.width;
  const ground = look.inverse
    ? [
        `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${cell.height}" fill="${look.color}"/>`,
      ]
    : [];
  if (text.trim() === '') return ground;
  const attributes = [
    `x="${x.toFixed(1)}" y="${y + 13}" textLength="${width.toFixed(1)}" lengthAdjust="spacingAndGlyphs"`,
    `fill="${look.inverse ? paper : look.color}"`,
    ...(look.bold ? ['font-weight="bold"'] : []),
    ...(look.dim ? ['opacity="0.6"'] : []),
  ];
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return [...ground, `<text ${attributes.join(' ')}>${escaped}</text>`];
}

const pictures = join(root, 'docs', 'pictures');
mkdirSync(pictures, { recursive: true });
const words = ['run', 'kms-v2-public-to-pmk', '--rehearse'];
const screen = TerminalSession.open(owner, words, {
  columns: 100,
  rows: 30,
  stateDirectory: newStateDirectory(owner),
});
try {
  await screen.see('enter start');
  screen.send('\r');
  await screen.see('Do you confirm');
  await screen.see('y confirm');
  await screen.press('y', 'Type the cluster name');
  await screen.see('enter run');
  await screen.press('rehears', '> rehears');
  writeFileSync(join(pictures, 'run.svg'), svg(screen));
} finally {
  for (const release of releases) release();
}
