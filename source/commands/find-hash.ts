/** Finding the record that a hash noted elsewhere is of. */
import { print } from './terminal.ts';

export interface FoundHash {
  found: boolean;
  hash: string;
  /** The record it is of, from 1. */
  record?: number | undefined;
  /** Records there are after it. */
  after?: number | undefined;
}

/** Looks for a hash among those of a journal's records, in order. */
export function findHash(hashes: readonly string[], hash: string): FoundHash {
  const at = hashes.indexOf(hash.toLowerCase());
  if (at === -1) return { found: false, hash };
  return { found: true, hash, record: at + 1, after: hashes.length - at - 1 };
}

/** Says what was found; `where` completes "no record … has". */
export function tellHash({ found, hash, record, after = 0 }: FoundHash, where: string): void {
  if (!found) {
    print(`✘ No record ${where} has the hash ${hash}: it was taken from another journal, or this is not the`);
    print('  journal it was taken from any more.');
  } else if (after === 0) {
    print(`✔ The hash given is that of the last record, ${record}.`);
  } else {
    print(`✔ The hash given is that of record ${record}; ${after} more were written since.`);
  }
}
