/** What the home screen offers, as one list: unfinished runs first, then runbooks, then finished runs. */
import { clockTime } from '../../time.ts';
import type { HomeData, RunSummary, RunbookChoice } from '../app.ts';

export interface HomeItem {
  /** Unique in the list. */
  value: string;
  label: string;
  /** Paragraphs about it, shown while it is marked. */
  about: readonly string[];
  what:
    | { kind: 'resume'; run: RunSummary }
    | { kind: 'start'; runbook: RunbookChoice }
    | { kind: 'look'; run: RunSummary };
}

export function homeItems(data: HomeData): HomeItem[] {
  return [
    ...data.unfinished.map((run): HomeItem => ({
      value: `resume ${run.runId}`,
      label: `Resume   ${run.updatedAt.slice(0, 10)} · ${run.cluster} · ${run.runbookTitle}`,
      about: [
        `Begun ${clockTime(run.startedAt)}, last worked on ${clockTime(run.updatedAt)}.`,
        run.currentStep === undefined
          ? 'Nothing is left to do but to finish it.'
          : `It is at “${run.currentStep}”.`,
        ...about(run),
      ],
      what: { kind: 'resume', run },
    })),
    ...data.runbooks.map((runbook): HomeItem => ({
      value: `start ${runbook.id}`,
      label: `Start    ${runbook.title}`,
      about: [runbook.description],
      what: { kind: 'start', runbook },
    })),
    ...data.finished.map((run): HomeItem => ({
      value: `look ${run.runId}`,
      label: `Look at  ${run.updatedAt.slice(0, 10)} · ${run.cluster} · ${run.runbookTitle}`,
      about: [`Completed ${clockTime(run.updatedAt)}, begun ${clockTime(run.startedAt)}.`, ...about(run)],
      what: { kind: 'look', run },
    })),
  ];
}

function about(run: RunSummary): string[] {
  return [`Run ${run.runId}${run.rehearsal ? ', a rehearsal' : ''}.`];
}
