/** Layers that move, repeat, cut or pad values without computing any. */
import type { LayerKind, Tensor } from './layer';
import { unary } from './layer';
import { repeat, resizeBilinear } from './gradient';

const Flatten: LayerKind = make => {
  const { tf, channelsLast } = make;
  return unary(x => {
    // Channels are moved to the end first, so that both data formats flatten to the same order.
    const last = channelsLast || x.rank < 3 ? x : tf.transpose(x, [0, ...x.shape.slice(2).map((_, i) => i + 2), 1]);
    return tf.reshape(last, [x.shape[0], last.size / x.shape[0]]);
  });
};

const Reshape: LayerKind = make => {
  const { tf, config } = make;
  const target = config.list('target_shape');
  return unary(x => {
    const known = target.filter(length => length !== -1).reduce((a, b) => a * b, 1);
    const shape = target.map(length => (length === -1 ? x.size / x.shape[0] / known : length));
    return tf.reshape(x, [x.shape[0], ...shape]);
  });
};

const Permute: LayerKind = make => {
  const { tf, config } = make;
  const dims = config.list('dims');
  return unary(x => tf.transpose(x, [0, ...dims]));
};

const RepeatVector: LayerKind = make => {
  const { tf, config } = make;
  const n = config.number('n');
  return unary(x => tf.tile(tf.expandDims(x, 1), [1, n, 1]));
};

/** `[[before, after], …]`, one pair for each spatial axis, from a number, numbers, or pairs. */
function pairs(value: unknown, rank: number): [number, number][] {
  const one = (v: unknown): [number, number] =>
    Array.isArray(v) ? [v[0] as number, v[1] as number] : [v as number, v as number];
  if (rank === 1) return [one(value)];
  return Array.isArray(value) ? value.map(one) : Array.from({ length: rank }, () => one(value));
}

/** The spatial axes' place in a tensor of this layout. */
const around = <T>(spatial: readonly T[], channelsLast: boolean, other: T): T[] =>
  channelsLast ? [other, ...spatial, other] : [other, other, ...spatial];

const zeroPadding =
  (rank: number): LayerKind =>
  make => {
    const { tf, config, channelsLast } = make;
    const paddings = around<[number, number]>(pairs(config.value('padding') ?? 1, rank), channelsLast, [0, 0]);
    return unary(x => tf.pad(x, paddings));
  };

const cropping =
  (rank: number): LayerKind =>
  make => {
    const { tf, config, channelsLast } = make;
    const cuts = around<[number, number]>(pairs(config.value('cropping') ?? 1, rank), channelsLast, [0, 0]);
    return unary(x =>
      tf.slice(
        x,
        cuts.map(([before]) => before),
        x.shape.map((length, i) => length - cuts[i]![0] - cuts[i]![1]),
      ),
    );
  };

const upSampling =
  (rank: number): LayerKind =>
  make => {
    const { tf, config, channelsLast } = make;
    const size = config.window('size', rank, 2);
    const interpolation = rank === 2 ? config.text('interpolation', 'nearest') : 'nearest';
    if (interpolation !== 'nearest' && interpolation !== 'bilinear') {
      throw make.fail(`its interpolation "${interpolation}" is not available`, 'Use "nearest" or "bilinear".');
    }
    const first = channelsLast ? 1 : 2;
    return unary(x => {
      if (interpolation === 'nearest') return size.reduce<Tensor>((y, times, i) => repeat(tf, y, first + i, times), x);
      const last = channelsLast ? x : tf.transpose(x, [0, 2, 3, 1]);
      const [height, width] = [last.shape[1]! * size[0]!, last.shape[2]! * size[1]!];
      const y = resizeBilinear(tf, last, height, width);
      return channelsLast ? y : tf.transpose(y, [0, 3, 1, 2]);
    });
  };

export const RESHAPING: Readonly<Record<string, LayerKind>> = {
  Flatten,
  Reshape,
  Permute,
  RepeatVector,
  ZeroPadding1D: zeroPadding(1),
  ZeroPadding2D: zeroPadding(2),
  ZeroPadding3D: zeroPadding(3),
  Cropping1D: cropping(1),
  Cropping2D: cropping(2),
  Cropping3D: cropping(3),
  UpSampling1D: upSampling(1),
  UpSampling2D: upSampling(2),
  UpSampling3D: upSampling(3),
};
