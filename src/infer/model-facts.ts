/** A model of the evaluator as plain JSON: what the summary shows and the training child builds from. */
import { countWeights } from '../catalogue/apply';
import { parametersOf } from '../catalogue';
import type { WeightSpec } from '../catalogue/spec';
import { type Dim, isKnown, product, subtract, symbolsOf } from '../ir/dim';
import type {
  CompileFacts,
  ConfigValue,
  FitFacts,
  LayerCall,
  LayerFacts,
  ModelFacts,
  ShapeJson,
  TensorRef,
  WeightFacts,
} from '../ir/model';
import { isRanked, type Shape, shapeJson } from '../ir/shape';
import type { TensorValue, Value } from '../ir/value';
import { type Graph, graphOf, modelGraph } from './functional';
import {
  type CompileState,
  type FitState,
  type GraphNode,
  type LayerObject,
  ModelObject,
  OperationObject,
  origin,
} from './graph';
import { layerOf } from './layers';
import { inputTensors, outputTensors } from './model';
import { isSymbolic, tensorsIn } from './operations';
import { innerLayers, weightsOf } from './weights';

const MAX_NESTING = 6;

export function modelFacts(model: ModelObject, binding: string, depth = 0): ModelFacts {
  const inputs = inputTensors(model).filter(isSymbolic);
  const outputs = outputTensors(model).filter(isSymbolic);
  const graph = model.inputs && model.outputs ? modelGraph(model.inputs, model.outputs) : graphOf(inputs, outputs);
  const layers = orderedLayers(model, graph);
  const index = new Map(layers.map((layer, i) => [layer, i]));
  const weights = model.kind === 'subclass' && !model.built ? undefined : weightsOf(model);
  const facts = layers.map(layer => layerFacts(layer, index, graph, model.trainable !== false, depth));
  return stated({
    binding,
    name: model.name,
    className: model.kind === 'sequential' ? 'Sequential' : model.kind === 'functional' ? 'Functional' : 'Model',
    framework: model.framework,
    layers: facts,
    inputs: inputs.map(t => tensorRef(t, index, graph)),
    outputs: outputs.map(t => tensorRef(t, index, graph)),
    inputShapes: inputs.map(t => json(t.shape)),
    outputShapes: outputs.map(t => json(t.shape)),
    inputNames: keysOf(model.inputs),
    outputNames: keysOf(model.outputs),
    params: {
      total: weights ? number(countWeights(weights)) : null,
      trainable: weights ? number(countWeights(weights, 'trainable')) : null,
      nonTrainable: weights ? number(subtract(countWeights(weights), countWeights(weights, 'trainable'))) : null,
    },
    flops:
      facts.every(l => l.flops !== null) && facts.length > 0 ? facts.reduce((n, l) => n + (l.flops ?? 0), 0) : null,
    gaps: gapsOf(model, graph),
    compile: model.compiled && compileFacts(model.compiled),
    fit: model.fitted && fitFacts(model.fitted),
    place: model.site.place,
  });
}

/** Without the keys that say nothing, so that the facts are the same before and after they went through JSON. */
function stated<T extends object>(facts: T): T {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as T;
}

/** A Sequential has its input layer first, so that every call finds the layer behind its input. */
function orderedLayers(model: ModelObject, graph: Graph): readonly LayerObject[] {
  if (model.kind === 'sequential')
    return model.inputLayer
      ? [model.inputLayer, ...model.stack.filter((l, i) => model.stack.indexOf(l) === i)]
      : model.stack;
  return model.kind === 'functional' ? graph.layers : innerLayers(model);
}

function gapsOf(model: ModelObject, graph: Graph): readonly string[] {
  const gaps = new Set<string>(model.uncertain === undefined ? graph.gaps : [model.uncertain, ...graph.gaps]);
  for (const layer of innerLayers(model)) if (layer.standsFor !== undefined) gaps.add(layer.standsFor);
  if (model.kind === 'subclass')
    gaps.add(`\`${model.className}\` computes its output in \`call\`, so its layers have no fixed graph`);
  else if (model.inputs === undefined) gaps.add('the shape of the input is not known');
  return [...gaps];
}

