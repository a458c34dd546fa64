/** Checkpoints: everything a run needs to go on as if it had never stopped, whole on the disk or not there. */
import fs from 'node:fs';
import path from 'node:path';
import type { Json } from '../protocol/messages';
import { RUN_FILES } from '../protocol/record';
import { ModelError } from './build/config';
import { type Disk, realDisk, recoverFolder, replaceFolder } from './files';
import { decodeSafetensors, encodeSafetensors, type NamedArray } from '../data/safetensors';

export type Arrays = Readonly<Record<string, NamedArray>>;

/** The groups of a checkpoint's tensors; each is a file. */
export interface CheckpointTensors {
  /** By the weight's path: `conv2d/kernel`. */
  readonly weights: Arrays;
  /** Moments of the optimiser and states of stateful layers, by variable name. */
  readonly state: Arrays;
  /** Copies of weights that callbacks keep, by `<name>/<path>`. */
  readonly kept: Arrays;
}

export interface Checkpoint extends CheckpointTensors {
  /** Where the loop stands: `LoopState`. */
  readonly loop: Json;
}

const VERSION = 1;

export const checkpointFolder = (run: string, kind: 'last' | 'best'): string =>
  path.join(run, RUN_FILES.checkpoints, kind);

/** @returns its size in bytes. @throws the file system's error; a checkpoint that was there before is whole then. */
export function writeCheckpoint(
  run: string,
  kind: 'last' | 'best',
  checkpoint: Checkpoint,
  disk: Disk = realDisk,
): number {
  fs.mkdirSync(path.join(run, RUN_FILES.checkpoints), { recursive: true });
  const files: Record<string, string | Uint8Array> = { 'weights.safetensors': encodeSafetensors(checkpoint.weights) };
  // The best weights are for using, the last ones for going on.
  if (kind === 'last') {
    files['optimizer.safetensors'] = encodeSafetensors(checkpoint.state);
    if (Object.keys(checkpoint.kept).length > 0) files['kept.safetensors'] = encodeSafetensors(checkpoint.kept);
  }
  files['state.json'] = JSON.stringify({ version: VERSION, loop: checkpoint.loop });
  return replaceFolder(checkpointFolder(run, kind), files, disk);
}

/** null where there is none. @throws ModelError for one of another version or with files that are not whole. */
export function readCheckpoint(run: string, kind: 'last' | 'best'): Checkpoint | null {
  const folder = checkpointFolder(run, kind);
  recoverFolder(folder);
  if (!fs.existsSync(path.join(folder, 'state.json'))) return null;
  try {
    const read = (name: string): Arrays =>
      fs.existsSync(path.join(folder, name)) ? decodeSafetensors(fs.readFileSync(path.join(folder, name))) : {};
    const { version, loop } = JSON.parse(fs.readFileSync(path.join(folder, 'state.json'), 'utf8')) as {
      version: number;
      loop: Json;
    };
    if (version !== VERSION) throw new Error(`it has version ${version}, this program writes ${VERSION}`);
    return {
      loop,
      weights: read('weights.safetensors'),
      state: read('optimizer.safetensors'),
      kept: read('kept.safetensors'),
    };
  } catch (error) {
    throw new ModelError(`The checkpoint ${folder} cannot be read: ${(error as Error).message}.`, 'Start a new run.');
  }
}
