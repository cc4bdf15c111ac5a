/**
 * Terminal output is hostile until cleaned: it can move the cursor, rename the window, write to the clipboard or
 * show text in another order than it has. What is left here is plain lines: no escape sequence of any kind, no
 * control character but newline and tab, no character that hides or reorders others.
 *
 * The grammar is ECMA-48 as terminals parse it (https://vt100.net/emu/dec_ansi_parser).
 */

/** A function over text that comes in pieces; where the pieces are cut makes no difference. */
export interface TextFilter {
  /** Takes the next piece and returns what can be shown now. */
  push(text: string): string;
  /** Returns what was held back, and starts anew. */
  end(): string;
}

/** Longer than any sequence programs print; past it, what follows is text again. Characters. */
const longestSequence = 65_536;

/**
 * Everything that needs a second look: control characters (C0 but tab and newline, DEL, C1), line separators, and
 * the invisible ones: zero-width, bidirectional marks, overrides and isolates, and tag characters. The joiners
 * U+200C and U+200D stay, because emoji and several scripts are written with them.
 */
const suspicious =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\udb40[\udc00-\udc7f]/g;

type Mode =
  | 'text'
  /** After ESC; intermediates may follow before the final character. */
  | 'escape'
  /** CSI: parameters and intermediates up to a final character. */
  | 'control'
  /** OSC, DCS, APC, PM, SOS: anything up to ST, BEL, or the end of the line. */
  | 'string'
  /** ESC inside a string: the first half of ST, or a new sequence. */
  | 'string-escape';

/** Streaming cleaner. Its memory does not grow with an endless line or an unfinished sequence. */
export function createCleaner(): TextFilter {
  let mode: Mode = 'text';
  let length = 0;
  let afterReturn = false;
  let held = '';

  const enter = (next: Mode): void => {
    mode = next;
    length = 0;
  };

  /** A control character outside a sequence; returns what it stands for. */
  const control = (code: number): string => {
    if (code === 0x1b) enter('escape');
    else if (code === 0x9b) enter('control');
    else if (code === 0x90 || code === 0x98 || (code >= 0x9d && code <= 0x9f)) enter('string');
    else if (code === 0x0d || code === 0x2028 || code === 0x2029) return '\n';
    return '';
  };

  /** One character inside a sequence. False: it does not belong to the sequence and is to be looked at again. */
  const inside = (code: number): boolean => {
    length += 1;
    const cancelled = code === 0x18 || code === 0x1a;
    const broken = code === 0x0a || code === 0x0d || length > longestSequence;
    if (cancelled || broken) {
      enter('text');
      return cancelled;
    }
    switch (mode) {
      case 'escape':
        if (code === 0x5b) enter('control');
        else if (code === 0x5d || code === 0x50 || code === 0x58 || code === 0x5e || code === 0x5f)
          enter('string');
        else if (code >= 0x30 && code <= 0x7e) enter('text');
        else if (code >= 0x7f || code === 0x1b) {
          enter('text');
          return false;
        }
        return true;
      case 'control':
        if (code >= 0x40 && code <= 0x7e) enter('text');
        else if (code >= 0x7f || code === 0x1b) {
          enter('text');
          return false;
        }
        return true;
      case 'string':
        if (code === 0x07 || code === 0x9c) enter('text');
        else if (code === 0x1b) mode = 'string-escape';
        return true;
      default:
        // After ESC in a string: `\` ends it; anything else starts a sequence of its own.
        enter(code === 0x5c ? 'text' : 'escape');
        return code === 0x5c;
    }
  };

  const push = (piece: string): string => {
    let text = held + piece;
    held = '';
    const last = text.charCodeAt(text.length - 1);
    if (last >= 0xd800 && last <= 0xdbff) {
      held = text.slice(-1);
      text = text.slice(0, -1);
    }
    let cleaned = '';
    let position = 0;
    while (position < text.length) {
      if (mode !== 'text') {
        afterReturn = false;
        if (inside(text.charCodeAt(position))) position += 1;
        continue;
      }
      // The newline of a CR LF pair: the CR has been shown as one already.
      if (afterReturn && text[position] === '\n') position += 1;
      afterReturn = false;
      suspicious.lastIndex = position;
      const found = suspicious.exec(text);
      if (found === null) return cleaned + text.slice(position);
      cleaned += text.slice(position, found.index);
      position = found.index + found[0].length;
      const code = found[0].charCodeAt(0);
      afterReturn = code === 0x0d;
      cleaned += control(code);
    }
    return cleaned;
  };

  return {
    push,
    end() {
      const rest = held;
      held = '';
      enter('text');
      afterReturn = false;
      return rest;
    },
  };
}

/** Cleans a whole text. Cleaning cleaned text changes nothing. */
export function clean(text: string): string {
  if (text.search(suspicious) === -1) return text;
  const cleaner = createCleaner();
  return cleaner.push(text) + cleaner.end();
}
