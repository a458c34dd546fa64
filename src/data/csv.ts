/**
 * Comma-separated and tab-separated values (RFC 4180, and the many files that nearly follow it), streamed through
 * csv-parse.
 */
import { createReadStream } from 'node:fs';
import { extname } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { asDataError, checkFile, headOf, resolvePath } from './bytes';
import { csvRecords, type CsvErrorCode } from './csv-records';
import { DataError, quote } from './data-error';
import type { DataConfig, ReadContext, Reader } from './reader';
import { describeTable, readTable } from './table';
import { guessLabel, unnamed } from './table-columns';
import { numberFromText, tableKeys, type TableRow, type TableSource } from './table-source';

export interface CsvOptions {
  /** Default: inferred from the first lines. */
  delimiter?: string;
  /** Whether the first row has the names; default: it has, unless one of its cells is a number. */
  header?: boolean;
  encoding?: BufferEncoding;
}

const delimiters = [',', '\t', ';', '|'];
const headLength = 1 << 16;

/** Cells of the first lines, quotes respected: enough to count delimiters and to look for a header. */
function splitHead(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length && rows.length < 50; i++) {
    const character = text[i]!;
    if (character === '"') {
      if (quoted && text[i + 1] === '"') cell += text[i++];
      else quoted = !quoted;
    } else if (quoted) {
      cell += character;
    } else if (character === delimiter) {
      row.push(cell);
      cell = '';
    } else if (character === '\n') {
      row.push(cell.replace(/\r$/, ''));
      if (row.length > 1 || row[0] !== '') rows.push(row);
      row = [];
      cell = '';
    } else {
      cell += character;
    }
  }
  // The last line may be cut off by the end of the head; it counts only if it is all there is.
  if (rows.length === 0) rows.push([...row, cell]);
  return rows;
}

/** The delimiter that divides the lines into the most columns, the same number in nearly all of them. */
export function inferDelimiter(head: string, path = ''): string {
  if (extname(path).toLowerCase() === '.tsv') return '\t';
  let best = ',';
  let bestScore = 0;
  for (const delimiter of delimiters) {
    const rows = splitHead(head, delimiter);
    const width = rows[0]!.length;
    if (width < 2) continue;
    const agreeing = rows.filter(row => row.length === width).length / rows.length;
    const score = agreeing ** 4 * Math.log2(width + 1);
    if (score > bestScore) [best, bestScore] = [delimiter, score];
  }
  return best;
}

function encodingOf(head: Uint8Array): BufferEncoding {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf16le';
  return 'utf8';
}

/** Pandas's names for columns: an empty one becomes "Unnamed: i", a repeated one "name.1". */
function uniqueNames(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((raw, index) => {
    const name = raw.trim() || unnamed(index);
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    return times === 0 ? name : `${name}.${times}`;
  });
}

/**
 * Opens a table of text cells; also used for text data, where the columns hold sentences. Close it by
 * `blocks.return()`.
 */
export async function openCsv(
  path: string,
  options: CsvOptions = {},
  context?: Pick<ReadContext, 'signal'>,
): Promise<TableSource> {
  const size = await checkFile(path);
  const headBytes = await headOf(path, headLength);
  if (headBytes.includes(0) && encodingOf(headBytes) === 'utf8') {
    throw new DataError(
      path,
      'this is a binary file, not a table of text',
      'Choose the reader for its kind (npy, npz, idx), or export the table as CSV.',
      { offset: headBytes.indexOf(0) },
    );
  }
  const encoding = options.encoding ?? encodingOf(headBytes);
  const head = Buffer.from(headBytes)
    .toString(encoding)
    .replace(/^\ufeff/, '');
  if (/^\s*(<!doctype|<html)/i.test(head)) {
    throw new DataError(
      path,
      'this is a web page, not a table',
      'Download the file itself, for instance by its "raw" link.',
    );
  }
  if (head.trim() === '')
    throw new DataError(path, 'the file holds nothing but blank lines', 'Check how it was written.');
  const delimiter = options.delimiter ?? inferDelimiter(head, path);
  const first = splitHead(head, delimiter)[0]!;
  const isNumber = numberFromText('.');
  const header = options.header ?? !first.some(cell => !Number.isNaN(isNumber(cell)));
  const columns = header ? uniqueNames(first) : first.map((_, index) => String(index));

  const file = createReadStream(path, { highWaterMark: 1 << 18, ...(context?.signal && { signal: context.signal }) });
  let bytes = 0;
  let rows = 0;

  async function* decoded(): AsyncGenerator<string> {
    const compressed = (await headOfRaw(path))[0] === 0x1f;
    const stream: Readable = compressed ? pipeline(file, createGunzip({ chunkSize: 1 << 18 }), () => {}) : file;
    const decoder = new StringDecoder(encoding);
    let first = true;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes = compressed ? file.bytesRead : bytes + chunk.length;
      const text = decoder.write(chunk);
      yield first ? text.replace(/^\ufeff/, '') : text;
      first = false;
    }
    yield decoder.end();
  }

  async function* blocks(): AsyncGenerator<TableRow[], void, void> {
    let names = header;
    try {
      for await (const records of csvRecords(decoded(), delimiter)) {
        const block: TableRow[] = [];
        for (const cells of records) {
          rows++;
          if (cells.length === 1 && cells[0]!.trim() === '' && columns.length > 1) continue;
          if (names) {
            names = false;
            continue;
          }
          if (cells.length !== columns.length) throw wrongWidth(path, rows, cells, columns, delimiter);
          block.push({ row: rows, cells });
        }
        if (block.length > 0) yield block;
      }
    } catch (error) {
      throw await csvError(path, error, rows);
    } finally {
      file.destroy();
    }
  }
  return {
    path,
    columns,
    blocks: blocks(),
    progress: () => Math.min(1, file.bytesRead / size),
    bytesPerRow: () => Math.max(1, bytes) / Math.max(1, rows),
  };
}

