/** Pictures go into a network as they were loaded, with numbers from 0 to 255. */
import type { DataFact, FitFact } from '../infer/facts';
import { isScript } from './dialect';
import { fix, replace, source } from './fixes';
import { factsRule, type Report, type RuleContext } from './rule';

const PROGRAM = (scaled: string, layer = ''): string => `import keras
from keras import layers
(x_train, y_train), _ = keras.datasets.mnist.load_data()
${scaled}model = keras.Sequential([
    keras.Input((28, 28)),
    ${layer}layers.Flatten(),
    layers.Dense(64, activation='relu'),
    layers.Dense(10, activation='softmax'),
])
model.compile(optimizer='adam', loss='sparse_categorical_crossentropy')
model.fit(x_train, y_train)`;

export const unscaledImages = factsRule({
  id: 'unscaled-images',
  severity: 'warning',
  title: 'Images are given as they were loaded, with numbers from 0 to 255.',
  doc:
    'Layers start with weights made for numbers around 1. With pixels up to 255 the first layer saturates and the ' +
    'optimiser’s steps are too small or too large: it trains, slowly and worse. Divide by 255, or begin the model with `Rescaling(1 / 255)`.',
  bad: [PROGRAM('')],
  good: [
    PROGRAM("x_train = x_train.astype('float32') / 255\n"),
    PROGRAM('', 'layers.Rescaling(1 / 255),\n    '),
    PROGRAM('', 'layers.BatchNormalization(),\n    '),
    PROGRAM('', 'layers.Dense(8), layers.BatchNormalization(),\n    '),
  ],
  find: cx => (isScript(cx) ? [] : cx.facts.fits.flatMap(each => unscaled(each, cx))),
});

/** They move numbers about and leave them as they are. */
const KEEPS = /^(InputLayer|Flatten|Reshape|Permute|Dropout|ZeroPadding|Cropping|Random(?!Brightness|Contrast))/;
const WEIGHS = /^(Dense|((Separable|Depthwise)?Conv[123]D))$/;

function unscaled(fit: FitFact, cx: RuleContext): Report[] {
  const [images, more] = fit.features;
  if (fit.method !== 'fit' || fit.place.file !== undefined || !images || more || !isUnscaled(images)) return [];
  const model = cx.facts.models.find(m => m.name === fit.model && /^(Sequential|Functional)$/.test(m.className));
  const [first, second] = model?.facts.layers.filter(layer => !KEEPS.test(layer.className)) ?? [];
  if (!first || !WEIGHS.test(first.className) || second?.className === 'BatchNormalization') return [];
  const given = fit.site.anchors['argument:x'];
  const written = source(cx, given);
  return [
    {
      message: `The images go into \`${fit.model}\` with numbers from 0 to 255; its first layer \`${first.name}\` is made for numbers around 1.`,
      span: given ?? fit.place,
      related: images.place ? [{ message: 'the images come from here', place: images.place }] : [],
      fixes: [
        images.facts?.dataset !== undefined && written && /^[\w.]+$/.test(written)
          ? fix('Divide by 255', replace(given, `${written} / 255`))
          : undefined,
      ],
    },
  ];
}

function isUnscaled({ facts }: DataFact): boolean {
  return facts?.largest === 255 && facts.scale === 1;
}
