/**
 * How much memory fine-tuning will take, before it takes it: weights, gradients, the optimiser's moments, and what the
 * forward pass keeps for the backward one. Measured against the resident size of real steps: see `docs`.
 */
import type { BertConfig } from './config';
import { parametersOf } from './parameters';

export interface MemoryQuestion {
  readonly config: BertConfig;
  readonly batchSize: number;
  readonly length: number;
  /** Parameters that are trained; all others need no gradient and no moments. */
  readonly trained: number;
}

/** Bytes by what they are for. */
export interface MemoryEstimate {
  readonly weights: number;
  readonly gradients: number;
  readonly optimizer: number;
  readonly activations: number;
  readonly total: number;
}

const FLOAT = 4;
/** TensorFlow itself, Node and the data. */
const FIXED = 350 * 2 ** 20;

export function parameterCount(config: BertConfig): number {
  return parametersOf(config, 'token-classification', 2).reduce(
    (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
    0,
  );
}

export function estimateMemory({ config, batchSize, length, trained }: MemoryQuestion): MemoryEstimate {
  const { hiddenSize, intermediateSize, heads, layers } = config;
  const tokens = batchSize * length;
  // Kept of each layer: input, q, k, v twice (packed and apart), context, two sums, two normalised states, dropout
  // masks: about 16 widths; the inner dense layer three times; scores, probabilities, mask and product of each head.
  const perLayer = tokens * (16 * hiddenSize + 3 * intermediateSize) + 4 * batchSize * heads * length * length;
  const weights = FLOAT * parameterCount(config);
  const gradients = FLOAT * trained;
  const optimizer = 2 * FLOAT * trained;
  const activations = FLOAT * layers * perLayer;
  return { weights, gradients, optimizer, activations, total: FIXED + weights + gradients + optimizer + activations };
}

/** What would make it fit, the mildest first; each is a sentence. */
export function memoryAdvice(question: MemoryQuestion, free: number): string[] {
  const { batchSize, length } = question;
  const fits = (changes: Partial<MemoryQuestion>): boolean => estimateMemory({ ...question, ...changes }).total <= free;
  if (fits({})) return [];
  const advice: string[] = [];
  const half = [2, 4, 8, 16, 32].find(n => batchSize / n >= 1 && fits({ batchSize: Math.ceil(batchSize / n) }));
  if (half) advice.push(`Take --batch-size ${Math.ceil(batchSize / half)} with --set accumulation=${half}.`);
  const shorter = [256, 128, 64, 32].find(n => n < length && fits({ length: n }));
  if (shorter) advice.push(`Take --max-length ${shorter}.`);
  if (fits({ trained: Math.ceil(question.trained / 50) }))
    advice.push('Take --lora 8, which trains thin matrices alone.');
  advice.push('Take a smaller checkpoint.');
  return advice;
}
