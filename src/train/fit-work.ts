/** The work of a `fit` run in TensorFlow: the compiled step, validation, and the weights that checkpoints hold. */
import fs from 'node:fs';
import path from 'node:path';
import type * as tfjs from '@tensorflow/tfjs';
import { type Batch, batches, batchCount } from '../data/batch';
import type { DataArray, DataSet } from '../data/dataset';
import { sampleCount } from '../data/dataset';
import type { ModelFacts } from '../ir/model';
import type { FitPlan } from '../protocol/fit-plan';
import type { Execution } from '../protocol/messages';
import { RUN_FILES } from '../protocol/record';
import { type BuiltModel, buildModel } from './build';
import { ModelError } from './build/config';
import { type Arrays, type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint';
import {
  type CompiledFunction,
  type Compiler,
  createCompiler,
  createOptimizer,
  type Optimizer,
  type StepInput,
} from './compile';
import { exportModel } from './export';
import { checkIndices, classWeights, fitted } from './fit-data';
import type { LoopState, Work } from './loop';
import { createObjective, type Objective } from './objective';
import { optimizerPlan } from './optimizer';
import type { ProgramContext } from './program';

type Step = CompiledFunction<Record<string, StepInput>, { sums: tfjs.Tensor }>;

/** The work of the loop in TensorFlow. */
export class FitWork implements Work {
  readonly stepsPerEpoch: number;
  readonly fixedRate: boolean;
  readonly monitor: { readonly metric: string; readonly mode: 'min' | 'max' };
  private readonly kept = new Map<string, Arrays>();
  private epochBatches: { epoch: number; next: number; batches: Iterator<Batch, void> } | null = null;
  private decided: Execution;

  private constructor(
    private readonly context: ProgramContext,
    private readonly plan: FitPlan,
    readonly model: BuiltModel,
    readonly objective: Objective,
    private readonly compiler: Compiler,
    private readonly optimizer: Optimizer,
    private readonly rate: ReturnType<typeof optimizerPlan>,
    private readonly train: DataSet,
    private readonly validation: DataSet | null,
    private readonly functions: { train: Step; evaluate: Step },
  ) {
    this.stepsPerEpoch = batchCount(sampleCount(train.x), plan.fit.batchSize);
    this.fixedRate = rate.fixed;
    this.monitor = this.watched();
    this.decided = compiler.refusal === undefined ? { mode: 'compiled' } : { mode: 'eager', because: compiler.refusal };
  }

  static async make(
    context: ProgramContext,
    plan: FitPlan,
    facts: ModelFacts,
    train: DataSet,
    validation: DataSet | null,
    checkpoint: Checkpoint | null,
  ): Promise<FitWork> {
    const { tf, emit, seed } = context;
    const x = fitted(train.x, facts);
    if (x !== train.x)
      emit({
        type: 'log',
        level: 'info',
        message: `Samples are read as (${x.shape.slice(1).join(', ')}), as the model takes them.`,
      });
    if (!train.y)
      throw new ModelError(
        'The data have no labels.',
        'Name them in the data of the training configuration ("y" or "label").',
      );
    const { batchSize } = plan.fit;
    const model = buildModel(tf, facts, {
      seed,
      args: plan.args,
      sampleShapes: [x.shape.slice(1)],
      batchSize: Math.min(batchSize, 2),
    });
    if (facts.params.total !== null && model.params.total !== facts.params.total) {
      emit({
        type: 'log',
        level: 'debug',
        message: `The model has ${model.params.total} parameters; ${facts.params.total} were expected.`,
      });
    }
    const names = model.outputShapes.map(
      (_, i) => facts.outputNames?.[i] ?? facts.layers[facts.outputs[i]!.layer]!.name,
    );
    const objective = createObjective(
      tf,
      plan,
      names,
      [[batchSize, ...train.y.shape.slice(1)]],
      model.outputShapes.map(shape => [batchSize, ...shape]),
    );
    checkIndices(train, model.outputShapes[0]!, plan);
    const rate = optimizerPlan(plan.optimizer);
    let work: FitWork | null = null;
    const compiler = createCompiler(tf, {
      seed,
      ...(context.eager && { eager: 'it was asked for' }),
      onMode: (name, _signature, mode) => {
        if (name === 'train' && mode.kind === 'eager') work?.becameEager(mode.reason);
      },
    });
    const optimizer = createOptimizer(tf, rate.config);
    const trained = model.weights.filter(weight => weight.trainable);
    if (trained.length === 0)
      throw new ModelError('The model has no weights to train.', 'Unfreeze a layer, or add one with weights.');
    const constrained = trained.filter(weight => weight.constraint);
    optimizer.build(trained.map(weight => weight.variable));

    const compute = (inputs: Record<string, unknown>, training: boolean) => {
      const output = model.call([inputs.x as tfjs.Tensor], training);
      return objective.compute(
        output,
        [inputs.y as tfjs.Tensor],
        model.penalty(),
        (inputs.weight as tfjs.Tensor | undefined) ?? null,
      );
    };
    const trainStep = compiler.step<Record<string, StepInput>, { sums: tfjs.Tensor }>('train', inputs => {
      let sums: tfjs.Tensor | null = null;
      const { grads } = tf.variableGrads(
        () => {
          const computed = compute(inputs, true);
          sums = tf.keep(computed.sums);
          return computed.total as tfjs.Scalar;
        },
        trained.map(weight => weight.variable),
      );
      optimizer.apply(grads, inputs);
      for (const { variable, constraint } of constrained) variable.assign(constraint!(variable));
      return { sums: sums! };
    });
    const evaluate = compiler.pure<Record<string, StepInput>, { sums: tfjs.Tensor }>('evaluate', inputs => ({
      sums: compute(inputs, false).sums,
    }));
    work = new FitWork(
      context,
      plan,
      model,
      objective,
      compiler,
      optimizer,
      rate,
      { ...train, x },
      validation && { ...validation, x: fitted(validation.x, facts) },
      { train: trainStep, evaluate },
    );
    if (checkpoint) work.restore(checkpoint);
    return work;
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
    const { tf } = this.context;
    const batch = this.batch(at.epoch, at.index);
    const inputs: Record<string, StepInput> = {
      x: toTensor(tf, batch.x),
      y: toTensor(tf, batch.y!),
      ...this.optimizer.inputs({ iteration: at.iteration, learningRate: at.learningRate }),
    };
    const weights = this.plan.fit.classWeight && classWeights(batch.y!, this.plan.fit.classWeight);
    if (weights) inputs.weight = tf.tensor1d(weights);
    const { sums } = this.functions.train(inputs);
    const values = sums.dataSync();
    sums.dispose();
    for (const input of Object.values(inputs)) if (typeof input === 'object') input.dispose();
    return { samples: batch.size, sums: values };
  }

  async evaluate(breathe: () => Promise<void>): Promise<ArrayLike<number> | null> {
    const {
      validation,
      context: { tf },
    } = this;
    if (!validation?.y) return null;
    let total: number[] | null = null;
    for (const batch of batches(validation, { batchSize: this.plan.fit.batchSize, shuffle: false })) {
      const inputs = { x: toTensor(tf, batch.x), y: toTensor(tf, batch.y!) };
      const { sums } = this.functions.evaluate(inputs);
      const values = sums.dataSync();
      total ??= new Array<number>(values.length).fill(0);
      for (let i = 0; i < values.length; i++) total[i]! += values[i]!;
      tf.dispose([sums, inputs.x, inputs.y]);
      await breathe();
    }
    return total;
  }

  results(sums: ArrayLike<number>): Record<string, number> {
    return this.objective.results(sums);
  }

  schedule(iteration: number): number {
    return this.rate.schedule(iteration);
  }

  direction(metric: string): 'min' | 'max' | undefined {
    return this.objective.direction(metric);
  }

  keepWeights(name: string): void {
    this.kept.set(name, this.weights());
  }

  restoreWeights(name: string): boolean {
    const kept =
      this.kept.get(name) ?? (name === 'best' ? readCheckpoint(this.context.folder, 'best')?.weights : undefined);
    if (!kept) return false;
    for (const { path: name_, variable } of this.model.weights) assign(this.context.tf, variable, kept[name_]);
    return true;
  }

  save(kind: 'last' | 'best', state: LoopState): number {
    const kept = Object.fromEntries(
      [...this.kept]
        .filter(([name]) => name !== 'best')
        .flatMap(([name, arrays]) => Object.entries(arrays).map(([key, array]) => [`${name}/${key}`, array])),
    );
    const weights = kind === 'best' ? (this.kept.get('best') ?? this.weights()) : this.weights();
    return writeCheckpoint(this.context.folder, kind, { weights, state: this.slots(), kept, loop: state as never });
  }

  tensors(): number {
    return this.context.tf.memory().numTensors;
  }

  export(data: DataSet, plan: FitPlan): void {
    const folder = path.join(this.context.folder, RUN_FILES.output);
    fs.mkdirSync(folder, { recursive: true });
    exportModel(folder, this.model.facts, this.weights(), { ...data, x: data.x }, plan);
  }

  dispose(): void {
    this.compiler.dispose();
    this.optimizer.dispose();
    this.model.dispose();
  }

  private becameEager(because: string): void {
    if (this.decided.mode === 'eager') return;
    this.decided = { mode: 'eager', because };
    this.context.emit({ type: 'changed', execution: this.decided });
    this.context.emit({ type: 'log', level: 'warning', message: `The step is not compiled: ${because}` });
  }

  /** Batches in the order of (seed, epoch); jumping happens only when a run resumes. */
  private batch(epoch: number, index: number): Batch {
    if (!this.epochBatches || this.epochBatches.epoch !== epoch || this.epochBatches.next !== index) {
      const { batchSize, shuffle } = this.plan.fit;
      const made = batches(this.train, { batchSize, shuffle, seed: this.context.seed, epoch, start: index });
      this.epochBatches = { epoch, next: index, batches: made };
    }
    this.epochBatches.next++;
    const taken = this.epochBatches.batches.next();
    if (taken.done) throw new Error(`epoch ${epoch} has no batch ${index}`);
    return taken.value;
  }

  private weights(): Arrays {
    return Object.fromEntries(this.model.weights.map(({ path: name, variable }) => [name, toArray(variable)]));
  }

  private slots(): Arrays {
    const states = this.model.states.map(variable => [variable.name, variable] as const);
    const all = [...Object.entries(this.optimizer.state()), ...states];
    return Object.fromEntries(all.map(([name, variable]) => [name, toArray(variable)]));
  }

  private restore(checkpoint: Checkpoint): void {
    const { tf } = this.context;
    for (const { path: name, variable } of this.model.weights) {
      if (!checkpoint.weights[name])
        throw new ModelError(`The checkpoint has no weight "${name}": the model has changed.`, 'Start a new run.');
      assign(tf, variable, checkpoint.weights[name]);
    }
    for (const [name, variable] of Object.entries(this.optimizer.state())) assign(tf, variable, checkpoint.state[name]);
    for (const variable of this.model.states) assign(tf, variable, checkpoint.state[variable.name]);
    for (const [key, array] of Object.entries(checkpoint.kept)) {
      const [name, ...rest] = key.split('/');
      this.kept.set(name!, { ...this.kept.get(name!), [rest.join('/')]: array });
    }
  }

  /** What "best" means: as the callbacks that keep the best say, else the validation loss. */
  private watched(): { metric: string; mode: 'min' | 'max' } {
    const names = this.validation ? this.objective.names.flatMap(name => [name, `val_${name}`]) : this.objective.names;
    const keepers = this.plan.callbacks.filter(callback => /EarlyStopping|ModelCheckpoint/i.test(callback.class));
    const wanted = keepers
      .map(callback => callback.config)
      .find(({ monitor }) => typeof monitor === 'string' && names.includes(monitor));
    const metric = wanted ? (wanted.monitor as string) : this.validation ? 'val_loss' : 'loss';
    const mode =
      wanted?.mode === 'max' || wanted?.mode === 'min'
        ? wanted.mode
        : (this.direction(metric.replace(/^val_/, '')) ?? 'min');
    return { metric, mode };
  }
}

function toTensor(tf: ProgramContext['tf'], array: DataArray): tfjs.Tensor {
  return tf.tensor(array.data, array.shape, array.dtype === 'int32' ? 'int32' : 'float32');
}

function toArray(variable: tfjs.Variable): Arrays[string] {
  return { shape: variable.shape, dtype: 'float32', data: (variable.dataSync() as Float32Array).slice() };
}

function assign(tf: ProgramContext['tf'], variable: tfjs.Variable, array: Arrays[string] | undefined): void {
  if (!array) return;
  tf.tidy(() => variable.assign(tf.tensor(array.data, [...array.shape], 'float32') as never));
}
