/**
 * Takes secrets out of text before it is written or shown. It replaces them by `[redacted]` and leaves their names,
 * so that a reader sees what was there. When in doubt it takes out too much.
 *
 * One pass: a regular expression finds where a secret begins (every part of it is bounded, so the time is linear),
 * and a scanner says where it ends, however far away that is.
 */
import type { TextFilter } from './clean.ts';
import { jsonMap, quoted, redacted, type Scanner, until, yamlBlock } from './redaction-scanners.ts';

/** An unfinished line is held back up to here, so that a secret is seen whole. Characters. */
const longestHeld = 65_536;
/** Of a longer line this much is held back: more than any beginning of a secret. Characters. */
const heldTail = 1_024;
/** A private key block without an end is taken for one up to here. Characters. */
const longestKeyBlock = 32_768;

/** How the name of a secret value ends: `clientSecret`, `access_token`, `AccountKey`, `client-key-data`. */
const secretName =
  'password|passwd|pwd|passphrase|secret|token|assertion|authorization|sharedaccesssignature|' +
  '(?:api|access|account|primary|secondary|subscription|storage|private)[_-]?key|connection[_-]?string|' +
  'client-key-data|last-applied-configuration';

const blank = '[^\\S\\n]{0,32}';

const beginning = new RegExp(
  [
    '(?<keyBlock>-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----)',
    // A JWT; and in base64 a JSON object, a PEM block and a kubeconfig.
    '(?<encoded>eyJ[\\w-]{10}|LS0tLS1CRUdJT|YXBpVmVyc2lvbjo)',
    '(?<scheme>\\bbearer[ \\t]{1,8})(?=[\\w.~+/-]{0,40}\\d|[\\w.~+/-]{20})',
    `(?<user>://[^\\s/:@"']{0,64}:)(?=[^\\s/@"']{1,256}@)`,
    '(?<signature>(?<![a-z])sig=)',
    `(?<option>--(?:[a-z]{1,20}-){0,4}(?:password|secret|token|key)(?:["']?,?[ \\t]{1,8}))(?<optionQuote>["'])?`,
    `(?<name>(?:${secretName})(?:\\\\{0,8}["'])?${blank}(?<separator>[:=])>?${blank})(?<quote>\\\\{0,8}["'])?`,
    `(?<map>(?<level>\\\\{0,8})"(?:string)?data\\\\{0,8}"${blank}:${blank}\\{)`,
    '(?<goMap>\\b(?:string)?data:[ \\t]{0,8}map\\[)',
    '(?<yamlMap>\\b(?:string)?data:[ \\t]{0,32})(?=\\n|$)',
    '(?<flowMap>\\b(?:string)?data:[ \\t]{0,32}\\{)',
  ].join('|'),
  'gi',
);

/**
 * What every beginning holds. Looking for these takes a third of the time that looking for beginnings does, because
 * a search for a few fixed words skips over most of the text; and most text holds none.
 */
