/**
 * What passes between the inspecting child and whoever prepares a fine-tuning: one JSON object a line, each way. The
 * child reads checkpoints and data as the run will, but needs no TensorFlow, so that it answers at once.
 */
import type { FinetunePlan } from './finetune-plan';

/** A checkpoint as a list shows it; nothing but its configuration was read. */
export interface CheckpointFacts {
  readonly folder: string;
  /** An id of the hub, or the folder's own name. */
  readonly name: string;
  readonly source: 'folder' | 'cache' | 'hub';
  readonly family: string;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly heads: number;
  readonly parameters: number;
  readonly maxTokens: number;
  /** What its head was trained for; null for a bare encoder. */
  readonly task: string | null;
  readonly labels: readonly string[] | null;
}

/** What a person has chosen already; the rest is told by the data. */
export interface ColumnWishes {
  readonly task: string | null;
  readonly textColumn: string | null;
  /** Empty: no second text. */
  readonly pairColumn: string | null;
  readonly labelColumn: string | null;
}

export interface ColumnFacts {
  readonly rows: number;
  readonly columns: readonly { readonly name: string; readonly sample: string }[];
  /** null where the data do not tell; `problem` then says what is missing. */
  readonly chosen: {
    readonly task: string;
    readonly text: string;
    readonly pair: string | null;
    readonly labels: readonly string[];
    /** The classes, as far as the task has some. */
    readonly classes: readonly string[];
  } | null;
  readonly problem: string | null;
}

/** Bytes, by what they are for. */
export interface MemoryFacts {
  readonly weights: number;
  readonly gradients: number;
  readonly optimizer: number;
  readonly activations: number;
  readonly total: number;
  readonly free: number;
}

/** A change of the plan that would make it fit into memory. */
export interface Suggestion {
  readonly words: string;
  readonly changes: Partial<Pick<FinetunePlan, 'batchSize' | 'accumulation' | 'maxLength' | 'loraRank'>>;
}

/** What a person sees before the run. */
export interface FinetunePreview {
  readonly checkpoint: CheckpointFacts;
  readonly task: string;
  readonly columns: NonNullable<ColumnFacts['chosen']>;
  readonly examples: { readonly train: number; readonly validation: number };
  /** Of question answering: what the training examples become; a long context makes several. */
  readonly windows: number | null;
  readonly balance: readonly { readonly label: string; readonly count: number }[];
  readonly range: { readonly minimum: number; readonly maximum: number; readonly mean: number } | null;
  /** Examples by length in tokens; `to` does not belong to the bar. */
  readonly histogram: readonly { readonly from: number; readonly to: number; readonly count: number }[];
  readonly longest: number;
  readonly maxLength: number;
  /** 0 to 1, of the `sampled` examples. */
  readonly truncatedShare: number;
  readonly sampled: number;
  readonly notes: readonly string[];
  readonly updates: number;
  readonly trainableParams: number;
  readonly memory: MemoryFacts;
  readonly suggestions: readonly Suggestion[];
}

export interface Inspections {
  /** Which of these folders are checkpoints we can train, and what Python's cache of the hub holds. */
  readonly checkpoints: {
    readonly question: { readonly folders: readonly string[] };
    readonly answer: readonly CheckpointFacts[];
  };
  /** Finds one by folder or id; downloads what is missing, with progress. */
  readonly checkpoint: { readonly question: { readonly name: string }; readonly answer: CheckpointFacts };
  readonly columns: {
    readonly question: { readonly data: string; readonly wishes: ColumnWishes };
    readonly answer: ColumnFacts;
  };
  readonly preview: {
    readonly question: { readonly plan: FinetunePlan; readonly seed: number };
    readonly answer: FinetunePreview;
  };
}

export type InspectionKind = keyof Inspections;

export type InspectRequest = {
  readonly [Kind in InspectionKind]: {
    readonly id: number;
    readonly ask: Kind;
    readonly question: Inspections[Kind]['question'];
  };
}[InspectionKind];

/** `progress` may come several times before the last word, which is `answer` or `failed`. */
export type InspectAnswer =
  | { readonly id: number; readonly progress: { readonly words: string; readonly share: number | null } }
  | { readonly id: number; readonly answer: Inspections[InspectionKind]['answer'] }
  | { readonly id: number; readonly failed: { readonly message: string; readonly hint: string } };
