/** Preprocessing inside a model: what needs no vocabulary, and image augmentation in training. */
import type * as tfjs from '@tensorflow/tfjs';
import type { LayerKind, Tensor } from './layer';
import { passing, unary } from './layer';
import { resizeBilinear } from './gradient';

const Rescaling: LayerKind = make => {
  const { tf, config } = make;
  const number = (key: string, whenAbsent: number): Tensor | number => {
    const value = config.value(key);
    return Array.isArray(value) ? tf.tensor1d(value as number[]) : config.number(key, whenAbsent);
  };
  return passing(unary(x => tf.add(tf.mul(tf.cast(x, 'float32'), number('scale', 1)), number('offset', 0))));
};

/** With `mean` and `variance` given; what `adapt` would learn lies in no source. */
const Normalization: LayerKind = make => {
  const { tf, config, shape } = make;
  if (config.isNone('mean') || config.isNone('variance')) {
    throw make.fail(
      'it learns its mean and variance by adapt(), which is not run here',
      'Give mean= and variance=, or use "standardize": true of the training data instead.',
    );
  }
  const axes = (config.isNone('axis') ? [] : config.list('axis')).map(axis => (axis < 0 ? axis + shape.length : axis));
  const wide = shape.map((length, i) => (axes.includes(i) ? length : 1));
  const [mean, variance] = [config.list('mean'), config.list('variance')];
  const tensor = (values: readonly number[]): Tensor =>
    values.length === 1 ? tf.scalar(values[0]!) : tf.reshape(tf.tensor1d([...values]), wide);
  const invert = config.flag('invert', false);
  return passing(
    unary(x => {
      const deviation = tf.maximum(tf.sqrt(tensor(variance)), 1e-7);
      return invert ? tf.add(tensor(mean), tf.mul(x, deviation)) : tf.div(tf.sub(x, tensor(mean)), deviation);
    }),
  );
};

const CategoryEncoding: LayerKind = make => {
  const { tf, config } = make;
  const size = config.number('num_tokens');
  const mode = config.text('output_mode', 'multi_hot');
  return unary(x => {
    const hot = tf.oneHot(tf.cast(x, 'int32'), size).toFloat();
    if (mode === 'one_hot') return x.rank > 1 && x.shape[x.rank - 1] === 1 ? tf.squeeze(hot, [x.rank - 1]) : hot;
    const axis = hot.rank - 2;
    if (hot.rank < 3 && x.rank < 2) return hot;
    return mode === 'count' ? tf.sum(hot, axis) : tf.max(hot, axis);
  });
};

const Resizing: LayerKind = make => {
  const { tf, config, channelsLast } = make;
  const [height, width] = [config.number('height'), config.number('width')];
  const interpolation = config.text('interpolation', 'bilinear');
  if (!channelsLast) throw make.fail('its data has channels first', 'Use data_format="channels_last".');
  if (config.flag('crop_to_aspect_ratio', false) || config.flag('pad_to_aspect_ratio', false)) {
    throw make.fail('it keeps the aspect ratio', 'Leave crop_to_aspect_ratio and pad_to_aspect_ratio out.');
  }
  if (interpolation !== 'bilinear' && interpolation !== 'nearest') {
    throw make.fail(`its interpolation "${interpolation}" is not available`, 'Use "bilinear" or "nearest".');
  }
  return unary(x =>
    interpolation === 'bilinear'
      ? resizeBilinear(tf, x, height, width)
      : tf.image.resizeNearestNeighbor(x as tfjs.Tensor4D, [height, width], false, true),
  );
};

const CenterCrop: LayerKind = make => {
  const { tf, config } = make;
  const [height, width] = [config.number('height'), config.number('width')];
  return unary(x => {
    const [, h, w, c] = x.shape as [number, number, number, number];
    if (h < height || w < width)
      throw make.fail(`images of ${h}×${w} are smaller than the crop`, 'Choose a smaller crop.');
    return tf.slice(
      x,
      [0, Math.floor((h - height) / 2), Math.floor((w - width) / 2), 0],
      [x.shape[0], height, width, c],
    );
  });
};

/** Each image of a batch is turned over or not on its own. */
const RandomFlip: LayerKind = make => {
  const { tf, config } = make;
  const mode = config.text('mode', 'horizontal_and_vertical');
  const flip = (x: Tensor, axis: number): Tensor => {
    const coins = tf.cast(tf.greaterEqual(tf.randomUniform([x.shape[0], 1, 1, 1]), 0.5), 'float32');
    return tf.add(tf.mul(coins, tf.reverse(x, axis)), tf.mul(tf.sub(1, coins), x));
  };
  return unary((x, { training }) => {
    if (!training) return x;
    let y = x;
    if (mode.includes('horizontal')) y = flip(y, 2);
    if (mode.includes('vertical')) y = flip(y, 1);
    return y;
  });
};

