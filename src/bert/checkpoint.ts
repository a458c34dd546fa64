/**
 * A checkpoint folder in Hugging Face's layout: `config.json`, the weights in one file or in parts with an index, and
 * the tokenizer's files, which pass through unchanged.
 */
import fs from 'node:fs';
import path from 'node:path';
import { encodeSafetensors } from '../data/safetensors';
import { CheckpointError } from './checkpoint-error';
import { trainedConfig } from './architectures';
import { parseConfig, type Task } from './config';
import { parametersOf } from './parameters';
import { openSafetensors } from './safetensors-file';
import type { StoredTensor, StoredTensors } from './stored-tensor';
import { openTorchFile } from './torch-file';
import { fileTensors, type TensorSource, type Weights } from './weights';

export { taskOf, trainedConfig } from './architectures';
export { fileTensors, type LoadedWeights, readWeights, type Weight, type Weights } from './weights';

export type Checkpoint = TensorSource;

const SINGLE = 'model.safetensors';
const OLD_SINGLE = 'pytorch_model.bin';

/**
 * Reads the configuration and the weights' headers; values are read when a model is built.
 * @throws CheckpointError with one sentence for whatever is missing, damaged or not supported
 */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  const file = path.join(folder, 'config.json');
  if (!fs.existsSync(folder)) {
    throw new CheckpointError(`There is no checkpoint folder ${folder}.`, 'Give a folder with config.json in it.');
  }
  if (!fs.existsSync(file)) {
    throw new CheckpointError(`${folder} has no config.json.`, 'Give the folder that config.json lies in.');
  }
  const config = parseConfig(fs.readFileSync(file, 'utf8'), file);
  return { folder, config, tensors: await openWeights(folder) };
}

async function openWeights(folder: string): Promise<StoredTensors> {
  const has = (name: string): boolean => fs.existsSync(path.join(folder, name));
  const open = (name: string): Promise<StoredTensors> | StoredTensors =>
    name.endsWith('.safetensors') ? openSafetensors(path.join(folder, name)) : openTorchFile(path.join(folder, name));
  for (const single of [SINGLE, OLD_SINGLE]) {
    if (has(single)) return open(single);
    if (has(`${single}.index.json`)) return openParts(folder, `${single}.index.json`, open);
  }
  const other = fs.readdirSync(folder).find(name => /\.(h5|msgpack|onnx|gguf)$/.test(name));
  throw new CheckpointError(
    `${folder} has no ${SINGLE} or ${OLD_SINGLE}${other ? `; ${other} cannot be read` : ''}.`,
    'Download the checkpoint in the safetensors format.',
  );
}

async function openParts(
  folder: string,
  index: string,
  open: (name: string) => Promise<StoredTensors> | StoredTensors,
): Promise<StoredTensors> {
  const wrong = (problem: string): CheckpointError =>
    new CheckpointError(`${path.join(folder, index)} ${problem}.`, 'Download the checkpoint again.');
  let map: unknown;
  try {
    map = (JSON.parse(fs.readFileSync(path.join(folder, index), 'utf8')) as { weight_map?: unknown }).weight_map;
  } catch {
    throw wrong('is no JSON');
  }
  if (typeof map !== 'object' || map === null) throw wrong('has no "weight_map"');
  const parts = new Map<string, StoredTensors>();
  const tensors = new Map<string, StoredTensor>();
  for (const [tensor, part] of Object.entries(map as Record<string, unknown>)) {
    // A name that leads out of the folder is not followed.
    if (typeof part !== 'string' || part !== path.basename(part)) throw wrong(`names the part ${JSON.stringify(part)}`);
    if (!parts.has(part)) {
      if (!fs.existsSync(path.join(folder, part))) throw wrong(`names ${part}, which is not there`);
      parts.set(part, await open(part));
    }
    const found = parts.get(part)!.get(tensor);
    if (!found) throw wrong(`says that "${tensor}" is in ${part}, where it is not`);
    tensors.set(tensor, found);
  }
  return tensors;
}

/** What belongs to the tokenizer, in every layout that is known. */
const TOKENIZER_FILES = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.txt',
  'vocab.json',
  'merges.txt',
  'spiece.model',
  'sentencepiece.bpe.model',
];

/** Those that are there, as they are. */
export function tokenizerFiles(folder: string): Record<string, string | Uint8Array> {
  const files: Record<string, string | Uint8Array> = {};
  for (const name of TOKENIZER_FILES) {
    const file = path.join(folder, name);
    if (fs.existsSync(file)) files[name] = fs.readFileSync(file);
  }
  return files;
}

/** The files of a checkpoint as Python's transformers reads them, by name; whoever writes them does so atomically. */
export function checkpointFiles(
  source: Checkpoint,
  task: Task,
  labels: readonly string[],
  weights: Readonly<Weights>,
): Record<string, string | Uint8Array> {
  const files = tokenizerFiles(source.folder);
  const outputs = task === 'question-answering' ? 2 : labels.length;
  const parameters = parametersOf(source.config, task, outputs);
  files[SINGLE] = encodeSafetensors(fileTensors(parameters, weights), { format: 'pt' });
  files['config.json'] = `${JSON.stringify(trainedConfig(source.config, task, labels), null, 2)}\n`;
  return files;
}
