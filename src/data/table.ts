/**
 * Tables (CSV, JSON lines) become one float32 matrix of features and a column of labels.
 *
 * Memory: cells are parsed as they stream by and kept as float32 only, so a file of any size needs 4 bytes per cell
 * twice (once in
 * blocks, once in the final matrix), plus the distinct texts of the categorical columns. A 1 GB file of 8-character
 * numbers takes
 * about 1 GB at its peak and 0.5 GB afterwards.
 */
import { checkSize } from './bytes';
import { DataError, quote } from './data-error';
import type { ColumnDescription, DataArray, DataDescription, DataSet } from './dataset';
import { addBalance, fileSize } from './pair';
import type { DataConfig, KeySpec, ReadContext } from './reader';

export interface TableRow {
  /** As a spreadsheet or an editor counts it, from 1. */
  row: number;
  /** One per column; text, or what JSON has. `undefined` where the row has none. */
  cells: readonly unknown[];
}

export interface TableSource {
  path: string;
  columns: string[];
  /** The rows in blocks: an async step per row would cost more than parsing it. */
  blocks: AsyncGenerator<TableRow[], void, void>;
  /** Fraction of the file read so far. */
  progress: () => number;
  /** Bytes of the file per row, averaged over what was read. */
  bytesPerRow: () => number;
}

export const tableKeys: readonly KeySpec[] = [
  { name: 'file', required: true, schema: { type: 'string' }, doc: 'The file.' },
  {
    name: 'label', schema: {
      anyOf: [{ type: 'string' }, { type: 'integer' }, { type: 'array', items: { type: 'string' } }, { enum: [false] }],
    },
    doc: 'Column to predict: its name, its position (negative from the end), a list for several numbers, or false for '
      + 'none. '
      + 'Default: a column named label, target, class or y, else the last one.',
  },
  {
    name: 'features', schema: { type: 'array', items: { type: 'string' }, minItems: 1 },
    doc: 'Columns to learn from, in this order. Default: all but the label.',
  },
  {
    name: 'ignore', schema: { type: 'array', items: { type: 'string' } },
    doc: 'Columns to leave out, such as names and identifiers.',
  },
  {
    name: 'categorical', schema: { type: 'array', items: { type: 'string' } },
    doc: 'Columns of numbers that are categories; text columns are found without it.',
  },
  {
    name: 'oneHotColumns', schema: { type: 'array', items: { type: 'string' } },
    doc: 'Categorical features that become one column of 0 and 1 per category.',
  },
  {
    name: 'classes', schema: { type: 'array', items: { type: 'string' } },
    doc: 'Label texts in the order of their indices. Default: sorted.',
  },
  {
    name: 'missing', default: 'error', schema: { anyOf: [{ enum: ['error', 'drop', 'mean'] }, { type: 'number' }] },
    doc: 'What to do with empty cells: report the row, drop it, or fill in the column\'s mean or a number.',
  },
  {
    name: 'missingValues', schema: { type: 'array', items: { type: 'string' } },
    doc: 'Texts that mean "no value" besides the usual ones (empty, NA, N/A, NaN, null, None, …), such as "?".',
  },
];

/** What pandas.read_csv takes for a missing value. */
const missingTexts = [
  '', '#N/A', '#N/A N/A', '#NA', '-1.#IND', '-1.#QNAN', '-NaN', '-nan', '1.#IND', '1.#QNAN', '<NA>',
  'N/A', 'NA', 'NULL', 'NaN', 'None', 'n/a', 'nan', 'null',
];

/** Rows looked at before the kind of each column is decided. */
const sampleRows = 1000;
const missingCategory = '(missing)';

type Kind = ColumnDescription['kind'];

/** One column while it is read: numbers, or indices into `texts` in the order of their appearance. */
class Column {
  kind: Kind = 'empty';
  readonly texts = new Map<string, number>();
  missing = 0;
  sum = 0;
  count = 0;
  whole = true;

  constructor(readonly name: string, readonly role: 'feature' | 'label' | 'unused', readonly forced: Kind | null) {}

