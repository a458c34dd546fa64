/** A categorical loss compares classes, and the model has one output. */
import { nameIn } from './dialect';
import { isCategorical, isSoftmaxOverOne, width } from './outputs';
import { fix, replace } from './fixes';
import { lossText } from './words';
import { factsRule } from './rule';

export const oneOutputForClasses = factsRule({
  id: 'one-output-for-classes',
  severity: 'warning',
  title: 'A categorical cross-entropy on a single output.',
  doc:
    '`categorical_crossentropy` and `sparse_categorical_crossentropy` choose between as many classes as there are outputs. With one output there is nothing to choose and nothing to learn. ' +
    'For two classes use one sigmoid unit with `binary_crossentropy`, or two units.',
  bad: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((8,)), layers.Dense(1, activation='sigmoid')])
model.compile(optimizer='adam', loss='sparse_categorical_crossentropy')`,
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
model.add(tf.layers.dense({ units: 1, inputShape: [8], activation: 'sigmoid' }));
model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });`,
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
      outputs.flatMap(output => {
        const { loss, layer } = output;
        if (
          !loss ||
          loss.place.file !== undefined ||
          !isCategorical(loss.name) ||
          width(output) !== 1 ||
          isSoftmaxOverOne(output)
        )
          return [];
        const quote = loss.spelled === 'string' ? cx.text.charAt(loss.place.start) : '';
        return [
          {
            message: `${lossText(cx, loss.name)} chooses between as many classes as there are outputs, but the model has only one.`,
            span: loss.place,
            related: layer ? [{ message: `\`${layer.name}\` is made here`, place: layer.place }] : [],
            fixes: [
              /['"]/.test(quote)
                ? fix(
                    `Use ${nameIn(cx, 'binary_crossentropy')}`,
                    replace(loss.place, `${quote}${nameIn(cx, 'binary_crossentropy')}${quote}`),
                  )
                : undefined,
            ],
          },
        ];
      }),
    ),
});
