/**
 * What an exported checkpoint runs on, in a browser or in Node: bundled into one file that stands beside the weights.
 * TensorFlow.js is the caller's own and handed in, so that there is one copy of it, with the back end of his choice.
 */
import type { Prediction, PredictionInput } from '../../protocol/prediction';
import { decodeSafetensors } from '../../data/safetensors';
import type { Tf } from '../../train/compile';
import { Answering, inputTensors, type Row } from '../answering';
import { taskOf } from '../architectures';
import { maxTokens, parseConfig } from '../config';
import { BertModel } from '../model';
import { outputsOf, parametersOf } from '../parameters';
import type { StoredTensors } from '../stored-tensor';
import { tokenizerFrom } from '../tokenizer/from-files';
import { readWeights } from '../weights';
import { type Place, readerOf } from './read';

export type Input = string | PredictionInput;

export interface Options {
  /** Where the package's files lie, if not beside this one: a URL, or a folder in Node. */
  readonly from?: Place;
  /** Texts that run through the model together; 16. */
  readonly batchSize?: number;
}

export interface Model {
  readonly task: string;
  readonly labels: readonly string[];
  /** Longer texts are cut. */
  readonly maxTokens: number;
  /** One input gives one prediction, several give a list in their order. */
  predict: { (input: Input): Promise<Prediction>; (inputs: readonly Input[]): Promise<Prediction[]> };
  /** Gives the memory of the weights back. */
  dispose: () => void;
}

/** @throws Error where a file of the package is missing or damaged */
export async function load(tf: Tf, options: Options = {}): Promise<Model> {
  const read = readerOf(options.from ?? new URL('.', import.meta.url));
  const described = JSON.parse(await read.text('package.json')) as { modelwright?: { tokenizer?: string[] } };
  const names = described.modelwright?.tokenizer ?? [];
  const config = parseConfig(await read.text('config.json'));
  const task = taskOf(config);
  if (!task) throw new Error('config.json names no task that the model was trained for');
  const texts = await Promise.all(names.map(async name => [name, await read.text(name)] as const));
  const tokenizer = tokenizerFrom(Object.fromEntries(texts));
  const labels = config.labels ?? [];
  const outputs = outputsOf(task, labels.length);
  const tensors = storedTensors(await read.bytes('model.safetensors'));
  const { weights, missing } = readWeights({ folder: 'model', config, tensors }, parametersOf(config, task, outputs));
  if (missing[0]) throw new Error(`model.safetensors lacks ${missing[0].tensors.join(', ')}`);
  const model = new BertModel(tf, { config, task, labels: outputs, weights, seed: 0 });
  const answering = new Answering(task, labels, tokenizer, config.vocabSize);
  const longest = Math.min(maxTokens(config), tokenizer.modelMaxLength);

  async function run(rows: readonly Row[]): Promise<Prediction[]> {
    const length = Math.max(...rows.map(({ encoding }) => encoding.ids.length));
    const logits = tf.tidy(() => {
      const inputs = inputTensors(tf, rows, length, tokenizer.special.pad);
      return model.apply(inputs, { training: false });
    });
    const values = (await logits.data()) as Float32Array;
    logits.dispose();
    const each = values.length / rows.length;
    return rows.map((row, b) => answering.answer(row, values.subarray(b * each, (b + 1) * each)));
  }

  async function all(inputs: readonly Input[]): Promise<Prediction[]> {
    const rows = inputs.map(input => answering.read(typeof input === 'string' ? { text: input } : input, longest));
    // Texts of like length run together, so that little is filled up.
    const order = [...rows.keys()].sort((a, b) => rows[a]!.encoding.ids.length - rows[b]!.encoding.ids.length);
    const out = new Array<Prediction>(rows.length);
    const size = options.batchSize ?? 16;
    for (let start = 0; start < order.length; start += size) {
      const chosen = order.slice(start, start + size);
      const made = await run(chosen.map(i => rows[i]!));
      chosen.forEach((i, k) => (out[i] = made[k]!));
    }
    return out;
  }

  const predict = async (input: Input | readonly Input[]): Promise<Prediction | Prediction[]> =>
    Array.isArray(input) ? all(input as readonly Input[]) : (await all([input as Input]))[0]!;
  return { task, labels, maxTokens: longest, predict: predict as Model['predict'], dispose: () => model.dispose() };
}

function storedTensors(bytes: Uint8Array): StoredTensors {
  return new Map(
    Object.entries(decodeSafetensors(bytes)).map(([name, { shape, data }]) => [
      name,
      { shape, dtype: 'F32', read: () => data as Float32Array },
    ]),
  );
}
