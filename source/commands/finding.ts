/** One thing that was looked at to find out what is missing. */
import { ToolError } from '../runbook/errors.ts';

export interface Finding {
  /** What was looked at. */
  what: string;
  /** `missing`: something needed is not there. `unknown`: it could not be looked at, because of another finding. */
  status: 'ok' | 'warning' | 'missing' | 'unknown';
  found?: string | undefined;
  needed?: string | undefined;
  /** The ids of the runbooks that need it, where it is not all that were asked about. */
  runbooks?: readonly string[] | undefined;
  /** How to put it right. */
  fix?: string | undefined;
}

/** What could not be had, as a finding. Rethrows what is a defect. */
export function problem(what: string, error: unknown): Finding {
  if (!(error instanceof ToolError)) throw error;
  return { what, status: 'missing', found: error.message, fix: error.next };
}
