/**
 * TensorFlow.js's way of saying the same things: one object with camel-cased keys instead of keyword arguments, factories
 * instead of classes, `apply` instead of a call. Everything is handed on in Keras's terms to the layers and models of
 * this room.
 *
 * Source: @tensorflow/tfjs-layers 4.22, src/exports_layers.ts, src/engine/training.ts, src/models.ts.
 */
import { layerByTfjsFactory, opByPath, parametersOf, snakeName } from '../catalogue';
import { countWeights } from '../catalogue/apply';
import { Failure } from '../ir/fault';
import type { Expression } from '../ir/program';
import { isRanked, ranked } from '../ir/shape';
import type { Span } from '../ir/span';
import { list, NONE, sizeValue, unknownValue, type Value } from '../ir/value';
import { argument, type CallArguments, callValue } from './call';
import { AFTER_FAULT, type Evaluator } from './evaluator';
import { isInput, type LayerObject, ModelObject } from './graph';
import { makeInput } from './inputs';
import { anchorsOf, callLayer, layerValue, makeLayer, shapesThrough } from './layers';
import { dimsOf } from './custom-layers';
import { makeModel } from './model';
import { callOp } from './ops';
import { isSymbolic, tensorsIn } from './operations';
import { addLayer, makeSequential, popLayer } from './sequential';
import { checkOptions, configured, entriesOf, layerOptions, type OptionsSite } from './tfjs-options';
import { compileTfjs, evaluateTfjs, fitTfjs, predictTfjs } from './tfjs-training';
import { innerLayers, weightsOf } from './weights';

const INPUT_KEYS = { shape: 'shape', batchShape: 'batch_shape', name: 'name', dtype: 'dtype', sparse: 'sparse' };
const MODEL_KEYS = { inputs: 'inputs', outputs: 'outputs', name: 'name' };

