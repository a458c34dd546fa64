/** Text to make a checkpoint from: documents of lines, and the examples of full length that pre-training wants. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { checkFile } from '../data/bytes';
import { DataError } from '../data/data-error';
import { columnsOf, readRecords, type Feature } from './tasks';
import type { Tokenizer } from './tokenizer';

/** Lines that belong together, in their order. */
export type Document = readonly string[];

/** Read as records with a column of texts; every other file is text as it stands. */
const TABLES = /\.(csv|tsv|tab|jsonl|ndjson|json|parquet)(\.gz)?$/i;

/** What is taken of a folder; other files are taken when they are named. */
const PROSE = /\.(txt|md)$/i;

/**
 * @param paths files and folders @param textColumn of tables; null: told by the table
 * @throws DataError for a file that cannot be read, and where there is no text at all
 */
export async function readCorpus(paths: readonly string[], textColumn: string | null): Promise<Document[]> {
  const documents: Document[] = [];
  for (const file of await filesOf(paths)) {
    for (const document of TABLES.test(file) ? await recordsOf(file, textColumn) : await textOf(file)) {
      documents.push(document);
    }
  }
  if (documents.length > 0) return documents;
  throw new DataError(paths.join(', '), 'there is no text', 'Name files of text, one sentence or paragraph a line.');
}

/** Folders as the texts in them and below, by name, so that the same folder gives the same checkpoint. */
async function filesOf(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const one of paths) {
    const isFolder = await fs.stat(one).then(
      entry => entry.isDirectory(),
      () => false,
    );
    if (!isFolder) {
      files.push(one);
      continue;
    }
    const found = (await fs.readdir(one, { recursive: true })).filter(
      name => PROSE.test(name) && !/(^|[\\/])(\.|node_modules[\\/])/.test(name),
    );
    if (found.length === 0) {
      throw new DataError(one, 'the folder has no .txt or .md files', 'Name the files of text themselves.');
    }
    files.push(...found.sort().map(name => path.join(one, name)));
  }
  return files;
}

async function recordsOf(file: string, textColumn: string | null): Promise<Document[]> {
  const records = await readRecords(file);
  const { text } = columnsOf(records, { task: 'masked-lm', ...(textColumn !== null && { textColumn }) });
  return records.records
    .map(({ values }) => values[text])
    .filter(value => typeof value === 'string' && value.trim() !== '')
    .map(value => (value as string).split('\n'));
}

/** An empty line ends a document. */
async function textOf(file: string): Promise<Document[]> {
  const size = await checkFile(file);
  if (size >= 2 ** 29 - 24) {
    throw new DataError(file, 'the file is larger than 512 MB', 'Divide it; --corpus may be given several times.');
  }
  const bytes = await fs.readFile(file);
  if (bytes.subarray(0, 8192).includes(0)) {
    throw new DataError(file, 'the file is not text', 'Name files of text in UTF-8.');
  }
  return bytes
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .split(/\r?\n(?:[ \t]*\r?\n)+/)
    .map(part => part.split(/\r?\n/).filter(line => line.trim() !== ''))
    .filter(lines => lines.length > 0);
}

/**
 * Examples as long as `maxLength` allows: neighbouring lines of a document are put together, a line that is longer is
 * cut. As RoBERTa's "full sentences" (Liu et al. 2019, section 4.2), but none crosses the end of a document.
 */
export function packed(documents: readonly Document[], tokenizer: Tokenizer, maxLength: number): Feature[] {
  const { cls, sep } = tokenizer.special;
  const room = maxLength - 2;
  const features: Feature[] = [];
  documents.forEach((document, example) => {
    let held: number[] = [];
    const flush = (): void => {
      if (held.length === 0) return;
      const ids = [cls, ...held, sep];
      features.push({ example, ids, typeIds: ids.map(() => 0), labels: [], encoding: null, truncated: false });
      held = [];
    };
    for (const line of document) {
      let rest = [...tokenizer.encode(line, null, { specialTokens: false }).ids];
      if (held.length + rest.length > room) flush();
      for (; rest.length > room; rest = rest.slice(room)) {
        held = rest.slice(0, room);
        flush();
      }
      held.push(...rest);
    }
    flush();
  });
  return features;
}
