/** A layer is asked for by a name that the model does not have. */
import { closest } from '../catalogue/spelling';
import { fix, replace } from './fixes';
import { faultRule } from './rule';
import { relatedOf } from './words';

export const noSuchLayer = faultRule({
  id: 'no-such-layer',
  severity: 'error',
  fault: 'no-such-layer',
  title: 'The model has no layer of this name.',
  doc: '`get_layer` raises a ValueError when no layer of the model has the name.',
  bad: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((3,)), layers.Dense(2, name='body')])
layer = model.get_layer('boddy')`,
  ],
  good: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((3,)), layers.Dense(2, name='body')])
layer = model.get_layer('body')`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3], name: 'body' })] });
const layer = model.getLayer('boddy');`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3], name: 'body' })] });
const layer = model.getLayer('body');`,
    ],
  },
  report: fault => {
    const { name, existing } = fault.detail;
    const near = closest(name, existing);
    const span = fault.anchors?.['argument:name'];
    return {
      message:
        `The model has no layer '${name}'. Its layers are ` +
        `${existing
          .slice(0, 8)
          .map(n => `'${n}'`)
          .join(', ')}${existing.length > 8 ? ', …' : ''}.`,
      span: span ?? fault.place,
      related: relatedOf(fault),
      fixes: [near ? fix(`Use '${near}'`, replace(span, `'${near}'`)) : undefined],
    };
  },
});
