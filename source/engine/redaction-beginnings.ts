/** Where secrets begin, and what follows each beginning. */
import {
  jsonMap,
  nextValue,
  quoted,
  redacted,
  type Scanner,
  until,
  yamlBlock,
} from './redaction-scanners.ts';

/** How the name of a secret value ends: `clientSecret`, `access_token`, `AccountKey`, `client-key-data`. */
const secretName =
  'password|passwd|pwd|passphrase|secret|token|assertion|authorization|cookie|sharedaccesssignature|' +
  '(?:api|access|account|primary|secondary|subscription|storage|private|master)[_-]?key|' +
  'connection[_-]?string|client-key-data|last-applied-configuration';

const blank = '[^\\S\\n]{0,32}';
/** Between an option and its value, on a command line or in a list in Python. */
const between = `["']?,?[ \\t]{1,8}`;

/** More than any beginning is long. Characters. */
export const longestBeginning = 1_024;

/**
 * Finds the next beginning. Every part of it is bounded, so that the time is linear. The groups say which it is; of
 * names, `value` is one only after a `keyName`, as in the lists of a storage account's keys.
 */
export const beginning = new RegExp(
  [
    '(?<keyBlock>-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----)',
    // A JWT; and in base64 a JSON object, a PEM block and a kubeconfig.
    '(?<encoded>eyJ[\\w-]{10}|LS0tLS1CRUdJT|YXBpVmVyc2lvbjo)',
    '(?<scheme>\\bbearer[ \\t]{1,8})(?=[\\w.~+/-]{0,40}\\d|[\\w.~+/-]{20})',
    `(?<user>://[^\\s/:@"']{0,64}:)(?=[^\\s/@"']{1,256}@)`,
    '(?<signature>(?<![a-z])sig=)',
    `(?<literal>(?<outerQuote>["'])?--from-literal(?:=|${between})(?<pairQuote>["'])?[\\w.-]{1,253}=)(?<literalQuote>["'])?`,
    `(?<login>(?<![\\w-])(?:-u|--user)(?:=|${between})(?<loginQuote>["'])?(?!system:|\\d{1,10}:\\d)[^\\s:"'/]{1,64}:)(?!//|[\\s"'])`,
    `(?<option>(?:--(?:[a-z]{1,20}-){0,4}(?:password|secret|token|key)|(?<short>(?<![\\w-])-p))${between})` +
      `(?![\\s:]|-[a-z]\\b)(?<optionQuote>["'])?`,
    '(?<keyName>\\bkeyName(?=[\\\\"\']{0,9}' + blank + ':))',
    `(?<name>(?:${secretName}|(?<afterKeyName>\\bvalue))(?:\\\\{0,8}["'])?${blank}(?<separator>[:=])>?${blank})(?<quote>\\\\{0,8}["'])?`,
    `(?<map>(?<level>\\\\{0,8})"(?:string)?data\\\\{0,8}"${blank}:${blank}(?<brace>\\{|(?=\\n)))`,
    '(?<goMap>\\b(?:string)?data"?:[ \\t]{0,8}map\\[)',
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
  /passw|passphrase|token|secret|bearer|assertion|authorization|signature|connection|applied|cookie/i,
  /key/i,
  /data/i,
  /pwd|sig=/i,
  /eyJ|LS0tLS1|YXBpVm|-----B/i,
  /:\/\/[^\s/:@"']{0,64}:/,
  /-(?:[up]|user|from-literal)["', \t=]/i,
];

/** Whether the text may hold a beginning. */
export function isSuspect(text: string): boolean {
  return hints.some((hint) => hint.test(text));
}

/** Values that are none, or that hold the secret further inside. */
const noValue = /(?:null|true|false)\b|[{[\s]|$/iy;
/** What follows `-p` when it is no password: a parameter, ports, a document, a placeholder, the words of a sentence. */
const noPassword =
  /["']?(?:[A-Z][A-Z\d_]*=[^\s=]|\d{1,5}(?::\d{1,5})?(?![^\s"',])|\{"|\[(?:\{|redacted\])|<|\$[{A-Z]|(?:and|as|for|in|is|must|or|the|to|with)\b)/y;
/** What may stand before the end of a name on a line of YAML. */
const yamlPrefix = /^[ \t]*(?:- )?[\w./-]*$/;
const blockScalar = /[|>][\d+-]{0,2}[ \t]*(?=\n|$)/y;

const endOfEncoded = (): Scanner => until(/[^\w+/=.~-]/g);
const endOfLine = (): Scanner => until(/\n/g);
const endOfWord = (): Scanner => until(/[\s"'<>;&]/g);
const endOfArgument = (quote: string | undefined): Scanner =>
  quote === undefined ? until(/[\s"']/g) : quoted(quote, 0);

export interface Found {
  /** What is shown in place of the beginning. */
  shown: string;
  /** How it goes on; nothing when there was no secret after all. */
  scanner?: Scanner;
}

/** What is known of the text around a match. */
export interface Surroundings {
  /** The text began in the middle of a line. */
  midLine: boolean;
  /** A `keyName` of the same object came shortly before. */
  afterKeyName: boolean;
}

/** What to make of a match of `beginning`. */
export function begin(text: string, match: RegExpExecArray, around: Surroundings): Found {
  const whole = match[0];
  const groups = match.groups ?? {};
  if (groups.keyBlock !== undefined) {
    const end = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----/gi;
    return { shown: redacted, scanner: until(end, longestKeyBlock, true) };
  }
  if (groups.encoded !== undefined) return { shown: redacted, scanner: endOfEncoded() };
  if (groups.scheme !== undefined) return { shown: whole + redacted, scanner: endOfEncoded() };
  if (groups.user !== undefined) return { shown: whole + redacted, scanner: until(/@/g) };
  if (groups.signature !== undefined) return { shown: whole + redacted, scanner: endOfWord() };
  if (groups.literal !== undefined) {
    const quote = groups.literalQuote ?? groups.pairQuote ?? groups.outerQuote;
    return { shown: whole + redacted, scanner: endOfArgument(quote) };
  }
  if (groups.login !== undefined)
    return { shown: whole + redacted, scanner: endOfArgument(groups.loginQuote) };
  if (groups.option !== undefined) {
    noPassword.lastIndex = match.index + groups.option.length;
    if (groups.short !== undefined && noPassword.test(text)) return { shown: whole };
    return { shown: whole + redacted, scanner: endOfArgument(groups.optionQuote) };
  }
  if (groups.map !== undefined) {
    const level = groups.level?.length ?? 0;
    return { shown: whole, scanner: groups.brace === '' ? nextValue(level) : jsonMap(level) };
  }
  if (groups.goMap !== undefined) return { shown: whole + redacted, scanner: until(/\](?!\])|\n/g) };

  const start = lineStart(text, match.index, around.midLine);
  const before = start === undefined ? undefined : text.slice(start, match.index);
  const prefix = before !== undefined && yamlPrefix.test(before) ? before : undefined;
  if (groups.name !== undefined) {
    if (groups.afterKeyName !== undefined && !around.afterKeyName) return { shown: whole };
    return value(text, match, prefix);
  }
  if (prefix === undefined || !/^[ \t]*(?:- )?$/.test(prefix)) return { shown: whole };
  if (groups.flowMap !== undefined) return { shown: whole + redacted, scanner: until(/[}\n]/g) };
  return { shown: whole, scanner: yamlBlock(prefix.length, false) };
}

/** A private key block without an end is taken for one up to here. Characters. */
const longestKeyBlock = 32_768;

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
  if (separator === ':' && text.charAt(next) === '\n') return { shown: whole, scanner: nextValue() };
  noValue.lastIndex = next;
  const none = noValue.exec(text)?.[0];
  if (none !== undefined && (separator === ':' || none.trim() === '')) return { shown: whole };
  if (/^authorization/i.test(name)) return { shown: whole + redacted, scanner: until(/["'\n]/g) };
  if (separator === ':' && /^cookie/i.test(name)) return { shown: whole + redacted, scanner: endOfLine() };
  if (separator === ':' && prefix !== undefined) {
    blockScalar.lastIndex = next;
    const scalar = blockScalar.exec(text)?.[0];
    const indent = /^[ \t]*(?:- )?/.exec(prefix)?.[0].length ?? 0;
    if (scalar !== undefined) return { shown: whole, scanner: yamlBlock(indent, true) };
    return { shown: whole + redacted, scanner: endOfLine() };
  }
  return { shown: whole + redacted, scanner: endOfWord() };
}
