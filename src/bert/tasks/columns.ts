/** Which column is the text, which the label, and what task that makes; a person's own choice comes first. */
import { DataError } from '../../data/data-error';
import type { Task } from '../config';
import type { Records } from './records';

export interface ColumnChoice {
  readonly task?: Task;
  readonly textColumn?: string;
  /** Empty: there is no second text, whatever the columns are called. */
  readonly pairColumn?: string;
  /** Several names, divided by commas: a label each, 0 or 1. */
  readonly labelColumn?: string;
}

export interface Columns {
  readonly task: Task;
  readonly text: string;
  readonly pair: string | null;
  readonly labels: readonly string[];
  /** Of question answering. */
  readonly context?: string;
}

const textNames = [
  'text',
  'sentence',
  'sentence1',
  'premise',
  'question1',
  'review',
  'content',
  'tweet',
  'comment',
  '#1 string',
];
/** GLUE's and SuperGLUE's second texts to a question. */
const passageNames = ['sentence', 'passage', 'answer', 'context'];
const pairNames = ['text_pair', 'pair', 'sentence2', 'hypothesis', 'question2', 'text2', 'sentence_b', '#2 string'];
const labelNames = [
  'label',
  'labels',
  'target',
  'class',
  'category',
  'sentiment',
  'score',
  'y',
  'stars',
  'rating',
  'gold_label',
  'is_duplicate',
  'quality',
  'similarity',
];
const wordNames = ['tokens', 'words'];
const tagNames = ['ner_tags', 'tags', 'labels', 'pos_tags', 'label'];

/** @throws DataError when a named column is missing, or none can be told */
export function columnsOf({ path, columns, records }: Records, choice: ColumnChoice): Columns {
  const wanted = (name: string): string => {
    if (columns.includes(name)) return name;
    throw new DataError(path, `there is no column "${name}"`, `The columns are ${columns.join(', ')}; choose one.`);
  };
  const named = (names: readonly string[]): string | undefined =>
    names.map(name => columns.find(column => column.toLowerCase() === name)).find(column => column !== undefined);
  const sample = records.slice(0, 200).map(({ values }) => values);

  const question = named(['question']);
  const context = named(['context']);
  if (
    (choice.task === undefined || choice.task === 'question-answering') &&
    question &&
    context &&
    named(['answers'])
  ) {
    return { task: 'question-answering', text: question, pair: null, context, labels: [named(['answers'])!] };
  }
  if (choice.task === 'question-answering') {
    throw new DataError(
      path,
      'question answering needs the columns question, context and answers',
      `The columns are ${columns.join(', ')}; use SQuAD’s JSON, or rename them.`,
    );
  }
  const words = choice.textColumn === undefined ? named(wordNames) : undefined;
  const isWords = words !== undefined && sample.some(values => Array.isArray(values[words]));
  if (choice.task === 'token-classification' || (choice.task === undefined && isWords)) {
    const text = choice.textColumn ? wanted(choice.textColumn) : (words ?? named(textNames));
    const labels = choice.labelColumn ? wanted(choice.labelColumn) : named(tagNames);
    if (text === undefined || labels === undefined) throw noColumn(path, columns, 'words and labels', '--text-column');
    return { task: 'token-classification', text, pair: null, labels: [labels] };
  }

  const labels = choice.labelColumn
    ? choice.labelColumn.split(',').map(name => wanted(name.trim()))
    : [named(labelNames)].filter(name => name !== undefined);
  const texts = columns.filter(column => !labels.includes(column) && sample.some(values => isProse(values[column])));
  const passage = question === undefined ? undefined : named(passageNames);
  const text = choice.textColumn
    ? wanted(choice.textColumn)
    : ((passage && question) ?? named(textNames) ?? longest(texts, sample));
  if (text === undefined) throw noColumn(path, columns, 'texts', '--text-column');
  const second = text === question ? passage : named(pairNames);
  const pair = choice.pairColumn === '' ? null : choice.pairColumn ? wanted(choice.pairColumn) : (second ?? null);
  const only = columns.filter(column => column !== text && column !== pair);
  if (labels.length === 0 && choice.task !== 'masked-lm' && only.length === 1) labels.push(only[0]!);
  if (labels.length === 0 && choice.task === undefined && only.length > 1) {
    throw noColumn(path, columns, 'labels', '--label-column, or choose --task masked-lm');
  }
  if (labels.length === 0 || choice.task === 'masked-lm') {
    if (choice.task !== undefined && choice.task !== 'masked-lm') {
      throw noColumn(path, columns, 'labels', '--label-column');
    }
    return { task: 'masked-lm', text, pair: null, labels: [] };
  }
  const task =
    choice.task ??
    taskOfLabels(
      sample.flatMap(values => labels.map(label => values[label])),
      labels.length,
    );
  return { task, text, pair, labels };
}

function noColumn(path: string, columns: readonly string[], what: string, flag: string): DataError {
  return new DataError(
    path,
    `no column of ${what} can be told`,
    `Name it with ${flag}; the columns are ${columns.join(', ')}.`,
  );
}

function isProse(value: unknown): boolean {
  return typeof value === 'string' && !Number.isFinite(Number(value));
}

function longest(columns: readonly string[], sample: readonly { [column: string]: unknown }[]): string | undefined {
  const lengthOf = (column: string): number =>
    sample.reduce((sum, values) => sum + (typeof values[column] === 'string' ? values[column].length : 0), 0);
  return [...columns].sort((a, b) => lengthOf(b) - lengthOf(a))[0];
}

/** A list makes several labels, a number with a fraction a regression, anything else classes. */
function taskOfLabels(values: readonly unknown[], columns: number): Task {
  if (columns > 1 || values.some(value => Array.isArray(value) || looksLikeList(value))) return 'multi-label';
  const given = values.filter(value => value !== undefined && value !== null && value !== '');
  const numbers = given.filter(value => typeof value === 'number' || isNumber(value));
  const fractions = numbers.some(value =>
    typeof value === 'number' ? !Number.isInteger(value) : /[.eE]/.test(String(value)),
  );
  return given.length > 0 && numbers.length === given.length && fractions ? 'regression' : 'sequence-classification';
}

function looksLikeList(value: unknown): boolean {
  return typeof value === 'string' && /^\s*\[.*\]\s*$/s.test(value);
}

export function isNumber(value: unknown): boolean {
  return typeof value === 'string' && /^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$/.test(value);
}
