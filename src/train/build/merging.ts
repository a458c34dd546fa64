/** Layers that join several tensors. Ranks may differ as Keras allows: missing axes are inserted after the batch. */
import type { Forward, LayerKind, MaskRule, Tensor } from './layer';
import type { Tf } from '../compile';

/** Keras's `_Merge.call`: broadcasting, with an axis of length 1 inserted after the batch where ranks differ. */
function sameRank(tf: Tf, inputs: Tensor[]): Tensor[] {
  const rank = Math.max(...inputs.map(x => x.rank));
  return inputs.map(x => {
    let y = x;
    while (y.rank < rank) y = tf.expandDims(y, 1);
    return y;
  });
}

/** All inputs' masks must hold (Keras's `_Merge.compute_mask`); none if one input has none. */
const allMasks =
  (tf: Tf): MaskRule =>
  (inputs, { masks }) => {
    if (masks.length === 0 || masks.some(mask => !mask)) return null;
    const rank = Math.max(...inputs.map(x => x.rank));
    return rank < 2 ? null : masks.reduce((a, b) => tf.logicalAnd(a!, b!));
  };

const elementwise =
  (join: (tf: Tf, a: Tensor, b: Tensor) => Tensor, end?: (tf: Tf, sum: Tensor, count: number) => Tensor): LayerKind =>
  make => {
    const { tf } = make;
    const forward: Forward = inputs => {
      const [first, ...rest] = sameRank(tf, inputs);
      const joined = rest.reduce((a, b) => join(tf, a, b), first!);
      return end ? end(tf, joined, inputs.length) : joined;
    };
    return { forward, mask: allMasks(tf) };
  };

const Concatenate: LayerKind = make => {
  const { tf, config } = make;
  const axis = config.number('axis', -1);
  return {
    forward: inputs => tf.concat(inputs, axis < 0 ? axis + inputs[0]!.rank : axis),
    mask: (inputs, { masks }) => {
      if (masks.every(mask => !mask)) return null;
      const parts = inputs.map((x, i) => {
        const mask = masks[i];
        if (!mask) return tf.cast(tf.onesLike(x), 'bool');
        return mask.rank < x.rank
          ? tf.cast(tf.mul(tf.onesLike(x), tf.cast(tf.expandDims(mask, -1), 'float32')), 'bool')
          : mask;
      });
      return tf.all(tf.concat(parts, axis < 0 ? axis + inputs[0]!.rank : axis), -1);
    },
  };
};

/** `batch_dot` along one axis of each, optionally of vectors scaled to length 1. */
const Dot: LayerKind = make => {
  const { tf, config } = make;
  const given = config.list('axes');
  const normalize = config.flag('normalize', false);
  return inputs => {
    let [a, b] = inputs as [Tensor, Tensor];
    const axes = (given.length === 1 ? [given[0]!, given[0]!] : given).map((axis, i) =>
      axis < 0 ? axis + inputs[i]!.rank : axis,
    );
    if (normalize) {
      const unit = (x: Tensor, axis: number): Tensor =>
        tf.mul(x, tf.rsqrt(tf.maximum(tf.sum(tf.square(x), axis, true), 1e-12)));
      [a, b] = [unit(a, axes[0]!), unit(b, axes[1]!)];
    }
    const [x, leftRest] = rows(tf, a, axes[0]!, true);
    const [y, rightRest] = rows(tf, b, axes[1]!, false);
    const shape = [a.shape[0], ...leftRest, ...rightRest];
    return tf.reshape(tf.matMul(x as never, y as never), shape.length === 1 ? [shape[0]!, 1] : shape);
  };
};

/** `[batch, rest, axis]` for the left operand, `[batch, axis, rest]` for the right one, and the lengths in `rest`. */
function rows(tf: Tf, x: Tensor, axis: number, left: boolean): [Tensor, number[]] {
  const others = x.shape.map((_, i) => i).filter(i => i !== 0 && i !== axis);
  const rest = others.map(i => x.shape[i]!);
  const order = left ? [0, ...others, axis] : [0, axis, ...others];
  const size = rest.reduce((a, b) => a * b, 1);
  const shape = left ? [x.shape[0], size, x.shape[axis]!] : [x.shape[0], x.shape[axis]!, size];
  return [tf.reshape(tf.transpose(x, order), shape), rest];
}

export const MERGING: Readonly<Record<string, LayerKind>> = {
  Add: elementwise((tf, a, b) => tf.add(a, b)),
  Subtract: elementwise((tf, a, b) => tf.sub(a, b)),
  Multiply: elementwise((tf, a, b) => tf.mul(a, b)),
  Average: elementwise(
    (tf, a, b) => tf.add(a, b),
    (tf, sum, count) => tf.div(sum, count),
  ),
  Maximum: elementwise((tf, a, b) => tf.maximum(a, b)),
  Minimum: elementwise((tf, a, b) => tf.minimum(a, b)),
  Concatenate,
  Dot,
};
