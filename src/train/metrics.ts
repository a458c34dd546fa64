/**
 * Keras 3's metrics. Each is a vector of sums that a step computes beside the loss, and a formula over those sums; the
 * sums of an epoch are added up here in double precision, so nothing of a metric lives in the graph.
 */
import type * as tfjs from '@tensorflow/tfjs';
import type { KerasObject } from '../protocol/fit-plan';
import { ModelError } from './build/config';
import type { Tf } from './compile';
import { canonicalName, crossentropyKind, EPSILON, isLoss, labels, lossValues, sameRank } from './losses';

type Tensor = tfjs.Tensor;

export interface Metric {
  readonly name: string;
  readonly better: 'min' | 'max';
  /** The batch's sums, rank 1. `mask` has the first axes of the labels. */
  sums(truth: Tensor, predicted: Tensor, mask: Tensor | null): Tensor;
  result(sums: ArrayLike<number>): number;
}

type MetricMaker = (tf: Tf, config: MetricConfig) => Omit<Metric, 'name'>;

interface MetricConfig {
  number(key: string, whenAbsent: number): number;
  text(key: string, whenAbsent: string): string;
  flag(key: string): boolean;
  list(key: string): number[] | null;
  readonly outputs: number;
}

const divide = (a: number, b: number): number => (b === 0 ? 0 : a / b);
const float = (tf: Tf, x: Tensor): Tensor => (x.dtype === 'float32' ? x : tf.cast(x, 'float32'));

/** The mean of values that each sample or position has one of. */
function mean(
  values: (tf: Tf, truth: Tensor, predicted: Tensor, config: MetricConfig) => Tensor,
  better: 'min' | 'max',
): MetricMaker {
  return (tf, config) => ({
    better,
    sums: (truth, predicted, mask) => {
      const all = values(tf, truth, predicted, config);
      if (!mask) return tf.stack([tf.sum(all), tf.scalar(all.size)]);
      let weights: Tensor = tf.cast(mask, 'float32');
      while (weights.rank < all.rank) weights = tf.expandDims(weights, -1);
      const spread = tf.mul(weights, tf.onesLike(all));
      return tf.stack([tf.sum(tf.mul(all, spread)), tf.sum(spread)]);
    },
    result: sums => divide(sums[0]!, sums[1]!),
  });
}

const equal = (tf: Tf, a: Tensor, b: Tensor): Tensor => tf.cast(tf.equal(a, b), 'float32');

const binaryAccuracy = (tf: Tf, truth: Tensor, predicted: Tensor, threshold: number): Tensor => {
  const [a, b] = sameRank(tf, float(tf, truth), predicted);
  return equal(tf, a, tf.cast(tf.greater(b, threshold), 'float32'));
};

/** Whether fewer than k classes have a higher score than the right one. */
const inTopK = (tf: Tf, index: Tensor, predicted: Tensor, k: number): Tensor => {
  const hot = tf.cast(tf.oneHot(index as tfjs.Tensor1D, predicted.shape[predicted.rank - 1]!), 'float32');
  const own = tf.sum(tf.mul(predicted, hot), -1, true);
  return tf.cast(tf.less(tf.sum(tf.cast(tf.greater(predicted, own), 'float32'), -1), k), 'float32');
};

/** True and false positives and negatives at each threshold, over all positions. */
function confusion(
  tf: Tf,
  truth: Tensor,
  predicted: Tensor,
  thresholds: readonly number[],
  config: MetricConfig,
): Tensor {
  let [a, b] = sameRank(tf, float(tf, truth), predicted);
  const classId = config.number('class_id', -1);
  if (classId >= 0) [a, b] = [tf.slice(a, [0, classId], [-1, 1]), tf.slice(b, [0, classId], [-1, 1])];
  const right = tf.expandDims(tf.cast(tf.notEqual(tf.reshape(a, [-1]), 0), 'float32'), 0);
  const said = tf.cast(
    tf.greater(tf.expandDims(tf.reshape(b, [-1]), 0), tf.expandDims(tf.tensor1d([...thresholds]), 1)),
    'float32',
  );
  const count = (x: Tensor, y: Tensor): Tensor => tf.sum(tf.mul(x, y), 1);
  const [notRight, notSaid] = [tf.sub(1, right), tf.sub(1, said)];
  return tf.concat([count(said, right), count(said, notRight), count(notSaid, notRight), count(notSaid, right)]);
}

