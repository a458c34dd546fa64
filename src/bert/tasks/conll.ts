/** CoNLL files: a word and its label a line, an empty line after each sentence. Source: the shared task of CoNLL-2003. */
import { DataError } from '../../data/data-error';
import type { TextRecord, Records } from './records';

/** Words under `tokens`, labels under `tags`, as the data sets of Hugging Face name them. @throws DataError */
export function readConll(path: string, text: string): Records {
  const records: TextRecord[] = [];
  let tokens: string[] = [];
  let tags: string[] = [];
  let first = 1;
  const flush = (): void => {
    if (tokens.length > 0) records.push({ row: first, values: { tokens, tags } });
    tokens = [];
    tags = [];
  };
  text.split(/\r?\n/).forEach((line, i) => {
    if (line.trim() === '' || line.startsWith('-DOCSTART-')) return flush();
    // Comments of CoNLL-U have a space after the sign; a word "#" has a label after it.
    if (/^# .*(=|\s.*\s)/.test(line) && tokens.length === 0) return;
    const fields = line.includes('\t') ? line.split('\t') : line.trim().split(/ +/);
    if (fields.length < 2 || fields[0] === '' || fields[fields.length - 1]!.trim() === '') {
      throw new DataError(
        path,
        `the line "${line.slice(0, 40)}" is not a word and a label`,
        'Divide them by a space.',
        { row: i + 1 },
      );
    }
    if (tokens.length === 0) first = i + 1;
    tokens.push(fields[0]!);
    tags.push(fields[fields.length - 1]!.trim());
  });
  flush();
  return { path, columns: ['tokens', 'tags'], records };
}
