/**
 * What a `fit` run is to do, with every default filled in: the `plan` of its start command. The parent writes it from
 * the training configuration and the facts of the code; the child needs neither of them again.
 */
import type { Json } from './messages';

/** A Keras object by class name and its arguments in Keras's spelling (`learning_rate`). */
export interface KerasObject {
  readonly class: string;
  readonly config: Readonly<Record<string, Json>>;
}

/** One for all outputs, one for each in order, or by output name; null: this output has none. */
export type PerOutput<T> = T | readonly (T | null)[] | { readonly byName: Readonly<Record<string, T | null>> };

export interface FitPlan {
  /** `ModelFacts` of the model. */
  readonly model: Json;
  /** Values of names that the source leaves open (`{"sequence_length": 32}`). */
  readonly args: Readonly<Record<string, Json>>;
  /** A reader and its keys. */
  readonly data: { readonly reader: string; readonly [key: string]: Json };
  /** Where relative paths of `data` start. */
  readonly dataFolder: string;
  /** Further folders to look for `keras.datasets` files in. */
  readonly workspace: readonly string[];
  readonly optimizer: KerasObject;
  readonly loss: PerOutput<KerasObject>;
  readonly lossWeights: PerOutput<number> | null;
  readonly metrics: readonly KerasObject[] | { readonly byName: Readonly<Record<string, readonly KerasObject[]>> };
  readonly fit: {
    readonly epochs: number;
    readonly batchSize: number;
    readonly shuffle: boolean;
    /** Classes by index to their weight in the loss; null: all alike. */
    readonly classWeight: Readonly<Record<string, number>> | null;
  };
  readonly callbacks: readonly KerasObject[];
}
