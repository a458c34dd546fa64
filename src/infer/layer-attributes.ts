/** Attributes of layers and models: `layer.output`, `model.layers`, `model.input_shape`, `dense.units`. */
import type { Shape } from '../ir/shape';
import { isRanked } from '../ir/shape';
import { boolean, list, sizeValue, text, tuple, unknownValue, type Value } from '../ir/value';
import { standInLayers } from './applications';
import type { Evaluator } from './evaluator';
import { isInput, LAYER_CELL, type LayerObject, ModelObject, OperationObject } from './graph';
import { tensorOfInputLayer } from './inputs';
import { layerValue } from './layers';
import { innerLayers } from './weights';

/** Undefined where it is no attribute that is followed, so that it may be a method. */
export function layerAttribute(cx: Evaluator, layer: LayerObject, name: string): Value | undefined {
  // One layer that stands for many has only what all of them have.
  if (layer.standsFor !== undefined && !(layer instanceof ModelObject) && name !== 'trainable')
    return unknownValue(layer.standsFor);
  switch (name) {
    case 'name':
      return text(layer.name);
    case 'trainable':
      return layer.trainable === undefined ? unknownValue('`trainable` is not known') : boolean(layer.trainable);
    case 'built':
      return boolean(layer.built !== undefined);
    case 'output':
    case 'outputs':
      return outputOf(cx, layer, name === 'outputs');
    case 'input':
    case 'inputs':
      return inputOf(cx, layer, name === 'inputs');
    case 'output_shape':
      return shapesValue(outputOf(cx, layer, false));
    case 'input_shape':
      return shapesValue(inputOf(cx, layer, false));
    case 'batch_shape':
      return isInput(layer) && layer.nodes[0] ? shapeValue(layer.nodes[0].outputs[0]!) : undefined;
    case 'layers':
    case '_layers':
      return layer instanceof ModelObject ? layersValue(layer) : undefined;
    case 'dtype':
    case 'compute_dtype':
      return text('float32');
    case '__class__':
      return unknownValue('the class of a layer is not followed');
    case 'weights':
    case 'trainable_weights':
    case 'non_trainable_weights':
    case 'variables':
    case 'trainable_variables':
    case 'losses':
    case 'metrics':
    case 'optimizer':
    case 'loss':
    case 'history':
    case 'metrics_names':
    case 'stop_training':
    case 'input_spec':
    case 'output_names':
    case 'input_names':
      return unknownValue(`\`${name}\` of a layer is not followed`);
    default: {
      if (layer.given.has(name)) return layer.given.get(name);
      // `dense.units` also where the default was taken; the rest are methods or weights.
      return layer.spec?.parameters.some(p => p.name === name) ? layer.args.value(name) : undefined;
    }
  }
}

function outputOf(cx: Evaluator, layer: LayerObject, asList: boolean): Value {
  if (layer instanceof ModelObject && layer.kind !== 'subclass') {
    const value = layer.outputs ?? unknownValue('the model is not built here');
    return asList && value.kind === 'tensor' ? list([value]) : value;
  }
  if (isInput(layer)) return tensorOfInputLayer(cx, layer) ?? unknownValue('the input is not known');
  const node = layer.nodes[0];
  if (!node) return unknownValue(`the layer \`${layer.name}\` was not called on a tensor of a model`);
  if (layer.nodes.length > 1 && !layer.nodes.every(n => sameShapes(n.outputs, node.outputs)))
    return unknownValue('the layer was called several times');
  const tensors: Value[] = node.outputs.map((shape, output) => ({
    kind: 'tensor',
    shape,
    flavour: 'symbolic',
    node: { node, output },
    place: node.place,
  }));
  return tensors.length === 1 ? tensors[0]! : list(tensors);
}

function sameShapes(a: readonly Shape[], b: readonly Shape[]): boolean {
  return a === b;
}

function inputOf(cx: Evaluator, layer: LayerObject, asList: boolean): Value {
  if (layer instanceof ModelObject && layer.kind !== 'subclass') {
    const value = layer.inputs ?? unknownValue('the model is not built here');
    return asList && value.kind === 'tensor' ? list([value]) : value;
  }
  if (isInput(layer)) return outputOf(cx, layer, asList);
  const node = layer.nodes[0];
  if (!node) return unknownValue(`the layer \`${layer.name}\` was not called on a tensor of a model`);
  return node.inputs.length === 1 ? node.inputs[0]! : list([...node.inputs]);
}

function shapeValue(shape: Shape): Value {
  return isRanked(shape) ? tuple(shape.dims.map(sizeValue)) : unknownValue(shape.why);
}

function shapesValue(value: Value): Value {
  if (value.kind === 'tensor') return shapeValue(value.shape);
  if (value.kind === 'list' || value.kind === 'tuple') return list(value.items.map(shapesValue));
  return value.kind === 'unknown' ? value : unknownValue('the shape is not known');
}

function layersValue(model: ModelObject): Value {
  const standIn = standInLayers(model);
  if (standIn) return standIn;
  const layers = innerLayers(model)
    .filter(l => !(l instanceof OperationObject))
    .map(layerValue);
  return {
    kind: 'list',
    items: layers,
    rest: model.uncertain === undefined ? undefined : unknownValue(model.uncertain),
  };
}

/** True where the attribute means something to the layer itself. */
export function setLayerAttribute(cx: Evaluator, layer: LayerObject, name: string, value: Value): boolean {
  if (name !== 'trainable' && name !== 'name' && name !== '_name') return false;
  cx.journal.touch(layer, LAYER_CELL);
  if (name !== 'trainable') {
    if (value.kind === 'string') layer.name = value.value;
    return true;
  }
  setTrainable(cx, layer, value.kind === 'boolean' ? value.value : undefined, new Set());
  return true;
}

/** Freezing a model freezes everything inside of it. */
function setTrainable(cx: Evaluator, layer: LayerObject, trainable: boolean | undefined, seen: Set<LayerObject>): void {
  if (seen.has(layer)) return;
  seen.add(layer);
  cx.journal.touch(layer, LAYER_CELL);
  layer.trainable = trainable;
  if (layer instanceof ModelObject || layer.instance)
    for (const inner of innerLayersOf(layer)) setTrainable(cx, inner, trainable, seen);
}

function innerLayersOf(layer: LayerObject): readonly LayerObject[] {
  return innerLayers(layer as ModelObject);
}
