/** The work of a `finetune` run in TensorFlow: updates, validation, checkpoints, and the trained checkpoint at the end. */
import type * as tfjs from '@tensorflow/tfjs';
import { bucketOf, tensorBatch } from '../bert/batch-tensors';
import { checkpointFiles, readWeights, type Weight, type Weights } from '../bert/checkpoint';
import { evaluate } from '../bert/evaluation';
import { evaluationFacts } from '../bert/evaluation-facts';
import type { AdapterConfig } from '../bert/lora';
import { bestMetricOf, type Evaluation } from '../bert/metrics';
import { BertModel } from '../bert/model';
import { outputsOf, parametersOf } from '../bert/parameters';
import type { Prepared } from '../bert/prepare';
import { learningRateAt } from '../bert/schedule';
import { paddingShare, planBatches } from '../bert/tasks';
import { Trainer } from '../bert/trainer';
import type { FinetunePlan } from '../protocol/finetune-plan';
import type { Execution } from '../protocol/messages';
import { ModelError } from './build/config';
import { type Arrays, type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint';
import { type Compiler, createCompiler } from './compile';
import type { LoopState, Work } from './loop';
import type { ProgramContext } from './program';

/** Sums over an epoch: loss × rows, hits, rows that hits are counted over, rows. */
type Sums = [loss: number, hits: number, counted: number, rows: number];

export class FinetuneWork implements Work {
  readonly stepsPerEpoch: number;
  readonly fixedRate = false;
  readonly monitor: { readonly metric: string; readonly mode: 'min' | 'max' };
  readonly names: readonly string[];
  readonly model: BertModel;
  readonly trainer: Trainer;
  /** The latest validation with its confusion matrix and worst examples. */
  evaluation: Evaluation | null = null;
  private readonly keptEvaluations = new Map<string, Evaluation>();
  /** The epoch under way, from 1. */
  private epoch = 0;
  private readonly compiler: Compiler;
  private readonly kept = new Map<string, Arrays>();
  private readonly lengths: readonly number[];
  private readonly classWeights: readonly number[] | undefined;
  private planned: { epoch: number; batches: number[][] } | null = null;
  private decided: Execution;

  constructor(
    private readonly context: ProgramContext,
    private readonly plan: FinetunePlan,
    private readonly prepared: Prepared,
    checkpoint: Checkpoint | null,
  ) {
    const { tf, emit, seed } = context;
    const { task, labels, train, validation } = prepared;
    const { config } = prepared.checkpoint;
    if (train.length === 0) throw new ModelError('There is no training example.', 'Give data with at least one row.');
    if (plan.freezeLayers > config.layers) {
      throw new ModelError(
        `The checkpoint has ${config.layers} layers; ${plan.freezeLayers} of them cannot be frozen.`,
        `Freeze ${config.layers} at most.`,
      );
    }
    const outputs = outputsOf(task, labels.length);
    const { weights, missing } = readWeights(prepared.checkpoint, parametersOf(config, task, outputs));
    if (missing.length > 0) {
      const names = missing.flatMap(({ tensors }) => tensors).join(', ');
      emit({ type: 'log', level: 'info', message: `The checkpoint lacks ${names}; they start afresh.` });
    }
    const adapter: AdapterConfig | undefined =
      plan.loraRank > 0 ? { rank: plan.loraRank, alpha: plan.loraAlpha, targets: plan.loraTargets } : undefined;
    this.model = new BertModel(tf, { config, task, labels: outputs, weights, seed, ...(adapter && { adapter }) });
    this.compiler = createCompiler(tf, {
      seed,
      ...(context.eager && { eager: 'it was asked for' }),
      onMode: (name, _signature, mode) => {
        if (name === 'train' && mode.kind === 'eager') this.becameEager(mode.reason);
      },
    });
    const { refusal } = this.compiler;
    this.decided = refusal === undefined ? { mode: 'compiled' } : { mode: 'eager', because: refusal };
    this.classWeights = this.weightsOfClasses();
    this.trainer = new Trainer(tf, this.model, this.compiler, {
      weightDecay: plan.weightDecay,
      clipNorm: plan.clipNorm,
      frozen: { embeddings: plan.freezeEmbeddings, layers: plan.freezeLayers },
      labelSmoothing: plan.labelSmoothing,
      ...(plan.dropout !== null && { dropout: plan.dropout }),
      ...(this.classWeights && { classWeights: this.classWeights }),
    });
    this.lengths = train.map(({ ids }) => ids.length);
    this.stepsPerEpoch = Math.ceil(Math.ceil(train.length / plan.batchSize) / plan.accumulation);
    const best = bestMetricOf(task);
    const held = validation.length > 0;
    this.monitor = held
      ? { metric: `val_${best.name}`, mode: best.higher ? 'max' : 'min' }
      : { metric: 'loss', mode: 'min' };
    const classes = task === 'sequence-classification' || task === 'token-classification' || task === 'masked-lm';
    this.names = [...new Set(['loss', ...(classes ? ['accuracy'] : []), ...(held ? [best.name] : [])])];
    if (!held) {
      emit({ type: 'log', level: 'info', message: 'Nothing is held back for validation.' });
    }
    if (checkpoint) this.restore(checkpoint);
  }

  get trainableParams(): number {
    return this.trainer.trained.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  }

  /** Share of the tokens of the first epoch that only fill batches up. */
  get paddingShare(): number {
    return paddingShare(this.lengths, this.batches(0), bucketOf(this.prepared.maxLength));
  }

  execution(): Execution {
    return this.decided;
  }

  get counter(): number {
    return this.compiler.counter;
  }

  set counter(value: number) {
    this.compiler.counter = value;
  }

  step(at: { epoch: number; index: number; iteration: number; learningRate: number }): {
    samples: number;
    sums: ArrayLike<number>;
  } {
    const { tf, seed } = this.context;
    const { task, tokenizer, maxLength, train } = this.prepared;
    const { accumulation, batchSize, maskShare } = this.plan;
    this.epoch = at.epoch + 1;
    const first = at.index * accumulation;
    const parts = this.batches(at.epoch).slice(first, first + accumulation);
    let [samples, counted] = [0, 0];
    const tensors = parts.map((chosen, i) => {
      const made = tensorBatch(tf, train, chosen, {
        task,
        tokenizer,
        rows: Math.min(batchSize, train.length),
        multipleOf: bucketOf(maxLength),
        maxLength,
        seed,
        position: at.epoch * train.length + (first + i) * batchSize,
        maskProbability: maskShare,
        ...(this.classWeights && { classWeights: this.classWeights }),
      });
      samples += made.size;
      for (const weight of made.tensors.weights.dataSync<'float32'>()) counted += weight > 0 ? 1 : 0;
      return made.tensors;
    });
    const { loss, hits } = this.trainer.step(tensors, { update: at.iteration, learningRate: at.learningRate });
    tf.dispose(tensors as never);
    return { samples, sums: [loss * samples, hits, counted, samples] satisfies Sums };
  }

  async evaluate(breathe: () => Promise<void>): Promise<Readonly<Record<string, number>> | null> {
    const { task, tokenizer, labels, maxLength, validation, data } = this.prepared;
    if (validation.length === 0) return null;
    this.evaluation = await evaluate(this.context.tf, this.trainer, {
      task,
      tokenizer,
      labels,
      examples: data.validation,
      features: validation,
      batchSize: this.plan.batchSize,
      maxLength,
      seed: this.context.seed,
      maskShare: this.plan.maskShare,
      breathe,
      ...(this.classWeights && { classWeights: this.classWeights }),
    });
    if (this.evaluation.confusion || this.evaluation.worst.length > 0) {
      const outputs = task === 'regression' ? labels.length : 1;
      const facts = evaluationFacts(this.evaluation, labels, data.validation, outputs);
      this.context.emit({ type: 'evaluation', epoch: this.epoch, ...facts });
    }
    return this.evaluation.metrics;
  }

  results(sums: ArrayLike<number>): Record<string, number> {
    const [loss = NaN, hits = NaN, counted = 0, rows = 0] = Array.from(sums);
    const metrics: Record<string, number> = { loss: rows > 0 ? loss / rows : NaN };
    if (this.names.includes('accuracy') && counted > 0) metrics.accuracy = hits / counted;
    return metrics;
  }

  schedule(iteration: number): number {
    const { schedule, learningRate, warmup, epochs } = this.plan;
    return learningRateAt({ schedule, learningRate, warmup, updates: epochs * this.stepsPerEpoch }, iteration);
  }

  direction(metric: string): 'min' | 'max' | undefined {
    return /loss|mse|mae|error/i.test(metric) ? 'min' : 'max';
  }

  keepWeights(name: string): void {
    this.kept.set(name, this.model.values());
    if (this.evaluation) this.keptEvaluations.set(name, this.evaluation);
  }

  restoreWeights(name: string): boolean {
    const kept =
      this.kept.get(name) ?? (name === 'best' ? readCheckpoint(this.context.folder, 'best')?.weights : undefined);
    if (!kept) return false;
    this.model.assign(kept as Weights);
    this.evaluation = this.keptEvaluations.get(name) ?? this.evaluation;
    return true;
  }

  save(kind: 'last' | 'best', state: LoopState): number {
    const kept = Object.fromEntries(
      [...this.kept]
        .filter(([name]) => name !== 'best')
        .flatMap(([name, arrays]) => Object.entries(arrays).map(([key, array]) => [`${name}:${key}`, array])),
    );
    const weights = kind === 'best' ? (this.kept.get('best') ?? this.model.values()) : this.model.values();
    return writeCheckpoint(this.context.folder, kind, { weights, state: this.moments(), kept, loop: state as never });
  }

  tensors(): number {
    return this.context.tf.memory().numTensors;
  }

  /** The trained checkpoint as Python's transformers reads it, by file name. */
  files(): Record<string, string | Uint8Array> {
    const { checkpoint, task, labels } = this.prepared;
    return checkpointFiles(checkpoint, task, labels, this.model.merged());
  }

  dispose(): void {
    this.compiler.dispose();
    this.trainer.dispose();
    this.model.dispose();
  }

  private batches(epoch: number): number[][] {
    if (this.planned?.epoch !== epoch) {
      const { seed } = this.context;
      this.planned = { epoch, batches: planBatches(this.lengths, { batchSize: this.plan.batchSize, seed, epoch }) };
    }
    return this.planned.batches;
  }

  private weightsOfClasses(): number[] | undefined {
    const { classWeights } = this.plan;
    const { task, labels, train } = this.prepared;
    if (classWeights === null) return undefined;
    if (task !== 'sequence-classification' && task !== 'token-classification') {
      throw new ModelError(`Class weights have no meaning for the task ${task}.`, 'Leave them out.');
    }
    if (classWeights !== 'balanced') {
      if (classWeights.length === labels.length && classWeights.every(weight => weight > 0)) return [...classWeights];
      throw new ModelError(
        `There are ${labels.length} classes (${labels.join(', ')}) and ${classWeights.length} class weights.`,
        'Give one number above 0 for each class, in this order, or "balanced".',
      );
    }
    // As scikit-learn's "balanced": n / (classes · count).
    const counts = new Array<number>(labels.length).fill(0);
    for (const feature of train) for (const label of feature.labels) if (label >= 0) counts[label]!++;
    const all = counts.reduce((sum, count) => sum + count, 0);
    return counts.map(count => (count > 0 ? all / (labels.length * count) : 1));
  }

  private becameEager(because: string): void {
    if (this.decided.mode === 'eager') return;
    this.decided = { mode: 'eager', because };
    this.context.emit({ type: 'changed', execution: this.decided });
    this.context.emit({ type: 'log', level: 'warning', message: `The step is not compiled: ${because}` });
  }

  private moments(): Arrays {
    return Object.fromEntries(Object.entries(this.trainer.state()).map(([name, slot]) => [name, valueOf(slot)]));
  }

  private restore({ weights, state, kept }: Checkpoint): void {
    const { tf } = this.context;
    try {
      this.model.assign(weights as Weights);
    } catch {
      throw new ModelError("The run's checkpoint belongs to another model.", 'Start a new run.');
    }
    for (const [name, slot] of Object.entries(this.trainer.state())) {
      const value = state[name];
      if (value) tf.tidy(() => slot.assign(tf.tensor(value.data, [...value.shape], 'float32')));
    }
    for (const [key, array] of Object.entries(kept)) {
      const [name = '', ...rest] = key.split(':');
      this.kept.set(name, { ...this.kept.get(name), [rest.join(':')]: array });
    }
  }
}

function valueOf(variable: tfjs.Variable): Weight {
  return { shape: variable.shape, dtype: 'float32', data: variable.dataSync<'float32'>().slice() };
}
