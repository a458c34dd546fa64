/**
 * Builds a model from facts: every layer's weights under Keras's names, and one function that runs the graph. Layers
 * are made at the first run, when the shapes that really come in are known; nothing is inferred a second time here.
 */
import type * as tfjs from '@tensorflow/tfjs';
import type { ConfigValue, LayerCall, LayerFacts, ModelFacts, ShapeJson, TensorRef } from '../ir/model';
import type { Tf } from './compile';
import { Config, ModelError } from './build/config';
import { KINDS } from './build/kinds';
import { operationKind } from './build/operations';
import { buildLayer, type BuiltLayer, type Call, type MakingContext, type Tensor, type Weight } from './build/layer';
import { regularizerOf } from './build/regularizers';

export interface BuildOptions {
  readonly seed: number;
  /** Values of names that the source leaves open. */
  readonly args?: Readonly<Record<string, ConfigValue>>;
  /** Shape of one sample of each input, without the batch. */
  readonly sampleShapes: readonly (readonly number[])[];
  /** Samples of a batch, for layers whose state has the batch in it. */
  readonly batchSize?: number;
}

export interface ModelOutput {
  readonly outputs: Tensor[];
  /** Per output; null without a mask. */
  readonly masks: (Tensor | null)[];
  /** Scalars that layers add to the loss (activity regularisation). */
  readonly losses: Tensor[];
}

export interface BuiltModel {
  readonly facts: ModelFacts;
  /** In the order of Keras's `model.weights`. */
  readonly weights: readonly Weight[];
  /** States of stateful layers: they belong into a checkpoint, but are no weights. */
  readonly states: readonly tfjs.Variable[];
  readonly outputShapes: readonly (readonly number[])[];
  readonly params: { readonly total: number; readonly trainable: number };
  /** Runs the model. The caller tidies. */
  call(inputs: readonly Tensor[], training: boolean): ModelOutput;
  /** The sum of all weights' regularisers; null where there is none. */
  penalty(): Tensor | null;
  dispose(): void;
}

/**
 * @throws ModelError when a layer cannot be trained here, a value is missing, or the data do not fit the model's
 * inputs.
 */
export function buildModel(tf: Tf, model: ModelFacts, options: BuildOptions): BuiltModel {
  const facts = withInput(model, options.sampleShapes);
  if (facts.gaps.length > 0) {
    throw new ModelError(
      `The model "${facts.binding || facts.name}" could not be followed completely: ${facts.gaps[0]}.`,
      'Write that part in a simpler way, or train this model in Python.',
    );
  }
  const bindings = bind(facts, options);
  const states: tfjs.Variable[] = [];
  const context = (weights: Weight[]): MakingContext => ({
    tf,
    framework: facts.framework,
    seed: options.seed,
    bindings,
    prefix: '',
    weights,
    states,
    kind: name => (name.startsWith('operation ') ? operationKind(name.slice(10)) : KINDS[name]),
  });
  const graph = new Graph(tf, facts, context, '');
  const batch = options.batchSize ?? 1;
  const outputShapes = tf.tidy(() => {
    const zeros = options.sampleShapes.map(shape => tf.zeros([batch, ...shape]));
    return graph.call(zeros, false, () => {}).outputs.map(output => output.shape.slice(1));
  });
  const weights = graph.weights();
  const size = (list: readonly Weight[]): number => list.reduce((sum, weight) => sum + weight.variable.size, 0);

  return {
    facts,
    weights,
    states,
    outputShapes,
    params: { total: size(weights), trainable: size(weights.filter(weight => weight.trainable)) },
    call(inputs, training) {
      const losses: Tensor[] = [];
      const { outputs, masks } = graph.call([...inputs], training, loss => losses.push(loss));
      return { outputs, masks, losses };
    },
    penalty() {
      const terms = weights.filter(weight => weight.regularizer).map(weight => weight.regularizer!(weight.variable));
      return terms.length > 0 ? tf.addN(terms) : null;
    },
    dispose() {
      for (const weight of weights) weight.variable.dispose();
      for (const state of states) state.dispose();
    },
  };
}

/**
 * A Sequential without an input layer is built by its first data, here as in Keras: its layers are called one after the
 * other on what comes in.
 */
