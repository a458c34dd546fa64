/** Writes a trained model in another program's format, from its run folder alone: no TensorFlow, no source file needed. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { decodeSafetensors, type NamedArray } from '../../data/safetensors';
import type { ModelFacts } from '../../ir/model';
import { RUN_FILES } from '../../protocol/record';
import { encodeNpz } from './npz';
import { tfjsModel } from './tfjs';

export type ExportFormat = 'keras' | 'tfjs' | 'safetensors';

export const exportFormats: readonly ExportFormat[] = ['keras', 'tfjs', 'safetensors'];

/** A model that cannot be written in a format; the message names what stands in the way, and the way out. */
export class ExportError extends Error {
  override readonly name = 'ExportError';
}

export interface Exported {
  /** Absolute paths. */
  readonly files: readonly string[];
  /** How to load it, as one line of a program. */
  readonly usage: string;
}

interface TrainedModel {
  readonly facts: ModelFacts;
  /** By Keras's path, in the order of Keras's `model.weights`. */
  readonly weights: Readonly<Record<string, NamedArray>>;
}

/**
 * @param folder a run's folder, or the model folder inside it. A run that has not ended gives its best checkpoint.
 * @param output the file (keras: `.npz`, safetensors) or the folder (tfjs) to write.
 * @throws ExportError, or the file system's error.
 */
export async function exportModel(folder: string, to: ExportFormat, output: string): Promise<Exported> {
  const { facts, weights } = await readModel(folder);
  const target = path.resolve(output);
  await fs.mkdir(path.dirname(target), { recursive: true });
  if (to === 'tfjs') {
    await fs.mkdir(target, { recursive: true });
    const { json, binary } = tfjsModel(facts, weights);
    const files = [path.join(target, 'model.json'), path.join(target, 'weights.bin')] as const;
    await fs.writeFile(files[0], JSON.stringify(json));
    await fs.writeFile(files[1], binary);
    return { files, usage: `const model = await tf.loadLayersModel('file://${files[0]}');` };
  }
  if (to === 'keras') {
    await fs.writeFile(target, encodeNpz(weights));
    return { files: [target], usage: `model.set_weights(list(np.load(${JSON.stringify(target)}).values()))` };
  }
  await fs.copyFile(await weightsFile(folder), target);
  return { files: [target], usage: `weights = safetensors.numpy.load_file(${JSON.stringify(target)})` };
}

async function readModel(folder: string): Promise<TrainedModel> {
  const weights = decodeSafetensors(await fs.readFile(await weightsFile(folder)));
  for (const file of [path.join(folder, RUN_FILES.output, 'model.json'), path.join(folder, 'model.json')]) {
    const text = await fs.readFile(file, 'utf8').catch(() => null);
    if (text !== null) return { weights, facts: (JSON.parse(text) as { facts: ModelFacts }).facts };
  }
  const start = await fs.readFile(path.join(folder, RUN_FILES.start), 'utf8').catch(() => null);
  const plan = start === null ? null : (JSON.parse(start) as { plan: { model?: ModelFacts } }).plan;
  if (!plan?.model) throw new ExportError(`${folder} does not say which model was trained. Give the folder of a run.`);
  return { weights, facts: plan.model };
}

async function weightsFile(folder: string): Promise<string> {
  const name = 'weights.safetensors';
  const { output, checkpoints } = RUN_FILES;
  const places = [[output], [], [checkpoints, 'best'], [checkpoints, 'last']].map(at => path.join(folder, ...at, name));
  for (const file of places)
    if (
      await fs.access(file).then(
        () => true,
        () => false,
      )
    )
      return file;
  throw new ExportError(`${folder} holds no trained weights. Give the folder of a run that has made a checkpoint.`);
}
