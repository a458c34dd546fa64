/**
 * The face every reader has, and the key descriptions from which validation, JSON Schema and documentation are derived.
 */
import type { DataDescription, DataSet } from './dataset';
import type { SplitMode } from './split';

/**
 * The "data" object of a training configuration: a reader and its keys. Checked by `validateConfig` before a reader
 * sees it.
 */
export interface DataConfig {
  reader: string;
  [key: string]: unknown;
}

export interface ReadContext {
  /** Relative paths of the configuration start here: the folder of the configuration file, or of the model file. */
  folder: string;
  /** Where `keras.datasets` files may lie besides `~/.keras/datasets`; usually the workspace folders. */
  workspace?: string[];
  /** Seeds the choice of validation samples and of a limited image set; `fit.seed` of the configuration. Default 0. */
  seed?: number;
  /** The most bytes one array may take. Default: half of the machine's memory, at most 8 GB. */
  memoryLimit?: number;
  /** Decodes a PNG or JPEG; supplied by the training child, where TensorFlow's decoder is at hand. */
  decodeImage?: DecodeImage;
  /** Fraction read so far, 0 to 1. */
  onProgress?: (fraction: number) => void;
  signal?: AbortSignal;
}

/** @returns `data` of shape `[height, width, channels]`, row-major. Throws when the bytes are not an image. */
export type DecodeImage = (
  bytes: Uint8Array,
  channels: 1 | 3 | 4,
) => { height: number; width: number; data: Uint8Array } | Promise<{ height: number; width: number; data: Uint8Array }>;

/** A fragment of JSON Schema: the subset that `validateConfig` understands. */
export interface KeySchema {
  type?: 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object';
  enum?: readonly (string | number | boolean)[];
  items?: KeySchema;
  anyOf?: readonly KeySchema[];
  minimum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minItems?: number;
  maxItems?: number;
}

export interface KeySpec {
  name: string;
  schema: KeySchema;
  /** One line, shown on hover and in the documentation. */
  doc: string;
  default?: unknown;
  required?: boolean;
}

export interface Reader {
  id: string;
  title: string;
  /** One paragraph for the documentation. */
  doc: string;
  /** Keys of its own; the keys every reader shares are `sharedKeys` of readers.ts. */
  keys: readonly KeySpec[];
  /** A complete configuration, shown in the documentation and read back by a test. */
  example: DataConfig;
  /** The reader applies "oneHot" itself (to `x`: text); `loadData` then leaves the labels alone. */
  handlesOneHot?: boolean;
  /**
   * How a validation fraction is drawn unless the configuration says; default: stratified for classes, else shuffled.
   */
  defaultSplit?: SplitMode;
  /**
   * The configuration this reader would read `path` with, or null when it is not a file of its kind. `head`: first 512
   * bytes, unzipped.
   */
  suggest(path: string, head: Uint8Array): Promise<DataConfig | null>;
  /** Reads headers only (and labels where that is cheap). */
  describe(config: DataConfig, context: ReadContext): Promise<DataDescription>;
  /**
   * Reads everything, as stored: scaling, one-hot labels and the validation split are done by `loadData` for all
   * readers alike.
   * `like` is a set read before (the training part) whose columns, classes and vocabulary this one must share.
   */
  read(config: DataConfig, context: ReadContext, like?: DataSet): Promise<DataSet>;
  /**
   * Keys of the validation part a file of this kind brings along, such as `x_test` of mnist.npz; null when it has none.
   */
  ownValidation?(config: DataConfig, context: ReadContext): Promise<Record<string, unknown> | null>;
}
