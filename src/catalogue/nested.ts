/** A layer inside another one, as wrappers and RNN see it: a specification with its arguments, asked for shapes. */
import { type Dim, unknownDim } from '../ir/dim';
import type { Outcome } from '../ir/fault';
import type { Shape } from '../ir/shape';
import { applyLayer, isFailure } from './apply';
import type { Arguments, Framework, LayerSpec, NestedLayer, ShapeTree, WeightSpec } from './spec';

export function nestedLayer(spec: LayerSpec, args: Arguments, framework: Framework = 'keras'): NestedLayer {
  const apply = (inputs: readonly Shape[]): ReturnType<typeof applyLayer> =>
    applyLayer(spec, { args, inputs, framework });
  return {
    spec,
    className: spec.className,
    args,
    output(inputs): Outcome<ShapeTree> {
      const applied = apply(inputs);
      return isFailure(applied) ? applied : applied.output;
    },
    weights(inputs): Outcome<readonly WeightSpec[]> {
      const applied = apply(inputs);
      return isFailure(applied) ? applied : applied.weights;
    },
    flops(inputs): Dim {
      const applied = apply(inputs);
      return isFailure(applied)
        ? unknownDim('the layer fails')
        : (spec.flops?.(applied.context, applied.output) ?? { kind: 'known', value: 0 });
    },
  };
}
