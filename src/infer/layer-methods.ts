/** Methods of layers and models: `add`, `build`, `get_layer`, `compile`, `fit`, `predict`, `summary` … */
import type { Expression } from '../ir/program';
import { isRanked, ranked, type Shape, unranked } from '../ir/shape';
import type { Span } from '../ir/span';
import { list, NONE, sizeValue, tuple, unknownValue, type Value } from '../ir/value';
import { argument, type CallArguments } from './call';
import { dimsOf } from './custom-layers';
import { compileModel, evaluateModel, fitModel, predictModel } from './data';
import type { Evaluator } from './evaluator';
import { graphTensor } from './lambda';
import { type LayerObject, ModelObject, OperationObject } from './graph';
import { checkMethod } from './keras-3';
import { anchorsOf, callLayer, layerValue, shapesThrough } from './layers';
import { computeLoss } from './loss-calls';
import { Failure } from '../ir/fault';
import { addLayer, buildSequential, popLayer } from './sequential';
import { callTfjsMethod } from './tfjs';
import { innerLayers, weightsOf } from './weights';
import { countWeights } from '../catalogue/apply';

export function callLayerMethod(
  cx: Evaluator,
  layer: LayerObject,
  name: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  if (layer.framework === 'tfjs') return callTfjsMethod(cx, layer, name, args, node, at);
  if (layer instanceof ModelObject) {
    const known = modelMethod(cx, layer, name, args, node, at);
    if (known) return known;
  }
  switch (name) {
    case '__call__':
    case 'call':
      return callLayer(cx, layer, args, node, at);
    case 'count_params': {
      const weights = layer.built ? weightsOf(layer) : undefined;
      return weights ? sizeValue(countWeights(weights)) : unknownValue('the parameters are not known');
    }
    case 'compute_output_shape':
      return computeOutputShape(cx, layer, args);
    case 'build':
      return buildLayer(cx, layer, args, at);
    case 'get_config':
      return { kind: 'dict', entries: new Map(layer.given), open: 'the configuration of a layer is not followed' };
    case 'add_loss':
      cx.addsLoss = true;
      return NONE;
    case 'set_weights':
    case 'load_weights':
    case 'save':
    case 'save_weights':
    case 'export':
    case 'add_metric':
    case 'reset_states':
    case 'adapt':
      return NONE;
    default:
      return unknownValue(`what \`${name}\` returns is not followed`);
  }
}

function modelMethod(
  cx: Evaluator,
  model: ModelObject,
  name: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value | undefined {
  checkMethod(cx, model, name, args, node, at);
  switch (name) {
    case 'add': {
      if (model.kind !== 'sequential') return unknownValue('this model has no `add`');
      const layer = argument(args, 'layer', 0);
      return layer ? addLayer(cx, model, layer, at) : NONE;
    }
    case 'pop':
      return model.kind === 'sequential' ? popLayer(cx, model) : undefined;
    case 'get_layer':
      return getLayer(cx, model, args, node, at);
    case 'compile':
      return compileModel(cx, model, args, node, at);
    case 'fit':
    case 'train_on_batch':
      return fitModel(cx, model, name, args, node, at);
    case 'evaluate':
    case 'test_on_batch':
      return evaluateModel(cx, model, name, args, node, at);
    case 'predict':
    case 'predict_on_batch':
      return predictModel(cx, model, name, args, node, at);
    case 'fit_generator':
    case 'predict_generator':
    case 'evaluate_generator': {
      const now = name.replace('_generator', '');
      return cx.options.kerasVersion === 2
        ? unknownValue('the history of a training')
        : cx.fault(
            { kind: 'removed-name', path: name, since: '3', replacement: now },
            {
              place: cx.place(at),
              callee: `${model.name}.${name}`,
              className: model.className,
              origins: [],
              anchors: anchorsOf(node, args),
            },
          );
    }
    case 'compute_loss':
      return computeLoss(cx, model, args, node, at);
    case 'summary':
      return NONE;
    default:
      return undefined;
  }
}

function getLayer(
  cx: Evaluator,
  model: ModelObject,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  if (model.standsFor !== undefined) return unknownValue(model.standsFor);
  const layers = innerLayers(model).filter(l => !(l instanceof OperationObject));
  const wanted = argument(args, 'name', 0);
  const index = argument(args, 'index', 1);
  if (index?.kind === 'number') {
    const found = layers.at(index.value);
    return found && model.uncertain === undefined
      ? layerValue(found)
      : unknownValue('there is no such layer that is known');
  }
  if (wanted?.kind !== 'string') return unknownValue('which layer this is is not known');
  const found = layers.find(l => l.name === wanted.value);
  if (found) return layerValue(found);
  if (
    model.uncertain !== undefined ||
    model.kind === 'subclass' ||
    layers.some(l => l.name.endsWith('?') || l.name === '')
  )
    return unknownValue('which layer this is is not known');
  return cx.fault(
    { kind: 'no-such-layer', name: wanted.value, existing: layers.map(l => l.name) },
    {
      place: cx.place(at),
      callee: `${model.name}.get_layer`,
      className: model.className,
      origins: [{ place: model.site.place, what: model.name }],
      anchors: anchorsOf(node, args, ['name', 'index']),
    },
  );
}

/** A shape handed over as a tuple or list, with its batch. */
function shapeGiven(value: Value | undefined): Shape {
  const dims = value && dimsOf(value);
  return dims ? ranked(dims) : unranked('the shape is not known');
}

function computeOutputShape(cx: Evaluator, layer: LayerObject, args: CallArguments): Value {
  const given = shapeGiven(argument(args, 'input_shape', 0));
  if (!isRanked(given)) return unknownValue(given.why);
  const through = shapesThrough(cx, layer, [given]);
  if (!through || through instanceof Failure) return unknownValue('the output shape is not known');
  const { output } = through;
  return 'kind' in output
    ? shapeValue(output)
    : 'named' in output
      ? unknownValue('shapes by name')
      : list(output.map(shapeValue));
}

function shapeValue(shape: Shape): Value {
  return isRanked(shape) ? tuple(shape.dims.map(sizeValue)) : unknownValue(shape.why);
}

/** `layer.build(input_shape)`: for a Sequential the input becomes known, another layer gets its weights. */
function buildLayer(cx: Evaluator, layer: LayerObject, args: CallArguments, at: Span): Value {
  const given = shapeGiven(argument(args, 'input_shape', 0));
  if (layer instanceof ModelObject && layer.kind === 'sequential') {
    buildSequential(cx, layer, given);
    return NONE;
  }
  if (layer instanceof ModelObject && layer.kind === 'functional') return NONE;
  if (!layer.built && isRanked(given)) {
    cx.hidden++;
    cx.silence++;
    callLayer(cx, layer, { positional: [{ value: graphTensor(given), span: at }] }, undefined, at);
    cx.hidden--;
    cx.silence--;
  }
  return NONE;
}
