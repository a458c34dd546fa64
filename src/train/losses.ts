/** Keras 3's losses (`keras/src/losses/losses.py`): values per sample or position, then reduced as Keras reduces them. */
import type * as tfjs from '@tensorflow/tfjs';
import type { KerasObject } from '../protocol/fit-plan';
import { logitsBehind, softmax } from './build/activations';
import { ModelError } from './build/config';
import { withoutGradient } from './build/gradient';
import type { Tf } from './compile';

type Tensor = tfjs.Tensor;
export const EPSILON = 1e-7;

interface LossArguments {
  number(key: string, whenAbsent: number): number;
  flag(key: string): boolean;
}

type LossValues = (tf: Tf, truth: Tensor, predicted: Tensor, args: LossArguments) => Tensor;

/** Adds or removes a last axis of length 1 where ranks differ by one. Keras: `squeeze_or_expand_to_same_rank`. */
export function sameRank(tf: Tf, truth: Tensor, predicted: Tensor): [Tensor, Tensor] {
  const [a, b] = [truth.rank, predicted.rank];
  if (a === b + 1 && truth.shape[a - 1] === 1) {
    return b === 1 ? [truth, tf.expandDims(predicted, -1)] : [tf.squeeze(truth, [a - 1]), predicted];
  }
  if (b === a + 1 && predicted.shape[b - 1] === 1) {
    return a === 1 ? [tf.expandDims(truth, -1), predicted] : [truth, tf.squeeze(predicted, [b - 1])];
  }
  return [truth, predicted];
}

const clip = (tf: Tf, x: Tensor): Tensor => tf.clipByValue(x, EPSILON, 1 - EPSILON);

/** Class indices without a last axis of length 1. */
export function labels(tf: Tf, truth: Tensor, predicted: Tensor): tfjs.Tensor {
  const last = truth.rank - 1;
  const narrow = truth.rank === predicted.rank && truth.shape[last] === 1 ? tf.squeeze(truth, [last]) : truth;
  return tf.cast(narrow, 'int32');
}

/** −log p of the right class from logits: `logsumexp(z) − z[label]`. */
function sparseFromLogits(tf: Tf, truth: Tensor, logits: Tensor): Tensor {
  const depth = logits.shape[logits.rank - 1]!;
  return tf.neg(
    tf.sum(tf.mul(tf.cast(tf.oneHot(truth as tfjs.Tensor1D, depth), 'float32'), tf.logSoftmax(logits)), -1),
  );
}

/** False at labels of the ignored class. */
const counted = (tf: Tf, index: Tensor, ignoredClass: number): Tensor => tf.notEqual(index, ignoredClass);

const sparseCategoricalCrossentropy: LossValues = (tf, truth, predicted, args) => {
  const index = labels(tf, truth, predicted);
  const logits =
    logitsBehind(predicted, 'softmax') ?? (args.flag('from_logits') ? predicted : tf.log(clip(tf, predicted)));
  const ignoredClass = args.number('ignore_class', NaN);
  if (Number.isNaN(ignoredClass)) return sparseFromLogits(tf, index, logits);
  const kept = counted(tf, index, ignoredClass);
  const values = sparseFromLogits(tf, tf.mul(index, tf.cast(kept, 'int32')), logits);
  return tf.mul(values, tf.cast(kept, 'float32'));
};

function smooth(tf: Tf, truth: Tensor, args: LossArguments, towards: number): Tensor {
  const amount = args.number('label_smoothing', 0);
  return amount > 0 ? tf.add(tf.mul(truth, 1 - amount), amount * towards) : truth;
}

const categoricalCrossentropy: LossValues = (tf, truth, predicted, args) => {
  const target = smooth(tf, truth, args, 1 / truth.shape[truth.rank - 1]!);
  const logits = logitsBehind(predicted, 'softmax') ?? (args.flag('from_logits') ? predicted : null);
  if (logits) return tf.neg(tf.sum(tf.mul(target, tf.logSoftmax(logits)), -1));
  const normalized = tf.div(predicted, tf.sum(predicted, -1, true));
  return tf.neg(tf.sum(tf.mul(target, tf.log(clip(tf, normalized))), -1));
};

