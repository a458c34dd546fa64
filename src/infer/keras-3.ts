/**
 * What programs written for Keras 1 and 2 use and Keras 3 no longer has, under `keras` and `tensorflow.keras` alike:
 * names of modules and layers, arguments of `fit` and `compile`, file names without an ending.
 */
import { OPTIMIZERS } from '../catalogue/identifiers';
import { closest } from '../catalogue/spelling';
import type { FaultDetail } from '../ir/fault';
import type { Expression, ImportFrom } from '../ir/program';
import type { Span } from '../ir/span';
import type { Value } from '../ir/value';
import type { CallArguments } from './call';
import type { Evaluator } from './evaluator';
import type { ModelObject } from './graph';
import { anchorsOf } from './layers';

const LAYER_MODULE =
  /^keras\.layers\.(core|convolutional|normalization|recurrent|embeddings|pooling|advanced_activations|wrappers|noise|local)$/;
const OTHER_MODULE =
  /^keras\.(utils\.(np_utils|generic_utils|vis_utils|data_utils|layer_utils)|wrappers\.scikit_learn|engine(\.\w+)?|objectives)$/;
const UTILS_MODULE = /^keras\.utils\.(np_utils|generic_utils|vis_utils|data_utils)$/;
/** What these modules held and `keras.utils` still has. */
const IN_UTILS = new Set(
  (
    'to_categorical normalize plot_model model_to_dot get_file Sequence Progbar CustomObjectScope ' +
    'custom_object_scope get_custom_objects register_keras_serializable'
  ).split(' '),
);
const NAMES: ReadonlyMap<string, string | undefined> = new Map([
  ['keras.layers.CuDNNLSTM', 'LSTM'],
  ['keras.layers.CuDNNGRU', 'GRU'],
  ['keras.layers.Deconvolution2D', 'Conv2DTranspose'],
  ['keras.layers.Merge', undefined],
  ['keras.layers.LocallyConnected1D', undefined],
  ['keras.layers.LocallyConnected2D', undefined],
  ['keras.layers.DenseFeatures', undefined],
  ['keras.utils.np_utils', undefined],
  ['keras.utils.multi_gpu_model', undefined],
  ['keras.models.model_from_yaml', undefined],
]);

const withoutTensorflow = (path: string): string => path.replace(/^tensorflow\./, '');

/** What of an import does not exist any more; the fix writes the module where it lies now. */
export function checkImport(cx: Evaluator, node: ImportFrom): void {
  if (!isThree(cx) || node.level > 0) return;
  const module = withoutTensorflow(node.module);
  if (LAYER_MODULE.test(module) || OTHER_MODULE.test(module)) {
    const head = node.span.start + 'from '.length;
    const prefix = node.module.slice(0, node.module.length - module.length);
    const moved = UTILS_MODULE.test(module) && node.names.every(({ name }) => IN_UTILS.has(name));
    const replacement = LAYER_MODULE.test(module)
      ? `${prefix}keras.layers`
      : moved
        ? `${prefix}keras.utils`
        : undefined;
    isGone(cx, node.module, replacement, { start: head, end: head + node.module.length });
    return;
  }
  for (const { name, span } of node.names) {
    // Alone it can be had under its old name.
    const whole = node.names.length === 1 ? { import: node.span } : undefined;
    if (NAMES.has(`${module}.${name}`)) isGone(cx, name, NAMES.get(`${module}.${name}`), span, whole);
  }
}

/** An attribute of a module: `keras.layers.CuDNNLSTM`. */
export function checkName(cx: Evaluator, path: string, node: Expression): void {
  const plain = withoutTensorflow(path);
  if (!isThree(cx) || !NAMES.has(plain)) return;
  isGone(cx, plain.slice(plain.lastIndexOf('.') + 1), NAMES.get(plain), node.span);
}

function isThree(cx: Evaluator): boolean {
  return cx.options.kerasVersion !== 2 && cx.language === 'python';
}

