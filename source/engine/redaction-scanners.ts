/**
 * How a secret goes on once it has begun. A scanner is fed text until it says where the secret ended; it keeps what
 * it needs to know between pieces, which never grows with the text.
 */
export const redacted = '[redacted]';

export interface Scanner {
  /**
   * Goes on from `from`. Returns what may be shown and where scanning stopped; `done` when the secret has ended
   * there, otherwise all of the text was used up.
   */
  scan(text: string, from: number): { shown: string; next: number; done: boolean };
}

/** Drops everything up to something the pattern (with the `g` flag) finds, at most `limit` characters. */
export function until(pattern: RegExp, limit = Number.POSITIVE_INFINITY, inclusive = false): Scanner {
  let left = limit;
  return {
    scan(text, from) {
      pattern.lastIndex = from;
      const found = pattern.exec(text);
      const end = found === null ? text.length : found.index;
      if (end - from > left) return { shown: '', next: from + left, done: true };
      left -= end - from;
      return { shown: '', next: inclusive && found ? pattern.lastIndex : end, done: found !== null };
    },
  };
}

/**
 * Drops (or, with `keep`, shows) everything up to the closing quote or the end of the line. `level` is the number of
 * backslashes before the opening quote: more than none when it is JSON inside a JSON string.
 */
export function quoted(quote: string, level: number, keep = false): Scanner {
  const stop = quote === '"' ? /["\n]/g : /['\n]/g;
  let backslashes = 0;
  return {
    scan(text, from) {
      stop.lastIndex = from;
      for (let found = stop.exec(text); found !== null; found = stop.exec(text)) {
        let run = backslashesBefore(text, found.index, from);
        if (run === found.index - from) run += backslashes;
        const closes = level === 0 ? run % 2 === 0 : run <= level;
        if (found[0] === '\n' || closes) {
          const next = Math.max(from, found.index - (found[0] === '\n' ? 0 : Math.min(level, run)));
          return { shown: keep ? text.slice(from, next) : '', next, done: true };
        }
      }
      const run = backslashesBefore(text, text.length, from);
      backslashes = run === text.length - from ? backslashes + run : run;
      return { shown: keep ? text.slice(from) : '', next: text.length, done: false };
    },
  };
}

function backslashesBefore(text: string, end: number, from: number): number {
  let start = end;
  while (start > from && text.charCodeAt(start - 1) === 0x5c) start -= 1;
  return end - start;
}

/** Deeper than any Secret's data; what is nested deeper is not one. */
const deepestNesting = 64;

/**
 * Goes over a JSON object, its `{` already shown: keys are shown and strings in the place of values are not.
 * Ends with the object's `}`, or with something that no JSON object holds.
 */
export function jsonMap(level: number): Scanner {
  const plain = /[\s\w.+-]+/y;
  const opening: string[] = ['{'];
  let value = false;
  let string: Scanner | undefined;
  return {
    scan(text, from) {
      let shown = '';
      let next = from;
      while (next < text.length) {
        if (string !== undefined) {
          const part = string.scan(text, next);
          shown += part.shown;
          next = part.next;
          if (!part.done) break;
          string = undefined;
          const closing = closingQuote(text, next);
          shown += closing;
          next += closing.length;
          continue;
        }
        plain.lastIndex = next;
        if (plain.test(text)) {
          shown += text.slice(next, plain.lastIndex);
          next = plain.lastIndex;
          continue;
        }
        const character = text.charAt(next);
        next += 1;
        if (character === '"') {
          const hidden = value || opening.at(-1) === '[';
          const empty = closingQuote(text, next) !== '';
          shown += hidden && !empty ? character + redacted : character;
          string = quoted('"', level, !hidden);
          value = false;
          continue;
        }
        if (character === '}' || character === ']') opening.pop();
        else if (character === '{' || character === '[') opening.push(character);
        else if (!/[:,\\]/.test(character)) return { shown, next: next - 1, done: true };
        shown += character;
        if (character !== '\\') value = character === ':';
        if (opening.length === 0 || opening.length > deepestNesting) return { shown, next, done: true };
      }
      return { shown, next, done: false };
    },
  };
}

/**
 * Shows blank up to the value, on a later line, of a name; a quoted one is dropped. With the `level` of a map's name
 * the value is a map, its `{` not yet shown. Ends at once at anything else.
 */
export function nextValue(level?: number): Scanner {
  const space = /\s*/y;
  const opening = level === undefined ? /\\{0,8}["']/y : /\{/y;
  let value: Scanner | undefined;
  return {
    scan(text, from) {
      if (value !== undefined) return value.scan(text, from);
      space.lastIndex = from;
      space.test(text);
      const start = space.lastIndex;
      const before = text.slice(from, start);
      if (start === text.length) return { shown: before, next: start, done: false };
      opening.lastIndex = start;
      const found = opening.exec(text)?.[0];
      if (found === undefined) return { shown: before, next: start, done: true };
      value = level === undefined ? quoted(found.slice(-1), found.length - 1) : jsonMap(level);
      const part = value.scan(text, opening.lastIndex);
      return { ...part, shown: before + found + (level === undefined ? redacted : '') + part.shown };
    },
  };
}

/** The backslashes and quote that close a string at `from`, or nothing when it was ended by the line. */
function closingQuote(text: string, from: number): string {
  let end = from;
  while (text.charCodeAt(end) === 0x5c) end += 1;
  return text.charAt(end) === '"' ? text.slice(from, end + 1) : '';
}

/**
 * Goes over the lines of a YAML block that are indented more than `indent`, starting at the end of the line that
 * opens it. In a map the keys are shown; of a block scalar nothing is. Ends at the first line that is not indented
 * more.
 */
export function yamlBlock(indent: number, scalar: boolean): Scanner {
  const entry = /^([\w.-]+|"[^"\n]*"|'[^'\n]*'):(?=\s|$)/;
  let keyIndent: number | undefined;
  /** The rest of a line that came in pieces. */
  let midLine = true;
  let drop = false;
  return {
    scan(text, from) {
      let shown = '';
      let next = from;
      while (next < text.length) {
        const newline = text.indexOf('\n', next);
        const end = newline === -1 ? text.length : newline;
        const line = text.slice(next, end);
        const content = line.trimStart();
        const depth = line.length - content.length;
        if (midLine) {
          shown += drop ? '' : line;
          drop = false;
        } else if (content === '') {
          shown += line;
        } else if (depth <= indent) {
          return { shown, next, done: true };
        } else {
          keyIndent ??= depth;
          const key = !scalar && depth === keyIndent ? entry.exec(content)?.[0] : undefined;
          shown += line.slice(0, depth) + (key === undefined ? '' : `${key} `) + redacted;
        }
        midLine = newline === -1;
        drop ||= midLine;
        if (newline !== -1) shown += '\n';
        next = newline === -1 ? end : end + 1;
      }
      return { shown, next, done: false };
    },
  };
}
