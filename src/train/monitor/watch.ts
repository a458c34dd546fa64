/**
 * Follows every `fit`, `fitDataset` and `trainOnBatch` of one script, in whichever copies of tfjs-layers it loads, and
 * lets commands in between two batches. What the script computes and sees stays as it was: values are only read, and
 * the one thing that is waited for is a pause.
 */
import type { BackendInfo } from '../../protocol/messages';
import type { Control } from '../control';
import type { Report, TrainingFacts } from './report';

/** What is used of a tensor or a plain number in the logs of a callback. */
type Logged = number | { dataSync(): ArrayLike<number> };
type Logs = Readonly<Record<string, Logged>>;

interface Weight {
  readonly shape: readonly (number | null)[];
}

/** The part of LayersModel that is read here; the same in all releases since 1.0. */
export interface Model {
  readonly name: string;
  readonly isTraining?: boolean;
  stopTraining?: boolean;
  readonly metricsNames?: readonly string[];
  readonly trainableWeights: readonly Weight[];
  readonly nonTrainableWeights: readonly Weight[];
  readonly optimizer?: { learningRate?: number; setLearningRate?(value: number): void };
}

/** What tfjs-layers gives a callback before training. */
interface FitParams {
  readonly epochs?: number | null;
  readonly initialEpoch?: number | null;
  readonly samples?: number | null;
  readonly steps?: number | null;
  readonly batchSize?: number | null;
  readonly doValidation?: boolean;
  readonly metrics?: readonly string[];
}

type TrainOnBatch = (this: Model, ...args: unknown[]) => Promise<number | number[]>;

/** Makes the LayersModel through which a Sequential trains. */
type Build = (this: { readonly name: string; readonly model?: Model }, ...args: unknown[]) => void;

/** The exports of a copy of tfjs-layers, or of a package that passes them on. */
export interface Layers {
  readonly LayersModel: { readonly prototype: { trainOnBatch: TrainOnBatch } };
  readonly Sequential?: { readonly prototype: { build: Build } };
  /** Callbacks of its classes are made for every fit of this copy, before those that the author passes. */
  registerCallbackConstructor(verbosityLevel: number, callback: new () => object): void;
}

export interface WatchHost {
  readonly control: Control;
  readonly send: (report: Report) => void;
  /** Keeps the process alive during a pause. */
  readonly hold: (on: boolean) => void;
  readonly backend: () => BackendInfo;
}

export class Watch {
  private readonly adopted = new WeakSet<object>();
  private nextId = 1;
  private readonly loops = new WeakMap<Model, { id: number; round: number }>();
  /** Calls of `fit` so far: a `trainOnBatch` after another fit is a training of its own. */
  private round = 0;
  private lastStep = performance.now();
  private introduced = false;

  constructor(private readonly host: WatchHost) {}

  /** Follows the models of one copy of tfjs-layers from now on; the same copy may come in under several names. */
  adopt(layers: Layers): void {
    const { LayersModel } = layers;
    if (this.adopted.has(LayersModel)) return;
    this.adopted.add(LayersModel);
    const begin = (): number => this.beginFit();
    const attend = (model: Model): Promise<void> => this.attend(model);
    const { send } = this.host;
    const introduce = (): void => this.introduce();
    const took = (): number => this.took();
    layers.registerCallbackConstructor(
      0,
      class FitWatch {
        validationData = null;
        private id = 0;
        private params: FitParams = {};
        private model!: Model;
        private names: readonly string[] = [];
        private epochBegan = 0;

        setParams(params: FitParams): void {
          this.params = params;
        }
        setModel(model: Model): void {
          this.model = model;
        }
        async onTrainBegin(): Promise<void> {
          introduce();
          this.id = begin();
          const facts = factsOfFit(this.model, this.params);
          this.names = facts.metrics;
          send(['begin', this.id, facts]);
          took();
        }
        async onEpochBegin(): Promise<void> {
          this.epochBegan = performance.now();
        }
        async onBatchBegin(): Promise<void> {}
        async onBatchEnd(_batch: number, logs: Logs): Promise<void> {
          const values = this.names.map(name => valueOf(logs[name]));
          const size = typeof logs.size === 'number' ? logs.size : 0;
          send(['step', this.id, Date.now(), values, rateOf(this.model), size, took()]);
          const began = performance.now();
          await attend(this.model);
          this.epochBegan += performance.now() - began; // A pause is no part of the epoch.
        }
        async onEpochEnd(_epoch: number, logs: Logs): Promise<void> {
          const metrics = Object.fromEntries(Object.entries(logs).map(([name, value]) => [name, valueOf(value)]));
          const seconds = Math.round(performance.now() - this.epochBegan) / 1000;
          send(['epoch', this.id, Date.now(), metrics, rateOf(this.model), seconds]);
        }
        async onTrainEnd(): Promise<void> {
          send(['end', this.id, this.model.stopTraining === true]);
        }
      },
    );
    this.adoptSequential(layers);
    const { prototype } = LayersModel;
    const original = prototype.trainOnBatch;
    const after = (model: Model, args: readonly unknown[], losses: number | number[]): Promise<void> =>
      this.trainedOnBatch(model, args, losses);
    const trainOnBatch: TrainOnBatch = async function (...args) {
      const losses = await original.apply(this, args);
      await after(this, args, losses);
      return losses;
    };
    replace(prototype, 'trainOnBatch', trainOnBatch);
  }

  /** The model inside a Sequential has a name of its own; its author knows the outer one. */
  private adoptSequential({ Sequential }: Layers): void {
    if (!Sequential) return;
    const { prototype } = Sequential;
    const original = prototype.build;
    const build: Build = function (...args) {
      original.apply(this, args);
      if (this.model) shownNames.set(this.model, this.name);
    };
    replace(prototype, 'build', build);
  }

