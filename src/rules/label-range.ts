/** Class numbers are larger than the number of outputs. */
import { fix, setArgument } from './fixes';
import { dimIn } from './dialect';
import { faultRule } from './rule';
import { relatedOf } from './words';

export const labelRange = faultRule({
  id: 'label-range',
  severity: 'error',
  fault: 'label-range',
  title: 'There are more classes than outputs.',
  doc: 'Under `sparse_categorical_crossentropy` a label is the number of the right output, counted from 0. A label at or above the number of outputs makes training fail.',
  bad: [
    `import keras
from keras import layers
(x_train, y_train), _ = keras.datasets.mnist.load_data()
model = keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.Dense(9, activation='softmax')])
model.compile(loss='sparse_categorical_crossentropy')
model.fit(x_train / 255, y_train)`,
  ],
  good: [
    `import keras
from keras import layers
(x_train, y_train), _ = keras.datasets.mnist.load_data()
model = keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.Dense(10, activation='softmax')])
model.compile(loss='sparse_categorical_crossentropy')
model.fit(x_train / 255, y_train)`,
  ],
  report: (fault, cx) => {
    const { classes, labels } = fault.detail;
    return {
      message: `The labels go up to ${labels.kind === 'known' ? labels.value - 1 : `${dimIn(cx, labels)} − 1`}, but the model has only ${dimIn(cx, classes)} outputs.`,
      span: fault.anchors?.['argument:y'] ?? fault.place,
      related: relatedOf(fault),
      fixes: [
        labels.kind === 'known' && fault.anchors?.['output.argument:units']
          ? fix(
              `Give the last layer ${labels.value} units`,
              setArgument(cx, fault.anchors, 'units', String(labels.value), 'output'),
            )
          : undefined,
      ],
    };
  },
});
