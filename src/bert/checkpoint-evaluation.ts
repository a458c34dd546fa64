/** A fine-tuned checkpoint held against a file of examples it may never have seen. */
import type { EvaluationFacts } from '../protocol/messages';
import { createCompiler, type Tf } from '../train/compile';
import { openCheckpoint, readWeights, taskOf } from './checkpoint';
import { CheckpointError } from './checkpoint-error';
import type { BertConfig, Task } from './config';
import { evaluate } from './evaluation';
import { evaluationFacts } from './evaluation-facts';
import { BertModel } from './model';
import { outputsOf, parametersOf } from './parameters';
import { openTokenizer, settledLength } from './prepare';
import { columnsOf, featuresOf, labelsOf, loadTaskData, readRecords, type TaskData } from './tasks';
import { Trainer } from './trainer';

export interface CheckpointEvaluationOptions {
  readonly data: string;
  readonly textColumn?: string | null;
  readonly pairColumn?: string | null;
  readonly labelColumn?: string | null;
  readonly batchSize?: number;
  /** Called after each batch with the share that is done. */
  onProgress?(share: number): void;
}

export interface CheckpointEvaluation extends EvaluationFacts {
  readonly task: Task;
  readonly rows: number;
}

/** @throws CheckpointError for a checkpoint without a trained head or of other labels, DataError for the data */
export async function evaluateCheckpoint(
  tf: Tf,
  folder: string,
  options: CheckpointEvaluationOptions,
): Promise<CheckpointEvaluation> {
  const checkpoint = await openCheckpoint(folder);
  const { config } = checkpoint;
  const task = taskOf(config);
  const known = config.labels ?? [];
  const parameters = task && parametersOf(config, task, outputsOf(task, known.length));
  const read = parameters && readWeights(checkpoint, parameters);
  if (!task || !read || read.missing.length > 0) {
    throw new CheckpointError(`The checkpoint ${folder} has no trained head.`, 'Fine-tune it first.');
  }
  const tokenizer = await openTokenizer(checkpoint);
  const data = await examplesFor(config, task, options);
  const maxLength = settledLength(checkpoint, tokenizer, task, null);
  const features = featuresOf(task, tokenizer, data.train, { maxLength });
  const { batchSize = 16 } = options;
  const model = new BertModel(tf, {
    config,
    task,
    labels: outputsOf(task, known.length),
    weights: read.weights,
    seed: 0,
  });
  const compiler = createCompiler(tf);
  // Nothing is trained: with all layers frozen the optimiser keeps moments of the head alone.
  const frozen = { embeddings: true, layers: config.layers };
  const trainer = new Trainer(tf, model, compiler, { weightDecay: 0, clipNorm: 0, frozen, labelSmoothing: 0 });
  let batches = 0;
  try {
    const found = await evaluate(tf, trainer, {
      task,
      tokenizer,
      labels: data.labels,
      examples: data.train,
      features,
      batchSize,
      maxLength,
      seed: 0,
      breathe: () => {
        batches++;
        options.onProgress?.(Math.min(1, (batches * batchSize) / features.length));
        return Promise.resolve();
      },
    });
    const outputs = task === 'regression' ? known.length : 1;
    return { ...evaluationFacts(found, data.labels, data.train, outputs), task, rows: data.train.length };
  } finally {
    trainer.dispose();
    compiler.dispose();
    model.dispose();
  }
}

/** All examples of the file, their labels by the numbers that the checkpoint knows them by. */
async function examplesFor(
  { labels }: BertConfig,
  task: Task,
  { data, textColumn, pairColumn, labelColumn }: CheckpointEvaluationOptions,
): Promise<TaskData> {
  const known = labels ?? [];
  const records = await readRecords(data);
  // A column for each label, as it was trained on, has to come in the checkpoint's order.
  const wide = task === 'multi-label' && known.length > 1 && known.every(label => records.columns.includes(label));
  const choice = {
    task,
    ...(textColumn && { textColumn }),
    ...(typeof pairColumn === 'string' && { pairColumn }),
    ...(labelColumn ? { labelColumn } : wide && { labelColumn: known.join(',') }),
  };
  const classes = task === 'sequence-classification' || task === 'token-classification' || task === 'multi-label';
  if (!classes) return loadTaskData({ ...choice, data, validation: 0 });
  const own = labelsOf(records, columnsOf(records, choice));
  // Python's own names for classes that were given none say nothing: the data's stand in for them, in their order.
  const unnamed = known.every((label, i) => label === `LABEL_${i}`) && own.length === known.length;
  const given = unnamed && !own.every(label => known.includes(label)) ? own : known;
  const strange = own.filter(label => !given.includes(label));
  if (strange.length > 0) {
    throw new CheckpointError(
      `The checkpoint knows no label ${strange.slice(0, 5).join(', ')}; it knows ${known.slice(0, 20).join(', ')}.`,
      'Choose data with the labels it was trained on, or the right column.',
    );
  }
  return loadTaskData({ ...choice, data, validation: 0, labels: given });
}
