/** JSON lines: one object per line, with numbers, texts, or whole (nested) arrays of numbers as values. */
import { ByteSource, checkFile, checkSize, resolvePath } from './bytes';
import { DataError, quote } from './data-error';
import type { DataArray, DataSet } from './dataset';
import { shapeText, sizeOf } from './dataset';
import type { DataConfig, ReadContext, Reader } from './reader';
import { describeTable, readTable } from './table';
import { guessLabel } from './table-columns';
import { numberFromText, tableKeys, type TableRow, type TableSource } from './table-source';

/** No line of data is longer; without a limit a file without line ends would be read into one string. */
const longestLine = 1 << 26;

/** Lines that `describe` looks at. */
const describedLines = 1000;

export interface JsonLine {
  /** From 1, blank lines counted. */
  row: number;
  record: Record<string, unknown>;
}

/** The objects of a file in blocks. Also used for text data. */
export async function* jsonLines(
  path: string,
  onBytes: (offset: number) => void = () => {},
): AsyncGenerator<JsonLine[], void, void> {
  const source = await ByteSource.open(path);
  const decoder = new TextDecoder('utf-8');
  const buffer = new Uint8Array(1 << 18);
  let rest = '';
  let row = 0;
  try {
    for (let ended = false; !ended;) {
      const length = await source.fill(buffer);
      ended = length < buffer.length;
      onBytes(source.offset);
      const lines = (rest + decoder.decode(buffer.subarray(0, length), { stream: !ended })).split('\n');
      rest = ended ? '' : lines.pop()!;
      if (rest.length > longestLine)
        throw new DataError(path, 'a line is longer than 64 MB', 'JSON lines have one object per line.', {
          row: row + lines.length + 1,
        });
      const block: JsonLine[] = [];
      for (const line of lines) {
        row++;
        if (line.trim() !== '') block.push({ row, record: parseLine(path, line, row) });
      }
      if (block.length > 0) yield block;
    }
  } finally {
    source.close();
  }
}

