/** What passes between the exporting child and whoever asks it: one JSON object a line, each way. It needs no TensorFlow. */
import type { Failure } from './prediction';

/** `tfjs`: a package for JavaScript; `safetensors`: a checkpoint in one file of single precision. */
export type CheckpointFormat = 'tfjs' | 'safetensors';

export interface ExportRequest {
  readonly id: number;
  /** A folder, or an id of the hub. */
  readonly checkpoint: string;
  readonly to: CheckpointFormat;
  /** The folder to write; one that is there is replaced. */
  readonly output: string;
  /** Of the package. */
  readonly name: string;
}

export type ExportAnswer =
  { readonly id: number; readonly files: readonly string[] } | { readonly id: number; readonly failed: Failure };
