/** The program `pretrain`: a new checkpoint from text, trained by masked language modelling where epochs are wanted. */
import fs from 'node:fs';
import path from 'node:path';
import { openCheckpoint } from '../bert/checkpoint';
import { packed, readCorpus } from '../bert/corpus';
import { newCheckpointFiles, shapeOf } from '../bert/new-checkpoint';
import { openTokenizer, type Prepared } from '../bert/prepare';
import type { Feature, TaskData } from '../bert/tasks';
import { splitIndices } from '../data/split';
import { FINETUNE_DEFAULTS, type FinetunePlan } from '../protocol/finetune-plan';
import type { PretrainPlan } from '../protocol/pretrain-plan';
import { ModelError } from './build/config';
import { replaceFolder } from './files';
import { trainOn } from './finetune';
import type { Program, ProgramContext } from './program';

/** In the run's folder: the checkpoint as it was before training, which a resumed run starts from again. */
const FRESH = 'fresh';

export const pretrain: Program = async context => {
  const plan = context.plan as unknown as PretrainPlan;
  const { maxLength } = shapeOf(plan); // Sizes that do not fit are told before the corpus is read.
  context.emit({ type: 'log', level: 'info', message: 'Reading the corpus.' });
  const documents = await readCorpus(plan.corpus, plan.textColumn);
  const fresh = path.join(context.folder, FRESH);
  if (!fs.existsSync(fresh)) replaceFolder(fresh, newCheckpointFiles(documents, plan, context.seed, told(context)));
  const checkpoint = await openCheckpoint(fresh);
  const tokenizer = await openTokenizer(checkpoint);
  const { vocabSize, layers, hiddenSize } = checkpoint.config;
  const prepared: Prepared = {
    checkpoint,
    tokenizer,
    data: DATA,
    task: 'masked-lm',
    labels: [],
    maxLength,
    ...divided(packed(documents, tokenizer, maxLength), plan, context.seed),
  };
  const words = documents.length === 1 ? '1 document' : `${documents.length} documents`;
  context.emit({ type: 'log', level: 'info', message: `${words} give a vocabulary of ${vocabSize} tokens.` });
  return trainOn(context, trainingPlan(plan, fresh), prepared, {
    task: 'pretrain',
    model: `BERT of ${layers} layers, ${hiddenSize} wide · masked-lm`,
  });
};

/** Nothing is labelled; examples are made of the corpus itself. */
const DATA: TaskData = {
  task: 'masked-lm',
  labels: [],
  columns: { task: 'masked-lm', text: 'text', pair: null, labels: [] },
  train: [],
  validation: [],
};

function divided(
  features: readonly Feature[],
  { validation, epochs }: PretrainPlan,
  seed: number,
): Pick<Prepared, 'train' | 'validation'> {
  if (features.length === 0) {
    throw new ModelError('The corpus has no text that makes an example.', 'Give more text.');
  }
  const held = Math.round(features.length * validation);
  if (epochs === 0 || held === 0 || held >= features.length) return { train: features, validation: [] };
  const split = splitIndices(features.length, validation, 'shuffled', seed);
  const pick = (indices: Uint32Array): Feature[] => Array.from(indices, i => features[i]!);
  return { train: pick(split.train), validation: pick(split.validation) };
}

/** The same training as a fine-tuning of the fresh checkpoint. */
function trainingPlan(plan: PretrainPlan, checkpoint: string): FinetunePlan {
  const { output, epochs, batchSize, accumulation, maxLength, maskShare } = plan;
  const { learningRate, weightDecay, warmup, schedule, clipNorm } = plan;
  return {
    ...FINETUNE_DEFAULTS,
    checkpoint,
    data: plan.corpus[0] ?? '',
    task: 'masked-lm',
    ...{ output, epochs, batchSize, accumulation, maxLength, maskShare },
    ...{ learningRate, weightDecay, warmup, schedule, clipNorm },
  };
}

/** One line for each tenth of the vocabulary. */
function told({ emit }: ProgramContext): (tokens: number, wanted: number) => void {
  let said = 0;
  return (tokens, wanted) => {
    const tenth = Math.floor((10 * tokens) / wanted);
    if (tenth <= said) return;
    said = tenth;
    emit({ type: 'log', level: 'info', message: `The vocabulary has ${tokens} of at most ${wanted} tokens.` });
  };
}
