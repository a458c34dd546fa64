/** A data set for one task: examples with targets, a label map, and a part held back for validation. */
import { DataError } from '../../data/data-error';
import { splitIndices } from '../../data/split';
import type { Task } from '../config';
import { columnsOf, type ColumnChoice, type Columns } from './columns';
import { indexOfLabel, labelList, labelMap, labelText, numberOf, type LabelPlace } from './labels';
import { readRecords, type Records, type TextRecord } from './records';
import type { Answers } from './squad';

export interface Example {
  /** Row of the file, for messages and for the worst examples. */
  readonly row: number;
  /** A text, or words for token classification, or a question. */
  readonly text: string | readonly string[];
  /** The second text of a pair, or the context of a question. */
  readonly pair: string | null;
  readonly target: Target;
  /** Of a question. */
  readonly id?: string;
}

/** Class, or number; 0 or 1 per label, or the class of each word; answers; nothing for masked language modelling. */
export type Target = number | readonly number[] | Answers | null;

export interface TaskDataOptions extends ColumnChoice {
  readonly data: string;
  /** A file, or the share of the data to hold back; 0 holds nothing back. */
  readonly validation?: string | number;
  readonly seed?: number;
  /** The checkpoint's own labels, where it is to be evaluated or trained further. */
  readonly labels?: readonly string[];
}

export interface TaskData {
  readonly task: Task;
  /** id2label; for regression the names of the columns. */
  readonly labels: readonly string[];
  readonly columns: Columns;
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
}

/** @throws DataError that names file, row and column */
export async function loadTaskData(options: TaskDataOptions): Promise<TaskData> {
  const records = await readRecords(options.data);
  const columns = columnsOf(records, options);
  const labels = options.labels ?? labelsOf(records, columns);
  const examples = examplesOf(records, columns, labels);
  const { task } = columns;
  const { validation = 0.1, seed = 42 } = options;
  if (typeof validation === 'string') {
    const held = await readRecords(validation);
    const heldColumns = columnsOf(held, { ...choiceOf(columns), task });
    return { task, labels, columns, train: examples, validation: examplesOf(held, heldColumns, labels) };
  }
  if (validation === 0) return { task, labels, columns, train: examples, validation: [] };
  if (!(validation > 0 && validation < 1)) {
    throw new DataError(
      options.data,
      `the validation share ${validation} is not between 0 and 1`,
      'Say 0.1, or name a file.',
    );
  }
  if (examples.length < 2) {
    throw new DataError(options.data, 'one example cannot be divided', 'Add more, or name a validation file.');
  }
  return { task, labels, columns, ...divide(examples, task, validation, seed) };
}

/** The same columns by name, so that a validation file need not have its columns guessed. */
function choiceOf({ text, pair, labels, task }: Columns): ColumnChoice {
  if (task === 'question-answering') return {};
  return {
    textColumn: text,
    ...(pair !== null && { pairColumn: pair }),
    ...(labels.length > 0 && { labelColumn: labels.join(',') }),
  };
}

/** The same share of every class; at least one example on each side. */
function divide(
  examples: readonly Example[],
  task: Task,
  fraction: number,
  seed: number,
): { train: Example[]; validation: Example[] } {
  const classes = task === 'sequence-classification' ? examples.map(({ target }) => target as number) : undefined;
  let split = splitIndices(examples.length, fraction, classes ? 'stratified' : 'shuffled', seed, classes);
  // With a few examples a share may round to nothing, or to all.
  if (split.validation.length === 0 || split.train.length === 0) {
    const { validation, train } = splitIndices(examples.length, 0.5, 'shuffled', seed);
    const all = [...validation, ...train];
    split = { validation: Uint32Array.from(all.slice(0, 1)), train: Uint32Array.from(all.slice(1)) };
  }
  const pick = (indices: Uint32Array): Example[] => Array.from(indices, i => examples[i]!);
  return { train: pick(split.train), validation: pick(split.validation) };
}

/** The label map of a training file. @throws DataError when there is no label at all */
export function labelsOf({ path, records }: Records, { task, labels }: Columns): string[] {
  const column = labels[0];
  if (task === 'masked-lm' || task === 'question-answering' || column === undefined) return [];
  if (task === 'regression' || labels.length > 1) return [...labels];
  const texts = records.flatMap(({ values }): (string | null)[] => {
    const value = values[column];
    if (task === 'multi-label') return labelList(value);
    if (task === 'token-classification') return wordsOf(value).map(labelText);
    return [labelText(value)];
  });
  const found = labelMap(texts.filter(text => text !== null));
  if (found.length === 0) {
    throw new DataError(path, 'no row has a label', 'Fill in the column, or choose another one.', { column });
  }
  if (task === 'sequence-classification' && found.length > 1000 && found.length > records.length / 2) {
    throw new DataError(
      path,
      `nearly every row has a label of its own (${found.length} of ${records.length})`,
      'Choose the column with the label by --label-column.',
      { column },
    );
  }
  return found;
}

