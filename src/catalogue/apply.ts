/**
 * A layer's specification applied to inputs, in the order in which Keras itself works: how many inputs, their rank, the
 * weights (`build`), then the output. The first thing that surely fails is the answer.
 */
import { type Dim, isKnown, known, product, same, sum, unknownDim } from '../ir/dim';
import { type Failure, fail, type Outcome, type RankWanted } from '../ir/fault';
import { isRanked, ranked, type Shape, unranked } from '../ir/shape';
import { NO_ARGUMENTS } from './arguments';
import type { Arguments, Framework, LayerContext, LayerSpec, ShapeTree, WeightSpec } from './spec';

export interface LayerCall {
  readonly args: Arguments;
  readonly inputs: readonly Shape[];
  readonly structure?: LayerContext['structure'];
  readonly call?: Arguments;
  readonly framework?: Framework;
}

export interface Applied {
  readonly output: ShapeTree;
  readonly weights: readonly WeightSpec[];
  /** What the functions of the specification were given, for `flops` and `explain`. */
  readonly context: LayerContext;
}

export function applyLayer(spec: LayerSpec, call: LayerCall): Outcome<Applied> {
  const framework = call.framework ?? 'keras';
  const structure = call.structure ?? (call.inputs.length === 1 ? 'single' : 'list');
  const wanted = typeof spec.rank === 'function' ? spec.rank(call.args) : spec.rank;
  // A list given to a recurrent layer of TensorFlow.js is its input with the states it begins with (`RNN.apply`).
  const own = framework === 'tfjs' && spec.family === 'recurrent' ? call.inputs.slice(0, 1) : call.inputs;
  const inputs = own.map(s => withRank(s, wanted));
  const context: LayerContext = {
    args: call.args,
    inputs,
    input: inputs[0] ?? unranked('it has no input'),
    structure,
    call: call.call ?? NO_ARGUMENTS,
    framework,
  };
  const refused = checkCount(spec, context) ?? checkRank(wanted, inputs);
  if (refused) return refused;
  const weights = spec.weights?.(context) ?? [];
  if (!Array.isArray(weights)) return weights as Failure;
  const undefinedSize = checkSizes(spec, context, weights as readonly WeightSpec[]);
  if (undefinedSize) return undefinedSize;
  const output = spec.output(context);
  if (isFailure(output)) return output;
  return { output, weights: weights as readonly WeightSpec[], context };
}

/**
 * Once a layer has weights, some axes of its input are fixed (`InputSpec(axes=…)`). `built` is the input of its first
 * call.
 */
export function checkFixedAxes(spec: LayerSpec, args: Arguments, built: Shape, input: Shape): Failure | undefined {
  if (!spec.fixedAxes || !isRanked(built) || !isRanked(input)) return undefined;
  for (const axis of spec.fixedAxes(args)) {
    const wanted = built.dims.at(axis);
    const got = input.dims.at(axis);
    if (wanted && got && same(wanted, got) === 'no') return fail({ kind: 'axis-mismatch', axis, wanted, got, input });
  }
  return undefined;
}

/** An input of unknown rank has, after a layer that wants one rank exactly, that rank. */
function withRank(shape: Shape, wanted: RankWanted | undefined): Shape {
  if (isRanked(shape) || wanted?.exact === undefined) return shape;
  return ranked(new Array<Dim>(wanted.exact).fill(unknownDim(shape.why)));
}

const MERGED = { atLeast: 2 };

function checkCount(spec: LayerSpec, { inputs, structure, input, framework }: LayerContext): Failure | undefined {
  // One tensor is nothing to merge for TensorFlow.js; Keras joins a list of one.
  const arity = framework === 'tfjs' && spec.family === 'merging' ? MERGED : (spec.arity ?? { exact: 1 });
  if ('exact' in arity && arity.exact === 1) {
    return inputs.length > 1 && (spec.rank ?? spec.weights)
      ? fail({ kind: 'input-count', wanted: '1', got: inputs.length })
      : undefined;
  }
  // Tensors side by side are counted; a merge layer wants them in one list.
  if (structure === 'single' && !spec.callInputs && inputs.length > 0) return fail({ kind: 'not-a-list', input });
  if ('exact' in arity ? inputs.length !== arity.exact : inputs.length < arity.atLeast) {
    const wanted = 'exact' in arity ? String(arity.exact) : `at least ${arity.atLeast}`;
    return fail({ kind: 'input-count', wanted, got: inputs.length });
  }
  return undefined;
}

function checkRank(wanted: RankWanted | undefined, inputs: readonly Shape[]): Failure | undefined {
  if (!wanted) return undefined;
  for (const got of inputs) {
    if (!isRanked(got)) continue;
    const rank = got.dims.length;
    if (
      (wanted.exact !== undefined && rank !== wanted.exact) ||
      (wanted.atLeast !== undefined && rank < wanted.atLeast) ||
      (wanted.atMost !== undefined && rank > wanted.atMost)
    )
      return fail({ kind: 'rank-mismatch', wanted, got });
  }
  return undefined;
}

/** "Shapes used to initialize variables must be fully-defined": an open axis can give no weight its size. */
function checkSizes(spec: LayerSpec, c: LayerContext, weights: readonly WeightSpec[]): Failure | undefined {
  if (!weights.some(w => w.shape.some(d => d.kind === 'open'))) return undefined;
  const fixed = spec.fixedAxes?.(c.args) ?? [];
  const dims = isRanked(c.input) ? c.input.dims : [];
  const axis = fixed.find(a => dims.at(a)?.kind === 'open') ?? dims.findIndex((d, i) => i > 0 && d.kind === 'open');
  return fail({ kind: 'undefined-size', axis, input: c.input });
}

export function isFailure(x: unknown): x is Failure {
  return typeof x === 'object' && x !== null && 'detail' in x;
}

export function isShape(tree: ShapeTree): tree is Shape {
  return 'kind' in tree;
}

/** The shapes of a tree in order. */
export function shapesOf(tree: ShapeTree): readonly Shape[] {
  if (isShape(tree)) return [tree];
  return 'named' in tree ? Object.values(tree.named) : tree;
}

export function weightSize(weight: WeightSpec): Dim {
  return product(weight.shape);
}

/** Sum over all weights, or over the trainable ones. */
export function countWeights(weights: readonly WeightSpec[], which: 'all' | 'trainable' = 'all'): Dim {
  if (which === 'all') return sum(weights.map(weightSize));
  if (weights.some(w => w.trainable === 'unknown')) return unknownDim('whether some layers are trained is not known');
  return sum(weights.filter(w => w.trainable !== false).map(weightSize));
}

/** Elements of one example: all axes but the batch. */
export function perExample(shape: Shape): Dim {
  if (!isRanked(shape)) return unknownDim(shape.why);
  return product(shape.dims.slice(1).map(d => (d.kind === 'open' ? unknownDim('an axis is open') : d)));
}

export function isOne(d: Dim): boolean {
  return isKnown(d) && d.value === 1;
}

export const ONE = known(1);