function layerFacts(
  layer: LayerObject,
  index: ReadonlyMap<LayerObject, number>,
  graph: Graph,
  trainable: boolean,
  depth: number,
): LayerFacts {
  const weights = weightsOf(layer);
  const own = trainable && layer.trainable !== false;
  const nodes = layer.nodes.filter(n => graph.nodes.has(n));
  const calls = nodes.length > 0 ? nodes.map(n => layerCall(n, index, graph)) : [];
  return {
    name: layer.name,
    className: layer.className,
    config: configOf(layer),
    given: [...layer.given.keys()],
    weights: (weights ?? []).map(w => weightFacts(w, own)),
    params: weights ? number(countWeights(weights)) : null,
    trainable: own,
    calls,
    ...(calls.length === 0 && layer.lastOutputs ? { outputShapes: layer.lastOutputs.map(json) } : {}),
    flops: flopsOf(layer),
    place: layer.site.place,
    ...(layer instanceof OperationObject ? { operation: layer.path } : {}),
    ...(layer instanceof ModelObject && depth < MAX_NESTING ? { model: modelFacts(layer, layer.name, depth + 1) } : {}),
  };
}

function flopsOf(layer: LayerObject): number | null {
  if (layer instanceof OperationObject) return 0;
  if (layer instanceof ModelObject) {
    const inner = innerLayers(layer).map(flopsOf);
    return inner.includes(null) ? null : inner.reduce<number>((n, f) => n + (f ?? 0), 0);
  }
  if (layer.instance) return layer.spec ? null : layer.flops ? number(layer.flops) : null;
  if (!layer.spec?.flops) return 0;
  return layer.flops ? number(layer.flops) : null;
}

function layerCall(node: GraphNode, index: ReadonlyMap<LayerObject, number>, graph: Graph): LayerCall {
  return {
    inputs: node.inputs.map(t => tensorRef(t, index, graph)),
    structure: node.structure,
    config: Object.fromEntries([...node.config].map(([name, value]) => [name, configValue(value)])),
    outputShapes: node.outputs.map(json),
    place: node.place,
  };
}

function tensorRef(t: TensorValue, index: ReadonlyMap<LayerObject, number>, graph: Graph): TensorRef {
  const from = origin(t);
  if (!from) return { layer: -1, call: 0, output: 0 };
  const call = from.node.layer.nodes.filter(n => graph.nodes.has(n)).indexOf(from.node);
  return { layer: index.get(from.node.layer) ?? -1, call: Math.max(0, call), output: from.output };
}

function weightFacts(w: WeightSpec, trainable: boolean): WeightFacts {
  return {
    name: w.name,
    shape: w.shape.map(dimJsonOf),
    trainable: trainable && w.trainable !== false,
    size: number(product(w.shape)),
  };
}

function json(shape: Shape): ShapeJson {
  return shapeJson(shape) ?? [];
}

function dimJsonOf(d: Dim): number | string | null {
  return d.kind === 'known' ? d.value : d.kind === 'symbolic' ? d.text : null;
}

function number(d: Dim): number | null {
  return isKnown(d) ? d.value : null;
}

function keysOf(value: Value | undefined): readonly string[] | undefined {
  return value?.kind === 'dict' ? [...value.entries.keys()] : undefined;
}

/** The symbols that a model's sizes depend on. */
export function symbolsIn(model: ModelObject): readonly string[] {
  const found = new Set<string>();
  const add = (d: Dim): void => symbolsOf(d).forEach(s => found.add(s));
  for (const t of [...inputTensors(model), ...outputTensors(model)]) if (isRanked(t.shape)) t.shape.dims.forEach(add);
  for (const w of weightsOf(model) ?? []) w.shape.forEach(add);
  return [...found];
}

