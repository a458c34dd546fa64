/** A softmax over a single value is always 1. */
import { isScript } from './dialect';
import { fix, setArgument } from './fixes';
import { isSoftmaxOverOne } from './outputs';
import { factsRule } from './rule';

export const softmaxOverOne = factsRule({
  id: 'softmax-over-one',
  severity: 'warning',
  title: 'A softmax over one unit.',
  doc: 'Softmax makes the values of one row sum to 1. With a single value per row the output is 1 whatever the model learns. For yes or no use one unit with a sigmoid.',
  bad: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((8,)), layers.Dense(1, activation='softmax')])
model.compile(optimizer='adam', loss='binary_crossentropy')`,
  ],
  good: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((8,)), layers.Dense(1, activation='sigmoid')])
model.compile(optimizer='adam', loss='binary_crossentropy')`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ units: 1, inputShape: [8], activation: 'softmax' }));
model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy' });`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ units: 1, inputShape: [8], activation: 'sigmoid' }));
model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy' });`,
    ],
  },
  find: cx =>
    cx.facts.compiles.flatMap(({ outputs }) =>
      outputs.filter(isSoftmaxOverOne).flatMap(({ layer }) => {
        if (!layer || layer.place.file !== undefined) return [];
        return [
          {
            message: `\`${layer.name}\` takes a softmax over a single value, so its output is always 1.`,
            span: layer.anchors['argument:activation'] ?? layer.place,
            fixes: [
              fix(
                isScript(cx) ? "Use activation: 'sigmoid'" : "Use activation='sigmoid'",
                setArgument(cx, layer.anchors, 'activation', "'sigmoid'"),
              ),
            ],
          },
        ];
      }),
    ),
});
