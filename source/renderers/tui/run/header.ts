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

/** Which cluster, in which subscription, and who; where there is not room for all, who gives way first. */
function clusterRow(state: RunState, columns: number): Line {
  const cluster = ` ${clusterLine(state)}`;
  const subscription = state.header.subscription?.name;
  const operator = state.sessions.at(-1)?.operator.name ?? state.header.operator.name;
  const all = [...(subscription === undefined ? [] : [`in ${subscription}`]), operator];
  const shown = [all, all.slice(0, 1)].find(
    (parts) => width(cluster) + 1 + width(`${parts.join(' · ')} `) <= columns,
  );
  return spread(
    [{ text: cluster }],
    shown === undefined ? [] : [{ text: `${shown.join(' · ')} `, tone: 'quiet' }],
    columns,
  );
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