/** Without the mean over the last axis. */
function binaryTerms(tf: Tf, truth: Tensor, predicted: Tensor, fromLogits: boolean): Tensor {
  const logits = logitsBehind(predicted, 'sigmoid') ?? (fromLogits ? predicted : null);
  if (logits) {
    // max(z, 0) − z·y + log(1 + exp(−|z|)), which overflows nowhere.
    return tf.add(tf.sub(tf.relu(logits), tf.mul(logits, truth)), tf.softplus(tf.neg(tf.abs(logits))));
  }
  const p = clip(tf, predicted);
  return tf.neg(tf.add(tf.mul(truth, tf.log(p)), tf.mul(tf.sub(1, truth), tf.log(tf.sub(1, p)))));
}

const binaryCrossentropy: LossValues = (tf, truth, predicted, args) =>
  tf.mean(binaryTerms(tf, smooth(tf, truth, args, 0.5), predicted, args.flag('from_logits')), -1);

const binaryFocalCrossentropy: LossValues = (tf, truth, predicted, args) => {
  const target = smooth(tf, truth, args, 0.5);
  const p = args.flag('from_logits') ? tf.sigmoid(predicted) : predicted;
  const terms = binaryTerms(tf, target, args.flag('from_logits') ? tf.mul(p, 1) : p, false);
  const right = tf.add(tf.mul(target, p), tf.mul(tf.sub(1, target), tf.sub(1, p)));
  let focal = tf.mul(tf.pow(tf.sub(1, right), args.number('gamma', 2)), terms);
  if (args.flag('apply_class_balancing')) {
    const alpha = args.number('alpha', 0.25);
    focal = tf.mul(focal, tf.add(tf.mul(target, alpha), tf.mul(tf.sub(1, target), 1 - alpha)));
  }
  return tf.mean(focal, -1);
};

const categoricalFocalCrossentropy: LossValues = (tf, truth, predicted, args) => {
  const target = smooth(tf, truth, args, 1 / truth.shape[truth.rank - 1]!);
  const raw = args.flag('from_logits') ? softmax(tf, predicted) : predicted;
  const p = clip(tf, tf.div(raw, tf.sum(raw, -1, true)));
  const factor = tf.mul(args.number('alpha', 0.25), tf.pow(tf.sub(1, p), args.number('gamma', 2)));
  return tf.sum(tf.mul(factor, tf.mul(tf.neg(target), tf.log(p))), -1);
};

/** Losses of the difference, averaged over the last axis. */
const ofError =
  (f: (tf: Tf, error: Tensor, args: LossArguments) => Tensor): LossValues =>
  (tf, truth, predicted, args) => {
    const [a, b] = sameRank(tf, truth, predicted);
    return tf.mean(f(tf, tf.sub(b, a), args), -1);
  };

/** Keras turns labels 0 and 1 into −1 and 1 when the whole batch is of them. */
function hingeLabels(tf: Tf, truth: Tensor): Tensor {
  const binary = tf.cast(tf.all(tf.logicalOr(tf.equal(truth, 0), tf.equal(truth, 1))), 'float32');
  return tf.add(tf.mul(binary, tf.sub(tf.mul(2, truth), 1)), tf.mul(tf.sub(1, binary), truth));
}

const normalize = (tf: Tf, x: Tensor): Tensor => tf.mul(x, tf.rsqrt(tf.maximum(tf.sum(tf.square(x), -1, true), 1e-12)));

const huber: LossValues = ofError((tf, error, args) => {
  const delta = args.number('delta', 1);
  const size = tf.abs(error);
  const inside = withoutGradient(tf, size, x => tf.cast(tf.lessEqual(x, delta), 'float32'));
  const outside = tf.sub(tf.mul(delta, size), 0.5 * delta * delta);
  return tf.add(tf.mul(inside, tf.mul(0.5, tf.square(error))), tf.mul(tf.sub(1, inside), outside));
});

