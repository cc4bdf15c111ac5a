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

/** Quotes, separators and blanks as URLs (once or several times) and JSON escapes write them. */
const codedQuote = '(?:%(?:25){0,4}2[27]|\\\\{1,8}u002[27])';
const codedSeparator = '(?:%(?:25){0,4}3[ad]|\\\\{1,8}u003[ad])';
const codedBlank = '(?:%(?:25){0,4}20|[+ ]){0,4}';

/** More than any beginning is long. Characters. */
export const longestBeginning = 1_024;

/**
 * Finds the next beginning. Every part of it is bounded, so that the time is linear. The groups say which it is; of
 * names, `value` is one only after a `keyName`, as in the lists of a storage account's keys.
 */
export const beginning = new RegExp(
  [
    '(?<keyBlock>-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----)',
    // A JWT; and in base64 a JSON object or list, a PEM block, a kubeconfig and a connection string.
    '(?<encoded>eyJ[\\w-]{10}|LS0tLS1CRUdJT|YXBpVmVyc2lvbjo|RGVmYXVsdEVuZHBvaW50c1|' +
      '(?<![\\w+/-])(?:ewog|ewoJ|eyAi|W3si)[\\w+/-]{12})',
    '(?<scheme>(?<![a-z_-])bearer(?:[ \\t]{1,8}|%20|\\+))(?=[\\w.~+/%-]{0,40}\\d|[\\w.~+/%-]{20})',
    '(?<basic>(?<![a-z_-])basic(?:[ \\t]{1,8}|%20|\\+))(?=(?<login64>[\\w+/]{6,400}={0,2})(?![\\w+/=]))',
    `(?<user>://[^\\s/:@"']{0,64}:)(?=[^\\s/@"']{1,256}@)`,
    `(?<codedUser>%3A%2F%2F[^\\s%]{0,64}%3A)(?=[^\\s]{1,256}?%40)`,
    `(?<signature>(?<![a-z])sig(?:=|${codedSeparator}))`,
    `(?<literal>(?<outerQuote>["'])?--from-literal(?:=|${between})(?<pairQuote>["'])?[\\w.-]{1,253}=)(?<literalQuote>["'])?`,
    `(?<login>(?<![\\w-])(?:-u|--user)(?:=|${between})(?<loginQuote>["'])?(?!system:|\\d{1,10}:\\d)[^\\s:"'/]{1,64}:)(?!//|[\\s"'])`,
    `(?<option>(?:--(?:[a-z]{1,20}-){0,4}(?:password|secret|token|key)|(?<short>(?<![\\w-])-p))${between})` +
      `(?![\\s:]|-[a-z]\\b)(?<optionQuote>["'])?`,
    '(?<keyName>\\bkeyName(?=[\\\\"\']{0,9}' + blank + ':))',
    `(?<coded>(?:${secretName})(?:${codedQuote}${codedBlank}(?:[:=]|${codedSeparator})|${codedSeparator})${codedBlank}` +
      `(?<codedQuote>${codedQuote})?)`,
    `(?<name>(?:${secretName}|(?<afterKeyName>\\bvalue))(?:\\\\{0,8}["'])?${blank}(?<separator>[:=])>?${blank})(?<quote>\\\\{0,8}["'])?`,
    `(?<map>(?<level>\\\\{0,8})"(?:string)?data\\\\{0,8}"${blank}:${blank}(?<brace>\\{|(?=\\n)))`,
    '(?<goMap>\\b(?:string)?data"?:[ \\t]{0,8}map\\[)',
    // YAML in a JSON string.
    '(?<codedYaml>(?:\\b|(?<=\\\\n))(?:string)?data:[ \\t]{0,32}(?<newline>\\\\{1,8}n)(?=[ -]))',
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
  // `%3A%2F%2F`: an address in an address.
  /basic|%3A%2F%2F|RGVm|ewo|eyAi|W3si/i,
  // After the word: `secret/name replaced` is what kubectl says most.
  /secret[%\\"'\s:=,]/i,
  /passw|passphrase|token|bearer|assertion|authorization|signature|connection|applied|cookie/i,
  /key/i,
  /data/i,
  /pwd|sig[=%\\]/i,
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
const codedScalar = /[|>][\d+-]{0,2}[ \t]*(\\{1,8}n)/y;
const blockScalar = /[|>][\d+-]{0,2}[ \t]*(?=\n|$)/y;

const endOfEncoded = (): Scanner => until(/[^\w+/=.~-]/g);
const endOfToken = (): Scanner => until(/[^\w+/=.~%-]/g);
/** Where a coded value ends: at a coded or plain `&`, comma, semicolon, brace or blank; in quotes at the quote. */
const codedEnd = '%(?:25){0,4}(?:0[9ad]|2[026c]|3b|7d)|\\\\{1,8}(?:u0026|[nrt])|[\\s"\'<>;&,}]';
const codedLineEnd = `%(?:25){0,4}0[ad]|\\\\{1,8}[nr]|${codedQuote}|[\\s"'<>]`;
const codedStringEnd = `${codedQuote}|[\\s"'<>]`;
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
  if (groups.scheme !== undefined) return { shown: whole + redacted, scanner: endOfToken() };
  if (groups.basic !== undefined) {
    return isLogin(groups.login64 ?? '')
      ? { shown: whole + redacted, scanner: endOfEncoded() }
      : { shown: whole };
  }
  if (groups.codedUser !== undefined) return { shown: whole + redacted, scanner: until(/%40/g) };
  if (groups.coded !== undefined) {
    const bare = /^(?:authorization|cookie)/i.test(whole) ? codedLineEnd : codedEnd;
    const end = groups.codedQuote === undefined ? bare : codedStringEnd;
    return { shown: whole + redacted, scanner: until(new RegExp(end, 'gi')) };
  }
  if (groups.user !== undefined) return { shown: whole + redacted, scanner: until(/@/g) };
  if (groups.signature !== undefined) {
    const scanner = whole.endsWith('=') ? endOfWord() : until(new RegExp(codedEnd, 'gi'));
    return { shown: whole + redacted, scanner };
  }
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
  if (groups.codedYaml !== undefined)
    return { shown: whole + redacted, scanner: restOfString(groups.newline ?? '') };
  if (groups.flowMap !== undefined) return { shown: whole + redacted, scanner: until(/[}\n]/g) };
  if (groups.goMap !== undefined) return { shown: whole + redacted, scanner: until(/\](?!\])|\n/g) };

  const start = lineStart(text, match.index, around.midLine);
  const before = start === undefined ? undefined : text.slice(start, match.index);
  const prefix = before !== undefined && yamlPrefix.test(before) ? before : undefined;
  if (groups.name !== undefined) {
    if (groups.afterKeyName !== undefined && !around.afterKeyName) return { shown: whole };
    return value(text, match, prefix);
  }
  if (prefix === undefined || !/^[ \t]*(?:- )?$/.test(prefix)) return { shown: whole };
  return { shown: whole, scanner: yamlBlock(prefix.length, false) };
}

/** To the end of the JSON string in which a line break is written like this: in a string within a string, `\\\\n`. */
function restOfString(newline: string): Scanner {
  return quoted('"', (newline.length - 2) >> 1);
}

/** Whether it is `user:password` in base64. */
function isLogin(text: string): boolean {
  return /^[ -~]*:[ -~]+$/.test(Buffer.from(text, 'base64').toString('latin1'));
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
  codedScalar.lastIndex = next;
  const [, newline] = (separator === ':' && codedScalar.exec(text)) || [];
  if (newline !== undefined) return { shown: whole + redacted, scanner: restOfString(newline) };
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
