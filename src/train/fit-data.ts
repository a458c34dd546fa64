/** What stands between a data set and a model: shapes that Keras lets pass, labels beyond the classes,
  class weights. */
import type { DataArray, DataSet } from '../data/dataset';
import { sampleCount } from '../data/dataset';
import type { ModelFacts } from '../ir/model';
import type { FitPlan } from '../protocol/fit-plan';
import { ModelError } from './build/config';

/** Keras lets samples (28, 28) into an input (28, 28, 1), and the other way round. */
export function fitted(x: DataArray, facts: ModelFacts): DataArray {
  const wanted = facts.inputShapes[0];
  if (!wanted) return x;
  if (wanted.length === x.shape.length + 1 && wanted[wanted.length - 1] === 1) return { ...x, shape: [...x.shape, 1] };
  if (wanted.length === x.shape.length - 1 && x.shape[x.shape.length - 1] === 1)
    return { ...x, shape: x.shape.slice(0, -1) };
  return x;
}

/** TensorFlow would read past the end, or raise in the middle of an epoch. */
export function checkIndices(train: DataSet, output: readonly number[], plan: FitPlan): void {
  const loss = plan.loss as { class?: string };
  if (typeof loss.class !== 'string' || !/sparse/i.test(loss.class) || !train.y) return;
  const classes = output[output.length - 1]!;
  const { data } = train.y;
  for (let i = 0; i < data.length; i++) {
    const label = data[i]!;
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    const sample = Math.floor(i / (data.length / sampleCount(train.y)));
    throw new ModelError(
      `The label of sample ${sample} in ${train.source} is ${label}, but the model has ${classes} classes (0 to ${classes - 1}).`,
      'Correct the label, or give the last layer as many units as there are classes.',
    );
  }
}

/** One weight per sample by its class, whether labels are indices or one-hot. */
export function classWeights(y: DataArray, weights: Readonly<Record<string, number>>): Float32Array {
  const samples = sampleCount(y);
  const width = y.data.length / samples;
  return Float32Array.from({ length: samples }, (_, i) => {
    let label = y.data[i * width]!;
    if (width > 1) {
      label = 0;
      for (let k = 1; k < width; k++) if (y.data[i * width + k]! > y.data[i * width + label]!) label = k;
    }
    return weights[String(label)] ?? 1;
  });
}