function withInput(facts: ModelFacts, sampleShapes: readonly (readonly number[])[]): ModelFacts {
  if (
    facts.className !== 'Sequential' ||
    facts.inputs.length > 0 ||
    facts.layers.length === 0 ||
    sampleShapes.length !== 1
  )
    return facts;
  // The only gap is then the missing input; another one stays.
  if (facts.layers.some(layer => layer.calls.length > 0)) return facts;
  const shape: ShapeJson = [null, ...sampleShapes[0]!];
  const layers = facts.layers.map((layer, i): LayerFacts => ({
    ...layer,
    calls: [
      {
        inputs: [{ layer: i - 1, call: 0, output: 0 }],
        structure: 'single',
        config: {},
        outputShapes: [],
        place: layer.place,
      },
    ],
  }));
  return {
    ...facts,
    layers,
    inputs: [{ layer: -1, call: 0, output: 0 }],
    inputShapes: [shape],
    outputs: [{ layer: layers.length - 1, call: 0, output: 0 }],
    gaps: facts.gaps.slice(1),
  };
}

/** Gives open names their values: from the training configuration, or from the shape of the data. */
function bind(facts: ModelFacts, { args = {}, sampleShapes }: BuildOptions): Map<string, ConfigValue> {
  const bindings = new Map<string, ConfigValue>(Object.entries(args));
  if (facts.inputs.length !== sampleShapes.length) {
    throw new ModelError(
      `The model has ${facts.inputs.length} inputs, but the data have ${sampleShapes.length}.`,
      'Choose data with one array for each input.',
    );
  }
  facts.inputShapes.forEach((shape, i) => {
    const sample = sampleShapes[i]!;
    const name = facts.inputNames?.[i] ?? facts.layers[facts.inputs[i]!.layer]?.name ?? 'input';
    const declared = shape.slice(1);
    const clash = (): ModelError =>
      new ModelError(
        `The model's input "${name}" wants samples of shape ${text(declared)}, but those of the data have shape ${text(sample)}.`,
        'Give "reshape" in the data of the training configuration, or correct the input shape of the model.',
      );
    if (declared.length !== sample.length) throw clash();
    declared.forEach((length, axis) => {
      const given = typeof length === 'string' ? bindings.get(length) : length;
      if (typeof given === 'number' && given !== sample[axis]) throw clash();
      if (typeof length === 'string' && given === undefined && /^[A-Za-z_]\w*$/.test(length))
        bindings.set(length, sample[axis]!);
    });
  });
  return bindings;
}

const text = (shape: ShapeJson): string =>
  `(${shape.map(length => length ?? 'None').join(', ')}${shape.length === 1 ? ',' : ''})`;

const keyOf = (ref: TensorRef): string => `${ref.layer}/${ref.call}/${ref.output}`;

/** A model, or a model inside another: its calls in an order in which each finds its inputs made. */
class Graph {
  private readonly order: { readonly layer: number; readonly call: number }[];
  private readonly built = new Map<number, BuiltLayer>();
  private readonly own = new Map<number, Weight[]>();
  private readonly inner = new Map<number, Graph>();

  constructor(
    private readonly tf: Tf,
    private readonly facts: ModelFacts,
    private readonly context: (weights: Weight[]) => MakingContext,
    private readonly path: string,
    private readonly frozen = false,
  ) {
    this.order = orderOf(facts);
  }

  /** In the order of `model.layers`, each once, however often it is called. */
  weights(): Weight[] {
    return this.facts.layers.flatMap((_, i) => this.inner.get(i)?.weights() ?? this.own.get(i) ?? []);
  }

  call(
    inputs: Tensor[],
    training: boolean,
    addLoss: (loss: Tensor) => void,
    inputMasks: (Tensor | null)[] = [],
  ): { outputs: Tensor[]; masks: (Tensor | null)[] } {
    const values = new Map<string, Tensor>();
    const masks = new Map<string, Tensor | null>();
    this.facts.inputs.forEach((ref, i) => {
      values.set(keyOf(ref), this.cast(ref, inputs[i]!));
      masks.set(keyOf(ref), inputMasks[i] ?? null);
    });
    for (const at of this.order) this.run(at, values, masks, inputs, training, addLoss);
    const refs = this.facts.outputs;
    return {
      outputs: refs.map(ref => {
        const value = values.get(keyOf(ref));
        if (!value)
          throw new ModelError(
            `An output of the model "${this.facts.name}" is not connected to its inputs.`,
            'Check the outputs of the model.',
          );
        return value;
      }),
      masks: refs.map(ref => masks.get(keyOf(ref)) ?? null),
    };
  }

  /** Keras casts what comes in to the dtype of the input, float32 unless said. */
  private cast(ref: TensorRef, x: Tensor): Tensor {
    const dtype = this.facts.layers[ref.layer]?.config.dtype;
    const wanted = typeof dtype === 'string' && dtype.startsWith('int') ? 'int32' : 'float32';
    return x.dtype === wanted ? x : this.tf.cast(x, wanted);
  }

