/**
 * One update of fine-tuning as a compiled step: forward, loss, gradients, accumulation, clipping over all weights, and
 * AdamW with its two groups. What changes from update to update is an input, so one graph serves the whole run.
 */
import type * as tfjs from '@tensorflow/tfjs';
import {
  type CompiledFunction,
  type Compiler,
  createOptimizer,
  type Optimizer,
  type StepInput,
  type Tf,
} from '../train/compile';
import type { EncoderInputs } from './encoder';
import { isAdapter } from './lora';
import { hitsOf, type Labels, lossOf, type LossOptions } from './losses';
import type { BertModel } from './model';
import type { Parameter } from './parameters';

type Tensor = tfjs.Tensor;

/** Tensors of one micro-batch; they belong to the caller. */
export interface BatchTensors extends EncoderInputs, Labels {
  /** int32 [M]: the tokens a language model is asked for, as rows of [B · L]. */
  readonly selected?: Tensor;
}

/** Which weights stay as they are. */
export interface Frozen {
  readonly embeddings: boolean;
  /** The first so many layers of the encoder. */
  readonly layers: number;
}

export interface TrainerOptions extends LossOptions {
  readonly weightDecay: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** Gradients are scaled down to this norm over all weights; 0: never. */
  readonly clipNorm: number;
  /** Instead of the configuration's. */
  readonly dropout?: number;
  readonly frozen: Frozen;
}

export interface Update {
  /** Updates done before this one. */
  readonly update: number;
  readonly learningRate: number;
}

/** Means over the micro-batches of an update; `hits` are counted over all of them. */
export interface UpdateResult {
  readonly loss: number;
  readonly hits: number;
}

type Outputs = { loss: Tensor; hits: Tensor };

/** The weights that are trained: all but frozen ones; beside adapters only these and the head. */
export function trainedParameters(
  model: Pick<BertModel, 'all' | 'adapters'>,
  { embeddings, layers }: Frozen,
): Parameter[] {
  return model.all.filter(({ name, part }) => {
    if (part.kind === 'head') return true;
    if (model.adapters.length > 0 && !isAdapter(name)) return false;
    return part.kind === 'embeddings' ? !embeddings : part.index >= layers;
  });
}

export class Trainer {
  readonly trained: readonly Parameter[];
  private readonly variables: tfjs.Variable[];
  private readonly groups: { readonly optimizer: Optimizer; readonly names: ReadonlySet<string> }[];
  private readonly sums = new Map<string, tfjs.Variable>();
  private readonly update: CompiledFunction<Record<string, StepInput>, Outputs>;
  private readonly accumulate: CompiledFunction<Record<string, StepInput>, Outputs>;
  private readonly test: CompiledFunction<Record<string, StepInput>, Outputs & { logits: Tensor }>;

  constructor(
    private readonly tf: Tf,
    private readonly model: BertModel,
    compiler: Compiler,
    private readonly options: TrainerOptions,
  ) {
    const { weightDecay, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, frozen } = options;
    this.trained = trainedParameters(model, frozen);
    this.variables = this.trained.map(({ name }) => model.variable(name));
    this.groups = [true, false].map(decays => {
      const members = this.trained.filter(one => one.decays === decays).map(({ name }) => model.variable(name));
      const config = { class: 'AdamW', form: 'torch', beta1, beta2, epsilon } as const;
      const optimizer = createOptimizer(tf, { ...config, weightDecay: decays ? weightDecay : 0 });
      optimizer.build(members);
      return { optimizer, names: new Set(members.map(({ name }) => name)) };
    });
    this.update = compiler.step('train', inputs => this.lastOfUpdate(inputs));
    this.accumulate = compiler.step('accumulate', inputs => this.before(inputs));
    this.test = compiler.pure('evaluate', inputs => this.evaluated(inputs));
  }

  /** Takes one update on the mean gradient of its micro-batches. */
  step(parts: readonly BatchTensors[], at: Update): UpdateResult {
    const { tf } = this;
    if (parts.length > 1) this.makeSums();
    let [loss, hits] = [0, 0];
    parts.forEach((part, i) => {
      const last = i === parts.length - 1;
      const batch = tensorsOf(part);
      const result = last
        ? this.update({ ...batch, ...this.numbers(at), share: 1 / parts.length, summed: parts.length > 1 })
        : this.accumulate(batch);
      loss += (result.loss.dataSync()[0] ?? NaN) / parts.length;
      hits += result.hits.dataSync()[0] ?? NaN;
      tf.dispose(result);
    });
    return { loss, hits };
  }

  /** Loss and logits without dropout; the caller disposes the logits. */
  evaluate(batch: BatchTensors): UpdateResult & { logits: Tensor } {
    const { loss, hits, logits } = this.test(tensorsOf(batch));
    const result = { loss: loss.dataSync()[0] ?? NaN, hits: hits.dataSync()[0] ?? NaN, logits };
    this.tf.dispose([loss, hits]);
    return result;
  }

