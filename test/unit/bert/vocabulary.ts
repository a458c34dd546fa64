/** A tokenizer with a vocabulary small enough to read, for tests. */
import { tokenizerFrom, type Tokenizer } from '../../../src/bert/tokenizer/index';

const words = [
  '[PAD]',
  '[UNK]',
  '[CLS]',
  '[SEP]',
  '[MASK]',
  'a',
  'b',
  'c',
  'good',
  'bad',
  'film',
  'the',
  'was',
  '##ly',
];
const pieces = ['ada', 'love', '##lace', 'london', 'in', 'who', 'where', '?', '.', 'x', '##x'];

export const vocabularyText = [...words, ...pieces].join('\n') + '\n';

export function smallTokenizer(): Tokenizer {
  return tokenizerFrom({ 'vocab.txt': vocabularyText });
}
