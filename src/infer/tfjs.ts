/**
 * TensorFlow.js's way of saying the same things: one object with camel-cased keys instead of keyword arguments, factories
 * instead of classes, `apply` instead of a call. Everything is handed on in Keras's terms to the layers and models of
 * this room. What the library itself ignores or refuses when a layer is made is not judged here.
 *
 * Source: @tensorflow/tfjs-layers 4.22, src/exports_layers.ts, src/engine/training.ts, src/models.ts.
 */
import { layerByTfjsFactory, parametersOf, snakeName, tfjsKey } from '../catalogue';
import type { ArgumentSpec } from '../catalogue/spec';
import type { Expression } from '../ir/program';
import { ranked, unranked } from '../ir/shape';
import type { Span } from '../ir/span';
import { list, NONE, text, unknownValue, type Value } from '../ir/value';
import { asDim, valueOf } from '../catalogue/arguments';
import { argument, type CallArgument, type CallArguments } from './call';
import { compileModel } from './data';
import type { Evaluator } from './evaluator';
import { LAYER_CELL, type LayerObject, ModelObject } from './graph';
import { makeInput } from './inputs';
import { callLayer, makeLayer, siteOf } from './layers';
import { makeModel } from './model';
import { addLayer, makeSequential } from './sequential';

/** A function of `tf`, by its path `tfjs.…`. Undefined where it is none that builds a model. */
export function callTfjs(
  cx: Evaluator,
  path: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value | undefined {
  const name = path.slice('tfjs.'.length);
  switch (name) {
    case 'sequential':
      return makeSequential(cx, configured(args, node, { layers: 'layers', name: 'name' }), node, at, 'tfjs');
    case 'model':
      return makeModel(
        cx,
        configured(args, node, { inputs: 'inputs', outputs: 'outputs', name: 'name' }),
        node,
        at,
        'tfjs',
      );
    case 'input':
    case 'layers.input': {
      const keys = { shape: 'shape', batchShape: 'batch_shape', name: 'name', dtype: 'dtype' };
      return makeInput(cx, configured(args, node, keys), node, at, 'tfjs');
    }
  }
  if (name.startsWith('layers.')) {
    const spec = layerByTfjsFactory(name.slice('layers.'.length));
    return spec && makeLayer(cx, spec, layerArguments(parametersOf(spec, 'tfjs'), args, node), node, at, 'tfjs');
  }
  const creation = SHAPED.has(name) ? args.positional[0]?.value : undefined;
  if (creation) {
    const known = (creation.kind === 'list' || creation.kind === 'tuple') && !creation.rest;
    const dims = known ? creation.items.map(asDim) : undefined;
    return {
      kind: 'tensor',
      shape: dims ? ranked(dims) : unranked('the shape is not known'),
      flavour: 'tfjs',
      place: cx.place(at),
    };
  }
  const optimizer = /^train\.(\w+)$/.exec(name)?.[1];
  if (optimizer && OPTIMIZERS[optimizer]) {
    const [rate] = args.positional;
    const given = new Map<string, Value>(rate ? [['learning_rate', rate.value]] : []);
    return { kind: 'object', path: `keras.optimizers.${OPTIMIZERS[optimizer]}`, args: given, place: cx.place(at) };
  }
  return undefined;
}

/** Functions whose first argument is the shape of the tensor they give. */
const SHAPED = new Set(['zeros', 'ones', 'randomNormal', 'randomUniform', 'randomStandardNormal', 'truncatedNormal']);

const OPTIMIZERS: Readonly<Record<string, string>> = {
  sgd: 'SGD',
  momentum: 'SGD',
  adam: 'Adam',
  adamax: 'Adamax',
  adagrad: 'Adagrad',
  adadelta: 'Adadelta',
  rmsprop: 'RMSprop',
};

/** `apply`, `compile`, `fit` … of a layer or model made by TensorFlow.js; undefined for what has no word of its own. */
export function callTfjsMethod(
  cx: Evaluator,
  layer: LayerObject,
  name: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  if (name === 'apply') return callLayer(cx, layer, { positional: args.positional.slice(0, 1) }, node, at);
  if (!(layer instanceof ModelObject)) return unknownValue(`what \`${name}\` returns is not followed`);
  switch (name) {
    case 'add': {
      const added = argument(args, 'layer', 0);
      return layer.kind === 'sequential' && added ? addLayer(cx, layer, added, at) : NONE;
    }
    case 'compile': {
      const keys = { optimizer: 'optimizer', loss: 'loss', metrics: 'metrics' };
      const { keywords, ...rest } = configured(args, node, keys);
      const named = [...(keywords ?? [])].map(([key, a]) => [key, { ...a, value: snaked(a.value) }] as const);
      return compileModel(cx, layer, { ...rest, keywords: new Map(named) }, node, at);
    }
    case 'fit': {
      const [x, y, options] = args.positional;
      const keywords = new Map(configured({ positional: options ? [options] : [] }, optionsNode(node), FIT).keywords);
      const values = new Map([...keywords].map(([key, a]) => [key, a.value]));
      cx.journal.touch(layer, LAYER_CELL);
      layer.fitted = { values, site: siteOf(cx, at, node, args, ['x', 'y']), features: x?.value, labels: y?.value };
      return unknownValue('the history of a training');
    }
    case 'summary':
      return NONE;
    default:
      return unknownValue(`what \`${name}\` returns is not followed`);
  }
}

const FIT: Readonly<Record<string, string>> = {
  batchSize: 'batch_size',
  epochs: 'epochs',
  validationSplit: 'validation_split',
  validationData: 'validation_data',
  shuffle: 'shuffle',
  callbacks: 'callbacks',
};

/** The last argument of `fit` in the source: an object literal, or anything. */
function optionsNode(node: Expression | undefined): Expression | undefined {
  return node?.kind === 'call' ? node.args[2]?.value : undefined;
}

/** Losses and metrics by Keras's names: `meanSquaredError` is `mean_squared_error`; short ones are the same. */
function snaked(value: Value): Value {
  switch (value.kind) {
    case 'string':
      return text(snakeName(value.value));
    case 'list':
      return list(value.items.map(snaked));
    default:
      return value;
  }
}

// ------------------------------------------------------------------------------------------------------- arguments

/** The one object of a factory as keyword arguments, by a table of its keys. What the table lacks is left out. */
function configured(
  args: CallArguments,
  node: Expression | undefined,
  keys: Readonly<Record<string, string>>,
): CallArguments {
  const { entries, open } = entriesOf(args, node);
  const keywords = [...entries].flatMap(([key, a]) => (keys[key] === undefined ? [] : [[keys[key], a] as const]));
  return { positional: [], keywords: new Map(keywords), open };
}

/** As above by the argument schema of a layer. TensorFlow.js ignores keys it does not know. */
function layerArguments(
  parameters: readonly ArgumentSpec[],
  args: CallArguments,
  node: Expression | undefined,
): CallArguments {
  const { entries, open } = entriesOf(args, node);
  const keywords = new Map<string, CallArgument>();
  for (const parameter of parameters) {
    const key = tfjsKey(parameter);
    const given = key === null ? undefined : entries.get(key);
    // A key that is undefined is one that is not there.
    if (given && given.value.kind !== 'none') {
      const value = NAMED_THINGS.has(parameter.kind.kind) ? inKerasTerms(given.value) : given.value;
      keywords.set(parameter.name, { ...given, value });
    } else if (parameter.defaultValue === undefined && parameter.tfjsDefault !== undefined) {
      // What Keras asks for has a default here.
      const value = valueOf(parameter.tfjsDefault);
      keywords.set(parameter.name, { value, span: args.positional[0]?.span ?? node?.span ?? NOWHERE });
    }
  }
  const whole = entries.get('batchInputShape');
  if (whole && !keywords.has('input_shape')) {
    const { value } = whole;
    const known = (value.kind === 'list' || value.kind === 'tuple') && !value.rest;
    keywords.set('input_shape', {
      ...whole,
      value: known ? list(value.items.slice(1)) : unknownValue('batchInputShape is not known'),
    });
  }
  return { positional: [], keywords, open };
}

const NOWHERE: Span = { start: 0, end: 0 };
const NAMED_THINGS = new Set(['choice', 'activation', 'initializer', 'regularizer', 'constraint']);

/** Choices are camel-cased here and snake-cased in Keras: `channelsFirst`, `hardSigmoid`. */
function inKerasTerms(value: Value): Value {
  return value.kind === 'string' ? text(snakeName(value.value)) : value;
}

interface Entries {
  readonly entries: ReadonlyMap<string, CallArgument>;
  /** Why there may be more. */
  readonly open?: string;
}

/** The keys of the first argument with their places, where it is written as an object at the call. */
function entriesOf(args: CallArguments, node: Expression | undefined): Entries {
  const [first] = args.positional;
  if (!first) return { entries: new Map(), open: args.open };
  const { value } = first;
  if (value.kind !== 'dict') return { entries: new Map(), open: 'the options are not known' };
  const literal = node?.kind === 'call' ? node.args[0]?.value : node;
  const places = new Map<string, { span: Span; nameSpan: Span }>();
  if (literal?.kind === 'dict') {
    for (const entry of literal.entries) {
      if (entry.kind !== 'pair') continue;
      const key = entry.key.kind === 'string' ? entry.key.value : undefined;
      if (key !== undefined) places.set(key, { span: entry.value.span, nameSpan: entry.key.span });
    }
  }
  const entries = [...value.entries].map(
    ([key, v]) => [key, { span: first.span, ...places.get(key), value: v }] as const,
  );
  return { entries: new Map(entries), open: value.open };
}
