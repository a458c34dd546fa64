/** What passes between the predicting child and whoever asks it: one JSON object a line, each way. */
import type { EvaluationFacts } from './messages';

export interface PredictionInput {
  readonly text: string;
  /** The second text of a pair, or the context of a question. */
  readonly pair?: string;
}

export interface PredictRequest {
  /** Comes back with every answer. */
  readonly id: number;
  /** A folder, or an id of the hub; a child keeps the latest one in memory. */
  readonly checkpoint: string;
  readonly inputs?: readonly PredictionInput[];
  /** Instead of `inputs`: a file, with the names of its columns where they are not told by themselves. */
  readonly data?: string;
  readonly textColumn?: string | null;
  readonly pairColumn?: string | null;
  /** Attention probabilities of every layer and head as well, of inputs up to so many tokens. */
  readonly attention?: number;
  /** What the checkpoint is, before its predictions. */
  readonly describe?: boolean;
  /** Instead of predictions: how well the checkpoint does on `data`, which have labels. */
  readonly evaluate?: boolean;
  /** For an evaluation, where it is not told by itself. */
  readonly labelColumn?: string | null;
}

export interface Prediction {
  readonly text: string;
  readonly pair?: string;
  /** The label, the number, the answer, the word behind [MASK], or the labels of all words. */
  readonly label: string;
  readonly score: number;
  /** Probabilities by label; numbers by column for regression. */
  readonly scores: Readonly<Record<string, number>>;
  /** [K], or for each token [L][K]; start and end for answers. A language model's are left out. */
  readonly logits: readonly number[] | readonly (readonly number[])[];
  readonly tokens: readonly string[];
  /** Of token classification: each word with its label. */
  readonly words?: readonly { readonly word: string; readonly label: string; readonly score: number }[];
  /** Of question answering: where the answer stands in the context, in code points. */
  readonly span?: { readonly start: number; readonly end: number };
  readonly attention?: Attention;
}

/** How much each token looks at each other one; a row sums to 1. */
export interface Attention {
  readonly layers: number;
  readonly heads: number;
  readonly tokens: number;
  /**
   * [layer, head, from, to] as 16-bit numbers, low byte first, in base64: 65535 is 1. A text of 128 tokens in a model of
   * 12 × 12 heads has 2.4 million of them, which as decimal numbers would take ten times the room.
   */
  readonly values: string;
}

/** What a page needs to know before it can ask. */
export interface PredictorFacts {
  readonly task: string;
  readonly family: string;
  /** Of the head; a language model has none. */
  readonly labels: readonly string[];
  readonly layers: number;
  readonly heads: number;
  readonly hiddenSize: number;
  readonly parameters: number;
  readonly maxTokens: number;
  /** How a language model's hidden token is written. */
  readonly mask: string | null;
}

export interface Failure {
  readonly message: string;
  readonly hint: string;
  /** The checkpoint or the data cannot be used as they are; absent where the fault is our own. */
  readonly because?: 'input';
}

/** Answers to one request: its predictions in order, then `done`; or `failed` as the last. */
export type PredictAnswer =
  | { readonly id: number; readonly about: PredictorFacts }
  | { readonly id: number; readonly prediction: Prediction }
  /** Of an evaluation: the share that is done, then what it found. */
  | { readonly id: number; readonly share: number }
  | { readonly id: number; readonly evaluation: EvaluationFacts & { readonly task: string; readonly rows: number } }
  | { readonly id: number; readonly done: number }
  | { readonly id: number; readonly failed: Failure };