const factorRange = (value: unknown): [number, number] =>
  Array.isArray(value) ? [value[0] as number, value[1] as number] : [-(value as number), value as number];

/** Contrast around each channel's mean by a factor drawn for each image. */
const RandomContrast: LayerKind = make => {
  const { tf, config } = make;
  const [low, high] = factorRange(config.value('factor'));
  return unary((x, { training }) => {
    if (!training) return x;
    const mean = tf.mean(x, [1, 2], true);
    return tf.add(tf.mul(tf.sub(x, mean), tf.randomUniform([x.shape[0], 1, 1, 1], 1 + low, 1 + high)), mean);
  });
};

const RandomBrightness: LayerKind = make => {
  const { tf, config } = make;
  const [low, high] = factorRange(config.value('factor'));
  const range = config.isNone('value_range') ? [0, 255] : config.list('value_range');
  return unary((x, { training }) => {
    if (!training) return x;
    const shift = tf.mul(tf.randomUniform([x.shape[0], 1, 1, 1], low, high), range[1]! - range[0]!);
    return tf.clipByValue(tf.add(x, shift), range[0]!, range[1]!);
  });
};

/**
 * Rotation, translation and zoom as one projective transform for each image, with the numbers drawn in the graph.
 * Keras: `keras/src/layers/preprocessing/image_preprocessing`; the matrices are those of TensorFlow's
 * ImageProjectiveTransformV3.
 */
const randomTransform =
  (kind: 'rotation' | 'translation' | 'zoom'): LayerKind =>
  make => {
    const { tf, config } = make;
    const range = (key: string): [number, number] => factorRange(config.value(key) ?? 0);
    const fillMode = config.text('fill_mode', 'reflect') as 'constant' | 'reflect' | 'wrap' | 'nearest';
    const interpolation = config.text('interpolation', 'bilinear') as 'bilinear' | 'nearest';
    const draw = (batch: number, [low, high]: [number, number]): Tensor => tf.randomUniform([batch, 1], low, high);
    const matrices = (batch: number, height: number, width: number): Tensor => {
      const [zeros, ones] = [tf.zeros([batch, 1]), tf.ones([batch, 1])];
      if (kind === 'translation') {
        const dx = tf.mul(draw(batch, range('width_factor')), -width);
        const dy = tf.mul(draw(batch, range('height_factor')), -height);
        return tf.concat([ones, zeros, dx, zeros, ones, dy, zeros, zeros], 1);
      }
      const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
      if (kind === 'zoom') {
        const zy = tf.add(1, draw(batch, range('height_factor')));
        const zx = config.isNone('width_factor') ? zy : tf.add(1, draw(batch, range('width_factor')));
        return tf.concat([zx, zeros, tf.mul(cx, tf.sub(1, zx)), zeros, zy, tf.mul(cy, tf.sub(1, zy)), zeros, zeros], 1);
      }
      const angle = tf.mul(draw(batch, range('factor')), 2 * Math.PI);
      const [cos, sin] = [tf.cos(angle), tf.sin(angle)];
      const dx = tf.sub(cx, tf.sub(tf.mul(cos, cx), tf.mul(sin, cy)));
      const dy = tf.sub(cy, tf.add(tf.mul(sin, cx), tf.mul(cos, cy)));
      return tf.concat([cos, tf.neg(sin), dx, sin, cos, dy, zeros, zeros], 1);
    };
    return unary((x, { training }) => {
      if (!training) return x;
      const [batch, height, width] = x.shape as [number, number, number, number];
      const transforms = matrices(batch, height, width) as tfjs.Tensor2D;
      return tf.image.transform(
        x as tfjs.Tensor4D,
        transforms,
        interpolation,
        fillMode,
        config.number('fill_value', 0),
      );
    });
  };

export const PREPROCESSING: Readonly<Record<string, LayerKind>> = {
  Rescaling,
  Normalization,
  CategoryEncoding,
  Resizing,
  CenterCrop,
  RandomFlip,
  RandomContrast,
  RandomBrightness,
  RandomRotation: randomTransform('rotation'),
  RandomTranslation: randomTransform('translation'),
  RandomZoom: randomTransform('zoom'),
};
