/** Cells become numbers as they stream by: kinds of columns, missing values, categories, and the final matrix. */
import { checkSize } from './bytes';
import { DataError, quote } from './data-error';
import type { ColumnDescription, DataArray, DataSet } from './dataset';
import { featureColumns, indexOf, labelColumns, list } from './table-columns';
import type { TableOptions, TableRow, TableSource } from './table-source';

/** What pandas.read_csv takes for a missing value. */
const missingTexts = [
  '',
  '#N/A',
  '#N/A N/A',
  '#NA',
  '-1.#IND',
  '-1.#QNAN',
  '-NaN',
  '-nan',
  '1.#IND',
  '1.#QNAN',
  '<NA>',
  'N/A',
  'NA',
  'NULL',
  'NaN',
  'None',
  'n/a',
  'nan',
  'null',
];

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

  constructor(
    readonly name: string,
    readonly role: 'feature' | 'label' | 'unused',
    readonly forced: Kind | null,
  ) {}

  add(value: number): number {
    this.sum += value;
    this.count++;
    if (this.whole && !Number.isInteger(value)) this.whole = false;
    return value;
  }

  /**
   * Decides the kind from values. One text among many numbers is a mistake to be reported by its row, not a reason to
   * take all of them for categories.
   */
  settle(values: readonly unknown[], parse: (value: unknown) => number): void {
    if (this.forced) this.kind = this.forced;
    else if (values.length === 0) this.kind = 'empty';
    else {
      const numbers = values.filter(value => typeof value === 'boolean' || !Number.isNaN(parse(value))).length;
      const nearly = values.length >= 20 && numbers >= 0.9 * values.length;
      this.kind = numbers === values.length || nearly ? 'number' : 'category';
    }
  }
}

export class TableBuilder {
  readonly columns: Column[];
  readonly labels: number[];
  readonly features: number[];
  readonly notes: string[] = [];
  private readonly missingTexts: ReadonlySet<string>;
  /** A text such as "-999" or "0" may mean "missing"; only then must numbers be looked up as texts first. */
  private readonly numbersMayBeMissing: boolean;
  private readonly policy: 'error' | 'drop' | 'mean' | number;
  /** Blocks of rows; each row has the values of `order`. */
  private readonly blocks: Float32Array[] = [];
  private readonly order: number[];
  private filled = 0;
  rows = 0;
  dropped = 0;

