/** A frame of a terminal as SVG: text stays text, placed where its cells are. */
import type { TerminalSession } from '../test/support/terminal.ts';

const cell = { width: 8.4, height: 18 };
const margin = 12;

/** The colours the screen uses, readable on either ground; `fg` and `bg` are the terminal's own. */
const grounds = {
  dark: {
    bg: '#14161b',
    fg: '#d7dae0',
    palette: ['#3b4048', '#f2777a', '#8fd19e', '#f3c969', '#7cb7ff', '#d59bf6', '#6fd3d8', '#d7dae0'],
  },
  light: {
    bg: '#ffffff',
    fg: '#24292f',
    palette: ['#24292f', '#cf222e', '#116329', '#7d4e00', '#0550ae', '#8250df', '#1b7c83', '#57606a'],
  },
} as const;

export type Ground = keyof typeof grounds;

/** Draws what is on screen now. */
export function frameSvg(screen: TerminalSession, ground: Ground = 'dark'): string {
  const { columns, rows } = screen.size;
  const { bg, fg } = grounds[ground];
  const width = Math.ceil(columns * cell.width) + 2 * margin;
  const height = rows * cell.height + 2 * margin;
  const lines = Array.from({ length: rows }, (_, row) => drawRow(screen, row, ground));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<rect width="100%" height="100%" rx="8" fill="${bg}"/>`,
    `<g font-family="ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace" font-size="14" fill="${fg}" xml:space="preserve">`,
    ...lines.filter((line) => line !== ''),
    '</g></svg>',
    '',
  ].join('\n');
}

type Cell = ReturnType<TerminalSession['row']>[number];

/** The runs of equal looks in a row. */
function drawRow(screen: TerminalSession, row: number, ground: Ground): string {
  const cells = screen.row(row);
  let drawn = '';
  for (let start = 0; start < cells.length;) {
    const first = cells[start];
    if (first === undefined) break;
    let end = start;
    let text = '';
    for (let at = cells[end]; at !== undefined && looksAlike(at, first); at = cells[end]) {
      text += at.text;
      end += 1;
    }
    drawn += drawRun(first, text, { column: start, columns: end - start, row }, ground);
    start = end;
  }
  return drawn;
}

function looksAlike(one: Cell, other: Cell): boolean {
  return (
    one.color === other.color &&
    one.bold === other.bold &&
    one.dim === other.dim &&
    one.inverse === other.inverse
  );
}

function drawRun(
  look: Cell,
  text: string,
  at: { column: number; columns: number; row: number },
  ground: Ground,
): string {
  const { bg, fg, palette } = grounds[ground];
  const color = look.color === undefined ? fg : (palette[look.color % 8] ?? fg);
  const lead = look.inverse ? 0 : text.length - text.trimStart().length;
  const shown = look.inverse ? text : text.trim();
  const x = margin + (at.column + lead) * cell.width;
  const y = margin + at.row * cell.height;
  const block = look.inverse
    ? `<rect x="${x.toFixed(1)}" y="${y}" width="${(at.columns * cell.width).toFixed(1)}" height="${cell.height}" fill="${color}"/>`
    : '';
  if (shown.trim() === '') return block;
  const columns = look.inverse ? at.columns : at.columns - lead - (text.length - text.trimEnd().length);
  const attributes = [
    `x="${x.toFixed(1)}" y="${y + 13}" textLength="${(columns * cell.width).toFixed(1)}"`,
    ...(look.inverse ? [`fill="${bg}"`] : look.color === undefined ? [] : [`fill="${color}"`]),
    ...(look.bold ? ['font-weight="bold"'] : []),
    ...(look.dim ? ['opacity=".6"'] : []),
  ];
  const escaped = shown.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `${block}<text ${attributes.join(' ')}>${escaped}</text>`;
}
