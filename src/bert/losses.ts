/**
 * The losses of fine-tuning, as PyTorch defines them. Every row has a weight: its class's, and 0 where it does not
 * count (padding, tokens without a label, rows that only fill a batch up), so that all batches have one shape.
 */
import type * as tfjs from '@tensorflow/tfjs';
import type { Tf } from '../train/compile';
import { sparseSoftmaxCrossEntropy } from '../train/compile/kernels';
import type { Task } from './config';

type Tensor = tfjs.Tensor;

/** What the loss compares logits with. R rows: sequences, all tokens, or the selected tokens of a language model. */
export interface Labels {
  /**
   * Classes int32 [R] (any class where the weight is 0); answers int32 [B, 2], start and end; numbers float32 [B, K]
   * for regression, 0 or 1 for each class float32 [B, K] for several labels.
   */
  readonly labels: Tensor;
  /** float32 [R], [B] for answers, regression and several labels. */
  readonly weights: Tensor;
}

export interface LossOptions {
  /** ε: each label is 1 − ε + ε / C, the others ε / C. Classification alone. */
  readonly labelSmoothing?: number;
  /** A weight above 0 for each class; the rows' weights hold them already, smoothing needs them by class. */
  readonly classWeights?: readonly number[];
}

/** @param logits as `TaskHead.apply` gives them @returns the mean over the rows that count, a scalar */
export function lossOf(tf: Tf, task: Task, logits: Tensor, { labels, weights }: Labels, options: LossOptions): Tensor {
  switch (task) {
    case 'regression': {
      const outputs = logits.shape[1]!;
      const errors = tf.sum(tf.square(tf.sub(logits, labels)), 1);
      return tf.div(tf.sum(tf.mul(errors, weights)), tf.mul(tf.sum(weights), outputs));
    }
    case 'multi-label': {
      // max(x, 0) − x·z + log(1 + e^−|x|): no logit is too large for it.
      const each = tf.add(tf.sub(tf.relu(logits), tf.mul(logits, labels)), tf.softplus(tf.neg(tf.abs(logits))));
      return tf.div(tf.sum(tf.mul(tf.sum(each, 1), weights)), tf.mul(tf.sum(weights), logits.shape[1]!));
    }
    case 'question-answering': {
      const [batch, length] = logits.shape as [number, number, number];
      const [starts, ends] = tf.split(logits, 2, 2).map(part => tf.reshape<tfjs.Rank.R2>(part, [batch, length]));
      const [start, end] = tf.split(labels, 2, 1).map(part => tf.reshape<tfjs.Rank.R1>(part, [batch]));
      const both = tf.add(sparseSoftmaxCrossEntropy(tf, starts!, start!), sparseSoftmaxCrossEntropy(tf, ends!, end!));
      return tf.div(tf.sum(tf.mul(both, weights)), tf.mul(tf.sum(weights), 2));
    }
    default:
      return crossEntropy(tf, logits, { labels, weights }, options);
  }
}

/** `torch.nn.functional.cross_entropy`: class weights divide by their sum over the rows. */
function crossEntropy(tf: Tf, logits: Tensor, { labels, weights }: Labels, options: LossOptions): Tensor {
  const classes = logits.shape.at(-1)!;
  const flat = tf.reshape<tfjs.Rank.R2>(logits, [-1, classes]);
  const total = tf.sum(weights);
  const each = sparseSoftmaxCrossEntropy(tf, flat, labels as tfjs.Tensor1D);
  const loss = tf.div(tf.sum(tf.mul(each, weights)), total);
  const { labelSmoothing = 0, classWeights } = options;
  if (labelSmoothing === 0) return loss;
  const counted = tf.cast(tf.greater(weights, 0), 'float32');
  const surprise = tf.neg(tf.logSoftmax(flat));
  const weighted = classWeights ? tf.mul(surprise, tf.tensor1d([...classWeights])) : surprise;
  const smooth = tf.div(tf.sum(tf.mul(tf.sum(weighted, 1), counted)), total);
  return tf.add(tf.mul(loss, 1 - labelSmoothing), tf.mul(smooth, labelSmoothing / classes));
}

/** How many rows that count have the right label; 0 for tasks without classes. A scalar. */
export function hitsOf(tf: Tf, task: Task, logits: Tensor, { labels, weights }: Labels): Tensor {
  if (task === 'regression' || task === 'multi-label' || task === 'question-answering') return tf.scalar(0);
  const classes = logits.shape.at(-1)!;
  const best = tf.argMax(tf.reshape(logits, [-1, classes]), 1);
  const right = tf.cast(tf.equal(best, labels), 'float32');
  return tf.sum(tf.mul(right, tf.cast(tf.greater(weights, 0), 'float32')));
}