const hints = [
  /passw|passphrase|token|secret|bearer|assertion|authorization|signature|connection|applied/i,
  /key/i,
  /data/i,
  /pwd|sig=/i,
  /eyJ|LS0tLS1|YXBpVm|-----B/i,
  /:\/\/[^\s/:@"']{0,64}:/,
];

/** Values that are none, or that hold the secret further inside. */
const noValue = /(?:null|true|false)\b|[{[\s]|$/iy;
/** What may stand before the end of a name on a line of YAML. */
const yamlPrefix = /^[ \t]*(?:- )?[\w./-]*$/;
const blockScalar = /[|>][\d+-]{0,2}[ \t]*(?=\n|$)/y;

const endOfEncoded = (): Scanner => until(/[^\w+/=.~-]/g);
const endOfLine = (): Scanner => until(/\n/g);

interface Found {
  /** What is shown in place of the beginning. */
  shown: string;
  /** How it goes on; nothing when there was no secret after all. */
  scanner?: Scanner;
}

/** The start of the line that `index` is on, when it is near enough to matter. */
function lineStart(text: string, index: number, midLine: boolean): number | undefined {
  const near = Math.max(0, index - 128);
  const newline = text.slice(near, index).lastIndexOf('\n');
  if (newline !== -1) return near + newline + 1;
  return near === 0 && !midLine ? 0 : undefined;
}

/** What follows a name and its separator. */
function value(text: string, match: RegExpExecArray, prefix: string | undefined): Found {
  const whole = match[0];
  const { quote, separator, name = '' } = match.groups ?? {};
  const next = match.index + whole.length;
  if (quote !== undefined) {
    const level = quote.length - 1;
    if (text.startsWith(quote, next)) return { shown: whole };
    return { shown: whole + redacted, scanner: quoted(quote.slice(-1), level) };
  }
  noValue.lastIndex = next;
  const none = noValue.exec(text)?.[0];
  if (none !== undefined && (separator === ':' || none.trim() === '')) return { shown: whole };
  if (/^authorization/i.test(name)) return { shown: whole + redacted, scanner: until(/["'\n]/g) };
  if (separator === ':' && prefix !== undefined) {
    blockScalar.lastIndex = next;
    const scalar = blockScalar.exec(text)?.[0];
    const indent = /^[ \t]*(?:- )?/.exec(prefix)?.[0].length ?? 0;
    if (scalar !== undefined) return { shown: whole, scanner: yamlBlock(indent, true) };
    return { shown: whole + redacted, scanner: endOfLine() };
  }
  return { shown: whole + redacted, scanner: until(/[\s"'<>;&]/g) };
}

function begin(text: string, match: RegExpExecArray, midLine: boolean): Found {
  const whole = match[0];
  const groups = match.groups ?? {};
  if (groups.keyBlock !== undefined) {
    const end = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----/gi;
    return { shown: redacted, scanner: until(end, longestKeyBlock, true) };
  }
  if (groups.encoded !== undefined) return { shown: redacted, scanner: endOfEncoded() };
  if (groups.scheme !== undefined) return { shown: whole + redacted, scanner: endOfEncoded() };
  if (groups.user !== undefined) return { shown: whole + redacted, scanner: until(/@/g) };
  if (groups.signature !== undefined) return { shown: whole + redacted, scanner: until(/[\s"'<>;&]/g) };
  if (groups.option !== undefined) {
    const quote = groups.optionQuote;
    return { shown: whole + redacted, scanner: quote ? quoted(quote, 0) : until(/[\s"']/g) };
  }
  if (groups.map !== undefined) return { shown: whole, scanner: jsonMap(groups.level?.length ?? 0) };
  if (groups.goMap !== undefined) return { shown: whole + redacted, scanner: until(/\](?!\])|\n/g) };

  const start = lineStart(text, match.index, midLine);
  const before = start === undefined ? undefined : text.slice(start, match.index);
  const prefix = before !== undefined && yamlPrefix.test(before) ? before : undefined;
  if (groups.name !== undefined) return value(text, match, prefix);
  if (prefix === undefined || !/^[ \t]*(?:- )?$/.test(prefix)) return { shown: whole };
  if (groups.flowMap !== undefined) return { shown: whole + redacted, scanner: until(/[}\n]/g) };
  return { shown: whole, scanner: yamlBlock(prefix.length, false) };
}

/** Streaming redactor. Shows whole lines, except of a line too long to be held back. */
export function createRedactor(): TextFilter {
  let held = '';
  let scanner: Scanner | undefined;
  /** The text goes on in the middle of a line. */
  let midLine = false;

  const redactPiece = (text: string): string => {
    if (scanner === undefined && !hints.some((hint) => hint.test(text))) {
      if (text !== '') midLine = !text.endsWith('\n');
      return text;
    }
    let shown = '';
    let position = 0;
    while (position < text.length) {
      if (scanner !== undefined) {
        const part = scanner.scan(text, position);
        shown += part.shown;
        position = part.next;
        if (part.done) scanner = undefined;
        continue;
      }
      beginning.lastIndex = position;
      const match = beginning.exec(text);
      if (match === null) {
        shown += text.slice(position);
        break;
      }
      const found = begin(text, match, midLine);
      shown += text.slice(position, match.index) + found.shown;
      position = match.index + match[0].length;
      scanner = found.scanner;
    }
    if (text !== '') midLine = !text.endsWith('\n');
    return shown;
  };

  return {
    push(text) {
      const newline = text.lastIndexOf('\n');
      if (newline === -1 && held.length + text.length <= longestHeld) {
        held += text;
        return '';
      }
      const all = held + text;
      let ready = newline === -1 ? 0 : held.length + newline + 1;
      if (all.length - ready > longestHeld) ready = all.length - heldTail;
      held = all.slice(ready);
      return redactPiece(all.slice(0, ready));
    },
    end() {
      const rest = redactPiece(held);
      held = '';
      scanner = undefined;
      midLine = false;
      return rest;
    },
  };
}

/** Redacts a whole text. Redacting redacted text changes nothing. */
export function redact(text: string): string {
  const redactor = createRedactor();
  return redactor.push(text) + redactor.end();
}
