/**
 * What a `finetune` run is to do: the `plan` of its start command. Whoever starts it fills in every default; what
 * depends on the data (task, columns, labels) may stay open, and the child settles it.
 */

/** Names as on the command line; `null` leaves it to the data or to the checkpoint. */
export interface FinetunePlan {
  /** A folder with config.json, weights and tokenizer. */
  readonly checkpoint: string;
  readonly data: string;
  /** A file, or the share of the data to hold back; 0 holds nothing back. */
  readonly validation: string | number;
  /** Where the trained checkpoint goes; null: into the run's folder. */
  readonly output: string | null;
  readonly task: string | null;
  readonly textColumn: string | null;
  /** Empty: no second text. */
  readonly pairColumn: string | null;
  readonly labelColumn: string | null;
  readonly epochs: number;
  readonly batchSize: number;
  /** Batches whose mean gradient makes one update. */
  readonly accumulation: number;
  /** In tokens; null: 128, for question answering 384. */
  readonly maxLength: number | null;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Below 1 a share of all updates, else their number. */
  readonly warmup: number;
  readonly schedule: 'linear' | 'constant' | 'cosine';
  /** Largest norm of the gradient over all weights; 0: any. */
  readonly clipNorm: number;
  /** null: the checkpoint's own. */
  readonly dropout: number | null;
  readonly labelSmoothing: number;
  /** `balanced`: each class by its rarity. */
  readonly classWeights: 'balanced' | readonly number[] | null;
  readonly freezeEmbeddings: boolean;
  /** The first so many layers stay as they are. */
  readonly freezeLayers: number;
  /** Thin matrices of this rank are trained instead of the encoder; 0: none. */
  readonly loraRank: number;
  readonly loraAlpha: number;
  readonly loraTargets: 'attention' | 'all';
  /** Ends after so many epochs without a better validation; null: never. */
  readonly patience: number | null;
  /** The share of the tokens that masked language modelling hides. */
  readonly maskShare: number;
}

export const FINETUNE_DEFAULTS = {
  validation: 0.1,
  output: null,
  task: null,
  textColumn: null,
  pairColumn: null,
  labelColumn: null,
  epochs: 3,
  batchSize: 16,
  accumulation: 1,
  maxLength: null,
  learningRate: 5e-5,
  weightDecay: 0.01,
  warmup: 0.1,
  schedule: 'linear',
  clipNorm: 1,
  dropout: null,
  labelSmoothing: 0,
  classWeights: null,
  freezeEmbeddings: false,
  freezeLayers: 0,
  loraRank: 0,
  loraAlpha: 16,
  loraTargets: 'attention',
  patience: null,
  maskShare: 0.15,
} as const satisfies Omit<FinetunePlan, 'checkpoint' | 'data'>;
