/** The types of an exported package (`index.d.ts`): `Model` and `Prediction` as the program beside them has them. */

export const DECLARATIONS = `/** TensorFlow.js: \`@tensorflow/tfjs\`, \`@tensorflow/tfjs-node\`, or \`@tensorflow/tfjs-core\` with a back end. */
type TensorFlow = object;

export interface PairInput {
  readonly text: string;
  /** The second text of a pair, or the context of a question. */
  readonly pair?: string;
}

export type Input = string | PairInput;

export interface Prediction {
  readonly text: string;
  readonly pair?: string;
  /** The label, the number, the answer, the word behind [MASK], or the labels of all words. */
  readonly label: string;
  readonly score: number;
  /** Probabilities by label; numbers by column for regression. */
  readonly scores: Readonly<Record<string, number>>;
  /** One row, or one for each token. A language model's are left out. */
  readonly logits: readonly number[] | readonly (readonly number[])[];
  readonly tokens: readonly string[];
  /** Of token classification: each word with its label. */
  readonly words?: readonly { readonly word: string; readonly label: string; readonly score: number }[];
  /** Of question answering: where the answer stands in the context, in code points. */
  readonly span?: { readonly start: number; readonly end: number };
}

export interface Model {
  readonly task: string;
  readonly labels: readonly string[];
  /** Longer texts are cut. */
  readonly maxTokens: number;
  predict(input: Input): Promise<Prediction>;
  predict(inputs: readonly Input[]): Promise<Prediction[]>;
  /** Gives the memory of the weights back. */
  dispose(): void;
}

export interface Options {
  /** Where the files of this package lie, if not beside index.js: a URL, or a folder in Node. */
  readonly from?: string | URL;
  /** Texts that run through the model together; 16. */
  readonly batchSize?: number;
}

export function load(tf: TensorFlow, options?: Options): Promise<Model>;
`;