  private beginFit(): number {
    this.round++;
    return this.nextId++;
  }

  private async trainedOnBatch(model: Model, args: readonly unknown[], losses: number | number[]): Promise<void> {
    const size = samplesOf(args[0]);
    let loop = this.loops.get(model);
    if (loop?.round !== this.round) {
      this.introduce();
      loop = { id: this.nextId++, round: this.round };
      this.loops.set(model, loop);
      this.host.send(['begin', loop.id, factsOfLoop(model, size)]);
    }
    const values = (Array.isArray(losses) ? losses : [losses]).map(finite);
    this.host.send(['step', loop.id, Date.now(), values, rateOf(model), size, this.took()]);
    await this.attend(model);
  }

  /** Between two batches: takes commands in. */
  private async attend(model: Model): Promise<void> {
    const { control, send } = this.host;
    await control.breathe();
    this.takeChanges(model);
    if (control.paused && !control.stop) {
      const began = performance.now();
      send(['paused']);
      this.host.hold(true);
      while (control.paused && !control.stop) {
        await control.nextCommand();
        this.takeChanges(model);
      }
      this.host.hold(false);
      send(['resumed']);
      this.lastStep += performance.now() - began;
    }
    // In a loop of the author's own nobody looks at this; the child ends such a script itself.
    if (control.stop && model.isTraining) {
      model.stopTraining = true;
      // The next fit of the script is another matter.
      control.stop = null;
      control.paused = null;
    }
  }

  private takeChanges(model: Model): void {
    const { control, send } = this.host;
    const { learningRate, epochs } = control.changes;
    control.changes = {};
    if (control.wantsCheckpoint) {
      control.wantsCheckpoint = false;
      send(['note', 'A script saves its model itself, where its code says so; there is no checkpoint to write.']);
    }
    if (epochs !== undefined) send(['note', 'How many epochs a script trains is said in its code and stays.']);
    if (learningRate === undefined) return;
    const { optimizer } = model;
    // SGD and Momentum keep the rate in a tensor as well, which only their method renews.
    if (optimizer?.setLearningRate) optimizer.setLearningRate(learningRate);
    else if (optimizer && 'learningRate' in optimizer) optimizer.learningRate = learningRate;
    else return send(['note', `The optimizer of “${shownName(model)}” has no learning rate that could be set.`]);
    send(['rate', learningRate]);
  }

  private introduce(): void {
    if (this.introduced) return;
    this.introduced = true;
    this.host.send(['backend', this.host.backend()]);
  }

  private took(): number {
    const now = performance.now();
    const took = now - this.lastStep;
    this.lastStep = now;
    return Math.round(took * 100) / 100;
  }
}

function factsOfFit(model: Model, params: FitParams): TrainingFacts {
  const { samples, batchSize, steps, epochs, initialEpoch, doValidation = false, metrics = ['loss'] } = params;
  const size = batchSize ?? 0;
  return {
    kind: samples === null || samples === undefined ? 'fitDataset' : 'fit',
    ...sizesOf(model),
    epochs: Math.max(0, (epochs ?? 1) - (initialEpoch ?? 0)),
    stepsPerEpoch: steps ?? (samples && size > 0 ? Math.ceil(samples / size) : 0),
    samples: samples ?? 0,
    batchSize: size,
    validates: doValidation,
    metrics: metrics.filter(name => !name.startsWith('val_')),
  };
}

function factsOfLoop(model: Model, batchSize: number): TrainingFacts {
  const counts = { epochs: 0, stepsPerEpoch: 0, samples: 0, batchSize, validates: false };
  return { kind: 'trainOnBatch', ...sizesOf(model), ...counts, metrics: [...(model.metricsNames ?? ['loss'])] };
}

function sizesOf(model: Model): { model: string; params: number; trainableParams: number } {
  const size = (weights: readonly Weight[]): number =>
    weights.reduce((sum, { shape }) => sum + shape.reduce<number>((product, length) => product * (length ?? 1), 1), 0);
  const trainableParams = size(model.trainableWeights);
  return { model: shownName(model), params: trainableParams + size(model.nonTrainableWeights), trainableParams };
}

const shownNames = new WeakMap<Model, string>();

const shownName = (model: Model): string => shownNames.get(model) ?? model.name;

/** Puts a method in the place of another, so that nobody who looks at the class sees a difference. */
function replace<K extends string>(
  prototype: Record<K, (...args: never[]) => unknown>,
  name: K,
  method: unknown,
): void {
  const { length } = prototype[name];
  Object.defineProperties(method, { name: { value: name }, length: { value: length } });
  Object.defineProperty(prototype, name, { ...Object.getOwnPropertyDescriptor(prototype, name), value: method });
}

function valueOf(value: Logged | undefined): number | null {
  if (value === undefined) return null;
  return finite(typeof value === 'number' ? value : value.dataSync()[0]!);
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

const rateOf = ({ optimizer }: Model): number | null =>
  typeof optimizer?.learningRate === 'number' ? optimizer.learningRate : null;

/** The length of the first axis of a tensor, of the first of a list, or of the first of an object of tensors. */
function samplesOf(inputs: unknown): number {
  const first = Array.isArray(inputs) || isPlain(inputs) ? (Object.values(inputs as object)[0] as unknown) : inputs;
  const shape = (first as { shape?: unknown } | null | undefined)?.shape;
  return Array.isArray(shape) && typeof shape[0] === 'number' ? shape[0] : 0;
}

const isPlain = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !('shape' in value) && !('dataSync' in value);
