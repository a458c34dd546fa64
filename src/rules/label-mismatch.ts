/** Labels do not fit the model's output under its loss. */
import { isKnown, known, same } from '../ir/dim';
import type { DetailOf, Fault } from '../ir/fault';
import { isRanked } from '../ir/shape';
import { dimIn, isScript, nameIn, scriptRoot, shapeIn } from './dialect';
import { fix, layerBefore, replace, setArgument, source } from './fixes';
import { type Fix, faultRule, type RuleContext } from './rule';
import { lossText, relatedOf } from './words';

const PROGRAM = (output: string, loss: string, labels: string): string => `import keras
import numpy as np
from keras import layers
model = keras.Sequential([
    keras.Input((8, 8, 1)),
    layers.Conv2D(4, 3),
    ${output}
])
model.compile(optimizer='adam', loss='${loss}')
model.fit(np.zeros((64, 8, 8, 1)), ${labels})`;

export const labelMismatch = faultRule({
  id: 'label-mismatch',
  severity: 'error',
  fault: 'label-mismatch',
  title: 'Labels do not fit the output of the model under its loss.',
  doc:
    '`categorical_crossentropy` compares an output of k probabilities with one-hot rows of length k, `sparse_categorical_crossentropy` with integers, so its labels have one axis less. ' +
    'Everything else compares value by value. An output with more axes than the labels usually lacks a `Flatten` or a global pooling before the last layer.',
  bad: [
    PROGRAM("layers.Flatten(), layers.Dense(4, activation='softmax'),", 'categorical_crossentropy', 'np.zeros((64,))'),
    PROGRAM(
      "layers.Flatten(), layers.Dense(4, activation='softmax'),",
      'categorical_crossentropy',
      'np.zeros((64, 3))',
    ),
    PROGRAM(
      "layers.Flatten(), layers.Dense(4, activation='softmax'),",
      'sparse_categorical_crossentropy',
      'np.zeros((64, 4))',
    ),
    PROGRAM("layers.Dense(4, activation='softmax'),", 'categorical_crossentropy', 'np.zeros((64, 4))'),
    PROGRAM('layers.Flatten(), layers.Dense(4),', 'mse', 'np.zeros((64, 3))'),
  ],
  good: [
    PROGRAM(
      "layers.Flatten(), layers.Dense(4, activation='softmax'),",
      'categorical_crossentropy',
      'np.zeros((64, 4))',
    ),
    PROGRAM(
      "layers.Flatten(), layers.Dense(4, activation='softmax'),",
      'sparse_categorical_crossentropy',
      'np.zeros((64,))',
    ),
    PROGRAM("layers.Flatten(), layers.Dense(1, activation='sigmoid'),", 'binary_crossentropy', 'np.zeros((64,))'),
    PROGRAM('layers.Flatten(), layers.Dense(1),', 'mse', 'np.zeros((64, 1))'),
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ units: 4, activation: 'softmax', inputShape: [3] }));
model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
const y = tf.zeros([8]);
await model.fit(tf.zeros([8, 3]), y, { epochs: 1 });`,
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ units: 4, activation: 'softmax', inputShape: [3] }));
model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
const y = tf.zeros([8, 3]);
await model.fit(tf.zeros([8, 3]), y, { epochs: 1 });`,
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ units: 4, activation: 'softmax', inputShape: [3] }));
model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
const y = tf.zeros([8, 4]);
await model.fit(tf.zeros([8, 3]), y, { epochs: 1 });`,
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ units: 4, inputShape: [3] }));
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
const y = tf.zeros([8, 1]);
await model.fit(tf.zeros([8, 3]), y, { epochs: 1 });`,
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 1] }));
model.add(tf.layers.dense({ units: 4, activation: 'softmax' }));
model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
await model.fit(tf.zeros([8, 8, 8, 1]), tf.zeros([8, 4]), { epochs: 1 });`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ units: 4, activation: 'softmax', inputShape: [3] }));
model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
const y = tf.zeros([8, 4]);
await model.fit(tf.zeros([8, 3]), y, { epochs: 1 });`,
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ units: 4, activation: 'softmax', inputShape: [3] }));
model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
const y = tf.zeros([8]);
await model.fit(tf.zeros([8, 3]), y, { epochs: 1 });`,
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ units: 4, activation: 'softmax', inputShape: [3] }));
model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
const y = tf.zeros([8, 1]);
await model.fit(tf.zeros([8, 3]), y, { epochs: 1 });`,
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ units: 4, activation: 'softmax', inputShape: [3] }));
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
const y = tf.zeros([8, 4]);
await model.fit(tf.zeros([8, 3]), y, { epochs: 1 });`,
    ],
  },
  report: (fault, cx) => {
    const { loss, labels, output } = fault.detail;
    return {
      message: `Under ${lossText(cx, loss)} labels of shape ${shapeIn(cx, labels)} do not fit the output ${shapeIn(cx, output)} of the model.${advice(cx, fault.detail)}`,
      span: fault.anchors?.['argument:y'] ?? fault.place,
      related: relatedOf(fault),
      fixes: fixesFor(fault, fault.detail, cx),
    };
  },
});

type Detail = DetailOf<'label-mismatch'>;

/** The output has more axes than one label: the head answers for every place instead of once. */
function lacksFlatten({ loss, labels, output }: Detail): boolean {
  if (!isRanked(output) || !isRanked(labels)) return false;
  return (
    output.dims.length > 2 &&
    labels.dims.length + (loss.startsWith('sparse') ? 1 : 0) <= 2 &&
    output.dims.length > labels.dims.length
  );
}

function integerLabels({ loss, labels, output }: Detail): boolean {
  if (!/^categorical/.test(loss) || !isRanked(labels) || !isRanked(output) || output.dims.length !== 2) return false;
  return labels.dims.length === 1 || (labels.dims.length === 2 && same(labels.dims[1]!, known(1)) === 'yes');
}

function oneHotLabels({ loss, labels, output }: Detail): boolean {
  return (
    loss === 'sparse_categorical_crossentropy' &&
    isRanked(labels) &&
    isRanked(output) &&
    labels.dims.length === output.dims.length
  );
}

function advice(cx: RuleContext, detail: Detail): string {
  if (integerLabels(detail))
    return ` Labels that are class numbers need ${lossText(cx, 'sparse_categorical_crossentropy')}.`;
  if (oneHotLabels(detail)) return ` One-hot labels need ${lossText(cx, 'categorical_crossentropy')}.`;
  return lacksFlatten(detail) ? ' A Flatten or global pooling before the last layer is missing.' : '';
}

function fixesFor(fault: Fault, detail: Detail, cx: RuleContext): (Fix | undefined)[] {
  const { labels, output } = detail;
  const loss = fault.anchors?.['compile.argument:loss'];
  const written = source(cx, loss);
  const asString = (name: string): Fix | undefined =>
    written && /^['"]/.test(written)
      ? fix(`Use ${nameIn(cx, name)}`, replace(loss, `${written[0]!}${nameIn(cx, name)}${written[0]!}`))
      : undefined;
  if (integerLabels(detail)) {
    const y = source(cx, fault.anchors?.['argument:y']);
    const classes = isRanked(output) && isKnown(output.dims.at(-1)!) ? dimIn(cx, output.dims.at(-1)!) : undefined;
    const wrapped =
      y && classes && /^[\w.]+$/.test(y) && /^\s*import keras\b/m.test(cx.text)
        ? fix(
            'Make the labels one-hot',
            replace(fault.anchors?.['argument:y'], `keras.utils.to_categorical(${y}, ${classes})`),
          )
        : undefined;
    const oneHot =
      isScript(cx) && y && classes && /^[\w.]+$/.test(y)
        ? `${scriptRoot(cx)}.oneHot(${y}.toInt().flatten(), ${classes})`
        : undefined;
    return [
      asString('sparse_categorical_crossentropy'),
      wrapped,
      oneHot ? fix('Make the labels one-hot', replace(fault.anchors?.['argument:y'], oneHot)) : undefined,
    ];
  }
  if (oneHotLabels(detail)) return [asString('categorical_crossentropy')];
  if (lacksFlatten(detail)) return [layerBefore(cx, fault, 'Flatten', '', 'output')];
  if (isScript(cx) && isRanked(labels) && labels.dims.length === 1 && fault.anchors?.['output.argument:units'])
    return [fix('Give the last layer one unit', setArgument(cx, fault.anchors, 'units', '1', 'output'))];
  if (
    isRanked(labels) &&
    isRanked(output) &&
    labels.dims.length === output.dims.length &&
    isKnown(labels.dims.at(-1)!)
  ) {
    const wanted = dimIn(cx, labels.dims.at(-1)!);
    if (fault.anchors?.['output.argument:units'])
      return [fix(`Give the last layer ${wanted} units`, setArgument(cx, fault.anchors, 'units', wanted, 'output'))];
  }
  return [];
}
