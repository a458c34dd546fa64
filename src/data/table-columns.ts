/** Which columns of a table are labels and which are features. */
import { DataError, quote } from './data-error';
import type { DataConfig } from './reader';
import type { TableRow, TableSource } from './table-source';

/** A key of the configuration that lists names; empty where it is left out. */
export function list(value: unknown): string[] {
  return Array.isArray(value) ? (value as string[]) : [];
}

/** @throws DataError that says which key of the configuration names a column the table has not. */
export function indexOf(name: string, { path, columns }: TableSource, key: string): number {
  const index = columns.indexOf(name);
  if (index >= 0) return index;
  const near = columns.find(column => column.trim().toLowerCase() === name.trim().toLowerCase());
  throw new DataError(
    path,
    `there is no column ${quote(name)}, which "${key}" names`,
    near
      ? `Did you mean ${quote(near)}?`
      : `The columns are: ${columns.slice(0, 20).join(', ')}${columns.length > 20 ? ', …' : ''}.`,
  );
}

/** The column that is most likely the label, by its name or by being the last. */
export function guessLabel(columns: readonly string[]): number {
  const usual = ['label', 'labels', 'target', 'class', 'y', 'category', 'species', 'output'];
  for (const name of usual) {
    const index = columns.findIndex(column => column.trim().toLowerCase() === name);
    if (index >= 0) return index;
  }
  return columns.length - 1;
}

export function labelColumns(config: DataConfig, source: TableSource): number[] {
  const label = config['label'] as string | number | string[] | false | undefined;
  const count = source.columns.length;
  if (label === false) return [];
  if (label === undefined) return count > 1 ? [guessLabel(source.columns)] : [];
  if (typeof label === 'number') {
    const index = label < 0 ? count + label : label;
    if (index >= 0 && index < count) return [index];
    throw new DataError(
      source.path,
      `there is no column ${label}, which "label" names`,
      `There are ${count} columns, 0 to ${count - 1}.`,
    );
  }
  return (Array.isArray(label) ? label : [label]).map(name => indexOf(name, source, 'label'));
}

export function featureColumns(
  config: DataConfig,
  source: TableSource,
  labels: number[],
  sample: readonly TableRow[],
  notes: string[],
): number[] {
  const wanted = config['features'] as string[] | undefined;
  if (wanted) return wanted.map(name => indexOf(name, source, 'features'));
  const ignored = list(config['ignore']).map(name => indexOf(name, source, 'ignore'));
  const features: number[] = [];
  source.columns.forEach((name, index) => {
    if (labels.includes(index) || ignored.includes(index)) return;
    // pandas writes its index as a first column without a name; learning from it means learning the order of the file.
    if (index === 0 && name === unnamed(0) && sample.every((row, i) => Number(row.cells[0]) === i)) {
      notes.push('the first column counts the rows and is left out');
      return;
    }
    features.push(index);
  });
  if (features.length === 0)
    throw new DataError(source.path, 'no column is left to learn from', 'Name some in "features".');
  return features;
}

/** Pandas's name for a column without one. */
export function unnamed(index: number): string {
  return `Unnamed: ${index}`;
}