  /** Decides the kind from values; text among numbers makes a category. */
  settle(values: readonly unknown[], parse: (value: unknown) => number): void {
    if (this.forced) this.kind = this.forced;
    else if (values.length === 0) this.kind = 'empty';
    else if (values.every((value) => !Number.isNaN(parse(value)))) this.kind = 'number';
    else this.kind = 'category';
  }
}

interface TableOptions {
  config: DataConfig;
  context: ReadContext;
  /** Text of a number to the number, NaN when it is none. */
  parseNumber: (text: string) => number;
  like?: DataSet | undefined;
}

/** A number as people write it in tables; hexadecimal and the empty text, which `Number` accepts, are none. */
export function numberFromText(decimal: '.' | ','): (text: string) => number {
  const pattern = /^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$/;
  return (text) => {
    const plain = decimal === ',' ? text.replace(',', '.') : text;
    return pattern.test(plain) ? Number(plain) : NaN;
  };
}

class Table {
  readonly columns: Column[];
  readonly labels: number[];
  readonly features: number[];
  readonly notes: string[] = [];
  private readonly missingTexts: ReadonlySet<string>;
  private readonly policy: 'error' | 'drop' | 'mean' | number;
  /** Blocks of rows; each row has the values of `order`. */
  private readonly blocks: Float32Array[] = [];
  private readonly order: number[];
  private filled = 0;
  rows = 0;
  dropped = 0;

  constructor(readonly source: TableSource, readonly options: TableOptions, sample: readonly TableRow[]) {
    const { config } = options;
    this.missingTexts = new Set([...missingTexts, ...((config['missingValues'] as string[] | undefined) ?? [])]);
    this.policy = (config['missing'] as 'error' | 'drop' | 'mean' | number | undefined) ?? 'error';
    const names = source.columns;
    this.labels = labelColumns(config, source);
    this.features = featureColumns(config, source, this.labels, sample, this.notes);
    const categorical = [...list(config['categorical']), ...list(config['oneHotColumns'])];
    for (const name of categorical) indexOf(name, source, 'categorical');
    const classLabel = this.labels.length === 1 && config['classes'] !== undefined ? this.labels[0] : -1;
    const { like } = options;
    this.columns = names.map((name, i) => {
      const role = this.labels.includes(i) ? 'label' : this.features.includes(i) ? 'feature' : 'unused';
      // A validation file is read like the training file: what was a category there is one here, even if all its texts
      // are numbers.
      const known = like && role !== 'unused' && (
        like.categories?.[name] || (role === 'label' && like.classes) ? 'category' : 'number'
      );
      return new Column(name, role, known || (categorical.includes(name) || i === classLabel ? 'category' : null));
    });
    this.order = [...this.features, ...this.labels];
    for (const index of this.order) {
      const values = sample.map((row) => row.cells[index]).filter((cell) => !this.isMissing(cell));
      this.columns[index]!.settle(values, (value) => this.parse(value));
    }
  }

  private isMissing(cell: unknown): boolean {
    return cell === undefined || cell === null || (typeof cell === 'string' && this.missingTexts.has(cell.trim()))
      || (typeof cell === 'number' && Number.isNaN(cell));
  }

  private parse(cell: unknown): number {
    if (typeof cell === 'string') return this.options.parseNumber(cell);
    return typeof cell === 'number' ? cell : NaN;
  }

  add(row: TableRow): void {
    const width = this.order.length;
    const { source } = this;
    let block = this.blocks[this.blocks.length - 1];
    if (!block || this.filled + width > block.length) {
      // The blocks and the matrix made from them exist together for a moment.
      checkSize(
        source.path, this.options.context, 2 * 4 * width * (this.rows + 1),
        'Set "limit" to read fewer rows, or "features" for fewer columns.'
      );
      block = new Float32Array(width * Math.max(1, Math.min(8192, 2 ** 20 / width)));
      block = block.subarray(0, block.length - (block.length % width));
      this.blocks.push(block);
      this.filled = 0;
    }
    for (let i = 0; i < width; i++) {
      const column = this.columns[this.order[i]!]!;
      const cell = row.cells[this.order[i]!];
      let value: number;
      if (this.isMissing(cell)) {
        column.missing++;
        if (this.policy === 'drop') {
          this.dropped++;
          return;
        }
        value = this.missingValue(column, row);
      } else {
        value = this.value(column, cell, row);
      }
      block[this.filled + i] = value;
    }
    this.filled += width;
    this.rows++;
  }