/** From `tp…, fp…, tn…, fn…` with one of each for every threshold. */
const ratio =
  (f: (tp: number, fp: number, tn: number, fn: number) => number): MetricMaker =>
  (tf, config) => {
    const thresholds = config.list('thresholds') ?? [config.number('thresholds', 0.5)];
    const n = thresholds.length;
    return {
      better: 'max',
      sums: (truth, predicted) => confusion(tf, truth, predicted, thresholds, config),
      result: s => f(s[0]!, s[n]!, s[2 * n]!, s[3 * n]!),
    };
  };

const countOf =
  (which: 0 | 1 | 2 | 3): MetricMaker =>
  (tf, config) => {
    const thresholds = config.list('thresholds') ?? [config.number('thresholds', 0.5)];
    return {
      better: which === 0 || which === 2 ? 'max' : 'min',
      sums: (truth, predicted) => confusion(tf, truth, predicted, thresholds, config),
      result: s => s[which * thresholds.length]!,
    };
  };

const auc: MetricMaker = (tf, config) => {
  const n = config.number('num_thresholds', 200);
  const inner = config.list('thresholds') ?? Array.from({ length: n - 2 }, (_, i) => (i + 1) / (n - 1));
  const thresholds = [-EPSILON, ...inner, 1 + EPSILON];
  const count = thresholds.length;
  const curve = config.text('curve', 'ROC').toUpperCase();
  const method = config.text('summation_method', 'interpolation').toLowerCase();
  if (config.flag('multi_label'))
    throw new ModelError('The metric AUC with multi_label=True is not available.', 'Use AUC without multi_label.');
  return {
    better: 'max',
    sums: (truth, predicted) =>
      confusion(tf, truth, config.flag('from_logits') ? tf.sigmoid(predicted) : predicted, thresholds, config),
    result: s => {
      const at = (which: number, i: number): number => s[which * count + i]!;
      if (curve === 'PR' && method === 'interpolation') return interpolatedPrecisionRecall(at, count);
      const recall = (i: number): number => divide(at(0, i), at(0, i) + at(3, i));
      const x = (i: number): number => (curve === 'PR' ? recall(i) : divide(at(1, i), at(1, i) + at(2, i)));
      const y = (i: number): number => (curve === 'PR' ? divide(at(0, i), at(0, i) + at(1, i)) : recall(i));
      let area = 0;
      for (let i = 0; i + 1 < count; i++) {
        const [a, b] = [y(i), y(i + 1)];
        const height = method === 'minoring' ? Math.min(a, b) : method === 'majoring' ? Math.max(a, b) : (a + b) / 2;
        area += (x(i) - x(i + 1)) * height;
      }
      return area;
    },
  };
};

/** Davis and Goadrich's interpolation, as in Keras's `interpolate_pr_auc`. */
function interpolatedPrecisionRecall(at: (which: number, i: number) => number, count: number): number {
  let area = 0;
  for (let i = 0; i + 1 < count; i++) {
    const [tp, next] = [at(0, i), at(0, i + 1)];
    const [p, pNext] = [tp + at(1, i), next + at(1, i + 1)];
    const slope = divide(tp - next, Math.max(p - pNext, 0));
    const safe = p > 0 && pNext > 0 ? p / pNext : 1;
    area += divide(slope * (tp - next + (next - slope * pNext) * Math.log(safe)), next + at(3, i + 1));
  }
  return area;
}

