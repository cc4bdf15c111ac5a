/** The help as rows. */
import { helpGroups } from '../keys/active.ts';
import type { KeyContext } from '../keys/context.ts';
import { hanging, type Line, line } from '../lines.ts';

/** The keys of the screen `context` is of, under their headings. */
export function helpRows(context: KeyContext, columns: number): Line[] {
  return helpGroups(context).flatMap(({ title, keys }, index) => [
    ...(index === 0 ? [] : [line('')]),
    line(title, { bold: true }),
    ...keys.flatMap(({ label, help }) =>
      hanging({ text: `  ${label.padEnd(16)} `, tone: 'accent', bold: true }, help, columns),
    ),
  ]);
}