  private missingValue(column: Column, row: TableRow): number {
    if (this.policy === 'error') {
      throw new DataError(this.source.path, 'the value is missing',
        'Fill it in, or set "missing": "drop" (leave such rows out), "mean", or a '
          + 'number.', { row: row.row, column: column.name });
    }
    if (column.role === 'label') {
      throw new DataError(this.source.path, 'the label is missing', 'Fill it in, or set "missing": "drop".', {
        row: row.row, column: column.name,
      });
    }
    if (column.kind === 'category') return this.indexOfText(column, missingCategory, row);
    return typeof this.policy === 'number' ? this.policy : NaN;
  }

  private value(column: Column, cell: unknown, row: TableRow): number {
    if (column.kind === 'empty') column.settle([cell], (value) => this.parse(value));
    if (column.kind === 'category') return this.indexOfText(
      column, typeof cell === 'string' ? cell.trim() : JSON.stringify(cell), row
    );
    const value = typeof cell === 'boolean' ? Number(cell) : this.parse(cell);
    if (!Number.isFinite(value)) {
      const advice = typeof cell === 'string' && /^\s*-?\d+,\d+\s*$/.test(cell) ? 'Set "decimal": ",".'
        : 'Correct it, name the column in "categorical" or "ignore", or add the text to "missingValues".';
      throw new DataError(
        this.source.path, `${quote(cell)} is not a number`, advice, { row: row.row, column: column.name }
      );
    }
    column.sum += value;
    column.count++;
    if (column.whole && !Number.isInteger(value)) column.whole = false;
    return value;
  }

  private indexOfText(column: Column, text: string, row: TableRow): number {
    const known = column.texts.get(text);
    if (known !== undefined) return known;
    const fixed = this.vocabulary(column);
    if (fixed && !fixed.includes(text)) {
      throw new DataError(
        this.source.path,
        `${quote(text)} is none of the known values `
          + `${fixed.slice(0, 8).map((v) => quote(v)).join(', ')}${fixed.length > 8 ? ', …' : ''}`,
        'Correct it, or let the training data contain it.', { row: row.row, column: column.name });
    }
    column.texts.set(text, column.texts.size);
    // Past 2^24 a float32 no longer holds every index; long before that the column is no category.
    const most = column.forced || column.role === 'label' ? 2 ** 24 : Math.max(100, this.rows / 2);
    if (column.texts.size > most) {
      throw new DataError(
        this.source.path,
        `the column has ${column.texts.size} different texts in ${this.rows + 1} rows, so it is no category`,
        'Name it in "ignore", or in "categorical" if every text matters.', { column: column.name });
    }
    return column.texts.size - 1;
  }

  /** The texts a column may have, where they are fixed: by "classes", or by the training file. */
  private vocabulary(column: Column): string[] | undefined {
    const { like, config } = this.options;
    if (column.role !== 'label') return like?.categories?.[column.name];
    return (config['classes'] as string[] | undefined) ?? like?.classes;
  }

