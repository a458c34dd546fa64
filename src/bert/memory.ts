/**
 * How much memory fine-tuning will take, before it takes it: weights, gradients, the optimiser's moments, and what the
 * forward pass keeps for the backward one. The factors are those of real steps at their largest resident size, which is
 * reached when the first steps are recorded, run in both ways and compared: `npm run bench -- bert-memory`.
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
/** TensorFlow with its kernels and threads, Node, the graph and the data. */
const FIXED = 530 * 2 ** 20;
/** Copies of the weights: before and after the step, and, now and then, what one of them is made from. */
const WEIGHT_COPIES = 2.5;
/** Of gradients: as they come, and clipped. */
const GRADIENT_COPIES = 2;
/** Of each of the two moments, before and after the step. */
const MOMENT_COPIES = 2;
/** What backward and forward pass take together, as a multiple of what the forward pass keeps. */
const ACTIVATION_COPIES = 4;

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
  const weights = WEIGHT_COPIES * FLOAT * parameterCount(config);
  const gradients = GRADIENT_COPIES * FLOAT * trained;
  const optimizer = 2 * MOMENT_COPIES * FLOAT * trained;
  const activations = ACTIVATION_COPIES * FLOAT * layers * perLayer;
  return { weights, gradients, optimizer, activations, total: FIXED + weights + gradients + optimizer + activations };
}

/** A change that would make it fit: of the batch, the length, or of what is trained. */
export interface MemorySuggestion {
  readonly words: string;
  /** In the names of the plan; none for another checkpoint. */
  readonly changes: Readonly<Partial<Record<'batchSize' | 'accumulation' | 'maxLength' | 'loraRank', number>>>;
}

/** What would make it fit, the mildest first; nothing where it fits already. */
export function memorySuggestions(question: MemoryQuestion, free: number): MemorySuggestion[] {
  const { batchSize, length } = question;
  const fits = (changes: Partial<MemoryQuestion>): boolean => estimateMemory({ ...question, ...changes }).total <= free;
  if (fits({})) return [];
  const found: MemorySuggestion[] = [];
  const parts = [2, 4, 8, 16, 32].find(n => batchSize / n >= 1 && fits({ batchSize: Math.ceil(batchSize / n) }));
  if (parts) {
    const smaller = Math.ceil(batchSize / parts);
    const words = `Take a batch size of ${smaller} and accumulate ${parts} batches, which learns the same`;
    found.push({ words, changes: { batchSize: smaller, accumulation: parts } });
  }
  const shorter = [256, 128, 64, 32].find(n => n < length && fits({ length: n }));
  if (shorter) found.push({ words: `Take a maximum length of ${shorter} tokens`, changes: { maxLength: shorter } });
  if (fits({ trained: Math.ceil(question.trained / 50) })) {
    found.push({ words: 'Train thin matrices alone (LoRA of rank 8)', changes: { loraRank: 8 } });
  }
  return [...found, { words: 'Take a smaller checkpoint', changes: {} }];
}

const FLAGS = {
  batchSize: '--batch-size ',
  accumulation: '--set accumulation=',
  maxLength: '--max-length ',
  loraRank: '--lora ',
} as const;

/** The same in sentences, with the flags of the command line. */
export function memoryAdvice(question: MemoryQuestion, free: number): string[] {
  return memorySuggestions(question, free).map(({ words, changes }) => {
    const flags = Object.entries(FLAGS).flatMap(([key, flag]) => {
      const value = changes[key as keyof typeof changes];
      return value === undefined ? [] : [`${flag}${value}`];
    });
    return flags.length > 0 ? `${words} (${flags.join(' ')}).` : `${words}.`;
  });
}
