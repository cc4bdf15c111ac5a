/** Where the characters of a YAML scalar's value stand in the file. */
import type { Scalar } from 'yaml';

/** A character of the scalar's source, decoded: where it is and what it stands for. */
interface Unit {
  offset: number;
  character: string;
}

/**
 * For each UTF-16 unit of the value, its offset in the file, and one more for the end. YAML moves only white space
 * (indentation, folding), so everything else is matched in order; white space is placed beside its neighbours.
 */
export function valueOffsets(scalar: Scalar.Parsed, value: string, text: string): number[] {
  const units = contentUnits(scalar, text);
  const offsets: number[] = [];
  let next = 0;
  for (const character of value.split('')) {
    const unit = units[next];
    // An escape may stand for white space; then it is matched like any other character.
    if (unit?.character === character) {
      offsets.push(unit.offset);
      next++;
    } else offsets.push(-1);
  }
  fillGaps(offsets, value, scalar.range[0]);
  offsets.push((offsets.at(-1) ?? scalar.range[0] - 1) + 1);
  return offsets;
}

/** White space next to a known place on the same line of the value is that much before or after it. */
function fillGaps(offsets: number[], value: string, start: number): void {
  for (let index = 1; index < offsets.length; index++) {
    const previous = offsets[index - 1] ?? -1;
    if (offsets[index] === -1 && previous !== -1 && value[index - 1] !== '\n') offsets[index] = previous + 1;
  }
  for (let index = offsets.length - 2; index >= 0; index--) {
    const following = offsets[index + 1] ?? -1;
    if (offsets[index] === -1 && following > 0 && value[index] !== '\n') offsets[index] = following - 1;
  }
  for (let index = 0; index < offsets.length; index++)
    if (offsets[index] === -1) offsets[index] = index === 0 ? start : (offsets[index - 1] ?? start) + 1;
}

function contentUnits(scalar: Scalar.Parsed, text: string): Unit[] {
  const [start, end] = scalar.range;
  switch (scalar.type) {
    case 'BLOCK_LITERAL':
    case 'BLOCK_FOLDED': {
      const header = text.indexOf('\n', start);
      return header === -1 ? [] : plainUnits(text, header + 1, end);
    }
    case 'QUOTE_SINGLE':
      return plainUnits(text, start + 1, end - 1, "'");
    case 'QUOTE_DOUBLE':
      return doubleQuotedUnits(text, start + 1, end - 1);
    default:
      return plainUnits(text, start, end);
  }
}

/** Everything but white space; a doubled `twice` character stands for one. */
function plainUnits(text: string, start: number, end: number, twice?: string): Unit[] {
  const units: Unit[] = [];
  for (let offset = start; offset < end; offset++) {
    const character = text[offset] ?? '';
    if (/[ \t\r\n]/.test(character)) continue;
    units.push({ offset, character });
    if (character === twice) offset++;
  }
  return units;
}

const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\u0007',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\u001B',
  N: '\u0085',
  _: '\u00A0',
  L: '\u2028',
  P: '\u2029',
};
const escapeDigits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function doubleQuotedUnits(text: string, start: number, end: number): Unit[] {
  const units: Unit[] = [];
  for (let offset = start; offset < end; offset++) {
    const character = text[offset] ?? '';
    if (/[ \t\r\n]/.test(character)) continue;
    if (character !== '\\') {
      units.push({ offset, character });
      continue;
    }
    const kind = text[offset + 1] ?? '';
    const digits = escapeDigits[kind];
    if (digits !== undefined) {
      const code = Number.parseInt(text.slice(offset + 2, offset + 2 + digits), 16);
      const decoded = code <= 0x10_ff_ff ? String.fromCodePoint(code) : '';
      for (const unit of decoded.split('')) units.push({ offset, character: unit });
      offset += 1 + digits;
    } else {
      if (kind !== '\n' && kind !== '\r') units.push({ offset, character: escapes[kind] ?? kind });
      offset++;
    }
  }
  return units;
}
