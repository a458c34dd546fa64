/** Text data sets as records of named values, whatever the file's format. */
import fs from 'node:fs/promises';
import { checkFile } from '../../data/bytes';
import { openCsv } from '../../data/csv';
import { DataError, quote } from '../../data/data-error';
import { jsonLines } from '../../data/jsonl';
import { readConll } from './conll';
import { readParquet } from './parquet';
import { readSquad } from './squad';

export interface TextRecord {
  /** As an editor counts the file's lines or a spreadsheet its rows, from 1. */
  readonly row: number;
  readonly values: Readonly<{ [column: string]: unknown }>;
}

export interface Records {
  readonly path: string;
  readonly columns: readonly string[];
  readonly records: readonly TextRecord[];
}

/**
 * `.csv`, `.tsv` (no quotation marks: those of GLUE do not balance), `.jsonl`, `.json` (a list of objects, or SQuAD),
 * `.parquet`, `.conll` and `.txt` (CoNLL where it looks so, else one text a line).
 * @throws DataError
 */
export async function readRecords(path: string): Promise<Records> {
  const name = path.toLowerCase().replace(/\.gz$/, '');
  await checkFile(path);
  const found = await byEnding(path, name.slice(name.lastIndexOf('.') + 1));
  if (found.records.length > 0) return found;
  throw new DataError(path, 'the file has no rows', 'Check how it was written.');
}

async function byEnding(path: string, ending: string): Promise<Records> {
  switch (ending) {
    case 'jsonl':
    case 'ndjson':
      return readJsonLines(path);
    case 'json':
      return readJson(path);
    case 'parquet':
      return readParquet(path);
    case 'tsv':
    case 'tab':
      return readTabs(path);
    case 'conll':
    case 'iob':
    case 'iob2':
    case 'bio':
      return readConll(path, await textOf(path));
    case 'txt': {
      const text = await textOf(path);
      return looksLikeConll(text) ? readConll(path, text) : linesOf(path, text);
    }
    default:
      return readCommas(path);
  }
}

async function textOf(path: string): Promise<string> {
  return (await fs.readFile(path, 'utf8')).replace(/^\ufeff/, '');
}

async function readCommas(path: string): Promise<Records> {
  const source = await openCsv(path);
  const records: TextRecord[] = [];
  for await (const block of source.blocks) {
    for (const { row, cells } of block) {
      records.push({ row, values: Object.fromEntries(source.columns.map((column, i) => [column, cells[i]])) });
    }
  }
  return { path, columns: source.columns, records };
}

/** Tabs and line ends are all that divides; quotation marks are text. A first row with a number is no header. */
async function readTabs(path: string): Promise<Records> {
  if (path.toLowerCase().endsWith('.gz')) return readCommas(path);
  const rows = (await textOf(path)).split('\n').map(line => line.replace(/\r$/, '').split('\t'));
  if (rows[rows.length - 1]?.join('') === '') rows.pop();
  const first = rows[0] ?? [];
  const header = !first.some(cell => cell.trim() !== '' && Number.isFinite(Number(cell)));
  const columns = header ? first.map(cell => cell.trim()) : first.map((_, i) => String(i));
  const records: TextRecord[] = [];
  rows.slice(header ? 1 : 0).forEach((cells, i) => {
    const row = i + (header ? 2 : 1);
    if (cells.length === 1 && cells[0]!.trim() === '' && columns.length > 1) return;
    if (cells.length !== columns.length) {
      throw new DataError(
        path,
        `it has ${cells.length} values, the first row has ${columns.length}`,
        'Values are divided by tabs; take tabs and line ends out of the texts.',
        { row },
      );
    }
    records.push({ row, values: Object.fromEntries(columns.map((column, k) => [column, cells[k]])) });
  });
  return { path, columns, records };
}

async function readJsonLines(path: string): Promise<Records> {
  const records: TextRecord[] = [];
  for await (const block of jsonLines(path)) {
    for (const { row, record } of block) records.push({ row, values: record });
  }
  return { path, columns: columnsOf(records), records };
}

function columnsOf(records: readonly TextRecord[]): string[] {
  return [...new Set(records.slice(0, 1000).flatMap(({ values }) => Object.keys(values)))];
}

async function readJson(path: string): Promise<Records> {
  const text = await textOf(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Many files with one object a line are called .json.
    if (/^\s*\{.*\}\s*\n\s*\{/.test(text)) return readJsonLines(path);
    throw new DataError(path, 'the file is not JSON', 'Correct it, or write one object a line and call it .jsonl.');
  }
  if (Array.isArray(value)) {
    const records = value.map((item: unknown, i): TextRecord => {
      if (typeof item === 'object' && item !== null && !Array.isArray(item)) {
        return { row: i + 1, values: item as TextRecord['values'] };
      }
      throw new DataError(path, `entry ${i + 1} is not an object: ${quote(item)}`, 'Write a list of objects.');
    });
    return { path, columns: columnsOf(records), records };
  }
  return readSquad(path, value);
}

/** A word, white space, a label such as B-PER or O, on each of the first lines that are not empty. */
function looksLikeConll(text: string): boolean {
  const lines = text
    .slice(0, 20_000)
    .split(/\r?\n/)
    .filter(line => line.trim() !== '' && !line.startsWith('-DOCSTART-') && !line.startsWith('#'))
    .slice(0, 50);
  return lines.length > 0 && lines.every(line => /^\S+\s(.*\s)?(O|[BIESLU]-\S+)\s*$/.test(line));
}

function linesOf(path: string, text: string): Records {
  const records = text
    .split(/\r?\n/)
    .map((line, i) => ({ row: i + 1, values: { text: line } }))
    .filter(({ values }) => values.text.trim() !== '');
  return { path, columns: ['text'], records };
}
