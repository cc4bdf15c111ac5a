/** Checks an entry of a YAML file against the format, and says what is wrong in an author's words. */
import { z } from 'zod';
import { durationMeant } from './duration.ts';
import type { ProblemList } from './problems.ts';
import { suggestion } from './suggest.ts';
import type { Entry } from './yaml-file.ts';

type Issue = z.core.$ZodIssue;

/** More of the same in one mapping says nothing new. */
const maximumUnknownKeys = 20;

/**
 * Adds a problem for everything in `entry` that does not fit. `elsewhere` says of a key that is unknown here
 * where it belongs, if it belongs anywhere; false when the key has been dealt with.
 */
export function checkShape(
  entry: Entry,
  schema: z.ZodObject,
  problems: ProblemList,
  elsewhere: (key: string) => string | false | undefined = () => undefined,
): void {
  const result = schema.safeParse(entry.value ?? null);
  for (const issue of result.error?.issues ?? []) {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    const place = entry.descendant(path);
    if (issue.code === 'unrecognized_keys')
      reportUnknownKeys(place, issue.keys, fieldsAt(schema, path), problems, elsewhere);
    else if (place.value === undefined && path.length > 0)
      reportMissing(place, String(path.at(-1)), schemaAt(schema, path), problems);
    else
      problems.add(place.source, {
        ...(issue.code === 'invalid_key' ? place.keySpan() : place.span()),
        ...describe(issue, path, place, schemaAt(schema, path)),
      });
  }
}

function reportUnknownKeys(
  place: Entry,
  keys: readonly string[],
  known: readonly string[],
  problems: ProblemList,
  elsewhere: (key: string) => string | false | undefined,
): void {
  const unused = known.filter((key) => !place.has(key));
  for (const key of keys.slice(0, maximumUnknownKeys)) {
    const wayOut = elsewhere(key);
    if (wayOut === false) continue;
    problems.add(place.source, {
      ...place.child(key).keySpan(),
      message: `unknown key \`${key}\``,
      suggestion: wayOut ?? suggestion(key, unused, 'keys'),
    });
  }
}

function reportMissing(
  place: Entry,
  key: string,
  schema: z.core.$ZodType | undefined,
  problems: ProblemList,
): void {
  const description = schema === undefined ? undefined : z.globalRegistry.get(schema)?.description;
  problems.add(place.source, {
    ...place.keySpan(),
    message: `\`${key}\` is missing`,
    suggestion: description === undefined ? undefined : `add it: ${description}`,
  });
}

interface Finding {
  message: string;
  suggestion?: string | undefined;
}

function describe(
  issue: Issue,
  path: readonly (string | number)[],
  place: Entry,
  schema: z.core.$ZodType | undefined,
): Finding {
  const name = nameOf(path);
  if (durationKeys.has(String(path.at(-1))) && place.value !== null)
    return describeDuration(name, place.written);
  switch (issue.code) {
    case 'invalid_type':
      return describeType(issue.expected, name, place, schema);
    case 'too_small':
      return { message: `${name} is empty`, suggestion: 'write something, or remove it' };
    case 'too_big':
      return { message: `${name} is too long: the most is ${issue.maximum} characters` };
    case 'invalid_value': {
      const values = issue.values.map(String);
      const word = place.text ?? '';
      return {
        message: `${name} must be ${values.map((item) => `\`${item}\``).join(' or ')}`,
        suggestion: values.length > 1 ? suggestion(word, values, 'values') : undefined,
      };
    }
    case 'invalid_format':
      return { message: `${name} must be ${issue.message}` };
    case 'invalid_key':
      return { message: `${name} must be ${issue.issues[0]?.message ?? 'a name'}` };
    default:
      return { message: `${name} ${issue.message}` };
  }
}

const durationKeys = new Set(['every', 'normal', 'timeout']);

function describeDuration(name: string, written: string): Finding {
  const meant = durationMeant(written);
  const number = /^\d+$/.exec(written)?.[0];
  const wayOut = number === undefined ? undefined : `say of what: ${number}s, ${number}m or ${number}h`;
  return {
    message: `${name} must be a duration such as 90s, 30m or 1h30m`,
    suggestion: meant === undefined ? wayOut : `write ${meant}`,
  };
}

function describeType(
  expected: string,
  name: string,
  place: Entry,
  schema: z.core.$ZodType | undefined,
): Finding {
  const wanted = typeNames[expected] ?? expected;
  const { value } = place;
  const meaning = schema === undefined ? undefined : z.globalRegistry.get(schema)?.description;
  if (value === null) return { message: `${name} has no value; it must be ${wanted}`, suggestion: meaning };
  const found = Array.isArray(value) ? 'a list' : (typeNames[typeof value] ?? typeof value);
  const message = `${name} must be ${wanted}, not ${found}`;
  switch (expected) {
    case 'string':
      if (typeof value === 'number') return { message, suggestion: `put it in quotes: '${place.written}'` };
      return {
        message,
        suggestion: typeof value === 'boolean' ? meaning : 'put the text in quotes, or in a block after `>-`',
      };
    case 'boolean':
      return { message, suggestion: 'write true or false, without quotes' };
    case 'array':
      return {
        message,
        suggestion:
          typeof value === 'object' ? 'begin each item with `- `' : `write it as a list: [${place.written}]`,
      };
    case 'object': {
      const keys = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
      return {
        message,
        suggestion:
          keys.length === 0 ? undefined : `its keys, each in a line below it, are: ${keys.join(', ')}`,
      };
    }
    default:
      return { message, suggestion: 'write `NAME: …` for each, in a line below it and without a dash' };
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: '`true` or `false`',
  array: 'a list',
  object: 'a mapping of keys to values',
  record: 'a mapping of names to values',
};

function nameOf(path: readonly (string | number)[]): string {
  const last = path.at(-1);
  if (last === undefined) return 'this';
  return typeof last === 'number' ? `item ${last + 1}` : `\`${last}\``;
}

/** The keys a mapping at this path may have. */
function fieldsAt(schema: z.ZodObject, path: readonly (string | number)[]): string[] {
  const found = path.length === 0 ? schema : schemaAt(schema, path);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

/** The part of a schema that describes what stands at a path. */
function schemaAt(schema: z.core.$ZodType, path: readonly (string | number)[]): z.core.$ZodType | undefined {
  let current: z.core.$ZodType | undefined = schema;
  for (const step of path) {
    const unwrapped: z.core.$ZodType | undefined = unwrap(current);
    if (unwrapped instanceof z.ZodObject) current = unwrapped.shape[step];
    else if (unwrapped instanceof z.ZodArray) current = unwrapped.element;
    else if (unwrapped instanceof z.ZodRecord) current = unwrapped.valueType;
    else return undefined;
  }
  return unwrap(current);
}

function unwrap(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  return schema instanceof z.ZodOptional ? schema.unwrap() : schema;
}
