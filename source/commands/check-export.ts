/** Whether a JSON export of a change record is as it was made. */
import { createHash } from 'node:crypto';
import type { JournalRecord } from '../engine/events.ts';
import { redacted } from '../engine/redaction-scanners.ts';
import { replay } from '../engine/reduce.ts';
import { chainStart, decodeLine } from '../journal/chain.ts';
import { buildRecord } from '../transcript/build.ts';
import { checkSeal } from '../transcript/json.ts';
import type { ChangeRecord, RecordExport } from '../transcript/model.ts';
import { recordExportSchema } from '../transcript/schema.ts';
import { version } from './version.ts';

/** Something in an export that is not as it was made. */
export interface ExportProblem {
  /** For example `journal, record 17` or `record.outcome.kind`. */
  where: string;
  /** A clause. */
  what: string;
}

export interface ExportReading {
  /** The first is the one to look at first. */
  problems: readonly ExportProblem[];
  runId?: string | undefined;
  rehearsal?: boolean | undefined;
  madeBy?: string | undefined;
  /** Records of the journal that are as they were written. */
  records: number;
  /** Of those, how many are given without what was taken out of them, so that only their place can be checked. */
  withheld: number;
  /** Hashes of these records, in order. */
  hashes: readonly string[];
  /** Outputs that are given whole and are what the journal says the command printed. */
  wholeOutputs: number;
  /** Outputs that are shortened or redacted: the file alone cannot show that they are what a command printed. */
  partOutputs: number;
  /** Whether the record was computed anew from the journal in the file; if not, why. */
  recomputed: true | string;
}

/** Reads an export. Never throws: whatever the bytes are, it says what is wrong with them. */
export function checkExport(bytes: Uint8Array): ExportReading {
  const seal = checkSeal(bytes);
  const parsed = parse(bytes);
  if (!parsed.success) {
    return {
      problems: [parsed.problem],
      records: 0,
      withheld: 0,
      hashes: [],
      wholeOutputs: 0,
      partOutputs: 0,
      recomputed: 'it could not be read',
    };
  }
  const { data } = parsed;
  const chain = readLines(data.journal);
  const outputs = checkOutputs(data.record);
  const anew: { recomputed: true | string; problem?: ExportProblem | undefined } =
    chain.problem === undefined
      ? recompute(data, chain)
      : { recomputed: 'the journal in the file was altered' };
  const problems = [chain.problem, anew.problem, ...outputs.problems].filter(
    (problem) => problem !== undefined,
  );
  if (seal === 'missing')
    problems.push({ where: 'the end of the file', what: 'it does not end with its own SHA-256' });
  else if (seal === 'altered' && problems.length === 0)
    problems.push({
      where: rewrittenLine(bytes) ?? 'outside of the journal, and of what can be computed from it',
      what: 'the SHA-256 at the end of the file does not fit the text before it',
    });
  return {
    problems,
    runId: data.record.runId,
    rehearsal: data.record.rehearsal,
    madeBy: data.madeBy,
    records: chain.hashes.length,
    withheld: chain.withheld,
    hashes: chain.hashes,
    wholeOutputs: outputs.whole,
    partOutputs: outputs.part,
    recomputed: anew.recomputed,
  };
}

function parse(
  bytes: Uint8Array,
): { success: true; data: RecordExport } | { success: false; problem: ExportProblem } {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    const what = 'the file cannot be read as JSON';
    return { success: false, problem: { where: unreadable(bytes, error), what } };
  }
  const { success, data, error } = recordExportSchema.safeParse(value);
  if (success) return { success, data };
  const [issue] = error.issues;
  return {
    success: false,
    problem: {
      where: issue === undefined || issue.path.length === 0 ? 'the file' : pathText(issue.path),
      what: `it is not what a change record has there: ${issue?.message ?? 'unknown'}`,
    },
  };
}

/** What a line of an export can be, as `JSON.stringify` writes it with indentation. */
const quoted = String.raw`"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-f]{4}))*"`;
const lineForm = new RegExp(
  String.raw`^ *(?:[}\]]|(?:${quoted}: )?(?:[{[]|\{\}|\[\]|${quoted}|-?[\d.eE+-]+|true|false|null)),?$`,
);

/** Where a file stops to be JSON: its first byte that is no text, its first line that is none of an export's. */
function unreadable(bytes: Uint8Array, error: unknown): string {
  const file = Buffer.from(bytes);
  const read = file.toString();
  const again = Buffer.from(read);
  const end = file.equals(again) ? undefined : file.findIndex((byte, at) => byte !== again[at]);
  const line =
    end === undefined
      ? read
          .replace(/\n$/, '')
          .split('\n')
          .findIndex((line) => !lineForm.test(line)) + 1
      : file.toString('latin1', 0, end).split('\n').length;
  if (line > 0) return `line ${line} of the file`;
  const place = error instanceof Error ? /\(line (\d+) column \d+\)/.exec(error.message)?.[1] : undefined;
  return place === undefined ? 'the file' : `line ${place} of the file`;
}

