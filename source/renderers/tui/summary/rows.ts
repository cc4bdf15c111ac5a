/** How a run ended, as rows. */
import type { RunState } from '../../../engine/state.ts';
import { summarize } from '../../summary.ts';
import type { SummaryPlaces } from '../../summary.ts';
import { type Line, line, paragraph } from '../lines.ts';

/** The summary in rows of at most `columns` columns. */
export function summaryRows(state: RunState, places: SummaryPlaces, columns: number): Line[] {
  const { outcome, tone, parts } = summarize(state, places);
  const glyph = { good: '✔', warn: '!', bad: '✘' }[tone];
  return [
    ...paragraph(`${glyph} ${outcome}`, columns, { tone, bold: true }),
    ...parts.flatMap(({ title, lines }) => [
      line(''),
      line(title, { bold: true }),
      ...lines.flatMap((text) => paragraph(`  ${text}`, columns)),
    ]),
  ];
}