  /** Moments of the optimiser by name, for checkpoints. Between updates nothing else is remembered. */
  state(): Record<string, tfjs.Variable> {
    return Object.assign({}, ...this.groups.map(({ optimizer }) => optimizer.state())) as Record<string, tfjs.Variable>;
  }

  dispose(): void {
    for (const { optimizer } of this.groups) optimizer.dispose();
    for (const sum of this.sums.values()) sum.dispose();
    this.sums.clear();
  }

  private numbers({ update, learningRate }: Update): Record<string, StepInput> {
    const moment = { iteration: update, learningRate };
    return Object.assign({}, ...this.groups.map(({ optimizer }) => optimizer.inputs(moment))) as Record<
      string,
      StepInput
    >;
  }

  /** Sums of gradients, made before the first step that needs them: a step that makes variables is recorded once more. */
  private makeSums(): void {
    const { tf } = this;
    for (const { name, shape } of this.variables) {
      if (!this.sums.has(name))
        this.sums.set(
          name,
          tf.tidy(() => tf.variable(tf.zeros(shape), false, `sum/${name}`)),
        );
    }
  }

  private before(inputs: Record<string, unknown>): Outputs {
    const { tf } = this;
    const { grads, outputs } = this.gradients(inputs);
    for (const [name, gradient] of Object.entries(grads)) {
      const sum = this.sums.get(name)!;
      sum.assign(tf.add(sum, gradient));
    }
    return outputs;
  }

  private lastOfUpdate(inputs: Record<string, unknown>): Outputs {
    const { tf } = this;
    const { grads, outputs } = this.gradients(inputs);
    let gradients: Record<string, Tensor> = grads;
    if (inputs.summed === true) {
      gradients = {};
      for (const [name, gradient] of Object.entries(grads)) {
        const sum = this.sums.get(name)!;
        gradients[name] = tf.mul(tf.add(sum, gradient), inputs.share as tfjs.Scalar);
        sum.assign(tf.zerosLike(sum));
      }
    }
    const clipped = this.clip(gradients);
    for (const { optimizer, names } of this.groups) {
      const own = Object.entries(clipped).filter(([name]) => names.has(name));
      optimizer.apply(Object.fromEntries(own), inputs);
    }
    return outputs;
  }

  private gradients(inputs: Record<string, unknown>): { grads: Record<string, Tensor>; outputs: Outputs } {
    const { tf, model, options } = this;
    const batch = inputs as unknown as BatchTensors;
    let hits: Tensor | undefined;
    const { value, grads } = tf.variableGrads(() => {
      const logits = this.logits(batch, true);
      hits = tf.keep(hitsOf(tf, model.task, logits, batch));
      return lossOf(tf, model.task, logits, batch, options) as tfjs.Scalar;
    }, this.variables);
    return { grads, outputs: { loss: value, hits: hits! } };
  }

  private evaluated(inputs: Record<string, unknown>): Outputs & { logits: Tensor } {
    const { tf, model, options } = this;
    const batch = inputs as unknown as BatchTensors;
    const logits = this.logits(batch, false);
    return {
      logits,
      loss: lossOf(tf, model.task, logits, batch, options),
      hits: hitsOf(tf, model.task, logits, batch),
    };
  }

  private logits(batch: BatchTensors, training: boolean): Tensor {
    const { dropout } = this.options;
    return this.model.apply(batch, {
      training,
      ...(dropout !== undefined && { dropout }),
      ...(batch.selected && { selected: batch.selected as tfjs.Tensor1D }),
    });
  }

  /** `torch.nn.utils.clip_grad_norm_`: by min(1, c / (norm + 1e-6)), over all weights together. */
  private clip(gradients: Record<string, Tensor>): Record<string, Tensor> {
    const { tf } = this;
    const { clipNorm } = this.options;
    if (clipNorm === 0) return gradients;
    // A square is as large as its gradient: none is kept longer than its sum takes.
    const squares = Object.values(gradients).map(gradient => tf.tidy(() => tf.sum(tf.square(gradient))));
    const norm = tf.sqrt(tf.addN(squares));
    const share = tf.minimum(tf.div(clipNorm, tf.add(norm, 1e-6)), 1);
    const clipped: Record<string, Tensor> = {};
    for (const [name, gradient] of Object.entries(gradients)) {
      clipped[name] = tf.mul(gradient, share);
      gradient.dispose(); // At once: an eager step would hold all gradients twice.
    }
    return clipped;
  }
}

function tensorsOf({ ids, types, mask, labels, weights, selected }: BatchTensors): Record<string, Tensor> {
  return { ids, types, mask, labels, weights, ...(selected && { selected }) };
}
