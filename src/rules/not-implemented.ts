/** An option that is documented and that TensorFlow.js has not implemented. */
import { fix, removeOption, replace } from './fixes';
import { faultRule } from './rule';

export const notImplemented = faultRule({
  id: 'not-implemented',
  severity: 'error',
  fault: 'not-implemented',
  title: 'An option that TensorFlow.js has not implemented.',
  doc:
    '`tf.callbacks.earlyStopping` lists `restoreBestWeights` among its options, and throws when it is true. To keep the ' +
    'best weights, copy `model.getWeights()` in a callback when the monitored value improves.',
  bad: [],
  good: [],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const stop = tf.callbacks.earlyStopping({ monitor: 'loss', patience: 3, restoreBestWeights: true });`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const stop = tf.callbacks.earlyStopping({ monitor: 'loss', patience: 3 });`,
    ],
  },
  report: (fault, cx) => {
    const { name, value } = fault.detail;
    const key = fault.anchors?.[`keyword:${name}`];
    const given = fault.anchors?.[`argument:${name}`];
    return {
      message: `\`${name}: ${value}\` of \`${fault.callee}\` is not implemented in TensorFlow.js and throws.`,
      span: key && given ? { start: key.start, end: given.end } : fault.place,
      fixes: [
        fix(`Leave ${name} out`, removeOption(cx, key, given)),
        fix(`Set ${name} to false`, replace(given, 'false')),
      ],
    };
  },
});
