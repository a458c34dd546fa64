/** Losses and metrics of a model's outputs as one vector of sums that a step computes, and their names and formulas. */
import type * as tfjs from '@tensorflow/tfjs';
import type { FitPlan, KerasObject, PerOutput } from '../protocol/fit-plan';
import { ModelError } from './build/config';
import type { ModelOutput } from './build';
import type { Tf } from './compile';
import { crossentropyKind, isSparse, reducedLoss, resolveLoss } from './losses';
import { createMetric, type Metric } from './metrics';

type Tensor = tfjs.Tensor;

interface OutputObjective {
  readonly name: string;
  readonly loss: KerasObject | null;
  readonly weight: number;
  readonly metrics: readonly Metric[];
}

export interface Objective {
  /** In the order they are to be shown; `loss` first. */
  readonly names: readonly string[];
  /** The scalar to minimise, and the sums of this batch (rank 1) from which `results` makes the metrics. */
  compute(
    output: ModelOutput,
    truths: readonly Tensor[],
    penalty: Tensor | null,
    sampleWeight: Tensor | null,
  ): { total: Tensor; sums: Tensor };
  results(sums: ArrayLike<number>): Record<string, number>;
  direction(metric: string): 'min' | 'max' | undefined;
}

/** What belongs to output `index` of `count`. */
function pick<T>(value: PerOutput<T> | null, index: number, name: string, count: number): T | null {
  if (value === null) return null;
  if (Array.isArray(value)) return (value as readonly (T | null)[])[index] ?? null;
  if (typeof value === 'object' && 'byName' in value)
    return (value as { byName: Readonly<Record<string, T | null>> }).byName[name] ?? null;
  return count === 1 || typeof value !== 'number' ? (value as T) : value;
}

/**
 * @param truths shapes of the labels of each output, with the batch.
 * @param outputs shapes of the outputs, with the batch.
 * @throws ModelError for a loss or metric that is not known, or labels that do not fit.
 */
export function createObjective(
  tf: Tf,
  plan: Pick<FitPlan, 'loss' | 'lossWeights' | 'metrics'>,
  names: readonly string[],
  truths: readonly (readonly number[])[],
  outputs: readonly (readonly number[])[],
): Objective {
  const parts = names.map((name, i): OutputObjective => {
    const [truth, predicted] = [truths[i] ?? truths[0]!, outputs[i]!];
    const given = pick(plan.loss, i, name, names.length);
    const loss = given && resolveLoss(given, truth, predicted);
    if (loss) checkLabels(loss, truth, predicted, name);
    const own = Array.isArray(plan.metrics)
      ? (plan.metrics as readonly KerasObject[])
      : ((plan.metrics as { byName: Readonly<Record<string, readonly KerasObject[]>> }).byName[name] ?? []);
    const metrics = own.map(metric => createMetric(tf, metric, truth, predicted));
    return { name, loss, weight: pick(plan.lossWeights, i, name, names.length) ?? 1, metrics };
  });
  if (parts.every(part => part.loss === null)) {
    throw new ModelError(
      'There is no loss to minimise.',
      'Give one in compile(loss=…) or in the training configuration.',
    );
  }
  const several = names.length > 1;
  const withLoss = parts.filter(part => part.loss);
  // Keras names an output's own loss and metrics after it where there are several outputs.
  const lossNames = several ? withLoss.map(part => `${part.name}_loss`) : [];
  const metrics = parts.flatMap((part, output) =>
    part.metrics.map(metric => ({ metric, output, name: several ? `${part.name}_${metric.name}` : metric.name })),
  );

  let lengths: number[] = [];
  return {
    names: ['loss', ...lossNames, ...metrics.map(({ name }) => name)],
    compute({ outputs: predicted, masks, losses }, given, penalty, sampleWeight) {
      const batch = predicted[0]!.shape[0];
      const own = parts.flatMap((part, i) =>
        part.loss
          ? [
              {
                part,
                value: reducedLoss(tf, part.loss, given[i] ?? given[0]!, predicted[i]!, masks[i] ?? null, sampleWeight),
              },
            ]
          : [],
      );
      const terms = own.map(({ part, value }) => (part.weight === 1 ? value : tf.mul(value, part.weight)));
      if (penalty) terms.push(penalty);
      terms.push(...losses);
      const total = terms.length === 1 ? terms[0]! : tf.addN(terms);
      // Keras weights the loss of a batch by its size when it averages over an epoch.
      const means = [total, ...(several ? own.map(({ value }) => value) : [])].map(value => tf.mul(value, batch));
      const sums = metrics.map(({ metric, output }) =>
        metric.sums(given[output] ?? given[0]!, predicted[output]!, masks[output] ?? null),
      );
      lengths = sums.map(sum => sum.size);
      return { total, sums: tf.concat([tf.stack([tf.scalar(batch), ...means]), ...sums]) };
    },
    results(sums) {
      const result: Record<string, number> = {};
      const samples = sums[0]!;
      ['loss', ...lossNames].forEach((name, i) => {
        result[name] = sums[1 + i]! / samples;
      });
      let at = 2 + lossNames.length;
      const values = Array.from(sums);
      metrics.forEach(({ metric, name }, i) => {
        result[name] = metric.result(values.slice(at, (at += lengths[i]!)));
      });
      return result;
    },
    direction(name) {
      if (name === 'loss' || lossNames.includes(name)) return 'min';
      return metrics.find(metric => metric.name === name)?.metric.better;
    },
  };
}

/** What TensorFlow would raise in the middle of the first step, said before it. */
function checkLabels(loss: KerasObject, truth: readonly number[], predicted: readonly number[], output: string): void {
  const shape = (lengths: readonly number[]): string => `(${['None', ...lengths.slice(1)].join(', ')})`;
  const size = (lengths: readonly number[]): number => lengths.slice(1).reduce((a, b) => a * b, 1);
  const classes = predicted[predicted.length - 1]!;
  if (isSparse(loss.class)) {
    if (size(truth) !== size(predicted) / classes) {
      throw new ModelError(
        `The loss ${loss.class} wants one class index for each of the model's predictions ${shape(predicted)} ` +
          `("${output}"), but the labels have shape ${shape(truth)}.`,
        crossentropyKind(truth, predicted) === 'categorical'
          ? 'The labels look one-hot: use categorical_crossentropy.'
          : 'Check the output layer.',
      );
    }
  } else if (size(truth) !== size(predicted)) {
    throw new ModelError(
      `The labels have shape ${shape(truth)}, but the model's output "${output}" has ${shape(predicted)}, ` +
        `and the loss ${loss.class} compares them value by value.`,
      classes > 1 && size(truth) * classes === size(predicted)
        ? 'The labels are class indices: use sparse_categorical_crossentropy, or "oneHot": true in the data.'
        : 'Check the output layer.',
    );
  }
}
