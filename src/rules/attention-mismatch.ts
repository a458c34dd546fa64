/** Key and value of an attention layer do not belong together. */
import { shapeIn } from './dialect';
import { faultRule } from './rule';
import { named, relatedOf } from './words';

export const attentionMismatch = faultRule({
  id: 'attention-mismatch',
  severity: 'error',
  fault: 'attention-mismatch',
  title: 'Query, key and value of an attention layer do not fit together.',
  doc: 'Each key belongs to one value, so both need the same number of entries; a query is compared with the keys, so it may have another length, but the sizes that are multiplied must agree.',
  bad: [
    `import keras
from keras import layers
q, k, v = keras.Input((5, 8)), keras.Input((7, 8)), keras.Input((6, 8))
x = layers.MultiHeadAttention(2, 4)(q, v, k)`,
  ],
  good: [
    `import keras
from keras import layers
q, k, v = keras.Input((5, 8)), keras.Input((6, 8)), keras.Input((6, 8))
x = layers.MultiHeadAttention(2, 4)(q, v, k)`,
  ],
  report: (fault, cx) => ({
    message: `${named(fault)} gets the query ${shapeIn(cx, fault.detail.query)}, the value ${shapeIn(cx, fault.detail.value)} and the key ${shapeIn(cx, fault.detail.key)}, which do not fit together.`,
    span: fault.place,
    related: relatedOf(fault),
  }),
});
