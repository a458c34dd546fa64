/** Something is asked of a model that it only knows once it has seen its input. */
import { faultRule } from './rule';
import { named, relatedOf } from './words';

export const notBuilt = faultRule({
  id: 'not-built',
  severity: 'error',
  fault: 'not-built',
  title: 'A model is asked for what it does not know yet.',
  doc: 'A Sequential without an input shape has no outputs before its first call. Start it with `keras.Input(shape)`, and its shapes are known at once.',
  bad: [
    `import keras
from keras import layers
body = keras.Sequential([layers.Dense(3)])
shape = body.output_shape`,
  ],
  good: [
    `import keras
from keras import layers
body = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
shape = body.output_shape`,
  ],
  report: fault => ({
    message: `${named(fault)} has no inputs and outputs yet, because its input shape is not known. Start it with \`keras.Input(shape)\`.`,
    span: fault.place,
    related: relatedOf(fault),
  }),
});
