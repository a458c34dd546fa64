/** Layers that TensorFlow.js still has and Keras 3 has not; a Keras program that uses them gets the word about it. */
import { unknownDim } from '../../ir/dim';
import { isRanked, ranked } from '../../ir/shape';
import { NUMBER, optional, required } from '../kinds';
import { defineLayer, type LayerSpec } from '../spec';

/** tfjs-layers/src/layers/advanced_activations.ts */
const thresholdedReLU = defineLayer({
  className: 'ThresholdedReLU',
  tfjs: { factory: 'thresholdedReLU' },
  family: 'activation',
  doc: 'Keeps x above `theta` and gives zero below.',
  parameters: [optional('theta', NUMBER, 1)],
  output: c => c.input,
  examples: [],
});

/** tfjs-layers/src/layers/preprocessing/random_width.ts; the width differs from one call to the next. */
const randomWidth = defineLayer({
  className: 'RandomWidth',
  tfjs: { factory: 'randomWidth' },
  family: 'augmentation',
  doc: 'Stretches or squeezes images to a random width while training.',
  parameters: [required('factor'), optional('interpolation'), optional('seed')],
  rank: { exact: 4 },
  output: c =>
    isRanked(c.input) && c.input.dims.length === 4
      ? ranked(c.input.dims.map((d, i) => (i === 2 ? unknownDim('the width is random') : d)))
      : c.input,
  examples: [],
});

export const TENSORFLOW_JS_LAYERS: readonly LayerSpec[] = [thresholdedReLU, randomWidth];
