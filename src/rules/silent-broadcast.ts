/** Labels and outputs of different shapes are compared all the same, value by repeated value. */
import { type Dim, isKnown } from '../ir/dim';
import { isRanked } from '../ir/shape';
import type { FitFact } from '../infer/facts';
import { shapeIn } from './dialect';
import { fix, setArgument } from './fixes';
import { factsRule, type Report, type RuleContext } from './rule';

const PROGRAM = (body: string, labels: string): string => `import keras
import numpy as np
from keras import layers
model = keras.Sequential([
    keras.Input((6, 6, 2)),
    ${body}
])
model.compile(optimizer='adam', loss='mse')
model.fit(np.zeros((64, 6, 6, 2)), ${labels})`;

export const silentBroadcast = factsRule({
  id: 'silent-broadcast',
  severity: 'warning',
  title: 'Labels and output have different shapes, and are compared all the same.',
  doc:
    'Under mean squared or absolute error a length of 1 is repeated to fit. Labels `(n, 1)` against an output `(n, k)` ' +
    'compare every output with the same label; a missing Flatten compares every place of an ' +
    'image with one number. It trains without a word, on the wrong question.',
  bad: [
    PROGRAM('layers.Flatten(), layers.Dense(4),', 'np.zeros((64, 1))'),
    PROGRAM('layers.Dense(1),', 'np.zeros((64, 1, 1, 1))'),
    PROGRAM('layers.Reshape((6, 12)), layers.LSTM(4, return_sequences=True), layers.Dense(1),', 'np.zeros((64, 1))'),
  ],
  good: [
    PROGRAM('layers.Flatten(), layers.Dense(1),', 'np.zeros((64, 1))'),
    PROGRAM('layers.Flatten(), layers.Dense(1),', 'np.zeros((64,))'),
    PROGRAM('layers.Dense(1),', 'np.zeros((64, 6, 6, 1))'),
  ],
  find: cx => cx.facts.fits.flatMap(fit => broadcasts(fit, cx)),
});

function broadcasts(fit: FitFact, cx: RuleContext): Report[] {
  if (fit.place.file !== undefined || fit.labels.length !== fit.outputs.length || fit.method === 'predict') return [];
  return fit.outputs.flatMap((output, i) => {
    const labels = fit.labels[i]!.shape;
    if (!output.loss || output.loss.spec.rule !== 'broadcast' || !isRanked(labels) || !isRanked(output.shape))
      return [];
    const [l, o] = sameRank(labels.dims.slice(1), output.shape.dims.slice(1));
    if (l.length === 0 || l.length !== o.length) return [];
    const repeated = l.some(
      (d, axis) =>
        isKnown(d) && isKnown(o[axis]!) && d.value !== o[axis].value && (d.value === 1 || o[axis].value === 1),
    );
    if (!repeated) return [];
    const { layer } = output;
    const last = l.at(-1)!;
    const units =
      layer?.anchors['argument:units'] && output.shape.dims.length === 2 && l.length === 1 && isKnown(last)
        ? String(last.value)
        : undefined;
    return [
      {
        message: `Labels of shape ${shapeIn(cx, labels)} are compared with the output ${shapeIn(cx, output.shape)} by repeating values; \`${output.loss.name}\` does not complain.`,
        span: fit.site.anchors['argument:y'] ?? fit.place,
        related: layer ? [{ message: `the output comes from \`${layer.name}\``, place: layer.place }] : [],
        fixes: [
          units && layer
            ? fix(
                `Give the last layer ${units} ${units === '1' ? 'unit' : 'units'}`,
                setArgument(cx, layer.anchors, 'units', units),
              )
            : undefined,
        ],
      },
    ];
  });
}

/** Keras takes away a last axis of length 1 where that makes the ranks the same (`squeeze_or_expand_to_same_rank`). */
function sameRank(labels: readonly Dim[], outputs: readonly Dim[]): [readonly Dim[], readonly Dim[]] {
  const isOne = (dim: Dim | undefined): boolean => dim !== undefined && isKnown(dim) && dim.value === 1;
  if (labels.length === outputs.length + 1 && outputs.length > 0 && isOne(labels.at(-1)))
    return [labels.slice(0, -1), outputs];
  if (outputs.length === labels.length + 1 && labels.length > 0 && isOne(outputs.at(-1)))
    return [labels, outputs.slice(0, -1)];
  return [labels, outputs];
}
