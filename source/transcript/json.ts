/** The change record as a JSON file: the record, the journal it is computed from, and a digest over both. */
import { createHash } from 'node:crypto';
import type { JournalRecord, RunEvent } from '../engine/events.ts';
import { redact } from '../engine/redaction.ts';
import { displayCommand } from '../plan/command.ts';
import type { PlannedStep } from '../plan/model.ts';
import type { Pipeline } from '../runbook/model.ts';
import type { ChangeRecord, RecordExport } from './model.ts';
import { Scrubber } from './scrub.ts';
import type { Redact } from './scrub.ts';

type ExportedLine = RecordExport['journal'][number];

/**
 * The record as a JSON file; `journal` are the lines it was computed from, as they were written, and `version` that of
 * the tool. The same run gives the same bytes. A line that holds what is not to be shown is left out; its hash stays, so
 * that the others can be checked.
 */
export function toJson(
  record: ChangeRecord,
  journal: readonly string[],
  options: { version: string; redactMore?: Redact | undefined },
): string {
  const { version: madeBy, redactMore } = options;
  const exported: Omit<RecordExport, 'sha256'> = {
    format: 1,
    madeBy,
    redactedMore: redactMore !== undefined,
    record,
    journal: journal.map((line) => exportedLine(line, redactMore)),
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

/** A line of the journal; of one that holds what is not to be shown, only what its place is. */
function exportedLine(line: string, redactMore: Redact | undefined): ExportedLine {
  const { sequence, previous, event, hash } = JSON.parse(line) as WrittenRecord;
  if (isShown(line, event, redactMore)) return line;
  return { sequence, previous, hash, type: event.type };
}

type WrittenRecord = JournalRecord & { previous: string; hash: string };

function isShown(line: string, event: RunEvent, redactMore: Redact | undefined): boolean {
  const scrubber = new Scrubber(redactMore);
  scrubber.data(event);
  for (const text of told(event)) scrubber.text(text);
  return scrubber.secrets + scrubber.asked === 0 && redact(line) === line;
}

/** What an event says when parts of it are read together: values with their names, commands with their options. */
function told(event: RunEvent): string[] {
  switch (event.type) {
    case 'value.captured':
      return [`${event.name}=${event.value}`];
    case 'step.started':
      return event.command === undefined ? [] : [displayCommand(event.command)];
    case 'run.started': {
      const { parameters, steps } = event.header.plan;
      return [
        ...Object.entries(parameters).map(([name, value]) => `${name}=${value}`),
        ...steps.flatMap(pipelinesOf).map(displayCommand),
      ];
    }
    default:
      return [];
  }
}

/** The commands a step may run. */
function pipelinesOf(step: PlannedStep): Pipeline[] {
  if (step.kind === 'run') return [step.pipeline];
  return step.kind === 'rewrite-secrets' && step.documented !== undefined ? [step.documented.pipeline] : [];
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
