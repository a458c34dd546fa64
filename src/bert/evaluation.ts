/** A model on a whole data set: the mean loss, and the metrics of the task from all logits together. */
import type { Tf } from '../train/compile';
import { bucketOf, tensorBatch } from './batch-tensors';
import type { Task } from './config';
import {
  answerMetrics,
  argMax,
  bestAnswer,
  evaluateClasses,
  evaluateEntities,
  evaluateLabelSets,
  evaluateNumbers,
  type Evaluation,
  type Scored,
  worstOf,
} from './metrics';
import { type Answers, type Example, type Feature, IGNORED, planBatches } from './tasks';
import type { Tokenizer } from './tokenizer';
import type { Trainer } from './trainer';

export interface EvaluationOptions {
  readonly task: Task;
  readonly tokenizer: Tokenizer;
  readonly labels: readonly string[];
  readonly examples: readonly Example[];
  readonly features: readonly Feature[];
  readonly batchSize: number;
  readonly maxLength: number;
  readonly seed: number;
  /** The share of the tokens that masked language modelling hides. */
  readonly maskShare?: number;
  readonly classWeights?: readonly number[];
  /** Called between batches: lets commands in. */
  breathe?(): Promise<void>;
}

/** Metrics hold `loss` besides those of the task. Nothing is kept of a language model's logits. */
export async function evaluate(tf: Tf, trainer: Trainer, options: EvaluationOptions): Promise<Evaluation> {
  const { task, features, batchSize, maxLength, seed, tokenizer, classWeights, maskShare } = options;
  const lengths = features.map(({ ids }) => ids.length);
  const rows: Float32Array[] = new Array<Float32Array>(features.length);
  let [loss, weight] = [0, 0];
  let [hits, counted] = [0, 0];
  for (const chosen of planBatches(lengths, { batchSize, seed, epoch: 0, shuffle: false })) {
    const { batch, size, tensors } = tensorBatch(tf, features, chosen, {
      task,
      tokenizer,
      rows: Math.min(batchSize, features.length),
      multipleOf: bucketOf(maxLength),
      maxLength,
      seed,
      position: chosen[0]!,
      ...(maskShare !== undefined && { maskProbability: maskShare }),
      ...(classWeights && { classWeights }),
    });
    const result = trainer.evaluate(tensors);
    const weights = Array.from(tensors.weights.dataSync<'float32'>());
    const share = weights.reduce((sum, value) => sum + value, 0);
    if (share > 0) {
      loss += result.loss * share;
      weight += share;
    }
    hits += result.hits;
    counted += weights.reduce((sum, value) => sum + (value > 0 ? 1 : 0), 0);
    if (task !== 'masked-lm') {
      const values = result.logits.dataSync<'float32'>();
      const each = values.length / result.logits.shape[0];
      chosen.forEach((feature, i) => (rows[feature] = values.slice(i * each, (i + 1) * each)));
    }
    tf.dispose([result.logits, tensors as never]);
    if (batch.size < size) throw new Error('a batch lost rows');
    await options.breathe?.();
  }
  const mean = weight > 0 ? loss / weight : NaN;
  if (task === 'masked-lm') {
    return { metrics: { loss: mean, accuracy: counted > 0 ? hits / counted : NaN }, worst: [] };
  }
  const evaluation = byTask(rows, options);
  return { ...evaluation, metrics: { loss: mean, ...evaluation.metrics } };
}

function byTask(rows: readonly Float32Array[], options: EvaluationOptions): Evaluation {
  const { task, features, labels } = options;
  switch (task) {
    case 'regression':
      return evaluateNumbers(
        rows.flatMap(row => [...row]),
        features.flatMap(feature => [...feature.labels]),
      );
    case 'multi-label':
      return evaluateLabelSets(
        rows,
        features.map(feature => feature.labels),
        labels,
      );
    case 'token-classification':
      return entities(rows, options);
    case 'question-answering':
      return answers(rows, options);
    default:
      return evaluateClasses(
        rows,
        features.map(feature => feature.labels[0]!),
        labels,
      );
  }
}

function entities(rows: readonly Float32Array[], { features, labels }: EvaluationOptions): Evaluation {
  const classes = labels.length;
  const losses: number[] = [];
  const predicted: string[][] = [];
  const truth: string[][] = [];
  features.forEach((feature, f) => {
    const at = feature.labels.map((label, i) => (label === IGNORED ? -1 : i)).filter(i => i >= 0);
    const scores = at.map(i => rows[f]!.subarray(i * classes, (i + 1) * classes));
    predicted.push(scores.map(row => labels[argMax(row)]!));
    truth.push(at.map(i => labels[feature.labels[i]!]!));
    const each = scores.map((row, k) => logSumExp(row) - row[feature.labels[at[k]!]!]!);
    losses.push(each.length > 0 ? each.reduce((sum, value) => sum + value, 0) / each.length : 0);
  });
  return evaluateEntities(predicted, truth, labels, losses);
}

function logSumExp(row: ArrayLike<number>): number {
  const values = Array.from(row);
  const most = Math.max(...values);
  return most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0));
}

function answers(rows: readonly Float32Array[], { examples, features }: EvaluationOptions): Evaluation {
  const windows: Parameters<typeof bestAnswer>[0][number][][] = examples.map(() => []);
  features.forEach((feature, f) => windows[feature.example]!.push(answerScores(feature, rows[f]!)));
  const predicted = examples.map(({ pair }, example) => {
    const best = bestAnswer(windows[example]!);
    return best ? [...(pair ?? '')].slice(best.start, best.end).join('') : '';
  });
  const wanted = examples.map(({ target }) => (target as Answers | null)?.text ?? []);
  const missed = predicted.map((text, example) => 1 - answerMetrics([text], [wanted[example]!]).f1);
  const scored = predicted.map((text, example): Scored => ({
    example,
    loss: missed[example]!,
    predicted: text,
    truth: wanted[example]![0] ?? '',
    score: 1 - missed[example]!,
  }));
  return { metrics: { ...answerMetrics(predicted, wanted) }, worst: worstOf(scored) };
}

/** Start and end logits of a window, [L, 2], with where its context's tokens stand in the text. */
export function answerScores({ encoding, ids }: Feature, row: Float32Array): Parameters<typeof bestAnswer>[0][number] {
  const starts = ids.map((_, i) => row[2 * i]!);
  const ends = ids.map((_, i) => row[2 * i + 1]!);
  const offsets = ids.map((_, i) => (encoding?.sequenceIds[i] === 1 ? encoding.offsets[i]! : null));
  return { starts, ends, offsets };
}
