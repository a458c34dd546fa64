/** The weights of a model, put together from a checkpoint's tensors, and taken apart again for its file. */
import type { NamedArray } from '../data/safetensors';
import { CheckpointError } from './checkpoint-error';
import type { BertConfig } from './config';
import { type Parameter, prefixOf } from './parameters';
import type { StoredTensor, StoredTensors } from './stored-tensor';

/** Where weights come from; `folder` is its name for messages. */
export interface TensorSource {
  readonly folder: string;
  readonly config: BertConfig;
  readonly tensors: StoredTensors;
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
export function readWeights(checkpoint: TensorSource, parameters: readonly Parameter[]): LoadedWeights {
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

function join({ folder }: TensorSource, parameter: Parameter, parts: readonly StoredTensor[]): Weight | undefined {
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