/** By Keras's function names. */
const LOSSES: Readonly<Record<string, LossValues>> = {
  mean_squared_error: ofError((tf, error) => tf.square(error)),
  mean_absolute_error: ofError((tf, error) => tf.abs(error)),
  mean_absolute_percentage_error: (tf, truth, predicted) => {
    const [a, b] = sameRank(tf, truth, predicted);
    return tf.mul(100, tf.mean(tf.abs(tf.div(tf.sub(a, b), tf.maximum(tf.abs(a), EPSILON))), -1));
  },
  mean_squared_logarithmic_error: (tf, truth, predicted) => {
    const [a, b] = sameRank(tf, truth, predicted).map(x => tf.log(tf.add(tf.maximum(x, EPSILON), 1))) as [
      Tensor,
      Tensor,
    ];
    return tf.mean(tf.square(tf.sub(a, b)), -1);
  },
  cosine_similarity: (tf, truth, predicted) => {
    const [a, b] = sameRank(tf, truth, predicted);
    return tf.neg(tf.sum(tf.mul(normalize(tf, a), normalize(tf, b)), -1));
  },
  huber,
  log_cosh: ofError((tf, error) => tf.sub(tf.add(error, tf.softplus(tf.mul(-2, error))), Math.LN2)),
  hinge: (tf, truth, predicted) => tf.mean(tf.relu(tf.sub(1, tf.mul(hingeLabels(tf, truth), predicted))), -1),
  squared_hinge: (tf, truth, predicted) =>
    tf.mean(tf.square(tf.relu(tf.sub(1, tf.mul(hingeLabels(tf, truth), predicted)))), -1),
  categorical_hinge: (tf, truth, predicted) => {
    const right = tf.sum(tf.mul(truth, predicted), -1);
    const wrong = tf.max(tf.mul(tf.sub(1, truth), predicted), -1);
    return tf.relu(tf.add(tf.sub(wrong, right), 1));
  },
  kl_divergence: (tf, truth, predicted) => {
    const [a, b] = [tf.clipByValue(truth, EPSILON, 1), tf.clipByValue(predicted, EPSILON, 1)];
    return tf.sum(tf.mul(a, tf.log(tf.div(a, b))), -1);
  },
  poisson: (tf, truth, predicted) => {
    const [a, b] = sameRank(tf, truth, predicted);
    return tf.mean(tf.sub(b, tf.mul(a, tf.log(tf.add(b, EPSILON)))), -1);
  },
  binary_crossentropy: binaryCrossentropy,
  binary_focal_crossentropy: binaryFocalCrossentropy,
  categorical_crossentropy: categoricalCrossentropy,
  categorical_focal_crossentropy: categoricalFocalCrossentropy,
  sparse_categorical_crossentropy: sparseCategoricalCrossentropy,
  dice: (tf, truth, predicted) =>
    tf.sub(
      1,
      tf.div(tf.mul(2, tf.sum(tf.mul(truth, predicted))), tf.add(tf.add(tf.sum(truth), tf.sum(predicted)), EPSILON)),
    ),
  tversky: (tf, truth, predicted, args) => {
    const both = tf.sum(tf.mul(truth, predicted));
    const positives = tf.mul(args.number('alpha', 0.5), tf.sum(tf.mul(tf.sub(1, predicted), truth)));
    const negatives = tf.mul(args.number('beta', 0.5), tf.sum(tf.mul(predicted, tf.sub(1, truth))));
    return tf.sub(1, tf.div(both, tf.add(tf.add(tf.add(both, positives), negatives), EPSILON)));
  },
  categorical_generalized_cross_entropy: (tf, truth, predicted, args) => {
    const hot = tf.cast(
      tf.oneHot(labels(tf, truth, predicted) as tfjs.Tensor1D, predicted.shape[predicted.rank - 1]!),
      'float32',
    );
    const q = args.number('q', 0.5);
    return tf.div(tf.sub(1, tf.pow(tf.sum(tf.mul(predicted, hot), -1), q)), q);
  },
};

/** Keras's short names; class names are brought to function names by rule. */
const ALIASES: Readonly<Record<string, string>> = {
  mse: 'mean_squared_error',
  mae: 'mean_absolute_error',
  mape: 'mean_absolute_percentage_error',
  msle: 'mean_squared_logarithmic_error',
  bce: 'binary_crossentropy',
  kld: 'kl_divergence',
  kullback_leibler_divergence: 'kl_divergence',
  logcosh: 'log_cosh',
  log_cosh_error: 'log_cosh',
  cosine: 'cosine_similarity',
  huber_loss: 'huber',
};

