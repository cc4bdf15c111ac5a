import type { JournalRecord } from '../engine/events.ts';
import { ToolError } from '../runbook/errors.ts';

/** The journal format this version writes. It only moves forward; see docs/journal.md. */
const currentFormat = 1;

/**
 * The records of a journal in the current format: the one place where an older format is brought forward. Throws
 * `ToolError` unless they begin with a header of a format this version reads.
 */
export function upgrade(records: readonly JournalRecord[], file: string): readonly JournalRecord[] {
  const [first] = records;
  if (first === undefined) return records;
  const foreign = (what: string): ToolError =>
    new ToolError(`${file} ${what}.`, 'It is not a journal of this tool.');
  if (first.event.type !== 'run.started') throw foreign("does not begin with a run's header");
  const { header } = first.event as { header?: { format?: unknown; plan?: { steps?: unknown } } };
  const format = header?.format;
  if (typeof format !== 'number') throw foreign('has no header');
  if (format !== currentFormat) {
    throw new ToolError(
      `${file} is in journal format ${format}; this version reads format ${currentFormat}.`,
      'Use a newer version of aks-kms-runbook. The journal is left as it is.',
    );
  }
  if (!Array.isArray(header?.plan?.steps)) throw foreign('has no plan in its header');
  return records;
}
