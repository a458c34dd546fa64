/** A dropout or a normalisation stands behind the layer that answers. */
import type { OutputFact } from '../infer/facts';
import type { Span, TextEdit } from '../ir/span';
import { isScript } from './dialect';
import { fix } from './fixes';
import { CROSS_ENTROPY } from './outputs';
import { factsRule, type Report, type RuleContext } from './rule';
import { lossText } from './words';

const PROGRAM = (layers: string, loss: string): string => `import keras
from keras import layers
model = keras.Sequential([
    keras.Input((8,)),
    ${layers}
])
model.compile(optimizer='adam', loss='${loss}')`;

export const layerAfterHead = factsRule({
  id: 'layer-after-head',
  severity: 'warning',
  title: 'A dropout or a normalisation stands behind the last layer.',
  doc:
    'Dropout behind the head sets answers to 0 and makes the others larger while the model trains, and a normalisation turns ' +
    'probabilities into numbers that are none. It trains on something else than it predicts. Both belong before the last layer.',
  bad: [
    PROGRAM("layers.Dense(10, activation='softmax'),\n    layers.Dropout(0.5),", 'categorical_crossentropy'),
    PROGRAM("layers.Dense(10, activation='softmax'),\n    layers.BatchNormalization(),", 'categorical_crossentropy'),
    PROGRAM('layers.Dense(1),\n    layers.Dropout(0.2),', 'mse'),
  ],
  good: [
    PROGRAM("layers.Dropout(0.5),\n    layers.Dense(10, activation='softmax'),", 'categorical_crossentropy'),
    PROGRAM('layers.Dense(10),\n    layers.LayerNormalization(),', 'cosine_similarity'),
  ],
  find: cx => (isScript(cx) ? [] : cx.facts.compiles.flatMap(({ outputs }) => outputs.flatMap(o => behind(o, cx)))),
});

const DROPS = /^((Spatial|Alpha|Gaussian)?Dropout([123]D)?|GaussianNoise)$/;
const NORMALISES = /^(Batch|Layer|Group|RMS|Unit)Normalization$/;

function behind({ layer, loss }: OutputFact, cx: RuleContext): Report[] {
  if (!layer || layer.place.file !== undefined || !loss) return [];
  const drops = DROPS.test(layer.className);
  if (!drops && !(NORMALISES.test(layer.className) && CROSS_ENTROPY.has(loss.name))) return [];
  const does = drops ? 'changes the answers at random while training' : 'turns the answers into other numbers';
  return [
    {
      message: `\`${layer.name}\` (${layer.className}) stands behind the last layer: it ${does}, and ${lossText(cx, loss.name)} compares that.`,
      span: layer.place,
      related: [{ message: 'the loss is chosen here', place: loss.place }],
      fixes: [fix(`Take ${layer.className} away`, removal(cx, layer.anchors['call']))],
    },
  ];
}

/** An item of a list with the comma before it, or a line `model.add(…)` or `x = Dropout(…)(x)`. */
function removal({ text }: RuleContext, call: Span | undefined): TextEdit | undefined {
  if (!call) return undefined;
  const comma = /,\s*$/.exec(text.slice(0, call.start));
  if (comma && !/^\s*\(/.test(text.slice(call.end)))
    return { span: { start: call.start - comma[0].length, end: call.end }, newText: '' };
  const start = text.lastIndexOf('\n', call.start) + 1;
  const end = (text.indexOf('\n', call.end) + 1 || text.length + 1) - 1;
  const [before, after] = [text.slice(start, call.start), text.slice(call.end, end)];
  const same = /^\s*(\w+)\s*=\s*$/.exec(before)?.[1];
  const isAlone =
    (/^\s*[\w.]+\.add\($/.test(before) && /^\)\s*$/.test(after)) ||
    (same !== undefined && new RegExp(`^\\(${same}\\)\\s*$`).test(after));
  return isAlone ? { span: { start, end: Math.min(text.length, end + 1) }, newText: '' } : undefined;
}
