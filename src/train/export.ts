/** The trained model as files: facts and weights under Keras's names, for our own tools and for other programs. */
import path from 'node:path';
import type { DataSet } from '../data/dataset';
import type { ModelFacts } from '../ir/model';
import type { FitPlan } from '../protocol/fit-plan';
import type { Arrays } from './checkpoint';
import { replaceFile } from './files';
import { encodeSafetensors } from '../data/safetensors';

/**
 * Writes `weights.safetensors` (by Keras's paths, in the order of `model.weights`) and `model.json` (the facts, and
 * what new data must pass through). @throws the file system's error.
 */
export function exportModel(folder: string, facts: ModelFacts, weights: Arrays, data: DataSet, plan: FitPlan): void {
  replaceFile(
    path.join(folder, 'weights.safetensors'),
    encodeSafetensors(weights, { format: 'keras', order: JSON.stringify(Object.keys(weights)) }),
  );
  const { scaling, classes, features, categories, vocabulary } = data;
  const preprocessing = { scaling, classes, features, categories, vocabulary, sample: data.x.shape.slice(1) };
  replaceFile(path.join(folder, 'model.json'), JSON.stringify({ version: 1, args: plan.args, preprocessing, facts }));
}
