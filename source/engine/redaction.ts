/**
 * Takes secrets out of text before it is written or shown. It replaces them by `[redacted]` and leaves their names,
 * so that a reader sees what was there. When in doubt it takes out too much.
 *
 * One pass: a regular expression finds where a secret begins, and a scanner says where it ends, however far away
 * that is. The text is to be cleaned before, since what does not show could hide a name.
 */
import type { TextFilter } from './clean.ts';
import { begin, beginning, isSuspect, longestBeginning } from './redaction-beginnings.ts';
import { redacted, type Scanner } from './redaction-scanners.ts';

/** An unfinished line is held back up to here, so that a secret is seen whole. Characters. */
const longestHeld = 65_536;
/** How far after a `keyName` the key itself may come. Characters. */
const keyNameReach = 512;

/**
 * What does not show, between characters that do. Cleaning leaves the joiners because emoji and several scripts need
 * them; between ASCII characters they only hide what is there.
 */
const invisible = /(?<=[!-~])\p{Default_Ignorable_Code_Point}+(?=[!-~])/gu;
/** The 64 bytes of a storage account's key in base64, known by their form alone, as in a table. */
const storageKey = /(?<![\w+/])[\w+/]{86}==(?![\w+/=])/g;

function prepare(text: string): string {
  const visible = /\p{Default_Ignorable_Code_Point}/u.test(text) ? text.replace(invisible, '') : text;
  return visible.includes('==') ? visible.replace(storageKey, redacted) : visible;
}

/** Streaming redactor. Shows whole lines, except of a line too long to be held back. */
export function createRedactor(): TextFilter {
  let held = '';
  let scanner: Scanner | undefined;
  /** The text goes on in the middle of a line. */
  let midLine = false;
  /** Where in the text the last `keyName` ended, as long as its key may follow. Negative: in earlier text. */
  let keyName: number | undefined;

  const isAfterKeyName = (text: string, index: number): boolean =>
    keyName !== undefined &&
    index - keyName <= keyNameReach &&
    !text.slice(Math.max(0, keyName), index).includes('}');

  /** Redacts what begins before `limit`, holds the rest back, and returns what may be shown. */
  const redactUpTo = (text: string, limit: number): string => {
    const ready = text.slice(0, limit);
    let shown = '';
    let position = 0;
    if (scanner === undefined && keyName === undefined && !isSuspect(text)) {
      shown = ready;
      position = limit;
    }
    while (position < limit) {
      if (scanner !== undefined) {
        const part = scanner.scan(ready, position);
        shown += part.shown;
        position = part.next;
        if (part.done) scanner = undefined;
        continue;
      }
      beginning.lastIndex = position;
      const match = beginning.exec(text);
      if (match === null || match.index >= limit) {
        shown += ready.slice(position);
        position = limit;
        break;
      }
      const found = begin(text, match, { midLine, afterKeyName: isAfterKeyName(text, match.index) });
      shown += text.slice(position, match.index) + found.shown;
      position = match.index + match[0].length;
      scanner = found.scanner;
      if (match.groups?.['keyName'] !== undefined) keyName = position;
    }
    if (position > 0) midLine = text.charAt(position - 1) !== '\n';
    if (keyName !== undefined) keyName = isAfterKeyName(text, position) ? keyName - position : undefined;
    held = text.slice(position);
    return shown;
  };

  return {
    push(text) {
      if (!text.includes('\n') && held.length + text.length <= longestHeld) {
        held += text;
        return '';
      }
      const all = prepare(held + text);
      const lines = all.lastIndexOf('\n') + 1;
      return redactUpTo(all, all.length - lines > longestHeld ? all.length - longestBeginning : lines);
    },
    end() {
      const rest = prepare(held);
      const shown = redactUpTo(rest, rest.length);
      held = '';
      scanner = undefined;
      midLine = false;
      keyName = undefined;
      return shown;
    },
  };
}

/** Redacts a whole text. Redacting redacted text changes nothing. */
export function redact(text: string): string {
  const redactor = createRedactor();
  return redactor.push(text) + redactor.end();
}
