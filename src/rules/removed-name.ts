/** A name that Keras 3 no longer has. */
import { fix } from './fixes';
import { faultRule } from './rule';
import { relatedOf } from './words';

export const removedName = faultRule({
  id: 'removed-name',
  severity: 'error',
  fault: 'removed-name',
  title: 'A function that was removed.',
  doc: 'Old names such as `fit_generator` are gone since Keras 3; what they did is part of another function now.',
  bad: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
model.compile(loss='mse')
model.fit_generator(batches)`,
  ],
  good: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
model.compile(loss='mse')
model.fit(batches)`,
  ],
  report: (fault, cx) => {
    const { path, since, replacement } = fault.detail;
    const callee = fault.anchors?.['callee'];
    const written = callee && cx.text.slice(callee.start, callee.end);
    const at = written?.endsWith(path) ? { start: callee!.end - path.length, end: callee!.end } : undefined;
    return {
      message: `\`${path}\` does not exist since Keras ${since}.${replacement ? ` Use \`${replacement}\`.` : ''}`,
      span: at ?? fault.place,
      related: relatedOf(fault),
      fixes: [at && replacement ? fix(`Use ${replacement}`, { span: at, newText: replacement }) : undefined],
    };
  },
});
