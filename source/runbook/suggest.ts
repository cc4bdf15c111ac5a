/** Finding the name somebody meant. */

/** The candidate closest to `word`, if one is close enough to be a slip of the keyboard. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  // A third of the word may be wrong; longer words than these are nobody's typing.
  if (word.length > 80) return undefined;
  let best: string | undefined;
  let bestDistance = Math.floor(Math.max(word.length, 3) / 3) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** The only candidate that begins with `word`, or else the only one that has it anywhere. */
function onlyWith(word: string, candidates: readonly string[]): string | undefined {
  const part = word.toLowerCase();
  if (part.length < 3) return undefined;
  const having = candidates.filter((candidate) => candidate.toLowerCase().includes(part));
  const beginning = having.filter((candidate) => candidate.toLowerCase().startsWith(part));
  const meant = beginning.length > 0 ? beginning : having;
  return meant.length === 1 ? meant[0] : undefined;
}

/** `did you mean …?` for the closest candidate or the only one with the word in it, or else the list of what there is. */
export function suggestion(word: string, candidates: readonly string[], noun: string): string {
  const match = closest(word, candidates) ?? onlyWith(word, candidates);
  if (match !== undefined) return `did you mean \`${match}\`?`;
  return candidates.length === 0 ? `there are no ${noun} here` : `${noun} are: ${candidates.join(', ')}`;
}

/** Insertions, deletions, replacements and swaps of neighbours between two words. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        cost = Math.min(cost, at(beforeLast, j - 2) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