/** @throws DataError for an empty text, a missing or unknown label, or words and labels that do not match */
export function examplesOf({ path, records }: Records, columns: Columns, labels: readonly string[]): Example[] {
  const index = new Map(labels.map((label, i) => [label, i]));
  return records.map((record): Example => {
    const { row, values } = record;
    if (columns.task === 'token-classification') return wordExample(path, record, columns, index);
    const text = textOf(path, record, columns.text);
    const second = columns.context ?? columns.pair;
    const pair = second === null ? null : textOf(path, record, second);
    const example = { row, text, pair };
    if (columns.task === 'question-answering') {
      const answers = answersOf(path, record, columns.labels[0]!, pair!);
      return { ...example, target: answers, id: labelText(values['id']) ?? String(row) };
    }
    return { ...example, target: targetOf(path, record, columns, index) };
  });
}

function textOf(path: string, { row, values }: TextRecord, column: string): string {
  const value = values[column];
  const text = typeof value === 'string' ? value : (labelText(value) ?? '');
  if (text.trim() !== '') return text;
  throw new DataError(path, 'the text is empty', 'Fill it in, or remove the row.', { row, column });
}

function targetOf(
  path: string,
  { row, values }: TextRecord,
  { task, labels }: Columns,
  index: ReadonlyMap<string, number>,
): Target {
  const column = labels[0];
  if (task === 'masked-lm' || column === undefined) return null;
  const place = (name: string): LabelPlace => ({ path, row, column: name });
  if (task === 'regression') {
    const numbers = labels.map(label => numberOf(values[label], place(label)));
    return numbers.length === 1 ? numbers[0]! : numbers;
  }
  if (task === 'multi-label') {
    if (labels.length > 1) return labels.map(label => (numberOf(values[label], place(label)) > 0 ? 1 : 0));
    const vector = new Array<number>(index.size).fill(0);
    for (const text of labelList(values[column])) vector[indexOfLabel(text, index, place(column))] = 1;
    return vector;
  }
  const text = labelText(values[column]);
  if (text === null)
    throw new DataError(path, 'the label is missing', 'Fill it in, or remove the row.', { row, column });
  return indexOfLabel(text, index, place(column));
}

function wordsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  return typeof value === 'string' ? value.split(/\s+/).filter(word => word !== '') : [];
}

function wordExample(
  path: string,
  { row, values }: TextRecord,
  { text, labels }: Columns,
  index: ReadonlyMap<string, number>,
): Example {
  const column = labels[0]!;
  const words = wordsOf(values[text]).map(word => labelText(word) ?? '');
  const tags = wordsOf(values[column]).map(tag => labelText(tag) ?? '');
  if (words.length === 0) {
    throw new DataError(path, 'the sentence has no words', 'Fill it in, or remove the row.', { row, column: text });
  }
  if (words.length !== tags.length) {
    throw new DataError(
      path,
      `the sentence has ${words.length} words and ${tags.length} labels`,
      'Every word needs one label.',
      { row, column },
    );
  }
  return { row, text: words, pair: null, target: tags.map(tag => indexOfLabel(tag, index, { path, row, column })) };
}

/** @throws DataError when an answer does not stand where it is said to stand */
function answersOf(path: string, { row, values }: TextRecord, column: string, context: string): Answers {
  const value = values[column];
  // A list of {text, answer_start}, or an object of two lists.
  const given: Answers = Array.isArray(value)
    ? {
        text: (value as { text: string }[]).map(({ text }) => text),
        answer_start: (value as { answer_start: number }[]).map(({ answer_start }) => answer_start),
      }
    : ((value ?? { text: [], answer_start: [] }) as Answers);
  const characters = [...context];
  given.text.forEach((text, i) => {
    const start = given.answer_start[i];
    if (typeof start === 'number' && characters.slice(start, start + [...text].length).join('') === text) return;
    throw new DataError(
      path,
      `the answer "${text.slice(0, 40)}" does not stand at position ${start} of the context`,
      'Positions count characters (code points) from 0; correct the answer or its answer_start.',
      { row, column },
    );
  });
  return given;
}
