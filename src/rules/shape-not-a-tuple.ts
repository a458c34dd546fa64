/** A shape is a bare number. */
import { fix, replace, source } from './fixes';
import { faultRule } from './rule';
import { named, relatedOf } from './words';

export const shapeNotATuple = faultRule({
  id: 'shape-not-a-tuple',
  severity: 'error',
  fault: 'shape-not-a-tuple',
  title: 'A shape is a number instead of a tuple.',
  doc: 'A shape is a tuple of lengths, also where it has only one: `(784,)`. The brackets alone do not make a tuple in Python, the comma does.',
  bad: [
    `import keras
x = keras.Input((784))`,
  ],
  good: [
    `import keras
x = keras.Input((784,))`,
  ],
  report: (fault, cx) => {
    const name = ['shape', 'input_shape', 'batch_shape', 'target_shape'].find(n => fault.anchors?.[`argument:${n}`]);
    const span = name === undefined ? undefined : fault.anchors?.[`argument:${name}`];
    const written = source(cx, span)
      ?.replace(/^\((.*)\)$/s, '$1')
      .trim();
    return {
      message: `The shape of ${named(fault)} must be a tuple, but is the number ${fault.detail.got}. Write \`(${fault.detail.got},)\`.`,
      span: span ?? fault.place,
      related: relatedOf(fault),
      fixes: [written === undefined ? undefined : fix(`Write (${written},)`, replace(span, `(${written},)`))],
    };
  },
});
