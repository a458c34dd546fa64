/** An argument has a value that the library refuses. */
import { argumentIn, isScript, scriptRoot } from './dialect';
import { fix, replace } from './fixes';
import { faultRule } from './rule';
import { named, relatedOf } from './words';

export const argumentInvalid = faultRule({
  id: 'argument-invalid',
  severity: 'error',
  fault: 'argument-invalid',
  title: 'An argument has a value that is not allowed.',
  doc: 'The library checks the value when the layer is made, and raises. A frequent case is `units / 2`, which is a float in Python 3; write `units // 2`.',
  bad: [
    `from keras import layers
layer = layers.Dense(16 / 2)`,
    `from keras import layers
layer = layers.Dense(8, activation='rleu')`,
    `from keras import layers
layer = layers.Conv2D(8, 3, padding='full')`,
  ],
  good: [
    `from keras import layers
layer = layers.Dense(16 // 2, activation='relu')`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const layer = tf.layers.dense({ units: 16 / 3 });`,
      `import * as tf from '@tensorflow/tfjs';
const layer = tf.layers.dense({ units: 8, activation: 'rleu' });`,
      `import * as tf from '@tensorflow/tfjs';
const layer = tf.layers.conv2d({ filters: 8, kernelSize: 3, padding: 'SAME' });`,
      `import * as tf from '@tensorflow/tfjs';
const layer = tf.layers.maxPooling2d({ poolSize: 0 });`,
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [3] })] });
model.compile({ optimizer: 'adam', loss: 'mse' });`,
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [3] })] });
model.predict([[1, 2, 3]]);`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const layer = tf.layers.dense({ units: Math.floor(16 / 3), activation: 'relu' });`,
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [3] })] });
model.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['mse', 'accuracy'] });
model.predict(tf.tensor([[1, 2, 3]]));`,
    ],
  },
  report: (fault, cx) => {
    const { name, got, wanted, suggestion } = fault.detail;
    const span = fault.anchors?.[`argument:${name}`];
    const written = span && cx.text.slice(span.start, span.end);
    const quoted =
      suggestion && written && /^['"]/.test(written) ? `${written[0]!}${suggestion}${written[0]!}` : suggestion;
    const halved =
      written && /^[^/]*[^/]\/[^/][^/]*$/.test(written) && suggestion ? written.replace(/\s*\/\s*/, ' // ') : undefined;
    const divided = isScript(cx) && written && /^[^/]*[^/]\/[^/][^/]*$/.test(written) && /integer/.test(wanted);
    const tensor = isScript(cx) && wanted === 'a tensor' ? `${scriptRoot(cx)}.tensor(${written})` : undefined;
    return {
      message: `\`${argumentIn(cx, name)}\` of ${named(fault)} must be ${wanted}, but is ${got}.${suggestion && quoted !== suggestion ? ` Did you mean '${suggestion}'?` : ''}`,
      span: span ?? fault.place,
      related: relatedOf(fault),
      fixes: [
        divided ? fix(`Write Math.floor(${written})`, replace(span, `Math.floor(${written})`)) : undefined,
        tensor ? fix('Make a tensor of it', replace(span, tensor)) : undefined,
        halved
          ? fix(`Write ${halved}`, replace(span, halved))
          : quoted
            ? fix(`Write ${quoted}`, replace(span, quoted))
            : undefined,
      ],
    };
  },
});
