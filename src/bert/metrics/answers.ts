/** Exact match and F1 of answers, as the evaluation script of SQuAD 1.1 and 2.0 computes them. */
import { mean } from './classification';

/** The punctuation of Python's `string.punctuation`. */
const punctuation = /[!-/:-@[-`{-~]/g;

/** Lower case, without punctuation and articles, words apart by one space. */
export function normalizeAnswer(text: string): string {
  return text
    .toLowerCase()
    .replace(punctuation, '')
    .replace(/(?<![\p{L}\p{N}\p{M}_])(?:a|an|the)(?![\p{L}\p{N}\p{M}_])/gu, ' ')
    .split(/\s+/)
    .filter(word => word !== '')
    .join(' ');
}

export function exactMatch(predicted: string, answer: string): number {
  return normalizeAnswer(predicted) === normalizeAnswer(answer) ? 1 : 0;
}

/** F1 of the words that both have in common, each as often as both have it. */
export function answerF1(predicted: string, answer: string): number {
  const [a, b] = [normalizeAnswer(predicted), normalizeAnswer(answer)].map(text =>
    text === '' ? [] : text.split(' '),
  );
  if (a!.length === 0 || b!.length === 0) return a!.length === b!.length ? 1 : 0;
  const left = new Map<string, number>();
  for (const word of b!) left.set(word, (left.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of a!) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    common++;
    left.set(word, count - 1);
  }
  return common === 0 ? 0 : (2 * common) / (a!.length + b!.length);
}

export interface AnswerMetrics {
  readonly exactMatch: number;
  readonly f1: number;
}

/** The best of the given answers counts; a question without answers wants the empty text. Shares from 0 to 1. */
export function answerMetrics(predicted: readonly string[], answers: readonly (readonly string[])[]): AnswerMetrics {
  const best = (score: (text: string, answer: string) => number): number =>
    mean(
      predicted.map((text, i) => {
        // Answers of nothing but articles and punctuation do not count, as in the script.
        const sound = answers[i]!.filter(answer => normalizeAnswer(answer) !== '');
        return Math.max(...(sound.length > 0 ? sound : ['']).map(answer => score(text, answer)));
      }),
    );
  return { exactMatch: best(exactMatch), f1: best(answerF1) };
}

/**
 * The best answer among the windows of one question: start and end by their summed logits, as SQuAD's baseline for
 * BERT does. Positions are tokens.
 */
export function bestAnswer(
  windows: readonly {
    readonly starts: ArrayLike<number>;
    readonly ends: ArrayLike<number>;
    /** Null for tokens that are not of the context. */
    readonly offsets: readonly (readonly [number, number] | null)[];
  }[],
  longest = 30,
  candidates = 20,
): { start: number; end: number; score: number } | null {
  let best: { start: number; end: number; score: number } | null = null;
  for (const { starts, ends, offsets } of windows) {
    for (const i of highest(starts, candidates)) {
      for (const k of highest(ends, candidates)) {
        const [from, to] = [offsets[i], offsets[k]];
        if (!from || !to || k < i || k - i + 1 > longest) continue;
        const score = starts[i]! + ends[k]!;
        if (best === null || score > best.score) best = { start: from[0], end: to[1], score };
      }
    }
  }
  return best;
}

function highest(values: ArrayLike<number>, count: number): number[] {
  return Array.from({ length: values.length }, (_, i) => i)
    .sort((a, b) => values[b]! - values[a]!)
    .slice(0, count);
}
