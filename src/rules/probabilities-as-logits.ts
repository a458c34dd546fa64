/** A model's outputs are probabilities, and its loss takes them for logits. */
import { fix, replace } from './fixes';
import { CROSS_ENTROPY } from './outputs';
import { factsRule } from './rule';

const PROBABILITIES = /^(softmax|sigmoid)$/;

export const probabilitiesAsLogits = factsRule({
  id: 'probabilities-as-logits',
  severity: 'warning',
  title: 'A loss with from_logits=True gets probabilities.',
  doc: 'With `from_logits=True` the loss applies softmax or sigmoid itself. On outputs that already went through one it is applied twice, which flattens the gradients.',
  bad: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((8,)), layers.Dense(10, activation='softmax')])
model.compile(optimizer='adam', loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))`,
  ],
  good: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((8,)), layers.Dense(10)])
model.compile(optimizer='adam', loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))`,
  ],
  find: cx =>
    cx.facts.compiles.flatMap(({ outputs }) =>
      outputs.flatMap(({ layer, loss }) => {
        if (
          !layer ||
          !loss ||
          loss.fromLogits !== true ||
          !CROSS_ENTROPY.has(loss.name) ||
          !PROBABILITIES.test(layer.activation ?? '')
        )
          return [];
        if (loss.place.file !== undefined) return [];
        const written = cx.text.slice(loss.place.start, loss.place.end);
        return [
          {
            message: `\`${layer.name}\` ends with ${layer.activation}, so its outputs are probabilities, but the loss takes them for logits (from_logits=True).`,
            span: loss.place,
            related: [{ message: `\`${layer.name}\` is made here`, place: layer.place }],
            fixes: [
              /from_logits\s*=\s*True/.test(written)
                ? fix(
                    'Use from_logits=False',
                    replace(loss.place, written.replace(/from_logits\s*=\s*True/, 'from_logits=False')),
                  )
                : undefined,
            ],
          },
        ];
      }),
    ),
});
