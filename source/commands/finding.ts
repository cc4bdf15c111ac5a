/** One thing that was looked at to find out what is missing. */
import { ToolError } from '../runbook/errors.ts';

export interface Finding {
  about: 'machine' | 'azure' | 'cluster' | 'runbook';
  /** What was looked at; a check's is the statement it makes. */
  what: string;
  /** `missing`: something needed is not there. `unknown`: it was not looked at, because of another finding. */
  status: 'ok' | 'warning' | 'missing' | 'unknown';
  found?: string | undefined;
  needed?: string | undefined;
  /** What it means that a check does not hold, one sentence. */
  means?: string | undefined;
  /** The ids of the runbooks that need it, where it is not all that were asked about. */
  runbooks?: readonly string[] | undefined;
  /** How to put it right. */
  fix?: string | undefined;
}

/** What could not be had, as a finding. Rethrows what is a defect. */
export function problem(about: Finding['about'], what: string, error: unknown): Finding {
  if (!(error instanceof ToolError)) throw error;
  return { about, what, status: 'missing', found: error.message, fix: error.next };
}
