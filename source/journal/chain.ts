/**
 * The lines of a journal file and the hash chain through them. Pure.
 *
 * A line is the JSON of a record with its `sequence`, `time`, `previous` (the hash of the line before, 64 zeros for
 * the first) and `event`, and last its own `hash`: SHA-256, in hex, of everything before the hash. The check is
 * made on the bytes of the line, so a changed space is found as surely as a changed word.
 */
import { createHash } from 'node:crypto';
import type { JournalRecord, RunEvent } from '../engine/events.ts';

/** What the first line names as the hash before it. */
export const chainStart = '0'.repeat(64);

const hashSuffix = /^(.*),"hash":"([0-9a-f]{64})"\}$/s;

/** A record as a line without its newline, and the line's hash. */
export function encodeLine(record: JournalRecord, previous: string): { line: string; hash: string } {
  const { sequence, time, event } = record;
  const body = JSON.stringify({ sequence, time, previous, event }).slice(0, -1);
  const hash = sha256(body);
  return { line: `${body},"hash":"${hash}"}`, hash };
}

/** Where and how a journal is not what was written. `line` counts from 1. */
interface ChainProblem {
  line: number;
  what: string;
}

export interface ChainReading {
  /** The records up to the first problem. */
  records: JournalRecord[];
  /** Hash of the last good line. */
  head: string;
  /** Bytes of the good lines, newlines included. */
  goodBytes: number;
  /** Bytes at the end that do not make a whole line: an append that was cut off. */
  tornBytes: number;
  problem?: ChainProblem | undefined;
}

/** Reads a whole journal. Never throws: whatever the bytes are, it says how far they can be believed. */
export function readChain(bytes: Uint8Array): ChainReading {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reading: ChainReading = { records: [], head: chainStart, goodBytes: 0, tornBytes: 0 };
  for (let start = 0, number = 1; start < text.length; number += 1) {
    const newline = text.indexOf(10, start);
    if (newline === -1) {
      reading.tornBytes = text.length - start;
      break;
    }
    const line = decodeLine(text.toString('utf8', start, newline), reading.head, number);
    if ('what' in line && isUnwritten(text, start, newline)) {
      reading.tornBytes = text.length - start;
      break;
    }
    if ('what' in line) {
      reading.problem = { line: number, what: line.what };
      break;
    }
    reading.records.push(line.record);
    reading.head = line.hash;
    start = newline + 1;
    reading.goodBytes = start;
  }
  return reading;
}

/** More NULs in a row than a damaged byte or two leave behind. */
const hole = Buffer.alloc(16);

/**
 * Whether a line is the last one and a part of it never reached the disk: after a power failure some file systems show
 * NULs in place of such a part, also with the line's end after them. No line is written with a NUL in it.
 */
function isUnwritten(text: Buffer, start: number, newline: number): boolean {
  return newline === text.length - 1 && text.subarray(start, newline).includes(hole);
}

function decodeLine(
  line: string,
  previous: string,
  number: number,
): { record: JournalRecord; hash: string } | { what: string } {
  const parts = hashSuffix.exec(line);
  const [, body, hash] = parts ?? [];
  if (body === undefined || hash === undefined) return { what: 'the line is not a journal record' };
  if (sha256(body) !== hash) return { what: 'the record was altered: its hash does not fit its text' };
  let value: unknown;
  try {
    value = JSON.parse(`${body}}`);
  } catch {
    return { what: 'the line is not JSON' };
  }
  const record = value as {
    sequence?: unknown;
    time?: unknown;
    previous?: unknown;
    event?: { type?: unknown } | null;
  };
  if (record.previous !== previous) {
    return { what: 'the record does not follow the one before it: a line is missing, added or out of order' };
  }
  if (record.sequence !== number) return { what: `the record is numbered ${String(record.sequence)}` };
  if (typeof record.time !== 'string' || typeof record.event?.type !== 'string')
    return { what: 'the record has no event' };
  return { record: { sequence: number, time: record.time, event: record.event as RunEvent }, hash };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
