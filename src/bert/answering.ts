/** From texts to what a model reads, and from its logits to answers: labels, numbers, words, spans of text. */
import type * as tfjs from '@tensorflow/tfjs';
import type { Prediction, PredictionInput } from '../protocol/prediction';
import type { Tf } from '../train/compile';
import type { Task } from './config';
import type { EncoderInputs } from './encoder';
import { argMax, bestAnswer, softmax } from './metrics';
import type { Encoding, Tokenizer } from './tokenizer';

/** Of a language model, which has one for every token of the vocabulary. */
const BEST = 5;

export interface Row {
  readonly input: PredictionInput;
  readonly encoding: Encoding;
}

/** Rows filled up to one length, [B, L] each; they belong to the caller. */
export function inputTensors(
  tf: Tf,
  rows: readonly Row[],
  length: number,
  pad: number,
): EncoderInputs & Record<string, tfjs.Tensor> {
  const shape: [number, number] = [rows.length, length];
  const ids = new Int32Array(rows.length * length).fill(pad);
  const types = new Int32Array(rows.length * length);
  const mask = new Int32Array(rows.length * length);
  rows.forEach(({ encoding }, b) => {
    ids.set(encoding.ids, b * length);
    types.set(encoding.typeIds, b * length);
    mask.fill(1, b * length, b * length + encoding.ids.length);
  });
  return {
    ids: tf.tensor2d(ids, shape, 'int32'),
    types: tf.tensor2d(types, shape, 'int32'),
    mask: tf.tensor2d(mask, shape, 'int32'),
  };
}

export class Answering {
  constructor(
    private readonly task: Task,
    private readonly labels: readonly string[],
    private readonly tokenizer: Tokenizer,
    /** Rows of a language model's logits are so long; its vocabulary may be larger than the tokenizer's. */
    private readonly vocabSize: number,
  ) {}

  /** Cut to so many tokens. */
  read(input: PredictionInput, maxLength: number): Row {
    return { input, encoding: this.tokenizer.encode(input.text, input.pair ?? null, { maxLength }) };
  }

  /** @param values the row's own logits, in the shape that its task gives them */
  answer({ input, encoding }: Row, values: Float32Array): Prediction {
    const { labels, task } = this;
    const shared = { ...input, tokens: encoding.tokens };
    const byLabel = (numbers: readonly number[]): Record<string, number> =>
      Object.fromEntries(labels.map((label, k) => [label, numbers[k]!]));
    switch (task) {
      case 'regression': {
        const logits = Array.from(values);
        return { ...shared, label: String(logits[0]), score: logits[0]!, scores: byLabel(logits), logits };
      }
      case 'multi-label': {
        const logits = Array.from(values);
        const shares = logits.map(logit => 1 / (1 + Math.exp(-logit)));
        const label = labels.filter((_, k) => shares[k]! > 0.5).join(', ');
        return { ...shared, label, score: Math.max(...shares), scores: byLabel(shares), logits };
      }
      case 'token-classification':
        return { ...shared, ...this.words(input, encoding, values) };
      case 'question-answering':
        return { ...shared, ...answerText(input, encoding, values) };
      case 'masked-lm':
        return { ...shared, ...this.masked(encoding, values) };
      default: {
        const logits = Array.from(values);
        const shares = softmax(logits);
        const best = argMax(shares);
        return { ...shared, label: labels[best]!, score: shares[best]!, scores: byLabel(shares), logits };
      }
    }
  }

  private words({ text }: PredictionInput, { ids, wordIds, offsets }: Encoding, values: Float32Array) {
    const classes = this.labels.length;
    const logits = ids.map((_, i) => Array.from(values.subarray(i * classes, (i + 1) * classes)));
    const characters = [...text];
    const words: { word: string; label: string; score: number }[] = [];
    wordIds.forEach((word, i) => {
      if (word === null || word === wordIds[i - 1]) return;
      const shares = softmax(logits[i]!);
      const best = argMax(shares);
      const last = wordIds.lastIndexOf(word);
      const spelled = characters.slice(offsets[i]![0], offsets[last]![1]).join('');
      words.push({ word: spelled, label: this.labels[best]!, score: shares[best]! });
    });
    const score = words.length > 0 ? words.reduce((sum, one) => sum + one.score, 0) / words.length : 0;
    return { label: words.map(({ label }) => label).join(' '), score, scores: {}, logits, words };
  }

  /** The likeliest tokens behind the first [MASK]. */
  private masked({ ids }: Encoding, values: Float32Array) {
    const { special } = this.tokenizer;
    const at = ids.indexOf(special.mask ?? -1);
    if (at < 0) return { label: '', score: 0, scores: {}, logits: [] };
    const vocabulary = this.vocabSize;
    const shares = softmax(values.subarray(at * vocabulary, (at + 1) * vocabulary));
    const best = [...shares.keys()].sort((a, b) => shares[b]! - shares[a]!).slice(0, BEST);
    const name = (id: number): string => this.tokenizer.tokenOf(id) ?? `[${id}]`;
    const scores = Object.fromEntries(best.map(id => [name(id), shares[id]!]));
    return { label: name(best[0]!), score: shares[best[0]!]!, scores, logits: [] };
  }
}

function answerText({ pair = '' }: PredictionInput, encoding: Encoding, values: Float32Array) {
  const { ids, offsets, sequenceIds } = encoding;
  const starts = ids.map((_, i) => values[2 * i]!);
  const ends = ids.map((_, i) => values[2 * i + 1]!);
  const places = ids.map((_, i) => (sequenceIds[i] === 1 ? offsets[i]! : null));
  const best = bestAnswer([{ starts, ends, offsets: places }]);
  const logits = ids.map((_, i) => [starts[i]!, ends[i]!]);
  if (!best) return { label: '', score: 0, scores: {}, logits };
  const [start, end] = [softmax(starts), softmax(ends)].map(shares => Math.max(...shares));
  const label = [...pair].slice(best.start, best.end).join('');
  return { label, score: start! * end!, scores: {}, logits, span: { start: best.start, end: best.end } };
}
