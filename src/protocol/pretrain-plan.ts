/**
 * What a `pretrain` run is to do: a new checkpoint from text, as the `plan` of its start command. The child trains the
 * vocabulary, initialises the model, trains it by masked language modelling if epochs are wanted, and writes the folder.
 */

/** Google's small models (https://github.com/google-research/bert); attention heads are 64 wide in all of them. */
export const CHECKPOINT_SIZES = {
  tiny: { layers: 2, hiddenSize: 128 },
  mini: { layers: 4, hiddenSize: 256 },
  small: { layers: 4, hiddenSize: 512 },
  medium: { layers: 8, hiddenSize: 512 },
} as const;

export type CheckpointSize = keyof typeof CHECKPOINT_SIZES;

export interface PretrainPlan {
  /** Files of text, one sentence or paragraph a line, or tables with a column of texts; folders of .txt and .md files. */
  readonly corpus: readonly string[];
  /** Of tables; null: told by the table. */
  readonly textColumn: string | null;
  /** Where the checkpoint goes; null: into the run's folder. */
  readonly output: string | null;
  readonly size: CheckpointSize;
  /** Instead of the size's own; null: those. */
  readonly layers: number | null;
  readonly hiddenSize: number | null;
  /** null: one for each 64 of the hidden size. */
  readonly heads: number | null;
  /** null: four times the hidden size. */
  readonly intermediateSize: number | null;
  /** The longest input in tokens that the model can ever take. */
  readonly positions: number;
  /** Tokens at most; a small corpus gives fewer. */
  readonly vocabularySize: number;
  /** Pairs that occur less often make no token. */
  readonly minFrequency: number;
  readonly lowercase: boolean;
  readonly dropout: number;
  /** How often to go through the corpus; 0 leaves the model as it was initialised. */
  readonly epochs: number;
  readonly batchSize: number;
  readonly accumulation: number;
  /** Tokens of a training example: lines are put together up to this length; null: 128, or all positions if fewer. */
  readonly maxLength: number | null;
  /** The share of the tokens that is hidden. */
  readonly maskShare: number;
  /** The share of the examples held back. */
  readonly validation: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Below 1 a share of all updates, else their number. */
  readonly warmup: number;
  readonly schedule: 'linear' | 'constant' | 'cosine';
  readonly clipNorm: number;
}

export const PRETRAIN_DEFAULTS = {
  textColumn: null,
  output: null,
  size: 'mini',
  layers: null,
  hiddenSize: null,
  heads: null,
  intermediateSize: null,
  positions: 512,
  vocabularySize: 30_522,
  minFrequency: 2,
  lowercase: true,
  dropout: 0.1,
  epochs: 0,
  batchSize: 32,
  accumulation: 1,
  maxLength: null,
  maskShare: 0.15,
  validation: 0.05,
  learningRate: 5e-4,
  weightDecay: 0.01,
  warmup: 0.1,
  schedule: 'linear',
  clipNorm: 1,
} as const satisfies Omit<PretrainPlan, 'corpus'>;
