/** A layer of TensorFlow.js leaves nothing of its input, and the library goes on. */
import { shapeIn } from './dialect';
import { fix, setArgument } from './fixes';
import { faultRule } from './rule';
import { named, relatedOf } from './words';

export const emptyOutput = faultRule({
  id: 'empty-output',
  severity: 'warning',
  fault: 'empty-output',
  title: 'A layer leaves nothing of its input.',
  doc:
    'A window that is larger than its input gives an output of length 0, or less. Keras raises there; TensorFlow.js ' +
    'goes on with an empty tensor, and the model trains on nothing but its biases. Only below 0, in a Sequential, it ' +
    "throws. The ways out: `padding: 'same'`, fewer or smaller windows, a larger input.",
  bad: [],
  good: [],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [4, 4, 1] }));
model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
model.add(tf.layers.flatten());
model.add(tf.layers.dense({ units: 2 }));
model.predict(tf.zeros([1, 4, 4, 1]));`,
      `import * as tf from '@tensorflow/tfjs';
const x = tf.layers.conv2d({ filters: 4, kernelSize: 5 }).apply(tf.input({ shape: [4, 4, 1] }));`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.layers.conv2d({ filters: 4, kernelSize: 5, padding: 'same' }).apply(tf.input({ shape: [4, 4, 1] }));`,
    ],
  },
  report: (fault, cx) => {
    const { input, output, raises } = fault.detail;
    const windowed = /Conv|Pooling/.test(fault.className ?? '') && !/Global/.test(fault.className ?? '');
    return {
      message: `${named(fault)} leaves nothing of its input ${shapeIn(cx, input)}: its output is ${shapeIn(cx, output)}.${raises ? '' : ' TensorFlow.js does not complain.'}`,
      span: fault.place,
      severity: raises ? 'error' : 'warning',
      related: relatedOf(fault),
      fixes: [
        windowed ? fix("Use padding: 'same'", setArgument(cx, fault.anchors, 'padding', "'same'", 'layer')) : undefined,
      ],
    };
  },
});
