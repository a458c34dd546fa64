/** Questions that several rules ask about a model's outputs and losses. */
import { isKnown } from '../ir/dim';
import { isRanked } from '../ir/shape';
import type { OutputFact } from '../infer/facts';

export const CROSS_ENTROPY: ReadonlySet<string> = new Set([
  'binary_crossentropy',
  'categorical_crossentropy',
  'sparse_categorical_crossentropy',
  'binary_focal_crossentropy',
  'categorical_focal_crossentropy',
]);

/** Layers that compute any real number when they have no activation. */
const LINEAR = /^(Dense|EinsumDense|Conv[123]D(Transpose)?|SeparableConv[12]D)$/;

/** The output is any real number: its last layer has no activation. */
export function givesLogits({ layer }: OutputFact): boolean {
  return layer !== undefined && layer.activation === 'linear' && LINEAR.test(layer.className);
}

/** The length of the last axis, where it is a number. */
export function width({ shape }: OutputFact): number | undefined {
  const last = isRanked(shape) ? shape.dims.at(-1) : undefined;
  return last && isKnown(last) ? last.value : undefined;
}

/** One value under a softmax is always 1. */
export function isSoftmaxOverOne(output: OutputFact): boolean {
  return output.layer?.activation === 'softmax' && width(output) === 1;
}

export function isCategorical(loss: string | undefined): boolean {
  return (
    loss === 'categorical_crossentropy' ||
    loss === 'sparse_categorical_crossentropy' ||
    loss === 'categorical_focal_crossentropy'
  );
}