/** A function of `tf`, by its path `tfjs.…`. Undefined where it is none that is known. */
export function callTfjs(
  cx: Evaluator,
  path: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value | undefined {
  const name = path.slice('tfjs.'.length);
  const site: OptionsSite = { callee: `tf.${name}`, node, at };
  switch (name) {
    case 'sequential':
      if (checkOptions(cx, args, site, ['layers'], false)) return AFTER_FAULT;
      return makeSequential(cx, configured(cx, args, site, { layers: 'layers', name: 'name' }), node, at, 'tfjs');
    case 'model':
      if (checkOptions(cx, args, site, ['inputs', 'outputs'], true)) return AFTER_FAULT;
      return makeModel(cx, configured(cx, args, site, MODEL_KEYS), node, at, 'tfjs');
    case 'input':
    case 'layers.input': {
      if (checkOptions(cx, args, site, ['shape'], true)) return AFTER_FAULT;
      return makeInput(cx, configured(cx, args, site, INPUT_KEYS), node, at, 'tfjs');
    }
    case 'callbacks.earlyStopping':
      return earlyStopping(cx, args, site);
    case 'tidy':
      return called(cx, args, at);
    case 'keep':
      return args.positional[0]?.value;
    case 'dispose':
    case 'disposeVariables':
    case 'ready':
    case 'setBackend':
      return NONE;
  }
  if (name.startsWith('layers.')) {
    const spec = layerByTfjsFactory(name.slice('layers.'.length));
    const bound = spec && layerOptions(cx, spec, parametersOf(spec, 'tfjs'), args, site);
    return spec && (bound ? makeLayer(cx, spec, bound, node, at, 'tfjs') : AFTER_FAULT);
  }
  const [, family, maker] = /^(initializers|regularizers|constraints)\.(\w+)$/.exec(name) ?? [];
  if (family !== undefined && maker !== undefined) return namedThing(cx, family, maker, args, site);
  const optimizer = OPTIMIZERS[/^train\.(\w+)$/.exec(name)?.[1] ?? ''];
  if (optimizer) {
    const [className, ...names] = optimizer;
    const given = args.positional.flatMap(({ value }, i): [string, Value][] =>
      names[i] === undefined || value.kind === 'none' ? [] : [[names[i], value]],
    );
    return { kind: 'object', path: `keras.optimizers.${className}`, args: new Map(given), place: cx.place(at) };
  }
  const op = opByPath(path);
  return op && (refusesSymbolic(cx, path, args, node, at) ?? callOp(cx, op, path, args, node, at));
}

/** Keras's class, and the arguments in TensorFlow.js's order by Keras's names. */
const OPTIMIZERS: Readonly<Record<string, readonly [className: string, ...names: string[]]>> = {
  sgd: ['SGD', 'learning_rate'],
  momentum: ['SGD', 'learning_rate', 'momentum', 'nesterov'],
  adam: ['Adam', 'learning_rate', 'beta_1', 'beta_2', 'epsilon'],
  adamax: ['Adamax', 'learning_rate', 'beta_1', 'beta_2', 'epsilon', 'decay'],
  adagrad: ['Adagrad', 'learning_rate', 'initial_accumulator_value'],
  adadelta: ['Adadelta', 'learning_rate', 'rho', 'epsilon'],
  rmsprop: ['RMSprop', 'learning_rate', 'rho', 'momentum', 'epsilon', 'centered'],
};

/** `tf.tidy(f)` and `tf.tidy(name, f)` give what the function gives. */
function called(cx: Evaluator, args: CallArguments, at: Span): Value | undefined {
  const fn = args.positional.map(a => a.value).find(v => v.kind === 'function');
  return fn && callValue(cx, fn, { positional: [] }, undefined, at);
}

/** Classes that Keras spells in another way than with a capital letter. */
const SPELT: Readonly<Record<string, string>> = {
  leCunNormal: 'LecunNormal',
  leCunUniform: 'LecunUniform',
  l1l2: 'L1L2',
};

/** `tf.regularizers.l2({ l2: 0.01 })` is the object that Keras makes with the same numbers. */
function namedThing(cx: Evaluator, family: string, maker: string, args: CallArguments, site: OptionsSite): Value {
  const { entries } = entriesOf(args, site.node);
  const given = new Map([...entries].map(([key, { value }]) => [snakeName(key), value] as const));
  const className = SPELT[maker] ?? `${maker[0]!.toUpperCase()}${maker.slice(1)}`;
  return { kind: 'object', path: `keras.${family}.${className}`, args: given, place: cx.place(site.at) };
}

/** `restoreBestWeights` is in the documentation and throws. */
function earlyStopping(cx: Evaluator, args: CallArguments, site: OptionsSite): Value {
  const { entries } = entriesOf(args, site.node);
  const restore = entries.get('restoreBestWeights');
  if (restore?.value.kind === 'boolean' && restore.value.value) {
    const anchors = anchorsOf(site.node, { positional: args.positional, keywords: new Map(entries) });
    cx.fault(
      { kind: 'not-implemented', name: 'restoreBestWeights', value: 'true' },
      { place: cx.place(site.at), callee: site.callee, origins: [], anchors },
    );
  }
  const given = new Map([...entries].map(([key, a]) => [key, a.value] as const));
  return { kind: 'object', path: 'tfjs.EarlyStopping', args: given, place: cx.place(site.at) };
}

/** Ops take tensors and arrays, never the symbolic tensors that layers pass on. */
function refusesSymbolic(
  cx: Evaluator,
  path: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value | undefined {
  const tensor = args.positional.flatMap(a => tensorsIn(a.value)).find(isSymbolic);
  if (!tensor) return undefined;
  return cx.fault(
    { kind: 'foreign-op', path: path.replace(/^tfjs/, 'tf') },
    {
      place: cx.place(at),
      callee: path,
      origins: tensor.place ? [{ place: tensor.place, what: 'input' }] : [],
      anchors: anchorsOf(node, args),
    },
  );
}

/** `apply`, `compile`, `fit` … of a layer or model made by TensorFlow.js; undefined for what has no word of its own. */
export function callTfjsMethod(
  cx: Evaluator,
  layer: LayerObject,
  name: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  switch (name) {
    case 'apply':
      return callLayer(cx, layer, { positional: args.positional.slice(0, 1) }, node, at);
    case 'countParams': {
      const weights = layer.built ? weightsOf(layer) : undefined;
      return weights ? sizeValue(countWeights(weights)) : unknownValue('the parameters are not known');
    }
    case 'computeOutputShape': {
      const dims = args.positional[0] && dimsOf(args.positional[0].value);
      const through = dims && shapesThrough(cx, layer, [ranked(dims)]);
      const output = through && !(through instanceof Failure) ? through.output : undefined;
      return output && 'kind' in output && isRanked(output)
        ? list(output.dims.map(sizeValue))
        : unknownValue('the output shape is not known');
    }
  }
  if (!(layer instanceof ModelObject)) return unknownValue(`what \`${name}\` returns is not followed`);
  switch (name) {
    case 'add': {
      const added = argument(args, 'layer', 0);
      return layer.kind === 'sequential' && added ? addLayer(cx, layer, added, at) : NONE;
    }
    case 'pop':
      return layer.kind === 'sequential' ? popLayer(cx, layer) : unknownValue('this model has no `pop`');
    case 'getLayer':
      return getLayer(cx, layer, args, node, at);
    case 'compile':
      return compileTfjs(cx, layer, args, node, at);
    case 'fit':
    case 'fitDataset':
    case 'trainOnBatch':
      return fitTfjs(cx, layer, name, args, node, at);
    case 'evaluate':
    case 'evaluateDataset':
      return evaluateTfjs(cx, layer, name, args, node, at);
    case 'predict':
    case 'predictOnBatch':
      return predictTfjs(cx, layer, name, args, node, at);
    case 'summary':
    case 'dispose':
    case 'setWeights':
      return NONE;
    default:
      return unknownValue(`what \`${name}\` returns is not followed`);
  }
}

function getLayer(
  cx: Evaluator,
  model: ModelObject,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  const [wanted, position] = args.positional.map(a => a.value);
  const layers = innerLayers(model).filter(l => model.kind === 'functional' || !isInput(l));
  const isListed = model.uncertain === undefined && !layers.some(l => l.name.endsWith('?'));
  const index = position?.kind === 'number' ? position.value : wanted?.kind === 'number' ? wanted.value : undefined;
  if (!isListed) return unknownValue('which layer this is is not known');
  if (index !== undefined) {
    const found = layers[index];
    return found ? layerValue(found) : unknownValue('there is no such layer');
  }
  if (wanted?.kind !== 'string') return unknownValue('which layer this is is not known');
  const found = layers.find(l => l.name === wanted.value);
  if (found) return layerValue(found);
  return cx.fault(
    { kind: 'no-such-layer', name: wanted.value, existing: layers.map(l => l.name) },
    {
      place: cx.place(at),
      callee: `${model.name}.getLayer`,
      className: model.className,
      origins: [{ place: model.site.place, what: model.name }],
      anchors: anchorsOf(node, args, ['name', 'index']),
    },
  );
}
