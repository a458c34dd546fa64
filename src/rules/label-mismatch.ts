/** Labels do not fit the model's output under its loss. */
import { dimText, isKnown, known, same } from '../ir/dim';
import type { DetailOf, Fault } from '../ir/fault';
import { isRanked, shapeText } from '../ir/shape';
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
  report: (fault, cx) => {
    const { loss, labels, output } = fault.detail;
    return {
      message: `Under ${lossText(loss)} labels of shape ${shapeText(labels)} do not fit the output ${shapeText(output)} of the model.${advice(fault.detail)}`,
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

function advice(detail: Detail): string {
  if (integerLabels(detail)) return ' Labels that are class numbers need `sparse_categorical_crossentropy`.';
  if (oneHotLabels(detail)) return ' One-hot labels need `categorical_crossentropy`.';
  return lacksFlatten(detail) ? ' A Flatten or global pooling before the last layer is missing.' : '';
}

function fixesFor(fault: Fault, detail: Detail, cx: RuleContext): (Fix | undefined)[] {
  const { labels, output } = detail;
  const loss = fault.anchors?.['compile.argument:loss'];
  const written = source(cx, loss);
  const asString = (name: string): Fix | undefined =>
    written && /^['"]/.test(written)
      ? fix(`Use ${name}`, replace(loss, `${written[0]!}${name}${written[0]!}`))
      : undefined;
  if (integerLabels(detail)) {
    const y = source(cx, fault.anchors?.['argument:y']);
    const classes = isRanked(output) && isKnown(output.dims.at(-1)!) ? dimText(output.dims.at(-1)!) : undefined;
    const wrapped =
      y && classes && /^[\w.]+$/.test(y) && /^\s*import keras\b/m.test(cx.text)
        ? fix(
            'Make the labels one-hot',
            replace(fault.anchors?.['argument:y'], `keras.utils.to_categorical(${y}, ${classes})`),
          )
        : undefined;
    return [asString('sparse_categorical_crossentropy'), wrapped];
  }
  if (oneHotLabels(detail)) return [asString('categorical_crossentropy')];
  if (lacksFlatten(detail)) return [layerBefore(cx, fault, 'Flatten', '', 'output')];
  if (
    isRanked(labels) &&
    isRanked(output) &&
    labels.dims.length === output.dims.length &&
    isKnown(labels.dims.at(-1)!)
  ) {
    const wanted = dimText(labels.dims.at(-1)!);
    if (fault.anchors?.['output.argument:units'])
      return [fix(`Give the last layer ${wanted} units`, setArgument(cx, fault.anchors, 'units', wanted, 'output'))];
  }
  return [];
}
