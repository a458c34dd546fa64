/** A function of TensorFlow or NumPy is called on a symbolic Keras tensor. */
import { fix, replace } from './fixes';
import { faultRule } from './rule';
import { relatedOf } from './words';

export const foreignOp = faultRule({
  id: 'foreign-op',
  severity: 'error',
  fault: 'foreign-op',
  title: 'A TensorFlow or NumPy function gets a symbolic Keras tensor.',
  doc:
    'While a functional model is built its tensors hold no values. Since Keras 3 only Keras layers and `keras.ops` take them; TensorFlow and NumPy functions raise. ' +
    'Use the function of the same kind in `keras.ops`, or put the code into the `call` of a layer.',
  bad: [
    `import keras
import tensorflow as tf
x = keras.Input((3,))
y = tf.concat([x, x], axis=-1)`,
  ],
  good: [
    `import keras
x = keras.Input((3,))
y = keras.ops.concatenate([x, x], axis=-1)`,
  ],
  report: (fault, cx) => {
    const { path, replacement } = fault.detail;
    const module = cx.program.body.some(s => s.kind === 'import' && s.module === 'keras' && s.alias === undefined);
    const root = module
      ? 'keras.'
      : cx.program.body.some(s => s.kind === 'import' && s.module === 'tensorflow' && s.alias === 'tf')
        ? 'tf.keras.'
        : undefined;
    const written = replacement && root && replacement.replace(/^keras\./, root);
    return {
      message: `\`${path}\` cannot take a symbolic Keras tensor, which holds no values while the model is built.${replacement ? ` Use \`${replacement}\`.` : ' Put this into the `call` of a layer.'}`,
      span: fault.place,
      related: relatedOf(fault),
      fixes: [written ? fix(`Use ${written}`, replace(fault.anchors?.['callee'], written)) : undefined],
    };
  },
});
