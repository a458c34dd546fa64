/** What passes between the predicting child and whoever asks it: one JSON object a line, each way. */

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
  /** Attention probabilities of every layer and head as well. */
  readonly attention?: boolean;
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
  /** [layer][head][from][to] */
  readonly attention?: readonly (readonly (readonly (readonly number[])[])[])[];
}

export interface Failure {
  readonly message: string;
  readonly hint: string;
  /** The checkpoint or the data cannot be used as they are; absent where the fault is our own. */
  readonly because?: 'input';
}

/** Answers to one request: its predictions in order, then `done`; or `failed` as the last. */
export type PredictAnswer =
  | { readonly id: number; readonly prediction: Prediction }
  | { readonly id: number; readonly done: number }
  | { readonly id: number; readonly failed: Failure };
