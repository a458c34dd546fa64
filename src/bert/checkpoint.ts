/**
 * A checkpoint folder in Hugging Face's layout: `config.json`, the weights in one file or in parts with an index, and
 * the tokenizer's files, which pass through unchanged.
 */
import fs from 'node:fs';
import path from 'node:path';
import { encodeSafetensors, type NamedArray } from '../data/safetensors';
import { CheckpointError } from './checkpoint-error';
import { type BertConfig, parseConfig, type Task, TASKS } from './config';
import { type Parameter, parametersOf, prefixOf } from './parameters';
import { openSafetensors } from './safetensors-file';
import type { StoredTensor, StoredTensors } from './stored-tensor';
import { openTorchFile } from './torch-file';

export interface Checkpoint {
  readonly folder: string;
  readonly config: BertConfig;
  readonly tensors: StoredTensors;
}

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

export interface Weight extends NamedArray {
  readonly dtype: 'float32';
  readonly data: Float32Array;
}

/** Values of a model's weights by our names. */
export type Weights = Record<string, Weight>;

export interface LoadedWeights {
  readonly weights: Weights;
  /** Weights that the checkpoint lacks, to be initialised: a head that was not trained yet. */
  readonly missing: readonly Parameter[];
}

/**
 * Reads the weights a model needs. Names are tried as they are, without the family's prefix, and with the `gamma` and
 * `beta` of files from TensorFlow; tensors that the model has no use for are left alone.
 * @throws CheckpointError where a weight of the encoder is missing or a shape does not fit
 */
export function readWeights(checkpoint: Checkpoint, parameters: readonly Parameter[]): LoadedWeights {
  const weights: Weights = {};
  const missing: Parameter[] = [];
  const prefix = prefixOf(checkpoint.config.family);
  for (const parameter of parameters) {
    const parts = parameter.tensors.map(name => find(checkpoint.tensors, name, prefix));
    const lacking = parameter.tensors[parts.indexOf(undefined)];
    if (lacking !== undefined) {
      if (!parameter.optional) {
        throw new CheckpointError(
          `The checkpoint ${checkpoint.folder} lacks the weight "${lacking}".`,
          'It is damaged, or its config.json belongs to another model: download it again.',
        );
      }
      missing.push(parameter);
      continue;
    }
    const joined = join(checkpoint, parameter, parts as StoredTensor[]);
    // A head for other classes than ours is no use; one of the encoder is a mistake.
    if (joined) weights[parameter.name] = joined;
    else missing.push(parameter);
  }
  return { weights, missing };
}

function find(tensors: StoredTensors, name: string, prefix: string): StoredTensor | undefined {
  const old = name.replace(/LayerNorm\.weight$/, 'LayerNorm.gamma').replace(/LayerNorm\.bias$/, 'LayerNorm.beta');
  for (const one of [name, old]) {
    const found = tensors.get(one) ?? (one.startsWith(prefix) ? tensors.get(one.slice(prefix.length)) : undefined);
    if (found) return found;
  }
  return undefined;
}

function join({ folder }: Checkpoint, parameter: Parameter, parts: readonly StoredTensor[]): Weight | undefined {
  const { name, shape, tensors, optional } = parameter;
  const expected = [shape[0]! / parts.length, ...shape.slice(1)];
  for (const [i, part] of parts.entries()) {
    if (part.shape.join() === expected.join()) continue;
    if (optional) return undefined;
    throw new CheckpointError(
      `In the checkpoint ${folder} the weight "${tensors[i]}" has the shape [${part.shape.join(', ')}], ` +
        `where config.json asks for [${expected.join(', ')}].`,
      'Use the config.json and the weights of one and the same model.',
    );
  }
  const values = parts.map(part => part.read());
  if (values.length === 1) return { shape, dtype: 'float32', data: values[0]! };
  const data = new Float32Array(values.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of values) {
    data.set(part, at);
    at += part.length;
  }
  if (data.length !== shape.reduce((product, length) => product * length, 1))
    throw new Error(`${name} was cut wrongly`);
  return { shape, dtype: 'float32', data };
}