function isGone(
  cx: Evaluator,
  path: string,
  replacement: string | undefined,
  callee: Span,
  more?: Readonly<Record<string, Span>>,
): void {
  const detail: FaultDetail = { kind: 'removed-name', path, since: '3', replacement };
  cx.fault(detail, { place: cx.place(callee), callee: path, origins: [], anchors: { callee, ...more } });
}

// --------------------------------------------------------------------------------------------- methods of a model

const ARGUMENTS: Readonly<Record<string, string | null>> = {
  nb_epoch: 'epochs',
  samples_per_epoch: 'steps_per_epoch',
  nb_val_samples: 'validation_steps',
  show_accuracy: null,
  nb_worker: null,
  max_q_size: null,
  workers: null,
  use_multiprocessing: null,
  max_queue_size: null,
  sample_weight_mode: null,
  target_tensors: null,
};

/** What Keras 3 refuses in a call of `fit`, `compile`, `save` … whatever the shapes are. */
export function checkMethod(
  cx: Evaluator,
  model: ModelObject,
  method: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): void {
  // A class of the program may have methods of its own.
  if (!isThree(cx) || model.instance || args.open !== undefined) return;
  const detail = methodFault(method, args);
  if (!detail) return;
  const anchors = anchorsOf(node, args, FIRST[method] ?? []);
  cx.fault(detail, {
    place: cx.place(at),
    callee: `${model.name}.${method}`,
    className: model.className,
    origins: [],
    anchors,
  });
}

const FIRST: Readonly<Record<string, readonly string[]>> = {
  compile: ['optimizer', 'loss', 'loss_weights', 'metrics'],
  save: ['filepath'],
  save_weights: ['filepath'],
};

function methodFault(method: string, args: CallArguments): FaultDetail | undefined {
  const value = (name: string): Value | undefined =>
    args.keywords?.get(name)?.value ?? args.positional[FIRST[method]?.indexOf(name) ?? -1]?.value;
  if (/^predict_(classes|proba)$/.test(method)) {
    const replacement = method === 'predict_proba' ? 'predict' : undefined;
    return { kind: 'removed-name', path: method, since: '3', replacement };
  }
  const path = value('filepath');
  if (/^save(_weights)?$/.test(method) && path?.kind === 'string') return fileFault(method, path.value);
  if (!/^(compile|fit|evaluate|predict)$/.test(method)) return undefined;
  for (const name of args.keywords?.keys() ?? []) {
    const now = ARGUMENTS[name];
    if (now !== undefined)
      return { kind: 'argument-unknown', name, suggestion: now ?? undefined, removed: now === null };
  }
  if (method !== 'compile') return undefined;
  const [optimizer, metrics] = [value('optimizer'), value('metrics')];
  if (metrics?.kind === 'string')
    return { kind: 'argument-invalid', name: 'metrics', got: `'${metrics.value}'`, wanted: 'a list of metrics' };
  if (optimizer?.kind === 'string' && !OPTIMIZERS.has(optimizer.value.toLowerCase())) {
    const suggestion = closest(optimizer.value.toLowerCase(), [...OPTIMIZERS]);
    const wanted = 'the name of an optimizer';
    return { kind: 'argument-invalid', name: 'optimizer', got: `'${optimizer.value}'`, wanted, suggestion };
  }
  return undefined;
}

function fileFault(method: string, path: string): FaultDetail | undefined {
  const [ending, wanted] =
    method === 'save' ? [/\.(keras|h5|hdf5)$/, '.keras'] : [/\.weights\.(h5|json)$/, '.weights.h5'];
  if (ending.test(path)) return undefined;
  const suggestion = `${path.replace(/\/$/, '').replace(/\.(tf|ckpt|h5|hdf5)$/, '')}${wanted}`;
  return {
    kind: 'argument-invalid',
    name: 'filepath',
    got: `'${path}'`,
    wanted: `a file name that ends with ${wanted}`,
    suggestion,
  };
}
