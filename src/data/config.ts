/** Checks the "data" object of a training configuration against the keys of its reader. */
import { DataError, quote } from './data-error';
import type { DataConfig, KeySchema, KeySpec, Reader } from './reader';

const where = 'the "data" of the training configuration';

/**
 * @returns the reader the configuration names. @throws DataError for an unknown reader or key, a missing key, or a
 * wrong type.
 */
export function validateConfig(config: DataConfig, readers: readonly Reader[], shared: readonly KeySpec[]): Reader {
  const reader = readers.find(({ id }) => id === config.reader);
  if (!reader) {
    const known = readers.map(({ id }) => id);
    throw new DataError(
      where,
      `there is no reader ${quote(config.reader ?? null)}`,
      suggestion(String(config.reader), known),
    );
  }
  const keys = [...reader.keys, ...shared];
  for (const [name, value] of Object.entries(config)) {
    if (name === 'reader' || value === undefined) continue;
    const key = keys.find(candidate => candidate.name === name);
    if (!key) {
      throw new DataError(
        where,
        `the reader "${reader.id}" has no key ${quote(name)}`,
        suggestion(
          name,
          keys.map(k => k.name),
        ),
      );
    }
    const problem = mismatch(value, key.schema);
    if (problem) throw new DataError(where, `"${name}" must be ${problem}, got ${quote(value)}`, key.doc);
  }
  const missing = reader.keys.find(key => key.required && config[key.name] === undefined);
  if (missing) throw new DataError(where, `the reader "${reader.id}" needs "${missing.name}"`, missing.doc);
  return reader;
}

/** What a value should have been, in words, or null when it fits. */
export function mismatch(value: unknown, schema: KeySchema): string | null {
  if (schema.anyOf) {
    const problems = schema.anyOf.map(option => mismatch(value, option));
    return problems.includes(null) ? null : problems.join(' or ');
  }
  if (schema.enum)
    return schema.enum.includes(value as string)
      ? null
      : `one of ${schema.enum.map(v => JSON.stringify(v)).join(', ')}`;
  switch (schema.type) {
    case 'string':
      return typeof value === 'string' ? null : 'a string';
    case 'boolean':
      return typeof value === 'boolean' ? null : 'true or false';
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value) ? null : 'an object';
    case 'array':
      return Array.isArray(value) ? listMismatch(value, schema) : 'a list';
    case 'integer':
    case 'number':
      return numberMismatch(value, schema);
    default:
      return null;
  }
}

function listMismatch(value: unknown[], { items, minItems = 0, maxItems = Infinity }: KeySchema): string | null {
  if (value.length < minItems || value.length > maxItems) {
    return `a list of ${minItems}${maxItems === minItems ? '' : ' or more'} entries`;
  }
  const problem = items && value.map(item => mismatch(item, items)).find(found => found !== null);
  return problem ? `a list where each entry is ${problem}` : null;
}

function numberMismatch(value: unknown, schema: KeySchema): string | null {
  const kind = schema.type === 'integer' ? 'a whole number' : 'a number';
  const { minimum, exclusiveMinimum, exclusiveMaximum } = schema;
  const range = [
    minimum !== undefined && `${minimum} or more`,
    exclusiveMinimum !== undefined && `above ${exclusiveMinimum}`,
    exclusiveMaximum !== undefined && `below ${exclusiveMaximum}`,
  ]
    .filter(Boolean)
    .join(' and ');
  const fits =
    typeof value === 'number' &&
    Number.isFinite(value) &&
    (schema.type !== 'integer' || Number.isInteger(value)) &&
    value >= (minimum ?? -Infinity) &&
    value > (exclusiveMinimum ?? -Infinity) &&
    value < (exclusiveMaximum ?? Infinity);
  return fits ? null : [kind, range].filter(Boolean).join(' ');
}

function suggestion(name: string, known: readonly string[]): string {
  const near = known.find(candidate => distance(candidate.toLowerCase(), name.toLowerCase()) <= 2);
  return near ? `Did you mean "${near}"?` : `Known are: ${known.join(', ')}.`;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}