  finish(): DataSet {
    const { source, rows } = this;
    if (rows === 0) {
      throw new DataError(
        source.path, this.dropped ? 'every row has a missing value' : 'there are no rows',
        this.dropped ? 'Set "missing" to "mean" or a number.' : 'Check how it was written.'
      );
    }
    const categories: Record<string, string[]> = {};
    const remaps = this.columns.map((column) => {
      if (column.kind !== 'category') return null;
      const sorted = this.vocabulary(column) ?? [...column.texts.keys()].sort(byText);
      if (column.role === 'feature') categories[column.name] = sorted;
      const place = new Map(sorted.map((text, i) => [text, i]));
      return Float32Array.from(column.texts.keys(), (text) => place.get(text)!);
    });
    const means = this.columns.map(
      (column) => this.options.like?.means?.[column.name] ?? (column.count ? column.sum / column.count : 0)
    );
    const expanded = new Set(list(this.options.config['oneHotColumns']));
    const widths = this.features.map(
      (index) => (expanded.has(this.columns[index]!.name) ? categories[this.columns[index]!.name]!.length : 1)
    );
    const width = widths.reduce((sum, w) => sum + w, 0);
    checkSize(
      source.path, this.options.context, 4 * rows * (width + this.order.length),
      'Set "limit", or fewer "oneHotColumns".'
    );
    const x = new Float32Array(rows * width);
    const y = new Float32Array(rows * this.labels.length);
    let row = 0;
    for (let b = 0; b < this.blocks.length; b++) {
      const block = this.blocks[b]!;
      for (let at = 0; at + this.order.length <= block.length && row < rows; at += this.order.length, row++) {
        let to = row * width;
        for (let i = 0; i < this.order.length; i++) {
          const index = this.order[i]!;
          let value = block[at + i]!;
          if (Number.isNaN(value)) value = means[index]!;
          const remap = remaps[index];
          if (remap) value = remap[value]!;
          if (i >= this.features.length) y[row * this.labels.length + i - this.features.length] = value;
          else if (expanded.has(this.columns[index]!.name)) x[to + value] = 1;
          else x[to] = value;
          if (i < this.features.length) to += widths[i]!;
        }
      }
      this.blocks[b] = new Float32Array(0);
    }
    const names = this.features.flatMap((index) => {
      const { name } = this.columns[index]!;
      return expanded.has(name) ? categories[name]!.map((text) => `${name}=${text}`) : [name];
    });
    const label = this.labels.length === 1 ? this.columns[this.labels[0]!]! : null;
    const classes = label?.kind === 'category' ? this.vocabulary(label) ?? [...label.texts.keys()].sort(byText)
      : undefined;
    const filled = this.columns.flatMap((column, i) => (
      column.role === 'feature' && column.missing && column.kind === 'number' ? [[column.name, means[i]!] as const] : []
    ));
    return {
      x: { dtype: 'float32', shape: [rows, width], data: x },
      y: this.labels.length === 0 ? null : this.labelArray(y),
      features: names,
      ...(classes && { classes }),
      ...(Object.keys(categories).length > 0 && { categories }),
      ...(filled.length > 0 && { means: Object.fromEntries(filled) }),
      source: source.path,
    };
  }

  /** One whole-numbered column is int32 of shape `(n,)`; real numbers are float32, several columns `(n, k)`. */
  private labelArray(values: Float32Array): DataArray {
    const columns = this.labels.map((index) => this.columns[index]!);
    const shape = columns.length === 1 ? [this.rows] : [this.rows, columns.length];
    const whole = columns.every((column) => column.kind === 'category' || column.whole);
    // Beyond 2^24 float32 has rounded already; such a "label" is an amount, not a class.
    if (columns.length === 1 && whole && values.every((value) => Math.abs(value) <= 2 ** 24)) return {
      dtype: 'int32', shape, data: Int32Array.from(values),
    };
    return { dtype: 'float32', shape, data: values };
  }

  describe(): ColumnDescription[] {
    return this.columns.map((column) => ({
      name: column.name,
      kind: column.kind === 'number' && column.whole ? 'integer' : column.kind,
      examples: [...column.texts.keys()].slice(0, 5),
      missing: column.missing,
    }));
  }
}

