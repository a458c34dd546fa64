/** An argument does not exist, or not any more. */
import { fix, replace } from './fixes';
import { faultRule } from './rule';
import { named, relatedOf } from './words';

export const argumentUnknown = faultRule({
  id: 'argument-unknown',
  severity: 'error',
  fault: 'argument-unknown',
  title: 'An argument does not exist.',
  doc: 'A name that is mistyped, or that was renamed or removed since Keras 1 or 2: Keras raises a TypeError or a ValueError.',
  bad: [
    `from keras import layers
layer = layers.Dense(output_dim=8)`,
    `from keras import layers
layer = layers.Conv2D(8, 3, actvation='relu')`,
  ],
  good: [
    `from keras import layers
layer = layers.Dense(units=8)
other = layers.Conv2D(8, 3, activation='relu')`,
  ],
  report: fault => {
    const { name, suggestion, removed } = fault.detail;
    const keyword = fault.anchors?.[`keyword:${name}`];
    const hint = suggestion ? ` It is called \`${suggestion}\`.` : removed ? ' It was removed.' : '';
    return {
      message: `${named(fault)} has no argument \`${name}\`.${hint}`,
      span: keyword ?? fault.place,
      related: relatedOf(fault),
      fixes: [suggestion ? fix(`Rename to \`${suggestion}\``, replace(keyword, suggestion)) : undefined],
    };
  },
});
