/** Redaction of a whole structure, with a count of what it found. */
import { redact } from '../engine/redaction.ts';
import { partText } from './phrase.ts';
import type { Phrase } from './phrase.ts';

/** Takes something out of a text. */
export type Redact = (text: string) => string;

/** Properties that hold the tool's own words; what an operator asks to have taken out is not looked for in them. */
const ownWords = new Set(['kind', 'status', 'mark', 'how', 'result', 'type']);
/** Times and digests, which an operator's pattern is not to break either. */
const ownForm = /^(?:\d{4}-\d\d-\d\dT[\d:.]+Z|[0-9a-f]{64})$/;

/**
 * Redacts strings wherever they are. An object met twice is redacted, and counted, once. `more` takes out what is no
 * secret by itself, but is not to be in the record either.
 */
export class Scrubber {
  readonly #more: Redact;
  readonly #seen = new WeakMap<object, unknown>();
  #secrets = 0;
  #asked = 0;

  constructor(more: Redact = (text) => text) {
    this.#more = more;
  }

  /** Texts a secret was taken out of so far. */
  get secrets(): number {
    return this.#secrets;
  }

  /** Texts more was taken out of so far. */
  get asked(): number {
    return this.#asked;
  }

  text(value: string): string {
    return ownForm.test(value) ? this.#withoutSecrets(value) : this.#clean(value);
  }

  /** Values that have a name, such as parameters: a name may say that its value is a secret. */
  values(named: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(named).map(([name, value]) => {
        const told = `${name}=${value}`;
        if (redact(told) === told) return [name, value];
        this.#secrets += 1;
        return [name, '[redacted]'];
      }),
    );
  }

  /** A copy of plain data with every string in it redacted; names of properties stay as they are. */
  data<T>(value: T): T {
    return this.#copy(value) as T;
  }

  #copy(value: unknown, property = ''): unknown {
    if (typeof value === 'string')
      return ownWords.has(property) ? this.#withoutSecrets(value) : this.text(value);
    if (typeof value !== 'object' || value === null) return value;
    if (this.#seen.has(value)) return this.#seen.get(value);
    const copy = Array.isArray(value)
      ? this.#list(value)
      : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#copy(item, key)]));
    this.#seen.set(value, copy);
    return copy;
  }

  /** The pieces of a line are looked through together first: a name may be in one and its value in the next. */
  #list(items: readonly unknown[]): unknown[] {
    if (!items.every(isPart) || items.every((item) => typeof item === 'string'))
      return items.map((item) => this.#copy(item));
    const line = (items as Phrase).map(partText).join('');
    const clean = this.#clean(line);
    return clean === line ? [...items] : [clean];
  }

  #clean(value: string): string {
    const first = this.#withoutSecrets(value);
    const clean = this.#more(first);
    if (clean !== first) this.#asked += 1;
    return clean;
  }

  #withoutSecrets(value: string): string {
    const clean = redact(value);
    if (clean !== value) this.#secrets += 1;
    return clean;
  }
}

function isPart(value: unknown): value is Phrase[number] {
  if (typeof value === 'string') return true;
  if (typeof value !== 'object' || value === null) return false;
  const keys = Object.keys(value).join(' ');
  return keys === 'code' || keys === 'step text';
}
