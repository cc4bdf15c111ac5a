/** The two rows at the top: which tool and runbook, whether it is a rehearsal, which cluster, who. */
import type { RunState } from '../../../engine/state.ts';
import { clusterLine } from '../../cluster.ts';
import { width } from '../../text.ts';
import { type Line, spread } from '../lines.ts';

/** The mark every screen of a rehearsal carries. */
export const rehearsalMark = 'REHEARSAL';

/** The top rows of a run's screens. */
export function runHeader(state: RunState, columns: number): Line[] {
  return [titleRow(state.plan.runbook.title, state.header.rehearsal, columns), clusterRow(state, columns)];
}

/** Which cluster comes before who: where there is not room for both, only the cluster is named. */
function clusterRow(state: RunState, columns: number): Line {
  const cluster = ` ${clusterLine(state)}`;
  const operator = `${state.sessions.at(-1)?.operator.name ?? state.header.operator.name} `;
  const both = width(cluster) + 1 + width(operator) <= columns;
  return spread([{ text: cluster }], both ? [{ text: operator, tone: 'quiet' }] : [], columns);
}

/** The first row: the tool, what it is at, and whether it rehearses. */
export function titleRow(title: string, rehearsal: boolean, columns: number): Line {
  return spread(
    [
      { text: ' aks-kms-runbook', bold: true, tone: 'accent' },
      { text: `   ${title}`, bold: true },
    ],
    rehearsal ? [{ text: `${rehearsalMark} `, bold: true, tone: 'warn' }] : [],
    columns,
  );
}
