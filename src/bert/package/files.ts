/** An exported checkpoint as a package for JavaScript: weights, tokenizer, the program that runs them, and its manual. */
import fs from 'node:fs';
import path from 'node:path';
import { encodeSafetensors } from '../../data/safetensors';
import { taskOf, trainedConfig } from '../architectures';
import { openCheckpoint, tokenizerFiles } from '../checkpoint';
import { CheckpointError } from '../checkpoint-error';
import { maxTokens, type Task } from '../config';
import { outputsOf, parametersOf } from '../parameters';
import { openTokenizer } from '../prepare';
import { fileTensors, readWeights } from '../weights';
import { DECLARATIONS } from './declarations';
import { exampleOf, readmeOf } from './readme';

/** The back end that the package was tried with; any 4.x will do. */
const TENSORFLOW = '^4.22.0';

export interface PackageOptions {
  /** Of package.json: lower case, no spaces. */
  readonly name: string;
  /** The bundle of `index.ts` beside this file. */
  readonly program: string;
}

/**
 * The files by name. The weights are written in single precision, whatever the checkpoint has.
 * @throws CheckpointError for a checkpoint that was not fine-tuned, or is damaged
 */
export async function packageFiles(
  folder: string,
  { name, program }: PackageOptions,
): Promise<Record<string, string | Uint8Array>> {
  const { files, task, labels, longest, parameters } = await checkpointOf(folder);
  const tokenizer = Object.keys(files).filter(file => file !== 'model.safetensors');
  const facts = { name, task, labels, longest, parameters };
  const described = {
    name,
    version: '1.0.0',
    description: `A fine-tuned BERT for ${task}, to be run by TensorFlow.js.`,
    type: 'module',
    main: './index.js',
    types: './index.d.ts',
    exports: { '.': { types: './index.d.ts', default: './index.js' }, './package.json': './package.json' },
    sideEffects: false,
    peerDependencies: { '@tensorflow/tfjs': TENSORFLOW },
    peerDependenciesMeta: { '@tensorflow/tfjs': { optional: true } },
    modelwright: { format: 1, task, tokenizer },
  };
  return {
    'package.json': `${JSON.stringify(described, null, 2)}\n`,
    'README.md': readmeOf(facts),
    'example.mjs': exampleOf(facts),
    'index.js': fs.readFileSync(program),
    'index.d.ts': DECLARATIONS,
    ...files,
  };
}

/** A checkpoint that Python reads, in one file of single precision: the same for one in parts, in halves or as a pickle. */
export async function safetensorsFiles(folder: string): Promise<Record<string, string | Uint8Array>> {
  return (await checkpointOf(folder)).files;
}

interface Exported {
  readonly files: Record<string, string | Uint8Array>;
  readonly task: Task;
  readonly labels: readonly string[];
  readonly longest: number;
  readonly parameters: number;
}

async function checkpointOf(folder: string): Promise<Exported> {
  const checkpoint = await openCheckpoint(folder);
  const { config } = checkpoint;
  const task = taskOf(config);
  const wayOut = 'Fine-tune it first: modelwright finetune --checkpoint … --data ….';
  if (!task) throw new CheckpointError(`The checkpoint ${folder} has no trained head.`, wayOut);
  const labels = config.labels ?? [];
  const parameters = parametersOf(config, task, outputsOf(task, labels.length));
  const { weights, missing } = readWeights(checkpoint, parameters);
  if (missing[0]) throw new CheckpointError(`The checkpoint ${folder} lacks "${missing[0].tensors[0]}".`, wayOut);
  const tokenizer = await openTokenizer(checkpoint);
  return {
    files: {
      ...tokenizerFiles(path.resolve(folder)),
      'config.json': `${JSON.stringify(trainedConfig(config, task, labels), null, 2)}\n`,
      'model.safetensors': encodeSafetensors(fileTensors(parameters, weights), { format: 'pt' }),
    },
    task,
    labels,
    longest: Math.min(maxTokens(config), tokenizer.modelMaxLength),
    parameters: parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
  };
}
