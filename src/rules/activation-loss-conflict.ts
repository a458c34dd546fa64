/** The activation of the last layer does not give what the loss compares. */
import { isScript } from './dialect';
import { fix, setArgument } from './fixes';
import { CROSS_ENTROPY, isCategorical, width } from './outputs';
import { lossText } from './words';
import { factsRule } from './rule';

const NO_PROBABILITY = /^(relu|tanh|elu|selu|leaky_relu|gelu|softplus|softsign|exponential|swish|silu|relu6)$/;

export const activationLossConflict = factsRule({
  id: 'activation-loss-conflict',
  severity: 'warning',
  title: 'The last activation does not give the probabilities that the loss wants.',
  doc:
    'A cross-entropy compares probabilities. relu, tanh and their like give no probabilities, and sigmoid gives each class one of its own, which need not sum to 1: ' +
    'for one of several classes use softmax, for several labels at once sigmoid with `binary_crossentropy`.',
  bad: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((8,)), layers.Dense(10, activation='relu')])
model.compile(optimizer='adam', loss='categorical_crossentropy')`,
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((8,)), layers.Dense(10, activation='sigmoid')])
model.compile(optimizer='adam', loss='categorical_crossentropy')`,
  ],
  good: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((8,)), layers.Dense(10, activation='sigmoid')])
model.compile(optimizer='adam', loss='binary_crossentropy')`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ units: 10, inputShape: [8], activation: 'relu' }));
model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ units: 10, inputShape: [8], activation: 'sigmoid' }));
model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy' });`,
    ],
  },
  find: cx =>
    cx.facts.compiles.flatMap(({ outputs }) =>
      outputs.flatMap(output => {
        const { layer, loss } = output;
        if (
          !layer?.activation ||
          layer.place.file !== undefined ||
          !loss ||
          loss.fromLogits !== false ||
          !CROSS_ENTROPY.has(loss.name)
        )
          return [];
        const categorical = isCategorical(loss.name);
        const separate = layer.activation === 'sigmoid' && categorical && (width(output) ?? 0) > 1;
        if ((!NO_PROBABILITY.test(layer.activation) && !separate) || (categorical && width(output) === 1)) return [];
        const wanted = categorical ? 'softmax' : 'sigmoid';
        return [
          {
            message: separate
              ? `${lossText(cx, loss.name)} chooses one class, but sigmoid gives each class a probability of its own. ` +
                `Use softmax, or ${lossText(cx, 'binary_crossentropy')} for several labels at once.`
              : `${lossText(cx, loss.name)} wants probabilities, but \`${layer.name}\` ends with ${layer.activation}, which gives none.`,
            span: layer.anchors['argument:activation'] ?? layer.place,
            related: [{ message: 'the loss is chosen here', place: loss.place }],
            fixes: [
              fix(
                isScript(cx) ? `Use activation: '${wanted}'` : `Use activation='${wanted}'`,
                setArgument(cx, layer.anchors, 'activation', `'${wanted}'`),
              ),
            ],
          },
        ];
      }),
    ),
});
