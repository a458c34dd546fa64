/** A name that Keras 3 no longer has. */
import type { Fault } from '../ir/fault';
import type { Span } from '../ir/span';
import { fix, replace } from './fixes';
import { type Fix, faultRule, type RuleContext } from './rule';
import { relatedOf } from './words';

/** What `predict_classes` did: the likeliest of several classes, or whether the only one is likelier than not. */
function classFixes({ anchors }: Fault, cx: RuleContext): (Fix | undefined)[] {
  const { call, callee } = anchors ?? {};
  if (!call || !callee) return [];
  const written = cx.text.slice(callee.start, callee.end).replace(/predict_classes$/, 'predict');
  const predicted = written + cx.text.slice(callee.end, call.end);
  return [
    fix('Take the likeliest class of `predict`', replace(call, `${predicted}.argmax(axis=-1)`)),
    fix('Compare `predict` with 0.5', replace(call, `(${predicted} > 0.5).astype('int32')`)),
  ];
}

/** `keras.utils` has what `np_utils` had. */
function importFix(statement: Span | undefined, cx: RuleContext): Fix | undefined {
  const parts =
    statement &&
    /^from (\S*keras)\.utils import (np_utils)( as \w+)?$/.exec(cx.text.slice(statement.start, statement.end));
  return parts
    ? fix(
        'Import keras.utils under this name',
        replace(statement, `from ${parts[1]!} import utils${parts[3] ?? ' as np_utils'}`),
      )
    : undefined;
}

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
      fixes: [
        at && replacement ? fix(`Use ${replacement}`, { span: at, newText: replacement }) : undefined,
        ...(path === 'predict_classes' ? classFixes(fault, cx) : []),
        path === 'np_utils' ? importFix(fault.anchors?.['import'], cx) : undefined,
      ],
    };
  },
});
