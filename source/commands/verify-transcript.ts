/** Checking the transcript that stands beside a run's journal. */
import { readFile } from 'node:fs/promises';
import type { RunState } from '../engine/state.ts';
import type { ChainReading } from '../journal/chain.ts';
import type { RunFiles } from '../journal/state-directory.ts';
import { changeRecord } from './change-record.ts';
import { version } from './version.ts';

export interface TranscriptCheck {
  file: string;
  /** It is, to the letter, what the journal gives. */
  same: boolean;
  /** Why it is not, a clause. */
  problem?: string | undefined;
  /** Why its text was not compared, a clause. */
  unchecked?: string | undefined;
}

/** Compares a run's transcript with its journal, read as this chain; undefined when there is none. */
export async function checkTranscript(
  files: RunFiles,
  state: RunState,
  { hashes, tornBytes }: Pick<ChainReading, 'hashes' | 'tornBytes'>,
): Promise<TranscriptCheck | undefined> {
  const file = files.transcript;
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const not = (why: Pick<TranscriptCheck, 'problem' | 'unchecked'>) => ({ file, same: false, ...why });
  // What a command printed comes before the hash that the record itself names.
  const hash = [...text.matchAll(/ --hash ([0-9a-f]{64})\b/g)].at(-1)?.[1];
  if (hash === undefined) return not({ problem: 'it names no hash of a record' });
  const at = hashes.indexOf(hash);
  if (at === -1 && tornBytes > 0) return not({ unchecked: 'the record it names last was cut off' });
  if (at === -1)
    return not({
      problem: `the last record it names (${hash}) is not in the journal: records are missing at its end, or one of the two is of another run`,
    });
  const since = hashes.length - at - 1;
  if (since > 0) return not({ unchecked: `it was written before the last ${since} records` });
  const madeBy = state.sessions.at(-1)?.versions['aks-kms-runbook'];
  if (madeBy !== version)
    return not({ unchecked: `it was made by version ${madeBy}, which may have worded it otherwise` });
  if (text !== (await changeRecord(files, 'markdown')).text)
    return not({ problem: 'it is not what the journal gives: its text was changed' });
  return { file, same: true };
}
