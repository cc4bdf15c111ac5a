/** The change record as a JSON file: the record, the journal it is computed from, and a digest over both. */
import { createHash } from 'node:crypto';
import type { JournalRecord } from '../engine/events.ts';
import { redact } from '../engine/redaction.ts';
import type { ChangeRecord, RecordExport } from './model.ts';
import { Scrubber } from './scrub.ts';
import type { Redact } from './scrub.ts';

type ExportedLine = RecordExport['journal'][number];

/**
 * The record as a JSON file; `journal` are the lines it was computed from, as they were written, and `version` that of
 * the tool. The same run gives the same bytes. A line something has to be taken out of is given without it, and with the hash it had.
 */
export function toJson(
  record: ChangeRecord,
  journal: readonly string[],
  options: { version: string; redactMore?: Redact | undefined },
): string {
  const { version: madeBy, redactMore } = options;
  const scrubber = new Scrubber(redactMore);
  const lines = journal.map((line) => exportedLine(line, scrubber));
  const exported: Omit<RecordExport, 'sha256'> = {
    format: 1,
    madeBy,
    redactedMore: redactMore !== undefined,
    record,
    journal: lines,
  };
  const body = JSON.stringify(exported, undefined, 2);
  return sealed(body.slice(0, body.lastIndexOf('\n')));
}

/** What precedes the digest, and what follows it. */
const seal = { before: ',\n  "sha256": "', after: '"\n}\n' };
const sealBytes = seal.before.length + 64 + seal.after.length;

function sealed(body: string): string {
  return `${body}${seal.before}${sha256(body)}${seal.after}`;
}

/** Whether a file ends with the digest of what precedes it; `missing` when it does not end with one at all. */
export function checkSeal(file: Uint8Array): 'intact' | 'altered' | 'missing' {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const body = bytes.subarray(0, Math.max(0, bytes.length - sealBytes));
  const end = bytes.toString('latin1', body.length);
  const digest = end.slice(seal.before.length, -seal.after.length);
  const form = end.startsWith(seal.before) && end.endsWith(seal.after) && /^[0-9a-f]{64}$/.test(digest);
  if (!form) return 'missing';
  return sha256(body) === digest ? 'intact' : 'altered';
}

/** A line of the journal, or what may be shown of it. */
function exportedLine(line: string, scrubber: Scrubber): ExportedLine {
  const { hash, previous, ...record } = JSON.parse(line) as JournalRecord & {
    hash: string;
    previous: string;
  };
  const before = scrubber.count;
  const event = scrubber.data(named(record.event, scrubber));
  if (scrubber.count === before && redact(line) === line) return line;
  const { sequence, time } = record;
  return { sequence, previous, hash, redacted: redact(JSON.stringify({ sequence, time, event })) };
}

/** The event with the values that have a name looked at together with it. */
function named(event: JournalRecord['event'], scrubber: Scrubber): JournalRecord['event'] {
  if (event.type === 'value.captured')
    return { ...event, value: scrubber.values({ [event.name]: event.value })[event.name] ?? '' };
  if (event.type !== 'run.started') return event;
  const { plan } = event.header;
  const parameters = scrubber.values(plan.parameters);
  return { ...event, header: { ...event.header, plan: { ...plan, parameters } } };
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
