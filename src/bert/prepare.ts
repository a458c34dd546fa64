/** Everything a fine-tuning needs before TensorFlow: checkpoint, tokenizer, examples, features, and what fits to what. */
import { type Checkpoint, openCheckpoint, taskOf } from './checkpoint';
import { CheckpointError } from './checkpoint-error';
import { maxTokens, type Task, TASKS } from './config';
import { type Feature, featuresOf, loadTaskData, maxLengthOf, type TaskData } from './tasks';
import { loadTokenizer, type Tokenizer } from './tokenizer';

export interface PreparationOptions {
  readonly checkpoint: string;
  readonly data: string;
  readonly validation: string | number;
  readonly task: string | null;
  readonly textColumn: string | null;
  readonly pairColumn: string | null;
  readonly labelColumn: string | null;
  readonly maxLength: number | null;
  readonly seed: number;
}

export interface Prepared {
  readonly checkpoint: Checkpoint;
  readonly tokenizer: Tokenizer;
  readonly data: TaskData;
  readonly task: Task;
  /** Outputs of the head by name; of question answering and language models none. */
  readonly labels: readonly string[];
  readonly maxLength: number;
  readonly train: readonly Feature[];
  readonly validation: readonly Feature[];
}

/** @throws CheckpointError, DataError or TokenizerError, each with one sentence and a way out */
export async function prepare(options: PreparationOptions): Promise<Prepared> {
  const checkpoint = await openCheckpoint(options.checkpoint);
  const tokenizer = await openTokenizer(checkpoint);
  const data = await loadData(options);
  const { task } = data;
  const maxLength = settledLength(checkpoint, tokenizer, task, options.maxLength);
  // The classes of a checkpoint that was fine-tuned already keep their order, where they are the same.
  const { labels: known } = checkpoint.config;
  const same =
    known && taskOf(checkpoint.config) === task && [...known].sort().join('\n') === [...data.labels].sort().join('\n');
  const labels = same ? known : data.labels;
  const index = data.labels.map(label => labels.indexOf(label));
  const features = (examples: TaskData['train']): Feature[] =>
    relabelled(featuresOf(task, tokenizer, examples, { maxLength }), task, index);
  return {
    checkpoint,
    tokenizer,
    data,
    task,
    labels,
    maxLength,
    train: features(data.train),
    validation: features(data.validation),
  };
}

export function loadData(options: Omit<PreparationOptions, 'checkpoint' | 'maxLength'>): Promise<TaskData> {
  return loadTaskData({
    data: options.data,
    validation: options.validation,
    seed: options.seed,
    ...(options.task !== null && { task: checkedTask(options.task) }),
    ...(options.textColumn !== null && { textColumn: options.textColumn }),
    ...(options.pairColumn !== null && { pairColumn: options.pairColumn }),
    ...(options.labelColumn !== null && { labelColumn: options.labelColumn }),
  });
}

/** The longest input of a run: what was asked for, else the task's own, as far as the checkpoint takes it. */
export function settledLength({ config }: Checkpoint, tokenizer: Tokenizer, task: Task, asked: number | null): number {
  const most = maxTokens(config);
  if (asked !== null && asked > most) {
    throw new CheckpointError(
      `The checkpoint takes ${most} tokens at most, not ${asked}.`,
      `Take a maximum length of ${most} or less.`,
    );
  }
  return Math.min(asked ?? maxLengthOf(task, tokenizer, {}), most, tokenizer.modelMaxLength);
}

export async function openTokenizer(checkpoint: Checkpoint): Promise<Tokenizer> {
  const tokenizer = await loadTokenizer(checkpoint.folder);
  const { vocabSize } = checkpoint.config;
  if (tokenizer.vocabSize > vocabSize) {
    throw new CheckpointError(
      `The tokenizer of ${checkpoint.folder} has ${tokenizer.vocabSize} tokens, the model ${vocabSize}.`,
      'Use the tokenizer and the weights of one and the same checkpoint.',
    );
  }
  return tokenizer;
}

function checkedTask(name: string): Task {
  const task = TASKS.find(one => one === name);
  if (task) return task;
  throw new CheckpointError(`There is no task "${name}".`, `Known are ${TASKS.join(', ')}.`);
}

/** Classes by the checkpoint's numbers instead of the data's. */
function relabelled(features: Feature[], task: Task, index: readonly number[]): Feature[] {
  if (index.every((to, from) => to === from)) return features;
  if (task === 'multi-label') {
    return features.map(feature => {
      const labels = new Array<number>(index.length).fill(0);
      feature.labels.forEach((value, from) => (labels[index[from]!] = value));
      return { ...feature, labels };
    });
  }
  if (task !== 'sequence-classification' && task !== 'token-classification') return features;
  return features.map(feature => ({ ...feature, labels: feature.labels.map(label => index[label] ?? label) }));
}
