/** A key of an options object that TensorFlow.js does not look at. */
import { fix, replace, source } from './fixes';
import { faultRule } from './rule';
import { relatedOf } from './words';

export const optionIgnored = faultRule({
  id: 'option-ignored',
  severity: 'warning',
  fault: 'option-ignored',
  title: 'An option of TensorFlow.js is spelled in a way that the library ignores.',
  doc:
    'The functions of TensorFlow.js take one object and look only at the keys they know. A key in Python’s spelling ' +
    '(`input_shape`, `return_sequences`) or with a typing mistake is ignored without a word, and the default holds. ' +
    'Where the key is needed the layer throws, but complains of another thing.',
  bad: [],
  good: [],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const layer = tf.layers.lstm({ units: 8, return_sequences: true });`,
      `import * as tf from '@tensorflow/tfjs';
const layer = tf.layers.dense({ units: 8, activaton: 'relu' });`,
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [3] })] });
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
await model.fit(tf.zeros([8, 3]), tf.zeros([8, 1]), { epochs: 1, batch_size: 4 });`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const layer = tf.layers.lstm({ units: 8, returnSequences: true });`,
    ],
  },
  report: (fault, cx) => {
    const { name, suggestion, raises } = fault.detail;
    const key = fault.anchors?.[`keyword:${name}`];
    const quote = /^['"]/.exec(source(cx, key) ?? '')?.[0] ?? '';
    return {
      message: `\`${fault.callee}\` has no option \`${name}\` and ignores it${raises ? ', though it needs the one that is meant' : ''}. It is called \`${suggestion}\`.`,
      span: key ?? fault.place,
      severity: raises ? 'error' : 'warning',
      related: relatedOf(fault),
      fixes: [
        key
          ? fix(`Rename to \`${suggestion}\``, replace(renamed(cx.text, key, name), `${quote}${suggestion}${quote}`))
          : undefined,
      ],
    };
  },
});

/** `{ input_shape }` alone stands for `input_shape: input_shape`; the name of the variable stays. */
function renamed(text: string, key: { start: number; end: number }, name: string): typeof key | undefined {
  const isShorthand = text.slice(key.start, key.end) === name && !/^\s*:/.test(text.slice(key.end));
  return isShorthand ? undefined : key;
}
