/**
 * The records of a CSV stream, in blocks. Lines without quotation marks are split directly, several times as fast as
 * parsing them; from the first quotation mark on, csv-parse takes over (RFC 4180 quoting, any line end).
 */
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { parse } from 'csv-parse';

/** A record longer than this is a quotation mark that is never closed, or no table at all. */
const longestRecord = 1 << 24;

/** The codes csv-parse uses are part of its documented interface; `CSV_MAX_RECORD_SIZE` is thrown here as well. */
export type CsvErrorCode =
  'CSV_QUOTE_NOT_CLOSED' | 'CSV_MAX_RECORD_SIZE' | 'CSV_INVALID_CLOSING_QUOTE' | 'INVALID_OPENING_QUOTE';

/**
 * @param text the decoded stream without a byte order mark
 * @returns the cells of every line; a blank line is one empty cell
 */
export async function* csvRecords(text: AsyncIterable<string>, delimiter: string): AsyncGenerator<string[][]> {
  const chunks = text[Symbol.asyncIterator]();
  let rest = '';
  for (;;) {
    const { value, done } = (await chunks.next()) as IteratorResult<string, undefined>;
    if (done) {
      if (rest !== '') yield [splitLine(rest, delimiter)];
      return;
    }
    // A carriage return alone ends lines too in some old files; at the end of a chunk its line feed may follow.
    if (/"|\r(?!\n|$)/.test(value)) {
      yield* parsedRecords(from(rest + value, chunks), delimiter);
      return;
    }
    const lines = (rest + value).split('\n');
    rest = lines.pop()!;
    if (rest.length > longestRecord) {
      throw Object.assign(new Error('record too long'), { code: 'CSV_MAX_RECORD_SIZE' satisfies CsvErrorCode });
    }
    if (lines.length > 0) yield lines.map(line => splitLine(line, delimiter));
  }
}

function splitLine(line: string, delimiter: string): string[] {
  return (line.endsWith('\r') ? line.slice(0, -1) : line).split(delimiter);
}

async function* from(first: string, rest: AsyncIterator<string>): AsyncGenerator<string> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/** What the parser has ready, as one block each time; an asynchronous step per record would triple the time. */
async function* parsedRecords(text: AsyncIterable<string>, delimiter: string): AsyncGenerator<string[][]> {
  const parser = parse({
    delimiter,
    relax_column_count: true,
    skip_empty_lines: false,
    max_record_size: longestRecord,
  });
  const input = Readable.from(text);
  let failure: Error | null = null;
  let ended = false;
  input.once('error', (error: Error) => parser.destroy(error));
  parser.once('error', (error: Error) => (failure = error));
  parser.once('end', () => (ended = true));
  input.pipe(parser);
  try {
    while (!ended) {
      const records: string[][] = [];
      for (let record = parser.read() as string[] | null; record; record = parser.read() as string[] | null) {
        records.push(record);
        if (records.length >= 4096) break;
      }
      if (records.length > 0) yield records;
      if (failure) throw failure as Error;
      if (records.length === 0 && !ended) await readableOrEnd(parser);
    }
  } finally {
    input.destroy();
    parser.destroy();
  }
}

/** Whichever comes first; rejects when the stream fails. */
async function readableOrEnd(stream: Readable): Promise<void> {
  const stop = new AbortController();
  const { signal } = stop;
  try {
    await Promise.race([once(stream, 'readable', { signal }), once(stream, 'end', { signal })]);
  } finally {
    stop.abort();
  }
}