function parseLine(path: string, line: string, row: number): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    const whole = /^\s*\[\s*$/.test(line) || (row === 1 && /^\s*[[{]\s*$/.test(line));
    throw new DataError(
      path,
      `the line is not JSON: ${quote(line.trim())}`,
      whole
        ? 'This looks like one JSON document over many lines; write one object per line instead.'
        : 'Correct the line; each line must be one object.',
      { row },
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new DataError(
    path,
    `the line is not a JSON object: ${quote(line.trim())}`,
    'Each line must be one object such as {"text": "…", "label": 1}.',
    { row },
  );
}

/** Objects as rows of a table whose columns are the keys of the first lines. */
async function openTable(path: string): Promise<TableSource> {
  const size = await checkFile(path);
  let offset = 0;
  let rows = 0;
  const lines = jsonLines(path, bytes => (offset = bytes));
  const first = await lines.next();
  const head = first.done ? [] : first.value;
  const columns = [...new Set(head.flatMap(({ record }) => Object.keys(record)))];
  const toRows = (block: JsonLine[]): TableRow[] => {
    rows += block.length;
    return block.map(({ row, record }) => ({ row, cells: columns.map(name => record[name]) }));
  };
  async function* blocks(): AsyncGenerator<TableRow[], void, void> {
    if (head.length > 0) yield toRows(head);
    for await (const block of lines) yield toRows(block);
  }
  return {
    path,
    columns,
    blocks: blocks(),
    progress: () => Math.min(1, offset / size),
    bytesPerRow: () => offset / Math.max(1, rows),
  };
}

/** Flattens a nested list, checking that all its parts have the same shape. */
function flatten(value: unknown, path: string, row: number, key: string, out: number[]): number[] {
  if (!Array.isArray(value)) {
    const number = typeof value === 'boolean' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isFinite(number)) {
      throw new DataError(path, `${quote(value)} is not a number`, 'The values must be numbers or lists of numbers.', {
        row,
        column: key,
      });
    }
    out.push(number);
    return [];
  }
  const shapes = value.map(item => flatten(item, path, row, key, out));
  const uneven = shapes.find(shape => String(shape) !== String(shapes[0]));
  if (uneven)
    throw new DataError(
      path,
      `the lists inside have different shapes, ${shapeText(shapes[0]!)} and ${shapeText(uneven)}`,
      'Pad them to one length.',
      { row, column: key },
    );
  return [value.length, ...(shapes[0] ?? [])];
}

class ArrayColumn {
  private shape: number[] | null = null;
  private readonly blocks: Float32Array[] = [];
  private pending: number[] = [];
  private count = 0;
  private whole = true;

  constructor(
    private readonly path: string,
    private readonly key: string,
    private readonly context: ReadContext,
  ) {}

  add({ row, record }: JsonLine): void {
    const value = record[this.key];
    if (value === undefined || value === null) {
      throw new DataError(this.path, 'the value is missing', 'Every line must have it.', { row, column: this.key });
    }
    const values: number[] = [];
    const shape = flatten(value, this.path, row, this.key, values);
    this.shape ??= shape;
    if (String(shape) !== String(this.shape)) {
      throw new DataError(
        this.path,
        `the value has shape ${shapeText(shape)}, the first line has ${shapeText(this.shape)}`,
        'Pad or cut all values to one shape.',
        { row, column: this.key },
      );
    }
    for (const number of values) {
      this.pending.push(number);
      if (!Number.isInteger(number)) this.whole = false;
    }
    this.count++;
    if (this.pending.length > 1 << 18) this.flush();
  }

  private flush(): void {
    checkSize(this.path, this.context, 8 * this.count * sizeOf(this.shape!));
    this.blocks.push(Float32Array.from(this.pending));
    this.pending = [];
  }

  finish(asLabels: boolean): DataArray {
    if (this.count === 0) throw new DataError(this.path, 'there are no lines', 'Check how it was written.');
    this.flush();
    const data = new Float32Array(this.count * sizeOf(this.shape!));
    let at = 0;
    for (const block of this.blocks) {
      data.set(block, at);
      at += block.length;
    }
    const shape = [this.count, ...this.shape!];
    return asLabels && this.whole
      ? { dtype: 'int32', shape, data: Int32Array.from(data) }
      : { dtype: 'float32', shape, data };
  }
}

/** With "x" naming an array per line; labels are numbers, arrays, or texts that become class indices. */
async function readArrays(
  config: DataConfig,
  context: ReadContext,
  path: string,
  like?: DataSet,
  onBytes?: (offset: number) => void,
): Promise<DataSet> {
  const limit = (config['limit'] as number | undefined) ?? Infinity;
  const label = config['label'] as string | false | undefined;
  const x = new ArrayColumn(path, String(config['x']), context);
  const numbers = new ArrayColumn(path, String(label), context);
  const texts: string[] = [];
  let count = 0;
  read: for await (const block of jsonLines(path, onBytes)) {
    for (const line of block) {
      if (count++ >= limit) break read;
      x.add(line);
      if (!label) continue;
      const value = line.record[label];
      if (typeof value === 'string' && texts.length === count - 1) texts.push(value);
      else if (texts.length > 0)
        throw new DataError(
          path,
          `the label ${quote(value)} is a number among texts or the reverse`,
          'Write all labels alike.',
          { row: line.row, column: label },
        );
      else numbers.add(line);
    }
  }
  const samples = x.finish(false);
  if (!label) return { x: samples, y: null, source: path };
  if (texts.length === 0) return { x: samples, y: numbers.finish(true), source: path };
  const classes = (config['classes'] as string[] | undefined) ?? like?.classes ?? [...new Set(texts)].sort();
  const index = new Map(classes.map((name, i) => [name, i]));
  const unknown = texts.find(text => !index.has(text));
  if (unknown !== undefined)
    throw new DataError(
      path,
      `the label ${quote(unknown)} is none of the known classes ${classes.map(c => quote(c)).join(', ')}`,
      'Correct it or name all the classes in "classes".',
      { column: label },
    );
  return {
    x: samples,
    y: { dtype: 'int32', shape: [texts.length], data: Int32Array.from(texts, text => index.get(text)!) },
    classes,
    source: path,
  };
}

export const jsonl: Reader = {
  id: 'jsonl',
  title: 'JSON lines',
  doc:
    'One JSON object per line. Without "x" the keys are the columns of a table, as in a CSV file; with "x" one ' +
    'key ' +
    'holds the whole sample as a ' +
    '(nested) list of numbers, of the same shape in every line.',
  keys: [
    ...tableKeys,
    { name: 'x', schema: { type: 'string' }, doc: 'The key that holds the sample as a list of numbers.' },
  ],
  example: { reader: 'jsonl', file: 'windows.jsonl', x: 'values', label: 'activity', validation: 0.2 },

  async suggest(path, head): Promise<DataConfig | null> {
    if (!/\.(jsonl|ndjson)(\.gz)?$/i.test(path) && !(head[0] === 0x7b && /\.json$/i.test(path))) return null;
    const lines = jsonLines(path);
    const first = await lines.next();
    await lines.return();
    const record = first.value?.[0]?.record ?? {};
    const names = Object.keys(record);
    const arrays = names.filter(name => Array.isArray(record[name]));
    const scalars = names.filter(name => !Array.isArray(record[name]));
    if (arrays.length === 1)
      return {
        reader: 'jsonl',
        file: path,
        x: arrays[0]!,
        ...(scalars.length > 0 && { label: scalars[guessLabel(scalars)]! }),
      };
    return { reader: 'jsonl', file: path, ...(scalars.length > 1 && { label: scalars[guessLabel(scalars)]! }) };
  },

  async describe(config, context) {
    const path = resolvePath(String(config['file']), context);
    if (config['x'] === undefined) {
      return describeTable(await openTable(path), { config, context, parseNumber: numberFromText('.') });
    }
    const size = await checkFile(path);
    const wanted = (config['limit'] as number | undefined) ?? Infinity;
    const limit = Math.min(describedLines, wanted);
    let offset = 0;
    const set = await readArrays({ ...config, limit }, context, path, undefined, bytes => (offset = bytes));
    const read = set.x.shape[0]!;
    const ended = read < limit || read === wanted;
    const samples = ended ? read : Math.min(wanted, Math.max(read, Math.round((read * size) / offset)));
    return {
      reader: 'jsonl',
      files: [{ path, bytes: size }],
      samples,
      ...(!ended && { samplesEstimated: true }),
      x: { shape: [samples, ...set.x.shape.slice(1)], dtype: set.x.dtype },
      y: set.y && { shape: [samples, ...set.y.shape.slice(1)], dtype: set.y.dtype },
      ...(set.classes && { classes: set.classes }),
      notes: ended ? [] : [`judged by the first ${describedLines} lines`],
    };
  },

  async read(config, context, like) {
    const path = resolvePath(String(config['file']), context);
    if (config['x'] !== undefined) return readArrays(config, context, path, like);
    return readTable(await openTable(path), { config, context, parseNumber: numberFromText('.'), like });
  },
};