/** `MeanSquaredError`, `mean_squared_error`, `MSE`, TensorFlow.js's `meanSquaredError` → `mean_squared_error`. */
export function canonicalName(name: string): string {
  const snake = /^[A-Z]+$/.test(name)
    ? name.toLowerCase()
    : name
        .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
        .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
        .toLowerCase();
  return ALIASES[snake] ?? snake;
}

export const isLoss = (name: string): boolean => Object.hasOwn(LOSSES, canonicalName(name));

/** Losses whose labels are class indices, not one column per class. */
export const isSparse = (name: string): boolean =>
  ['sparse_categorical_crossentropy', 'categorical_generalized_cross_entropy'].includes(canonicalName(name));

function argumentsOf(loss: KerasObject): LossArguments {
  return {
    number: (key, whenAbsent) => (typeof loss.config[key] === 'number' ? loss.config[key] : whenAbsent),
    flag: key => loss.config[key] === true,
  };
}

/** The values of a loss before reduction; also what a metric of the same name averages. @throws ModelError */
export function lossValues(tf: Tf, loss: KerasObject, truth: Tensor, predicted: Tensor): Tensor {
  const values = LOSSES[canonicalName(loss.class)];
  if (!values) {
    throw new ModelError(`The loss "${loss.class}" is not known.`, `Use one of: ${Object.keys(LOSSES).join(', ')}.`);
  }
  const target = truth.dtype === 'float32' || isSparse(loss.class) ? truth : tf.cast(truth, 'float32');
  return values(tf, target, predicted, argumentsOf(loss));
}

/** Keras's "crossentropy" and "accuracy" mean one of three, by the shapes. */
export function crossentropyKind(
  truth: readonly number[],
  predicted: readonly number[],
): 'binary' | 'sparse' | 'categorical' {
  const [a, b] = [truth[truth.length - 1], predicted[predicted.length - 1]];
  if (b === 1) return 'binary';
  return truth.length < predicted.length || (a === 1 && (b ?? 0) > 1) ? 'sparse' : 'categorical';
}

/** What a loss by this name is for outputs of these shapes. */
export function resolveLoss(loss: KerasObject, truth: readonly number[], predicted: readonly number[]): KerasObject {
  if (!/^(crossentropy|ce)$/i.test(loss.class)) return loss;
  const kind = crossentropyKind(truth, predicted);
  return { ...loss, class: kind === 'sparse' ? 'sparse_categorical_crossentropy' : `${kind}_crossentropy` };
}

/**
 * One loss of a batch as Keras reduces it: weighted by sample weights and mask, summed, divided by the number of values
 * (of unmasked ones where there is a mask).
 */
export function reducedLoss(
  tf: Tf,
  loss: KerasObject,
  truth: Tensor,
  predicted: Tensor,
  mask: Tensor | null,
  sampleWeight: Tensor | null,
): Tensor {
  let values = lossValues(tf, loss, truth, predicted);
  const ignoredClass = loss.config.ignore_class;
  const ignoring = typeof ignoredClass === 'number' ? counted(tf, labels(tf, truth, predicted), ignoredClass) : null;
  const valid = mask && ignoring ? tf.logicalAnd(mask, ignoring) : (mask ?? ignoring);
  if (valid) {
    const kept = tf.cast(valid, 'float32');
    const factor = tf.div(kept.size, tf.maximum(tf.sum(kept), 1));
    values = tf.mul(values, fitTo(tf, tf.mul(kept, factor), values));
  }
  if (sampleWeight) values = tf.mul(values, fitTo(tf, sampleWeight, values));
  if (values.rank === 0) return values;
  const sum = tf.sum(values);
  return loss.config.reduction === 'sum' ? sum : tf.div(sum, values.size);
}

/** Weights of the first axes spread over the axes behind them. */
function fitTo(tf: Tf, weights: Tensor, values: Tensor): Tensor {
  let out = weights;
  if (out.rank === values.rank + 1 && out.shape[out.rank - 1] === 1) out = tf.squeeze(out, [out.rank - 1]);
  while (out.rank < values.rank) out = tf.expandDims(out, -1);
  return out;
}
