/** The weights of a layer with everything inside of it, each once. */
import type { WeightSpec } from '../catalogue/spec';
import { modelGraph } from './functional';
import { type LayerObject, ModelObject } from './graph';
import type { Value } from '../ir/value';

/** Undefined where some could not be followed. */
export function weightsOf(layer: LayerObject): readonly WeightSpec[] | undefined {
  const all: WeightSpec[] = [];
  return collect(layer, true, all, new Set()) ? all : undefined;
}

/** `trainable`: whether everything around it is trained; undefined where that is not known. */
function collect(
  layer: LayerObject,
  trainable: boolean | undefined,
  into: WeightSpec[],
  seen: Set<LayerObject>,
): boolean {
  if (seen.has(layer)) return true;
  seen.add(layer);
  const here = trainable === false || layer.trainable === false ? false : trainable && layer.trainable;
  const own = (weights: readonly WeightSpec[]): void => {
    for (const w of weights) {
      if (here === true || w.trainable === false) into.push(w);
      else into.push({ ...w, trainable: here === undefined ? 'unknown' : false });
    }
  };
  if (layer instanceof ModelObject && layer.kind !== 'subclass') {
    if (layer.uncertain !== undefined) return false;
    return innerLayers(layer)
      .map(inner => collect(inner, here, into, seen))
      .every(done => done);
  }
  if (layer.instance) {
    if (layer.uncertain !== undefined) return false;
    own(layer.ownWeights);
    // A layer of TensorFlow.js has the weights that it made itself, whatever it keeps in its fields.
    if (layer.framework === 'tfjs') return true;
    return heldLayers(layer)
      .map(inner => collect(inner, here, into, seen))
      .every(done => done);
  }
  // A layer that was never called has no weights yet.
  if (!layer.built) return true;
  if (!layer.built.weights) return false;
  own(layer.built.weights);
  return true;
}

/** The layers of a model in Keras's order, operations included; of a Sequential without its input layer. */
export function innerLayers(model: ModelObject): readonly LayerObject[] {
  if (model.kind === 'sequential') return model.stack;
  if (model.kind === 'functional' && model.inputs && model.outputs) {
    return modelGraph(model.inputs, model.outputs).layers;
  }
  return heldLayers(model);
}

/** The layers that an instance of the program's own class holds in its attributes, in the order they were assigned. */
export function heldLayers(layer: LayerObject): readonly LayerObject[] {
  const found = new Set<LayerObject>();
  const visit = (value: Value, depth: number): void => {
    if (depth > 6) return;
    switch (value.kind) {
      case 'layer':
        found.add(value.layer as LayerObject);
        break;
      case 'model':
        found.add(value.model as ModelObject);
        break;
      case 'instance':
        if (value.layer) found.add(value.layer as LayerObject);
        break;
      case 'list':
      case 'tuple':
        for (const item of value.items) visit(item, depth + 1);
        break;
      case 'dict':
        for (const item of value.entries.values()) visit(item, depth + 1);
        break;
      default:
        break;
    }
  };
  for (const value of layer.instance?.attributes.values() ?? []) visit(value, 0);
  found.delete(layer);
  return [...found];
}