/** Per class tp, fp, fn and weight: `[4 × classes]`. */
const fBeta =
  (fixed: number | null): MetricMaker =>
  (tf, config) => {
    const beta = fixed ?? config.number('beta', 1);
    const average = config.text('average', 'none');
    const threshold = config.number('threshold', NaN);
    return {
      better: 'max',
      sums: (truth, predicted) => {
        const right = float(tf, truth);
        const said = Number.isNaN(threshold)
          ? tf.mul(
              tf.cast(tf.greaterEqual(predicted, tf.max(predicted, -1, true)), 'float32'),
              tf.cast(tf.greater(tf.abs(predicted), 1e-9), 'float32'),
            )
          : tf.cast(tf.greater(predicted, threshold), 'float32');
        const count = (x: Tensor): Tensor => (average === 'micro' ? tf.reshape(tf.sum(x), [1]) : tf.sum(x, 0));
        return tf.concat([
          count(tf.mul(said, right)),
          count(tf.mul(said, tf.sub(1, right))),
          count(tf.mul(tf.sub(1, said), right)),
          count(right),
        ]);
      },
      result: s => {
        const n = s.length / 4;
        let [sum, weights] = [0, 0];
        for (let i = 0; i < n; i++) {
          const precision = s[i]! / (s[i]! + s[n + i]! + EPSILON);
          const recall = s[i]! / (s[i]! + s[2 * n + i]! + EPSILON);
          const score = ((precision * recall) / (beta ** 2 * precision + recall + EPSILON)) * (1 + beta ** 2);
          const weight = average === 'weighted' ? s[3 * n + i]! : 1;
          sum += score * weight;
          weights += weight;
        }
        return sum / (average === 'weighted' ? weights + EPSILON : weights);
      },
    };
  };

/** Sums of y, y², squared error and counts for each output column. */
const r2: MetricMaker = tf => ({
  better: 'max',
  sums: (truth, predicted) => {
    let [a, b] = sameRank(tf, float(tf, truth), predicted);
    if (a.rank === 1) [a, b] = [tf.expandDims(a, 1), tf.expandDims(b, 1)];
    return tf.concat([
      tf.sum(a, 0),
      tf.sum(tf.square(a), 0),
      tf.sum(tf.square(tf.sub(a, b)), 0),
      tf.sum(tf.onesLike(a), 0),
    ]);
  },
  result: s => {
    const n = s.length / 4;
    let total = 0;
    for (let i = 0; i < n; i++) {
      const spread = s[n + i]! - (s[i]! * s[i]!) / s[3 * n + i]!;
      const score = 1 - s[2 * n + i]! / spread;
      total += Number.isFinite(score) ? score : 0;
    }
    return total / n;
  },
});

/** A confusion matrix of classes; intersection over union is averaged over those that occur. */
const meanIoU =
  (sparseTruth: boolean, sparsePredicted: boolean): MetricMaker =>
  (tf, config) => {
    const classes = config.number('num_classes', config.outputs);
    return {
      better: 'max',
      sums: (truth, predicted) => {
        const pick = (x: Tensor, sparse: boolean): Tensor =>
          tf.reshape(sparse ? tf.cast(x, 'int32') : tf.argMax(x, -1), [-1]);
        const hot = (x: Tensor): Tensor => tf.cast(tf.oneHot(x as tfjs.Tensor1D, classes), 'float32');
        return tf.reshape(
          tf.matMul(hot(pick(truth, sparseTruth)) as never, hot(pick(predicted, sparsePredicted)) as never, true),
          [-1],
        );
      },
      result: s => {
        let [sum, seen] = [0, 0];
        for (let c = 0; c < classes; c++) {
          let [row, column] = [0, 0];
          for (let k = 0; k < classes; k++) {
            row += s[c * classes + k]!;
            column += s[k * classes + c]!;
          }
          const union = row + column - s[c * classes + c]!;
          if (union > 0) {
            sum += s[c * classes + c]! / union;
            seen++;
          }
        }
        return divide(sum, seen);
      },
    };
  };