/** Whole numbers by value, so that "10" comes after "9"; everything else by its characters, as Python sorts. */
function byText(a: string, b: string): number {
  if (/^-?\d+$/.test(a) && /^-?\d+$/.test(b)) return Number(a) - Number(b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? (value as string[]) : [];
}

function indexOf(name: string, { path, columns }: TableSource, key: string): number {
  const index = columns.indexOf(name);
  if (index >= 0) return index;
  const near = columns.find((column) => column.trim().toLowerCase() === name.trim().toLowerCase());
  throw new DataError(path, `there is no column ${quote(name)}, which "${key}" names`,
    near ? `Did you mean ${quote(near)}?`
      : `The columns are: ${columns.slice(0, 20).join(', ')}${columns.length > 20 ? ', …' : ''}.`);
}

/** The column that is most likely the label, by its name or by being the last. */
export function guessLabel(columns: readonly string[]): number {
  const usual = ['label', 'labels', 'target', 'class', 'y', 'category', 'species', 'output'];
  for (const name of usual) {
    const index = columns.findIndex((column) => column.trim().toLowerCase() === name);
    if (index >= 0) return index;
  }
  return columns.length - 1;
}

function labelColumns(config: DataConfig, source: TableSource): number[] {
  const label = config['label'] as string | number | string[] | false | undefined;
  const count = source.columns.length;
  if (label === false) return [];
  if (label === undefined) return count > 1 ? [guessLabel(source.columns)] : [];
  if (typeof label === 'number') {
    const index = label < 0 ? count + label : label;
    if (index >= 0 && index < count) return [index];
    throw new DataError(
      source.path, `there is no column ${label}, which "label" names`, `There are ${count} columns, 0 to ${count - 1}.`
    );
  }
  return (Array.isArray(label) ? label : [label]).map((name) => indexOf(name, source, 'label'));
}

function featureColumns(
  config: DataConfig, source: TableSource, labels: number[], sample: readonly TableRow[], notes: string[],
): number[] {
  const wanted = config['features'] as string[] | undefined;
  if (wanted) return wanted.map((name) => indexOf(name, source, 'features'));
  const ignored = list(config['ignore']).map((name) => indexOf(name, source, 'ignore'));
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
  if (features.length === 0) throw new DataError(
    source.path, 'no column is left to learn from', 'Name some in "features".'
  );
  return features;
}

/** Pandas's name for a column without one. */
export function unnamed(index: number): string {
  return `Unnamed: ${index}`;
}

async function firstRows(source: TableSource, limit: number): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  while (rows.length < Math.min(sampleRows, limit)) {
    const { value, done } = await source.blocks.next();
    if (done) break;
    // A loop, not a spread: a block may be longer than the stack allows arguments.
    for (const row of value) rows.push(row);
  }
  return rows;
}

export async function readTable(source: TableSource, options: TableOptions): Promise<DataSet> {
  const limit = (options.config['limit'] as number | undefined) ?? Infinity;
  try {
    const sample = await firstRows(source, limit);
    const table = new Table(source, options, sample);
    const addAll = (rows: TableRow[]): boolean => {
      for (const row of rows) {
        if (table.rows >= limit) return false;
        table.add(row);
      }
      options.context.onProgress?.(source.progress());
      options.context.signal?.throwIfAborted();
      return table.rows < limit;
    };
    if (addAll(sample)) {
      for await (const rows of source.blocks) if (!addAll(rows)) break;
    }
    return table.finish();
  } finally {
    await source.blocks.return();
  }
}

/**
 * Reads the first rows; the number of samples is exact for files that end within them, else extrapolated from the size.
 */
export async function describeTable(source: TableSource, options: TableOptions): Promise<DataDescription> {
  const { config } = options;
  const limit = (config['limit'] as number | undefined) ?? Infinity;
  try {
    const sample = await firstRows(source, limit);
    const ended = sample.length < sampleRows;
    const table = new Table(
      source, { ...options, config: { ...config, missing: config['missing'] === 'drop' ? 'drop' : 'mean' } }, sample
    );
    for (const row of sample) table.add(row);
    const set = table.finish();
    const file = await fileSize(source.path);
    const estimate = ended ? table.rows : Math.round(file.bytes / source.bytesPerRow());
    const samples = Math.min(limit, estimate);
    const description: DataDescription = {
      reader: config.reader,
      files: [file],
      samples,
      ...(!ended && samples !== limit && { samplesEstimated: true }),
      x: { shape: [samples, ...set.x.shape.slice(1)], dtype: set.x.dtype },
      y: set.y && { shape: [samples, ...set.y.shape.slice(1)], dtype: set.y.dtype },
      ...(set.classes && { classes: set.classes }),
      columns: table.describe(),
      notes: table.notes,
    };
    if (set.y && set.y.shape.length === 1) addBalance(description, set.y);
    if (!ended) description.notes.push(`columns and classes judged by the first ${sample.length} rows`);
    const missing = table.columns.filter((column) => column.missing > 0);
    if (missing.length > 0) description.notes.push(
      `missing values in ${missing.map((column) => `"${column.name}" (${column.missing})`).join(', ')}`
    );
    return description;
  } finally {
    await source.blocks.return();
  }
}
