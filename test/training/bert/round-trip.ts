// What the script that makes the round trip and the test that holds it share: batches, and how a step is taken.
import type { BatchTensors, TrainerOptions } from '../../../src/bert/trainer';
import type { Tokenizer } from '../../../src/bert/tokenizer';
import type { Tf } from '../../../src/train/compile';

/** `trip.json` of the recorded folder. */
export interface RoundTrip {
  readonly labels: readonly string[];
  /** Texts and pairs to be predicted. */
  readonly texts: readonly (readonly [string, string | null])[];
  /** Of the steps, in their order. */
  readonly batches: readonly { readonly texts: readonly string[]; readonly labels: readonly number[] }[];
}

/** As the loop in record_round_trip.py. */
export const STEP: TrainerOptions = {
  weightDecay: 0.01,
  clipNorm: 1,
  dropout: 0,
  frozen: { embeddings: false, layers: 0 },
};

export function batchTensors(
  tf: Tf,
  tokenizer: Tokenizer,
  { texts, labels }: RoundTrip['batches'][number],
): BatchTensors {
  const encodings = texts.map(text => tokenizer.encode(text, null, { maxLength: tokenizer.modelMaxLength }));
  const length = Math.max(...encodings.map(({ ids }) => ids.length));
  const filled = (values: readonly number[], by: number): number[] => [
    ...values,
    ...new Array<number>(length - values.length).fill(by),
  ];
  const tensor = (rows: number[][]) => tf.tensor2d(rows, [texts.length, length], 'int32');
  return {
    ids: tensor(encodings.map(({ ids }) => filled(ids, tokenizer.special.pad))),
    types: tensor(encodings.map(({ typeIds }) => filled(typeIds, 0))),
    mask: tensor(
      encodings.map(({ ids }) =>
        filled(
          ids.map(() => 1),
          0,
        ),
      ),
    ),
    labels: tf.tensor1d([...labels], 'int32'),
    weights: tf.ones([texts.length]),
  };
}