const METRICS: Readonly<Record<string, MetricMaker>> = {
  accuracy: mean((tf, truth, predicted) => {
    const [a, b] = sameRank(tf, float(tf, truth), predicted);
    return equal(tf, a, b);
  }, 'max'),
  binary_accuracy: mean(
    (tf, truth, predicted, config) => binaryAccuracy(tf, truth, predicted, config.number('threshold', 0.5)),
    'max',
  ),
  categorical_accuracy: mean(
    (tf, truth, predicted) => equal(tf, tf.argMax(truth, -1), tf.argMax(predicted, -1)),
    'max',
  ),
  sparse_categorical_accuracy: mean(
    (tf, truth, predicted) => equal(tf, labels(tf, truth, predicted), tf.argMax(predicted, -1)),
    'max',
  ),
  top_k_categorical_accuracy: mean(
    (tf, truth, predicted, config) => inTopK(tf, tf.argMax(truth, -1), predicted, config.number('k', 5)),
    'max',
  ),
  sparse_top_k_categorical_accuracy: mean(
    (tf, truth, predicted, config) => inTopK(tf, labels(tf, truth, predicted), predicted, config.number('k', 5)),
    'max',
  ),
  root_mean_squared_error: (tf, config) => {
    const squares = mean((t, truth, predicted) => {
      const [a, b] = sameRank(t, float(t, truth), predicted);
      return t.square(t.sub(a, b));
    }, 'min')(tf, config);
    return { ...squares, result: sums => Math.sqrt(squares.result(sums)) };
  },
  cosine_similarity: mean(
    (tf, truth, predicted) => tf.neg(lossValues(tf, { class: 'cosine_similarity', config: {} }, truth, predicted)),
    'max',
  ),
  precision: ratio((tp, fp) => divide(tp, tp + fp)),
  recall: ratio((tp, _fp, _tn, fn) => divide(tp, tp + fn)),
  true_positives: countOf(0),
  false_positives: countOf(1),
  true_negatives: countOf(2),
  false_negatives: countOf(3),
  auc,
  f1_score: fBeta(1),
  fbeta_score: fBeta(null),
  f_beta_score: fBeta(null),
  r2_score: r2,
  mean_io_u: meanIoU(true, true),
  one_hot_mean_io_u: meanIoU(false, false),
};

/** Class names whose Keras name is not the snake case of the class. */
const NAMES: Readonly<Record<string, string>> = { f_beta_score: 'fbeta_score', log_cosh: 'logcosh' };

/**
 * A metric for one output. `accuracy` and `crossentropy` become what the shapes call for, under the name that was
 * given.
 * @throws ModelError for one that is not known.
 */
export function createMetric(
  tf: Tf,
  metric: KerasObject,
  truth: readonly number[],
  predicted: readonly number[],
): Metric {
  const given = metric.config.name;
  const kind = crossentropyKind(truth, predicted);
  const ofKind = (what: string): string => (kind === 'sparse' ? `sparse_categorical_${what}` : `${kind}_${what}`);
  const asString = /^[a-z_]+[a-z0-9_]*$/.test(metric.class);
  const canonical =
    /^(accuracy|acc)$/i.test(metric.class) && asString
      ? ofKind('accuracy')
      : /^(crossentropy|ce)$/i.test(metric.class)
        ? ofKind('crossentropy')
        : canonicalName(metric.class);
  const name = typeof given === 'string' ? given : asString ? metric.class : (NAMES[canonical] ?? canonical);
  const config: MetricConfig = {
    outputs: predicted[predicted.length - 1] ?? 1,
    number: (key, whenAbsent) => (typeof metric.config[key] === 'number' ? metric.config[key] : whenAbsent),
    text: (key, whenAbsent) => (typeof metric.config[key] === 'string' ? metric.config[key] : whenAbsent),
    flag: key => metric.config[key] === true,
    list: key => (Array.isArray(metric.config[key]) ? (metric.config[key] as number[]) : null),
  };
  const make = METRICS[canonical];
  if (make) return { name, ...make(tf, config) };
  if (isLoss(canonical)) {
    const loss = { class: canonical, config: metric.config };
    return { name, ...mean((t, a, b) => lossValues(t, loss, a, b), 'min')(tf, config) };
  }
  throw new ModelError(
    `The metric "${metric.class}" is not known.`,
    `Use one of: ${Object.keys(METRICS).join(', ')}, or a loss.`,
  );
}