/** Python's class for a family and task, which `architectures` of a configuration names. */
const SUFFIXES: Readonly<Record<Task, string>> = {
  'sequence-classification': 'ForSequenceClassification',
  regression: 'ForSequenceClassification',
  'multi-label': 'ForSequenceClassification',
  'token-classification': 'ForTokenClassification',
  'question-answering': 'ForQuestionAnswering',
  'masked-lm': 'ForMaskedLM',
};

const CLASSES = {
  bert: 'Bert',
  distilbert: 'DistilBert',
  roberta: 'Roberta',
  electra: 'Electra',
  albert: 'Albert',
} as const;

const PROBLEMS: Partial<Record<Task, string>> = {
  'sequence-classification': 'single_label_classification',
  regression: 'regression',
  'multi-label': 'multi_label_classification',
};

/** The task a checkpoint was made for, as its configuration tells; undefined for a bare encoder. */
export function taskOf({ architectures, problemType, labels }: BertConfig): Task | undefined {
  const [name = ''] = architectures;
  if (name.endsWith('ForSequenceClassification')) {
    const known = TASKS.find(task => PROBLEMS[task] === problemType);
    return known ?? (labels?.length === 1 ? 'regression' : 'sequence-classification');
  }
  return TASKS.find(task => name.endsWith(SUFFIXES[task]));
}

/** The configuration of a trained model: what was there, and what its head now is. */
export function trainedConfig(config: BertConfig, task: Task, labels: readonly string[]): Record<string, unknown> {
  const { num_labels: _, ...kept } = config.source;
  const head = task === 'masked-lm' || task === 'question-answering' ? {} : labelMaps(labels);
  return {
    ...kept,
    model_type: config.family,
    architectures: [CLASSES[config.family] + SUFFIXES[task]],
    ...head,
    ...(PROBLEMS[task] && { problem_type: PROBLEMS[task] }),
    // The weights below are in single precision, whatever the source had.
    ...('torch_dtype' in kept && { torch_dtype: 'float32' }),
    ...('dtype' in kept && { dtype: 'float32' }),
  };
}

function labelMaps(labels: readonly string[]): Record<string, unknown> {
  return {
    id2label: Object.fromEntries(labels.map((label, i) => [String(i), label])),
    label2id: Object.fromEntries(labels.map((label, i) => [label, i])),
  };
}

/** Weights under the file's names, query, key and value apart again. */
export function fileTensors(parameters: readonly Parameter[], weights: Readonly<Weights>): Weights {
  const out: Weights = {};
  for (const { name, tensors } of parameters) {
    const { shape, data } = weights[name]!;
    const rows = shape[0]! / tensors.length;
    const length = data.length / tensors.length;
    tensors.forEach((tensor, i) => {
      out[tensor] = {
        shape: [rows, ...shape.slice(1)],
        dtype: 'float32',
        data: data.subarray(i * length, (i + 1) * length),
      };
    });
  }
  return Object.fromEntries(Object.entries(out).sort(([a], [b]) => (a < b ? -1 : 1)));
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

/** The files of a checkpoint as Python's transformers reads them, by name; whoever writes them does so atomically. */
export function checkpointFiles(
  source: Checkpoint,
  task: Task,
  labels: readonly string[],
  weights: Readonly<Weights>,
): Record<string, string | Uint8Array> {
  const files: Record<string, string | Uint8Array> = {};
  for (const name of TOKENIZER_FILES) {
    const file = path.join(source.folder, name);
    if (fs.existsSync(file)) files[name] = fs.readFileSync(file);
  }
  const outputs = task === 'question-answering' ? 2 : labels.length;
  const parameters = parametersOf(source.config, task, outputs);
  files[SINGLE] = encodeSafetensors(fileTensors(parameters, weights), { format: 'pt' });
  files['config.json'] = `${JSON.stringify(trainedConfig(source.config, task, labels), null, 2)}\n`;
  return files;
}
