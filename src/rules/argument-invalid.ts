/** An argument has a value that the library refuses. */
import type { Span } from '../ir/span';
import { argumentIn, isScript, scriptRoot } from './dialect';
import { fix, replace } from './fixes';
import { faultRule, type RuleContext } from './rule';
import { named, relatedOf } from './words';

/** The text that is meant, where an argument holds several: `'acuracy'` in `['mae', "acuracy"]`. */
function wordIn(cx: RuleContext, argument: Span | undefined, got: string): Span | undefined {
  const word = /^'(.*)'$/.exec(got)?.[1];
  if (!argument || word === undefined) return argument;
  const written = cx.text.slice(argument.start, argument.end);
  const [at] = [`'${word}'`, `"${word}"`].map(text => written.indexOf(text)).filter(i => i >= 0);
  return at === undefined ? argument : { start: argument.start + at, end: argument.start + at + word.length + 2 };
}

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
    `import keras
import numpy as np
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation='softmax')])
model.compile(loss='categorical_crossentrophy')
model.fit(np.zeros((4, 3)), np.zeros((4, 2)))`,
    `import keras
import numpy as np
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
model.compile(loss='mse', metrics=['acurracy'])
model.fit(np.zeros((4, 3)), np.zeros((4, 2)))`,
    `import keras
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
model.compile(loss='mse', metrics='mae')`,
  ],
  good: [
    `from keras import layers
layer = layers.Dense(16 // 2, activation='relu')`,
    `import keras
import numpy as np
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation='softmax')])
model.compile(loss='categorical_crossentropy', metrics=['accuracy', 'AUC', 'mae'])
model.fit(np.zeros((4, 3)), np.zeros((4, 2)))`,
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
    const span = wordIn(cx, fault.anchors?.[`argument:${name}`], got);
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
        written && wanted === 'a list of metrics'
          ? fix(`Write [${written}]`, replace(span, `[${written}]`))
          : undefined,
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
