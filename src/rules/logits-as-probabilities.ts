/** A model's outputs are logits, and its loss takes them for probabilities. */
import type { LossFact, OutputFact } from '../infer/facts';
import type { CompileFact } from '../infer/facts';
import { isScript } from './dialect';
import { fix, replace, setArgument } from './fixes';
import { lossText } from './words';
import { factsRule, type Fix, type Report, type RuleContext } from './rule';
import { CROSS_ENTROPY, givesLogits, isCategorical, width } from './outputs';

export const logitsAsProbabilities = factsRule({
  id: 'logits-as-probabilities',
  severity: 'warning',
  title: 'A loss that expects probabilities gets logits.',
  doc:
    'A cross-entropy named by its string takes the outputs for probabilities. Outputs of a layer without activation are ' +
    'logits, any real numbers; the loss clips them and the model learns little, without a ' +
    'word. Either the last layer gets an activation, or the loss is told: `SparseCategoricalCrossentropy(from_logits=True)`. The TensorFlow models of transformers return logits.',
  bad: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((8,)), layers.Dense(10)])
model.compile(optimizer='adam', loss='sparse_categorical_crossentropy')`,
    `import tensorflow as tf
from transformers import TFBertForSequenceClassification
model = TFBertForSequenceClassification.from_pretrained('bert-base-uncased')
model.compile(optimizer='adam', loss='sparse_categorical_crossentropy', metrics=['accuracy'])`,
  ],
  good: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((8,)), layers.Dense(10)])
model.compile(optimizer='adam', loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))`,
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((8,)), layers.Dense(10, activation='softmax')])
model.compile(optimizer='adam', loss='sparse_categorical_crossentropy')`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ units: 10, inputShape: [8] }));
model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ units: 10, inputShape: [8], activation: 'softmax' }));
model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });`,
    ],
  },
  find: cx =>
    cx.facts.compiles.flatMap(compile =>
      compile.outputs.flatMap(output => {
        const { loss } = output;
        if (!loss || loss.place.file !== undefined || !CROSS_ENTROPY.has(loss.name) || loss.fromLogits !== false)
          return [];
        if (!compile.foreign && (!givesLogits(output) || (isCategorical(loss.name) && width(output) === 1))) return [];
        return [report(cx, compile, output, loss)];
      }),
    ),
});

function report(cx: RuleContext, compile: CompileFact, output: OutputFact, loss: LossFact): Report {
  const who = compile.foreign
    ? `\`${compile.model}\` returns logits`
    : `\`${output.layer!.name}\` has no activation, so its outputs are logits`;
  return {
    message: `${who}, but ${lossText(cx, loss.name)} takes them for probabilities. It trains, and learns little.`,
    span: loss.place,
    related: output.layer ? [{ message: `\`${output.layer.name}\` is made here`, place: output.layer.place }] : [],
    fixes: [fromLogits(cx, loss), activation(cx, output, loss)],
  };
}

function fromLogits(cx: RuleContext, loss: LossFact): Fix | undefined {
  const name = loss.name
    .split('_')
    .map(w => w.charAt(0).toUpperCase() + w.slice(1))
    .join('');
  if (loss.spelled === 'object' || isScript(cx)) return undefined;
  const made = `${kerasName(cx)}.losses.${name}(from_logits=True)`;
  return fix(`Use ${made}`, replace(loss.place, made));
}

/** How the file calls Keras. */
function kerasName(cx: RuleContext): string {
  for (const s of cx.program.body) {
    if (s.kind === 'import' && s.module === 'keras') return s.alias ?? 'keras';
    if (s.kind === 'import-from' && s.module === 'tensorflow') {
      const found = s.names.find(n => n.name === 'keras');
      if (found) return found.alias ?? 'keras';
    }
  }
  const tensorflow = cx.program.body.find(s => s.kind === 'import' && s.module === 'tensorflow');
  return tensorflow?.kind === 'import' ? `${tensorflow.alias ?? 'tensorflow'}.keras` : 'keras';
}

function activation(cx: RuleContext, output: OutputFact, loss: LossFact): Fix | undefined {
  if (!output.layer || output.layer.place.file !== undefined) return undefined;
  const wanted = loss.name.startsWith('binary') ? 'sigmoid' : 'softmax';
  return fix(
    `Give the last layer activation='${wanted}'`,
    setArgument(cx, output.layer.anchors, 'activation', `'${wanted}'`),
  );
}
