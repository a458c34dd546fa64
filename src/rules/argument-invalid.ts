/** An argument has a value that the library refuses. */
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
  report: (fault, cx) => {
    const { name, got, wanted, suggestion } = fault.detail;
    const span = fault.anchors?.[`argument:${name}`];
    const written = span && cx.text.slice(span.start, span.end);
    const quoted =
      suggestion && written && /^['"]/.test(written) ? `${written[0]!}${suggestion}${written[0]!}` : suggestion;
    const halved =
      written && /^[^/]*[^/]\/[^/][^/]*$/.test(written) && suggestion ? written.replace(/\s*\/\s*/, ' // ') : undefined;
    return {
      message: `\`${name}\` of ${named(fault)} must be ${wanted}, but is ${got}.${suggestion && quoted !== suggestion ? ` Did you mean '${suggestion}'?` : ''}`,
      span: span ?? fault.place,
      related: relatedOf(fault),
      fixes: [
        halved
          ? fix(`Write ${halved}`, replace(span, halved))
          : quoted
            ? fix(`Write ${quoted}`, replace(span, quoted))
            : undefined,
      ],
    };
  },
});
