/** How the screen is divided. */
import { clamp } from './lines.ts';

export interface Size {
  columns: number;
  rows: number;
  /** One thing under the other, for a screen reader. */
  linear?: boolean | undefined;
}

export interface Layout {
  /** Too small to work in: nothing is asked and no answer taken. */
  tooSmall: boolean;
  /** Room for one column only: the list or the detail. */
  narrow: boolean;
  /** Columns of the panel with the list, and of the one with the detail; the same in a narrow one. */
  left: number;
  right: number;
  /** Rows of the panels. */
  body: number;
}

/** The smallest window that is worked in. */
export const smallest: Size = { columns: 40, rows: 12 };

/** Rows for the header above the panels and the keys below them. */
const headerRows = 2;
const footerRows = 1;
/** What a panel's border takes of its columns (with a space at each side) and of its rows. */
export const panelColumns = 4;
export const panelRows = 2;

export function layout({ columns, rows, linear = false }: Size): Layout {
  const tooSmall = columns < smallest.columns || rows < smallest.rows;
  const body = Math.max(0, rows - headerRows - footerRows);
  const narrow = linear || columns < 76;
  if (narrow) return { tooSmall, narrow, left: columns, right: columns, body };
  // At 80 columns the longest line of the documents' commands just fits beside the list.
  const left = clamp(columns - 50, 30, Math.min(Math.floor(columns / 2), 76));
  return { tooSmall, narrow, left, right: columns - left, body };
}