  constructor(
    readonly source: TableSource,
    readonly options: TableOptions,
    sample: readonly TableRow[],
  ) {
    const { config } = options;
    this.missingTexts = new Set([...missingTexts, ...((config['missingValues'] as string[] | undefined) ?? [])]);
    this.numbersMayBeMissing = [...this.missingTexts].some(text => !Number.isNaN(options.parseNumber(text)));
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
      const known =
        like &&
        role !== 'unused' &&
        (like.categories?.[name] || (role === 'label' && like.classes) ? 'category' : 'number');
      return new Column(name, role, known || (categorical.includes(name) || i === classLabel ? 'category' : null));
    });
    this.order = [...this.features, ...this.labels];
    for (const index of this.order) {
      const values = sample.map(row => row.cells[index]).filter(cell => !this.isMissing(cell));
      this.columns[index]!.settle(values, value => this.parse(value));
    }
  }

  private isMissing(cell: unknown): boolean {
    return (
      cell === undefined ||
      cell === null ||
      (typeof cell === 'string' && this.missingTexts.has(cell.trim())) ||
      (typeof cell === 'number' && Number.isNaN(cell))
    );
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
        source.path,
        this.options.context,
        2 * 4 * width * (this.rows + 1),
        'Set "limit" to read fewer rows, or "features" for fewer columns.',
      );
      block = new Float32Array(width * Math.max(1, Math.min(8192, 2 ** 20 / width)));
      block = block.subarray(0, block.length - (block.length % width));
      this.blocks.push(block);
      this.filled = 0;
    }
    if (this.policy === 'drop' && this.dropIfMissing(row)) return;
    for (let i = 0; i < width; i++) {
      const column = this.columns[this.order[i]!]!;
      const cell = row.cells[this.order[i]!];
      block[this.filled + i] = this.quickNumber(column, cell) ?? this.number(column, cell, row);
    }
    this.filled += width;
    this.rows++;
  }

  /** The whole row is looked at before any of it counts, so that its texts do not become categories without samples. */
  private dropIfMissing(row: TableRow): boolean {
    let missing = false;
    for (const index of this.order) {
      if (!this.isMissing(row.cells[index])) continue;
      this.columns[index]!.missing++;
      missing = true;
    }
    if (missing) this.dropped++;
    return missing;
  }

  /** The way nearly every cell of a big file goes. */
  private quickNumber(column: Column, cell: unknown): number | null {
    if (column.kind !== 'number' || typeof cell !== 'string' || this.numbersMayBeMissing) return null;
    const value = this.options.parseNumber(cell);
    return Number.isFinite(value) ? column.add(value) : null;
  }

  private number(column: Column, cell: unknown, row: TableRow): number {
    if (!this.isMissing(cell)) return this.value(column, cell, row);
    column.missing++;
    return this.missingValue(column, row);
  }

  private missingValue(column: Column, row: TableRow): number {
    if (this.policy === 'error') {
      throw new DataError(
        this.source.path,
        'the value is missing',
        'Fill it in, or set "missing": "drop" (leave such rows out), "mean", or a ' + 'number.',
        { row: row.row, column: column.name },
      );
    }
    if (column.role === 'label') {
      throw new DataError(this.source.path, 'the label is missing', 'Fill it in, or set "missing": "drop".', {
        row: row.row,
        column: column.name,
      });
    }
    if (column.kind === 'category') return this.indexOfText(column, missingCategory, row);
    return typeof this.policy === 'number' ? this.policy : NaN;
  }

  private value(column: Column, cell: unknown, row: TableRow): number {
    if (column.kind === 'empty') column.settle([cell], value => this.parse(value));
    if (column.kind === 'category')
      return this.indexOfText(column, typeof cell === 'string' ? cell.trim() : JSON.stringify(cell), row);
    const value = typeof cell === 'boolean' ? Number(cell) : this.parse(cell);
    if (!Number.isFinite(value)) {
      const advice =
        typeof cell === 'string' && /^\s*-?\d+,\d+\s*$/.test(cell)
          ? 'Set "decimal": ",".'
          : 'Correct it, name the column in "categorical" or "ignore", or add the text to "missingValues".';
      throw new DataError(this.source.path, `${quote(cell)} is not a number`, advice, {
        row: row.row,
        column: column.name,
      });
    }
    return column.add(value);
  }

  private indexOfText(column: Column, text: string, row: TableRow): number {
    const known = column.texts.get(text);
    if (known !== undefined) return known;
    const fixed = this.vocabulary(column);
    if (fixed && !fixed.includes(text)) {
      throw new DataError(
        this.source.path,
        `${quote(text)} is none of the known values ` +
          `${fixed
            .slice(0, 8)
            .map(v => quote(v))
            .join(', ')}${fixed.length > 8 ? ', …' : ''}`,
        'Correct it, or let the training data contain it.',
        { row: row.row, column: column.name },
      );
    }
    column.texts.set(text, column.texts.size);
    // Past 2^24 a float32 no longer holds every index; long before that the column is no category.
    const most = column.forced || column.role === 'label' ? 2 ** 24 : Math.max(100, this.rows / 2);
    if (column.texts.size > most) {
      throw new DataError(
        this.source.path,
        `the column has ${column.texts.size} different texts in ${this.rows + 1} rows, so it is no category`,
        'Name it in "ignore", or in "categorical" if every text matters.',
        { column: column.name },
      );
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
        source.path,
        this.dropped ? 'every row has a missing value' : 'there are no rows',
        this.dropped ? 'Set "missing" to "mean" or a number.' : 'Check how it was written.',
      );
    }
    const categories: Record<string, string[]> = {};
    const remaps = this.columns.map(column => {
      if (column.kind !== 'category') return null;
      const sorted = this.vocabulary(column) ?? [...column.texts.keys()].sort(byText);
      if (column.role === 'feature') categories[column.name] = sorted;
      const place = new Map(sorted.map((text, i) => [text, i]));
      return Float32Array.from(column.texts.keys(), text => place.get(text)!);
    });
    const means = this.columns.map(
      column => this.options.like?.means?.[column.name] ?? (column.count ? column.sum / column.count : 0),
    );
    const expanded = new Set(list(this.options.config['oneHotColumns']));
    const widths = this.features.map(index =>
      expanded.has(this.columns[index]!.name) ? categories[this.columns[index]!.name]!.length : 1,
    );
    const width = widths.reduce((sum, w) => sum + w, 0);
    checkSize(
      source.path,
      this.options.context,
      4 * rows * (width + this.order.length),
      'Set "limit", or fewer "oneHotColumns".',
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
    const names = this.features.flatMap(index => {
      const { name } = this.columns[index]!;
      return expanded.has(name) ? categories[name]!.map(text => `${name}=${text}`) : [name];
    });
    const label = this.labels.length === 1 ? this.columns[this.labels[0]!]! : null;
    const classes =
      label?.kind === 'category' ? (this.vocabulary(label) ?? [...label.texts.keys()].sort(byText)) : undefined;
    const filled = this.columns.flatMap((column, i) =>
      column.role === 'feature' && column.missing && column.kind === 'number'
        ? [[column.name, means[i]!] as const]
        : [],
    );
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
    const columns = this.labels.map(index => this.columns[index]!);
    const shape = columns.length === 1 ? [this.rows] : [this.rows, columns.length];
    const whole = columns.every(column => column.kind === 'category' || column.whole);
    // Beyond 2^24 float32 has rounded already; such a "label" is an amount, not a class.
    if (columns.length === 1 && whole && values.every(value => Math.abs(value) <= 2 ** 24))
      return { dtype: 'int32', shape, data: Int32Array.from(values) };
    return { dtype: 'float32', shape, data: values };
  }

  describe(): ColumnDescription[] {
    return this.columns.map(column => ({
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
