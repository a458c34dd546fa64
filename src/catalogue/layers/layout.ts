/** Where batch, channels and spatial axes are in an image, a volume or a sequence: `data_format`. */
import { type Dim, unknownDim } from '../../ir/dim';
import { type Outcome } from '../../ir/fault';
import { isRanked, ranked, type Shape, unranked } from '../../ir/shape';
import type { Arguments, LayerContext } from '../spec';

export interface Layout {
  readonly channel: number;
  readonly spatial: readonly number[];
}

/**
 * Axes for a tensor of `count` spatial axes; undefined where `data_format` is not known. None means
 * `keras.config.image_data_format()`, which is channels_last unless a program changes it.
 */
export function layoutOf(args: Arguments, count: number): Layout | undefined {
  const none = args.isNone('data_format');
  const format = none ? 'channels_last' : args.text('data_format');
  const axes = Array.from({ length: count }, (_, i) => i);
  if (format === 'channels_last') return { channel: count + 1, spatial: axes.map(i => i + 1) };
  return format === 'channels_first' ? { channel: 1, spatial: axes.map(i => i + 2) } : undefined;
}

/** Puts spatial lengths and channels back in their places. */
export function assemble(batch: Dim, channels: Dim, spatial: readonly Dim[], layout: Layout): Shape {
  const dims = new Array<Dim>(spatial.length + 2).fill(batch);
  dims[layout.channel] = channels;
  layout.spatial.forEach((axis, i) => {
    dims[axis] = spatial[i]!;
  });
  return ranked(dims);
}

/** Runs `f` on the lengths of a ranked input; an unranked one stays unranked. */
export function onRanked(c: LayerContext, f: (dims: readonly Dim[]) => Outcome<Shape>): Outcome<Shape> {
  return isRanked(c.input) ? f(c.input.dims) : unranked(c.input.why);
}

/** A shape of known rank of which nothing else is known. */
export function obscure(rank: number, why: string): Shape {
  return ranked(new Array<Dim>(rank).fill(unknownDim(why)));
}

/** The input's lengths, or unknown ones where it has no known rank. */
export function dimAt(shape: Shape | undefined, axis: number): Dim {
  if (!shape) return unknownDim('there is no such input');
  return isRanked(shape) ? (shape.dims.at(axis) ?? unknownDim('there is no such axis')) : unknownDim(shape.why);
}

export const sameAsInput = (c: LayerContext): Shape => c.input;
