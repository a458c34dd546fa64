/** A function of TensorFlow or NumPy is called on a symbolic Keras tensor. */
import { isScript, scriptRoot } from './dialect';
import { fix, replace } from './fixes';
import { TFJS_ACTIVATIONS } from '../catalogue/tensorflow-js';
import type { Fault } from '../ir/fault';
import { type Report, type RuleContext, faultRule } from './rule';
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
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.relu(tf.input({ shape: [3] }));`,
      `import * as tf from '@tensorflow/tfjs';
const x = tf.input({ shape: [4] });
const y = tf.reshape(x, [2, 2]);`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.layers.activation({ activation: 'relu' }).apply(tf.input({ shape: [3] }));
const y = tf.relu(tf.zeros([3]));`,
    ],
  },
  report: (fault, cx) => {
    const { path, replacement } = fault.detail;
    if (isScript(cx)) return scriptReport(fault, path, cx);
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

/** TensorFlow.js lets no function but the layers take a symbolic tensor, and a symbolic tensor has no methods. */
function scriptReport(fault: Fault, path: string, cx: RuleContext): Report {
  const name = path.slice(path.lastIndexOf('.') + 1);
  const isFunction = path.startsWith('tf.');
  const args = fault.anchors?.['arguments'];
  const inner = args && cx.text.slice(args.start + 1, args.end - 1).trim();
  const layer = TFJS_ACTIVATIONS.includes(name) ? `activation({ activation: '${name}' })` : MERGES[name];
  const root = scriptRoot(cx);
  const made =
    isFunction && inner && layer && !/^[\w.]+\s*,/.test(inner) ? `${root}.layers.${layer}.apply(${inner})` : undefined;
  return {
    message: `\`${isFunction ? path : `.${name}()`}\` needs values, but a symbolic tensor of a model has none. Use a layer, or put this into the \`call\` of a layer of your own.`,
    span: fault.place,
    related: relatedOf(fault),
    fixes: [made ? fix(`Use ${root}.layers.${layer}`, replace(fault.anchors?.['call'], made)) : undefined],
  };
}

/** Functions of a list of tensors, and the layers of the same kind. */
const MERGES: Readonly<Record<string, string>> = { concat: 'concatenate()', addN: 'add()' };