/** The first line that is not written as an export's are, although it says the same. */
function rewrittenLine(bytes: Uint8Array): string | undefined {
  const lines = new TextDecoder().decode(bytes).split('\n');
  const own = JSON.stringify(JSON.parse(lines.join('\n')), undefined, 2).split('\n');
  const at = lines.findIndex((line, index) => line !== (own[index] ?? ''));
  return at === -1 ? undefined : `line ${at + 1} of the file`;
}

interface Lines {
  records: JournalRecord[];
  hashes: string[];
  withheld: number;
  problem?: ExportProblem | undefined;
}

/** The journal in an export, up to the first line that does not fit. */
function readLines(journal: RecordExport['journal']): Lines {
  const lines: Lines = { records: [], hashes: [], withheld: 0 };
  let head = chainStart;
  for (const [index, line] of journal.entries()) {
    const number = index + 1;
    const problem = (what: string): Lines => ({
      ...lines,
      problem: { where: `journal, record ${number}`, what },
    });
    if (typeof line === 'string') {
      const decoded = decodeLine(Buffer.from(line), head, number);
      if ('what' in decoded) return problem(decoded.what);
      lines.records.push(decoded.record);
      head = decoded.hash;
    } else {
      if (line.previous !== head || line.sequence !== number)
        return problem(
          'the record does not follow the one before it: a line is missing, added or out of order',
        );
      lines.withheld += 1;
      head = line.hash;
    }
    lines.hashes.push(head);
  }
  return lines;
}

/** Compares the record in the file with what the journal in the file gives. */
function recompute(
  { record, madeBy, redactedMore }: RecordExport,
  { records, hashes, withheld }: Lines,
): { recomputed: true | string; problem?: ExportProblem | undefined } {
  if (hashes.at(-1) !== record.journal.chainHead)
    return {
      recomputed: 'the journal in the file is not the one it names',
      problem: {
        where: 'record.journal.chainHead',
        what: 'it is not the hash of the last record in the file: records are missing or were added',
      },
    };
  if (withheld > 0 || redactedMore) return { recomputed: 'something was taken out of it' };
  if (madeBy !== version)
    return { recomputed: `it was made by version ${madeBy}, which may have worded it otherwise` };
  let anew: ChangeRecord;
  try {
    const state = replay(records);
    if (state === undefined) return { recomputed: 'the journal is empty' };
    anew = buildRecord({ state, records, chainHead: record.journal.chainHead, output: () => undefined });
  } catch {
    return {
      recomputed: 'the journal does not add up to a run',
      problem: { where: 'journal', what: 'its records do not add up to a run' },
    };
  }
  const path = firstDifference(withoutOutputs(anew), withoutOutputs(record), ['record']);
  if (path === undefined) return { recomputed: true };
  const where = pathText(path);
  return { recomputed: true, problem: { where, what: 'it is not what the journal gives' } };
}

/** What does not come from the journal's lines: the outputs, and what was taken out of them. */
function withoutOutputs(record: ChangeRecord): unknown {
  const left = new Set(['output', 'outputAltered', 'redactions', 'redactionsAsked']);
  return JSON.parse(
    JSON.stringify(record, (key, value: unknown) => (left.has(key) ? undefined : value)),
  ) as unknown;
}

function firstDifference(
  one: unknown,
  other: unknown,
  path: (string | number)[],
): (string | number)[] | undefined {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other ? undefined : path;
  if (Array.isArray(one) !== Array.isArray(other)) return path;
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  for (const key of keys) {
    const part = Array.isArray(one) ? Number(key) : key;
    const found = firstDifference(
      (one as Record<string, unknown>)[key],
      (other as Record<string, unknown>)[key],
      [...path, part],
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${String(part)}`))
    .join('');
}

function checkOutputs({ sections }: ChangeRecord): {
  problems: ExportProblem[];
  whole: number;
  part: number;
} {
  const problems: ExportProblem[] = [];
  let whole = 0;
  let part = 0;
  for (const { id, attempts } of sections.flatMap(({ steps }) => steps)) {
    for (const { number, output, exit } of attempts) {
      if (output === undefined) continue;
      if (sha256(output.text) !== output.sha256)
        problems.push({
          where: `output of step ${id}, attempt ${number}`,
          what: 'its SHA-256 does not fit its text',
        });
      else if (exit !== undefined && sha256(asPrinted(output.text, exit.outputBytes)) === exit.outputSha256)
        whole += 1;
      else if (exit === undefined || !saysWhole(output)) part += 1;
      else
        problems.push({
          where: `output of step ${id}, attempt ${number}`,
          what: 'it is not what the journal says the command printed',
        });
    }
  }
  return { problems, whole, part };
}

type Output = NonNullable<ChangeRecord['sections'][number]['steps'][number]['attempts'][number]['output']>;

/** Whether it says itself that nothing was left out or taken out of it. */
function saysWhole({ text, leftOut }: Output): boolean {
  return leftOut === 0 && !text.includes(redacted) && !/\[… \d+ more characters\]$/m.test(text);
}

/** With the ends of its last lines, without which an output is given unless `--full` was. */
function asPrinted(text: string, bytes: number): string {
  const missing = bytes - Buffer.byteLength(text);
  return missing > 0 && missing < 1000 ? text + '\n'.repeat(missing) : text;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
