import type { JournalRecord } from '../engine/events.ts';
import { ToolError } from '../runbook/errors.ts';

/** The journal format this version writes. It only moves forward; see docs/journal.md. */
const currentFormat = 1;

/** Throws `ToolError` unless a journal begins with a header of a format this version reads. */
export function requireReadable(first: JournalRecord | undefined, file: string): void {
  if (first === undefined) return;
  if (first.event.type !== 'run.started') {
    throw new ToolError(`${file} does not begin with a run's header.`, 'It is not a journal of this tool.');
  }
  const { header } = first.event as { header?: { format?: unknown; plan?: { steps?: unknown } } };
  const format = header?.format;
  if (typeof format !== 'number')
    throw new ToolError(`${file} has no header.`, 'It is not a journal of this tool.');
  if (format !== currentFormat) {
    throw new ToolError(
      `${file} is in journal format ${format}; this version reads format ${currentFormat}.`,
      'Use a newer version of aks-kms-runbook.',
    );
  }
  if (!Array.isArray(header?.plan?.steps)) {
    throw new ToolError(`${file} has no plan in its header.`, 'It is not a journal of this tool.');
  }
}