async function headOfRaw(path: string): Promise<Uint8Array> {
  for await (const chunk of createReadStream(path, { start: 0, end: 1 })) return chunk as Uint8Array;
  return new Uint8Array(2);
}

function wrongWidth(
  path: string,
  row: number,
  cells: readonly string[],
  columns: readonly string[],
  delimiter: string,
): DataError {
  const name = delimiter === '\t' ? 'tab' : delimiter;
  return new DataError(
    path,
    `it has ${cells.length} values, the first row has ${columns.length}`,
    `Correct the row, quote values that contain the delimiter, or set "delimiter" (now ${quote(name)}).`,
    { row },
  );
}

async function csvError(path: string, error: unknown, row: number): Promise<Error> {
  switch ((error as { code?: CsvErrorCode }).code) {
    case 'CSV_QUOTE_NOT_CLOSED':
    case 'CSV_MAX_RECORD_SIZE':
      return new DataError(
        path,
        'a quotation mark is opened and never closed',
        'Close it, or double it ("") where it belongs to the value.',
        { row: row + 1 },
      );
    case 'CSV_INVALID_CLOSING_QUOTE':
    case 'INVALID_OPENING_QUOTE':
      return new DataError(
        path,
        'a quotation mark stands inside a value',
        'Double it ("") and quote the whole value.',
        { row: row + 1 },
      );
    default:
      return asDataError(path, error);
  }
}

function csvOptions(config: DataConfig): CsvOptions {
  const { delimiter, header, encoding } = config as { delimiter?: string; header?: boolean; encoding?: BufferEncoding };
  return {
    ...(delimiter !== undefined && { delimiter }),
    ...(header !== undefined && { header }),
    ...(encoding !== undefined && { encoding }),
  };
}

function decimalOf(config: DataConfig): '.' | ',' {
  return (config['decimal'] as '.' | ',' | undefined) ?? '.';
}

export const csv: Reader = {
  id: 'csv',
  title: 'CSV and TSV tables',
  doc:
    'A table of text, plain or gzip-compressed. Delimiter and header are inferred. Columns of numbers are ' +
    'features ' +
    'as they are; columns of text become ' +
    'category indices in sorted order, and the vocabulary is kept. A missing value stops with its row unless ' +
    '"missing" says otherwise. ' +
    'Memory: 8 bytes per cell while reading, 4 afterwards, whatever the size of the file.',
  keys: [
    ...tableKeys,
    {
      name: 'delimiter',
      schema: { type: 'string' },
      doc: 'Character between the values. Default: inferred (comma, tab, semicolon or bar).',
    },
    {
      name: 'header',
      schema: { type: 'boolean' },
      doc: 'Whether the first row has the column names. Default: it has, unless a cell of it is a number.',
    },
    { name: 'decimal', default: '.', schema: { enum: ['.', ','] }, doc: 'The decimal sign.' },
    {
      name: 'encoding',
      schema: { enum: ['utf8', 'utf16le', 'latin1'] },
      doc: 'Text encoding. Default: UTF-8, or what a byte order mark says.',
    },
  ],
  example: { reader: 'csv', file: 'iris.csv', label: 'species', standardize: true, validation: 0.2 },

  async suggest(path, head): Promise<DataConfig | null> {
    const known = /\.(csv|tsv|tab)(\.gz)?$/i.test(path);
    if (!known && (head.includes(0) || !/\.(txt|data|dat)$/i.test(path))) return null;
    const { columns, blocks } = await openCsv(path);
    await blocks.return();
    if (!known && columns.length < 2) return null;
    return { reader: 'csv', file: path, ...(columns.length > 1 && { label: columns[guessLabel(columns)]! }) };
  },

  async describe(config, context) {
    const source = await openCsv(resolvePath(String(config['file']), context), csvOptions(config), context);
    return describeTable(source, { config, context, parseNumber: numberFromText(decimalOf(config)) });
  },

  async read(config, context, like) {
    const source = await openCsv(resolvePath(String(config['file']), context), csvOptions(config), context);
    return readTable(source, { config, context, parseNumber: numberFromText(decimalOf(config)), like });
  },
};