  private run(
    at: { layer: number; call: number },
    values: Map<string, Tensor>,
    masks: Map<string, Tensor | null>,
    inputs: Tensor[],
    training: boolean,
    addLoss: (loss: Tensor) => void,
  ): void {
    const facts = this.facts.layers[at.layer]!;
    const call = facts.calls[at.call]!;
    if (values.has(keyOf({ ...at, output: 0 }))) return; // An input of the model.
    // The layers of a Sequential begin without an input layer to refer to.
    const from = call.inputs.map(ref => values.get(keyOf(ref)));
    const given = from.length === 0 ? inputs.slice(0, 1) : from.map(x => x ?? inputs[0]!);
    const itsMasks = call.inputs.map(ref => masks.get(keyOf(ref)) ?? null);
    const result = facts.model
      ? this.runModel(at.layer, facts, given, itsMasks, training, addLoss)
      : this.runLayer(at.layer, facts, call, given, itsMasks, training, addLoss);
    result.outputs.forEach((value, output) => {
      values.set(keyOf({ ...at, output }), value);
      masks.set(keyOf({ ...at, output }), result.masks[output] ?? null);
    });
  }

  private runModel(
    index: number,
    facts: LayerFacts,
    inputs: Tensor[],
    masks: (Tensor | null)[],
    training: boolean,
    addLoss: (loss: Tensor) => void,
  ): { outputs: Tensor[]; masks: (Tensor | null)[] } {
    let graph = this.inner.get(index);
    if (!graph) {
      graph = new Graph(
        this.tf,
        facts.model!,
        this.context,
        `${this.path}${facts.name}/`,
        this.frozen || !facts.trainable,
      );
      this.inner.set(index, graph);
    }
    return graph.call(inputs, training, addLoss, masks);
  }

  private runLayer(
    index: number,
    facts: LayerFacts,
    call: LayerCall,
    inputs: Tensor[],
    masks: (Tensor | null)[],
    training: boolean,
    addLoss: (loss: Tensor) => void,
  ): { outputs: Tensor[]; masks: (Tensor | null)[] } {
    let layer = this.built.get(index);
    const { tf } = this;
    const config = { ...facts.config, trainable: facts.trainable && !this.frozen };
    if (!layer) {
      const weights: Weight[] = [];
      // What is made here lives as long as the model, also if a tidy is around the first run.
      const kind = facts.operation === undefined ? facts.className : `operation ${facts.operation}`;
      layer = buildLayer(
        this.context(weights),
        `${this.path}${facts.name}`,
        kind,
        config,
        inputs.map(x => x.shape),
        call.structure,
      );
      this.own.set(index, weights);
      this.built.set(index, layer);
    }
    const callConfig = new Config(facts.name, call.config);
    const fixed = callConfig.value('training');
    const it: Call = {
      training: typeof fixed === 'boolean' ? fixed : training,
      masks,
      config: callConfig,
      structure: call.structure,
      addLoss,
    };
    const result = layer.forward(inputs, it);
    const outputs = Array.isArray(result) ? result : [result];
    const penalty = regularizerOf(tf, new Config(facts.name, facts.config), facts.config.activity_regularizer);
    // Keras divides by the batch size, so that the strength does not depend on it.
    if (penalty) for (const y of outputs) addLoss(tf.div(penalty(y), y.shape[0]));
    const mask =
      layer.mask === 'drop' ? null : layer.mask === 'pass' ? (masks.find(m => m) ?? null) : layer.mask(inputs, it);
    return { outputs, masks: [mask] };
  }
}

/** Calls that the outputs need, each after those it takes its inputs from. */
function orderOf(facts: ModelFacts): { layer: number; call: number }[] {
  const order: { layer: number; call: number }[] = [];
  const seen = new Set<string>();
  const stack: { layer: number; call: number; ready: boolean }[] = [...facts.outputs]
    .reverse()
    .map(ref => ({ ...ref, ready: false }));
  // An explicit stack, because a deep ResNet's graph is deeper than JavaScript's.
  while (stack.length > 0) {
    const { layer, call, ready } = stack.pop()!;
    const key = `${layer}/${call}`;
    if (ready) order.push({ layer, call });
    if (ready || seen.has(key)) continue;
    seen.add(key);
    const node = facts.layers[layer]?.calls[call];
    if (!node) continue;
    stack.push({ layer, call, ready: true });
    for (const ref of [...node.inputs].reverse()) stack.push({ layer: ref.layer, call: ref.call, ready: false });
  }
  return order;
}
