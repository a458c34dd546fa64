/** From the values of a label column to numbers, and back: the label map that config.json keeps. */
import { DataError, quote } from '../../data/data-error';
import { isNumber } from './columns';

/** A value of a label column as the text that names it; null where there is none. */
export function labelText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).trim();
  return text === '' ? null : text;
}

/** Sorted and unique; numbers by their size, as Python sorts a column of numbers. */
export function labelMap(texts: Iterable<string>): string[] {
  const unique = [...new Set(texts)];
  return unique.every(isNumber)
    ? unique.sort((a, b) => Number(a) - Number(b))
    : unique.sort((a, b) => (a < b ? -1 : Number(a > b)));
}

/** The texts of a list of labels: a list, one written as JSON or Python writes it, or texts divided by bars or commas. */
export function labelList(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(labelText).filter(text => text !== null);
  const text = labelText(value);
  if (text === null) return [];
  if (/^\[.*\]$/s.test(text)) {
    const inside = text.slice(1, -1).trim();
    if (inside === '') return [];
    return inside.split(',').map(each => each.trim().replace(/^(['"])(.*)\1$/, '$2'));
  }
  return text.split(text.includes('|') ? '|' : ',').flatMap(each => (each.trim() === '' ? [] : [each.trim()]));
}

/** Where a label was found, for the message about one that the map does not have. */
export interface LabelPlace {
  readonly path: string;
  readonly row: number;
  readonly column: string;
}

/** @throws DataError for a label that is not in the map */
export function indexOfLabel(text: string, index: ReadonlyMap<string, number>, place: LabelPlace): number {
  const found = index.get(text);
  if (found !== undefined) return found;
  const known = [...index.keys()];
  const list = known.length > 8 ? `${known.slice(0, 8).join(', ')}, … (${known.length})` : known.join(', ');
  throw new DataError(
    place.path,
    `the label ${quote(text)} does not occur in the training data`,
    `The labels there are ${list}; correct it, or add an example of it to the training data.`,
    { row: place.row, column: place.column },
  );
}

/** @throws DataError for a value that is no number */
export function numberOf(value: unknown, place: LabelPlace): number {
  const number = typeof value === 'number' ? value : isNumber(value) ? Number(value) : NaN;
  if (Number.isFinite(number)) return number;
  throw new DataError(
    place.path,
    `the value to predict is ${quote(value ?? '')}, not a number`,
    'Correct or remove the row, or choose another task or label column.',
    { row: place.row, column: place.column },
  );
}
