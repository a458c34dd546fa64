/**
 * Losses that a program computes itself: `keras.losses.MeanSquaredError()(y, predictions)`, the functions of
 * `keras.losses`, and `compute_loss` of a model inside of `train_step`. A loss object and `compute_loss` bring both to
 * one rank first (keras/src/losses/loss.py), of the functions only some do.
 */
import { labelFit, lossByPath, type LossSpec } from '../catalogue/losses';
import { known, same } from '../ir/dim';
import type { Expression } from '../ir/program';
import { isRanked, ranked, type Shape } from '../ir/shape';
import type { Span } from '../ir/span';
import { type LibraryObject, type TensorValue, unknownValue, type Value } from '../ir/value';
import { argument, type CallArguments } from './call';
import type { Evaluator } from './evaluator';
import type { ModelObject } from './graph';
import { anchorsOf, prefixed } from './layers';
import { digestOf, lossOf, lossPlace } from './losses';
import { isSymbolic, operationResult, tensorsIn } from './operations';

const NAMES = ['y', 'y_pred', 'sample_weight'];

/** Functions that bring labels and predictions to one rank; the cross-entropies take them as they are. */
const SQUEEZING = new Set([
  'mean_squared_error',
  'mean_absolute_error',
  'mean_absolute_percentage_error',
  'mean_squared_logarithmic_error',
  'cosine_similarity',
  'huber',
  'log_cosh',
]);
const STRICT = new Set(['categorical_crossentropy', 'sparse_categorical_crossentropy', 'binary_crossentropy']);

/** Undefined where the path is no loss function of Keras. */
export function callLossFunction(
  cx: Evaluator,
  path: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value | undefined {
  const spec = path.startsWith('keras.losses.') ? lossByPath(path) : undefined;
  if (!spec || !/^[a-z]/.test(path.slice('keras.losses.'.length))) return undefined;
  const pair = pairOf(cx, args, 'y_true', 0);
  if (!pair) return undefined;
  const result = unknownValue('what the loss of each sample is');
  if (!SQUEEZING.has(spec.name) && !STRICT.has(spec.name)) return result;
  const failed = checkLoss(cx, spec, pair, SQUEEZING.has(spec.name), args, node, at);
  if (failed) return failed;
  const axis = argument(args, 'axis');
  // On symbolic tensors it is several operations of the graph, which have names of their own.
  const [l, o] = pair.map(t => t.shape);
  const isPlain = isRanked(l!) && isRanked(o!) && l.dims.length === o.dims.length;
  if (axis || pair.some(isSymbolic)) return isPlain ? undefined : result;
  return operationResult(cx, perSample(spec, pair), pair, 'Loss', at);
}

/** A loss object gives one number, unless it is told not to bring the samples together. */
export function callLossObject(
  cx: Evaluator,
  object: LibraryObject,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value | undefined {
  const spec = object.path.startsWith('keras.losses.') ? lossByPath(object.path) : undefined;
  const pair = spec && pairOf(cx, args, 'y_true', 0);
  if (!spec || !pair) return undefined;
  const failed = checkLoss(cx, spec, pair, true, args, node, at);
  if (failed) return failed;
  const reduction = object.args.get('reduction');
  if (pair.some(isSymbolic)) return undefined;
  if (!reduction) return operationResult(cx, ranked([]), pair, 'Loss', at);
  if (reduction.kind === 'none' || (reduction.kind === 'string' && reduction.value === 'none'))
    return object.args.has('axis') ? undefined : operationResult(cx, perSample(spec, pair), pair, 'Loss', at);
  return undefined;
}

/** `self.compute_loss(x, y, y_pred)`, with the loss that the model was compiled with. */
export function computeLoss(
  cx: Evaluator,
  model: ModelObject,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  const pair = pairOf(cx, args, 'y', 1);
  const { compiled } = model;
  const loss = compiled && lossOf(compiled.values.get('loss'), lossPlace(compiled.site));
  const result = unknownValue('the loss of the model, with what its layers add');
  return pair && loss && model.uncertain === undefined
    ? (checkLoss(cx, loss.spec, pair, true, args, node, at) ?? result)
    : result;
}

type Pair = readonly [labels: TensorValue, predictions: TensorValue];

function pairOf(cx: Evaluator, args: CallArguments, labels: string, position: number): Pair | undefined {
  // Keras 2 broadcasts where Keras 3 compares.
  if (args.open !== undefined || cx.options.kerasVersion === 2) return undefined;
  const given = [argument(args, labels, position), argument(args, 'y_pred', position + 1)];
  const [y, predictions] = given.map(value => {
    const tensors = value && (value.kind === 'tensor' || value.kind === 'frame') ? tensorsIn(value) : [];
    return tensors[0];
  });
  return y && predictions ? [y, predictions] : undefined;
}

function checkLoss(
  cx: Evaluator,
  spec: LossSpec,
  [labels, output]: Pair,
  squeezes: boolean,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value | undefined {
  if (labelFit(spec, labels.shape, output.shape, undefined, squeezes) !== 'fails') return undefined;
  const layer = digestOf(output);
  const named = anchorsOf(node, args, NAMES);
  const y = named['argument:y'] ?? named['argument:y_true'];
  return cx.fault(
    { kind: 'label-mismatch', loss: spec.name, labels: labels.shape, output: output.shape, outputIndex: 0 },
    {
      place: cx.place(at),
      callee: spec.name,
      anchors: {
        ...named,
        ...(y ? { 'argument:y': y } : {}),
        ...(layer ? prefixed('output', { place: layer.place, anchors: layer.anchors }) : {}),
      },
      origins: [
        ...(layer ? [{ place: layer.place, what: layer.name }] : []),
        ...(labels.place ? [{ place: labels.place, what: 'labels' }] : []),
      ],
    },
  );
}

/** One number for each vector along the last axis. */
function perSample(spec: LossSpec, [labels, output]: Pair): Shape {
  const [l, o] = [labels.shape, output.shape];
  if (!isRanked(l) || !isRanked(o)) return { kind: 'unranked', why: 'labels or predictions are not known' };
  const isClasses =
    spec.rule === 'sparse' &&
    o.dims.length > 1 &&
    same(o.dims.at(-1)!, known(1)) === 'no' &&
    l.dims.length >= o.dims.length - 1;
  const isSame = spec.rule !== 'vectors' && l.dims.length === o.dims.length && labelFit(spec, l, o) === 'fits';
  return isClasses || (isSame && spec.rule !== 'sparse')
    ? ranked(o.dims.slice(0, -1))
    : { kind: 'unranked', why: 'how labels and predictions meet' };
}