// ------------------------------------------------------------------------------------------------- configurations

/** All arguments of a layer by their Keras names, given ones and defaults. */
function configOf(layer: LayerObject): Readonly<Record<string, ConfigValue>> {
  if (!layer.spec || layer instanceof ModelObject) {
    if (layer.className === 'InputLayer' && layer.nodes[0]) return { batch_shape: json(layer.nodes[0].outputs[0]!) };
    return {};
  }
  const config: Record<string, ConfigValue> = {};
  for (const p of parametersOf(layer.spec)) {
    const own = layer.framework === 'tfjs' ? p.tfjsDefault : undefined;
    config[p.name] = layer.given.has(p.name) ? configValue(layer.given.get(p.name)!) : (own ?? p.defaultValue ?? null);
  }
  return config;
}

export function configValue(value: Value, depth = 0): ConfigValue {
  if (depth > 8) return { unknown: 'it is nested too deeply' };
  switch (value.kind) {
    case 'number':
      return Number.isFinite(value.value) ? value.value : { unknown: String(value.value) };
    case 'string':
      return value.value;
    case 'boolean':
      return value.value;
    case 'none':
      return null;
    case 'list':
    case 'tuple':
    case 'set':
      return value.rest
        ? { unknown: 'how many items there are is not known' }
        : value.items.map(v => configValue(v, depth + 1));
    case 'dict':
      return Object.fromEntries([...value.entries].map(([key, v]) => [key, configValue(v, depth + 1)]));
    case 'size':
      return value.dim.kind === 'symbolic'
        ? { unknown: 'it depends on a size', symbol: value.dim.text }
        : { unknown: 'it is a size that is not known' };
    case 'unknown':
      return value.dim?.kind === 'symbolic' ? { unknown: value.why, symbol: value.dim.text } : { unknown: value.why };
    case 'library':
      return value.path.slice(value.path.lastIndexOf('.') + 1);
    case 'object':
      return objectConfig(value, depth);
    case 'layer':
    case 'model':
    case 'instance': {
      const layer = layerOf(value);
      if (!layer) return { unknown: 'an object of the program' };
      return { layer: { className: layer.className, name: layer.name, config: configOf(layer) } };
    }
    case 'function':
      return { unknown: `the function \`${value.name}\` of the program` };
    default:
      return { unknown: `a ${value.kind}` };
  }
}

/** An optimiser, loss or callback: its class and what it was given. */
function objectConfig(value: Value & { kind: 'object' }, depth: number): ConfigValue {
  const args = Object.fromEntries([...value.args].map(([name, v]) => [name, configValue(v, depth + 1)]));
  return { class: value.path.slice(value.path.lastIndexOf('.') + 1), ...args };
}

function compileFacts(state: CompileState): CompileFacts {
  const value = (name: string): ConfigValue | undefined => {
    const given = state.values.get(name);
    return given && configValue(given);
  };
  return stated({
    optimizer: value('optimizer'),
    loss: value('loss'),
    metrics: value('metrics'),
    lossWeights: value('loss_weights'),
    place: state.site.place,
  });
}

function fitFacts(state: FitState): FitFacts {
  const numberOf = (name: string): number | undefined => {
    const value = state.values.get(name);
    return value?.kind === 'number' ? value.value : undefined;
  };
  const shuffle = state.values.get('shuffle');
  const callbacks = state.values.get('callbacks');
  const data = state.features ? tensorsIn(state.features)[0] : undefined;
  return stated({
    epochs: numberOf('epochs'),
    batchSize: numberOf('batch_size'),
    validationSplit: numberOf('validation_split'),
    shuffle: shuffle?.kind === 'boolean' ? shuffle.value : undefined,
    callbacks: callbacks && configValue(callbacks),
    dataset: data?.facts?.dataset,
    scale: data?.facts?.scale,
    place: state.site.place,
  });
}
