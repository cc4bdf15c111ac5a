/** The texts of a runbook: what the operator reads is what the file says, word for word. */
import type { NameShown, Reading } from './reading.ts';
import { closest } from './suggest.ts';
import type { Entry } from './yaml-file.ts';

/** The keys whose values are shown, or used, as they stand. */
const textKeys = new Set([
  'title',
  'text',
  'description',
  'pattern-help',
  'default',
  'message',
  'fix',
  'irreversible',
  'instruction',
  'attest',
  'because',
  'means',
  'do',
]);

/** Goes through everything in an entry for texts: reports those that say nothing, and notes each `$NAME` in them. */
export function readTexts(entry: Entry, reading: Reading): void {
  for (const item of entry.items()) readTexts(item, reading);
  for (const key of entry.keys()) {
    const child = entry.child(key);
    const { text } = child;
    if (text === undefined) readTexts(child, reading);
    else if (textKeys.has(key)) {
      if (text !== '' && text.trim() === '')
        reading.report(child, {
          message: `\`${key}\` is blank`,
          suggestion: 'write something, or remove it',
        });
      for (const match of text.matchAll(/\$(?:([A-Z][A-Z0-9_]*)|\{([A-Z][A-Z0-9_]*)\})/g))
        reading.shown.push({
          name: match[1] ?? match[2] ?? '',
          entry: child,
          offset: match.index,
          length: match[0].length,
          place: key === 'default' ? 'default' : 'text',
        });
    }
  }
}

/** Warns of each `$NAME` that looks as if a value would be filled in where none is. */
export function checkShown(parameters: readonly string[], reading: Reading): void {
  const known = [...parameters, ...reading.captures.map(({ name }) => name)];
  for (const shown of reading.shown) {
    if (reading.problems.full) return;
    // Others are variables of the operator's own shell: $HOME.
    const meant = known.includes(shown.name) ? shown.name : closest(shown.name, known);
    if (meant === undefined) continue;
    const value = `${parameters.includes(meant) ? 'params' : 'captured'}.${meant}`;
    reading.problems.add(
      shown.entry.source,
      shown.entry.place({
        offset: shown.offset,
        length: shown.length,
        severity: 'warning',
        message: `$${shown.name} is not filled in here: ${wheres[shown.place]}`,
        suggestion: waysOut[shown.place](meant, value),
      }),
    );
  }
}

const wheres: Readonly<Record<NameShown['place'], string>> = {
  text: 'texts are shown as they stand',
  default: 'a default is used as it stands',
  quotes: 'in single quotes everything is as it stands',
};

const waysOut: Readonly<Record<NameShown['place'], (name: string, value: string) => string>> = {
  text: (_, value) => `say it in words; a \`check\` with \`value: ${value}\` shows the value`,
  default: () => 'write the value itself, or none, so that the operator is asked for it',
  quotes: (name) => `write "$${name}" in double quotes, or without any`,
};
