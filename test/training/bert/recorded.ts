// What transformers and PyTorch recorded (test/oracle/bert), opened for the tests.
import fs from 'node:fs';
import path from 'node:path';
import type * as tfjs from '@tensorflow/tfjs';
import { openCheckpoint, readWeights } from '../../../src/bert/checkpoint';
import type { Task } from '../../../src/bert/config';
import { BertModel } from '../../../src/bert/model';
import { outputsOf, parametersOf } from '../../../src/bert/parameters';
import { decodeSafetensors, type NamedArray } from '../../../src/data/safetensors';
import type { Tf } from '../../../src/train/compile';

export const RECORDED = path.resolve('test/oracle/bert/recorded');

export function expected(folder: string): Record<string, NamedArray> {
  return decodeSafetensors(fs.readFileSync(path.join(folder, 'expected.safetensors')));
}

export const tensor = (tf: Tf, { data, shape, dtype }: NamedArray): tfjs.Tensor => tf.tensor(data, [...shape], dtype);

export async function model(tf: Tf, folder: string, task: Task, labels = 3): Promise<BertModel> {
  const checkpoint = await openCheckpoint(folder);
  const parameters = parametersOf(checkpoint.config, task, labels);
  const { weights, missing } = readWeights(checkpoint, parameters);
  if (missing.length > 0) throw new Error(`not in the file: ${missing.map(({ name }) => name).join(', ')}`);
  return new BertModel(tf, { config: checkpoint.config, task, labels: outputsOf(task, labels), weights, seed: 0 });
}

export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = a.length === b.length ? 0 : Infinity;
  for (let i = 0; i < a.length; i++) {
    const between = Math.abs(a[i]! - b[i]!);
    if (!(between <= largest)) largest = between;
  }
  return largest;
}
