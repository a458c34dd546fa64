/** Examples as numbers: ids cut to the maximum length, with a target in the form the losses take. */
import type { Task } from '../config';
import type { Encoding, Tokenizer } from '../tokenizer/index';
import type { Answers } from './squad';
import type { Example } from './task-data';

/** The label of tokens that do not count, as PyTorch has it. */
export const IGNORED = -100;

export interface Feature {
  /** Index of its example; a long context makes several features of one. */
  readonly example: number;
  readonly ids: readonly number[];
  readonly typeIds: readonly number[];
  /**
   * Classification and regression: one number, or one per column. Several labels: 0 or 1 each. Token classification:
   * one per token, IGNORED where none. Question answering: first and last token of the answer.
   */
  readonly labels: readonly number[];
  /** Of question answering and token classification alone: what finding the answer or the words in the text needs. */
  readonly encoding: Encoding | null;
  /** Whether tokens were cut off. */
  readonly truncated: boolean;
}

export interface FeatureOptions {
  /** Tokens, special ones included; default 128, for question answering 384. */
  readonly maxLength?: number;
  /** Tokens that two windows of a context have in common; default 128, at most a third of the length. */
  readonly docStride?: number;
}

export function maxLengthOf(task: Task, tokenizer: Tokenizer, { maxLength }: FeatureOptions): number {
  const wanted = maxLength ?? (task === 'question-answering' ? 384 : 128);
  return Math.min(wanted, tokenizer.modelMaxLength);
}

/** @throws TokenizerError when the maximum length leaves no room for the texts */
export function featuresOf(
  task: Task,
  tokenizer: Tokenizer,
  examples: readonly Example[],
  options: FeatureOptions = {},
): Feature[] {
  const maxLength = maxLengthOf(task, tokenizer, options);
  if (task === 'question-answering') {
    const stride = Math.min(options.docStride ?? 128, Math.floor(maxLength / 3));
    return examples.flatMap((example, index) => answerFeatures(tokenizer, example, index, maxLength, stride));
  }
  return examples.map((example, index) => {
    const whole = tokenizer.encode(example.text, example.pair);
    const truncated = whole.ids.length > maxLength;
    const encoding = truncated ? tokenizer.encode(example.text, example.pair, { maxLength }) : whole;
    const labels = labelsOf(task, example, encoding);
    const kept = task === 'token-classification' ? encoding : null;
    return { example: index, ids: encoding.ids, typeIds: encoding.typeIds, labels, encoding: kept, truncated };
  });
}

function labelsOf(task: Task, { target }: Example, { wordIds }: Encoding): number[] {
  if (task === 'masked-lm' || target === null) return [];
  if (typeof target === 'number') return [target];
  const values = target as readonly number[];
  if (task !== 'token-classification') return [...values];
  // The first token of each word has its label, as Python's run_ner does.
  return wordIds.map((word, i) => (word === null || word === wordIds[i - 1] ? IGNORED : (values[word] ?? IGNORED)));
}

/** One feature per window of the context; where the answer is not in a window, it is the first token, [CLS]. */
function answerFeatures(
  tokenizer: Tokenizer,
  { text, pair, target }: Example,
  example: number,
  maxLength: number,
  stride: number,
): Feature[] {
  // A question may take half the room; HF's scripts would refuse a longer one.
  const question = shortened(tokenizer, text as string, Math.floor(maxLength / 2));
  const windows = tokenizer.encodeWindows(question, pair!, maxLength, stride);
  return windows.map(encoding => ({
    example,
    ids: encoding.ids,
    typeIds: encoding.typeIds,
    labels: answerTokens(encoding, target as Answers | null),
    encoding,
    truncated: windows.length > 1,
  }));
}

function shortened(tokenizer: Tokenizer, question: string, maximum: number): string {
  const { offsets, ids } = tokenizer.encode(question, null, { specialTokens: false });
  return ids.length <= maximum ? question : [...question].slice(0, offsets[maximum - 1]![1]).join('');
}

function answerTokens({ offsets, sequenceIds }: Encoding, answers: Answers | null): [number, number] {
  const text = answers?.text[0];
  if (answers === null || text === undefined) return [0, 0];
  const from = answers.answer_start[0]!;
  const to = from + [...text].length;
  const first = sequenceIds.indexOf(1);
  const last = sequenceIds.lastIndexOf(1);
  if (first < 0 || offsets[first]![0] > from || offsets[last]![1] < to) return [0, 0];
  let start = first;
  while (start < last && offsets[start + 1]![0] <= from) start++;
  let end = last;
  while (end > start && offsets[end - 1]![1] >= to) end--;
  return [start, end];
}
