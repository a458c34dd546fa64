/**
 * Losses: their names, what they want to be given, and whether labels of one shape fit an output of another, exactly as
 * Keras 3 checks it. Sources: keras/src/losses/losses.py, keras/src/losses/loss.py (`squeeze_or_expand_to_same_rank`)
 * and keras/src/backend/tensorflow/nn.py for the cross-entropies.
 */
import { type Dim, isKnown, known, same } from '../ir/dim';
import { isRanked, type RankedShape, type Shape } from '../ir/shape';
import { parseSignature } from './signature';
import { snakeName } from './spelling';
import type { ArgumentSpec } from './spec';

/** How a loss compares: all lengths equal, class numbers against a class axis, or value by value with broadcasting. */
export type LossRule = 'equal' | 'sparse' | 'broadcast' | 'vectors' | 'sequences';
/**
 * What the last layer should give: probabilities that sum to 1, each on its own, values from −1 to 1, or any number.
 */
export type LossOutput = 'probabilities' | 'independent probabilities' | 'signs' | 'any';
/** What the labels are. */
export type LossLabels = 'one-hot' | 'integers' | 'zeros and ones' | 'signs' | 'numbers';

export interface LossSpec {
  /** Keras's function: `categorical_crossentropy`. */
  readonly name: string;
  readonly className: string;
  /** Further texts and function names that mean it: `mse`, `MSE`. */
  readonly aliases: readonly string[];
  /** Names of Keras 1 and 2 that Keras 3 does not take any more. */
  readonly removed: readonly string[];
  readonly rule: LossRule;
  readonly output: LossOutput;
  readonly labels: LossLabels;
  /** True where the class or function takes `from_logits`. */
  readonly hasLogits: boolean;
  readonly parameters: readonly ArgumentSpec[];
}

type Row = readonly [
  className: string,
  rule: LossRule,
  output: LossOutput,
  labels: LossLabels,
  signature?: string,
  aliases?: string,
  removed?: string,
];

const words = (text = ''): readonly string[] => text.split(' ').filter(w => w !== '');
const LOGITS = 'from_logits=false label_smoothing=0 axis=-1';

const ROWS: readonly Row[] = [
  ['MeanSquaredError', 'broadcast', 'any', 'numbers', '', 'mse MSE'],
  ['MeanAbsoluteError', 'broadcast', 'any', 'numbers', '', 'mae MAE'],
  ['MeanAbsolutePercentageError', 'broadcast', 'any', 'numbers', '', 'mape MAPE'],
  ['MeanSquaredLogarithmicError', 'broadcast', 'any', 'numbers', '', 'msle MSLE'],
  ['Huber', 'broadcast', 'any', 'numbers', 'delta=1', '', 'huber_loss'],
  ['LogCosh', 'broadcast', 'any', 'numbers', '', '', 'logcosh'],
  ['CategoricalCrossentropy', 'equal', 'probabilities', 'one-hot', LOGITS],
  ['SparseCategoricalCrossentropy', 'sparse', 'probabilities', 'integers', 'from_logits=false ignore_class=null'],
  ['BinaryCrossentropy', 'equal', 'independent probabilities', 'zeros and ones', LOGITS, 'bce BCE'],
  [
    'BinaryFocalCrossentropy',
    'equal',
    'independent probabilities',
    'zeros and ones',
    `apply_class_balancing=false alpha=0.25 gamma=2 ${LOGITS}`,
  ],
  ['CategoricalFocalCrossentropy', 'broadcast', 'probabilities', 'one-hot', `alpha=0.25 gamma=2 ${LOGITS}`],
  ['CategoricalGeneralizedCrossEntropy', 'sparse', 'probabilities', 'integers', 'q=0.5'],
  ['KLDivergence', 'broadcast', 'probabilities', 'numbers', '', 'kld KLD', 'kullback_leibler_divergence'],
  ['Poisson', 'broadcast', 'any', 'numbers'],
  ['CosineSimilarity', 'broadcast', 'any', 'numbers', 'axis=-1', '', 'cosine_proximity cosine'],
  ['Hinge', 'broadcast', 'signs', 'signs'],
  ['SquaredHinge', 'broadcast', 'signs', 'signs'],
  ['CategoricalHinge', 'broadcast', 'signs', 'one-hot'],
  ['Dice', 'vectors', 'independent probabilities', 'zeros and ones', 'axis=null'],
  ['Tversky', 'vectors', 'independent probabilities', 'zeros and ones', 'alpha=0.5 beta=0.5 axis=null'],
  ['Circle', 'vectors', 'any', 'integers', 'gamma=80 margin=0.4 remove_diagonal=true'],
  ['CTC', 'sequences', 'any', 'integers'],
];

/** Where the function is not simply the class in snake case. */
const NAMES: Readonly<Record<string, string>> = {
  KLDivergence: 'kl_divergence',
  CTC: 'ctc',
  CategoricalGeneralizedCrossEntropy: 'categorical_generalized_cross_entropy',
};

const LOSSES: readonly LossSpec[] = ROWS.map(([className, rule, output, labels, signature = '', aliases, removed]) => ({
  name: NAMES[className] ?? snakeName(className),
  className,
  aliases: words(aliases),
  removed: words(removed),
  rule,
  output,
  labels,
  hasLogits: signature.includes('from_logits'),
  parameters: parseSignature(`${signature} reduction="sum_over_batch_size" name=null dtype=null`),
}));

/** Every text, class and function name that means a loss. */
const BY_NAME: ReadonlyMap<string, LossSpec> = new Map(
  LOSSES.flatMap(l => [l.name, l.className, ...l.aliases].map(name => [name, l] as const)),
);
const REMOVED: ReadonlyMap<string, LossSpec> = new Map(LOSSES.flatMap(l => l.removed.map(name => [name, l] as const)));

export function allLosses(): readonly LossSpec[] {
  return LOSSES;
}

/** By text, class name or function name: `mse`, `MeanSquaredError`, `mean_squared_error`. Case matters, as in Keras. */
export function lossByName(name: string): LossSpec | undefined {
  return BY_NAME.get(name);
}

/** By canonical path: `keras.losses.MeanSquaredError`, `keras.metrics.mse`. */
export function lossByPath(path: string): LossSpec | undefined {
  const name = /^keras\.(?:losses|metrics)\.(\w+)$/.exec(path)?.[1];
  return name === undefined ? undefined : (BY_NAME.get(name) ?? REMOVED.get(name));
}

/** The loss that a name of Keras 1 or 2 has now. */
export function lossByRemovedName(name: string): LossSpec | undefined {
  return REMOVED.get(name);
}

// -------------------------------------------------------------------------------------------------- labels and output

const ONE = known(1);

/**
 * `fails`: training surely raises. `broadcasts`: it runs, but labels and output are not matched value by value (labels
 * `(n, 1)` against an output `(n, 4)` under MSE). `unknown`: a length that is not known decides.
 */
export type LabelFit = 'fits' | 'fails' | 'broadcasts' | 'unknown';

/**
 * Do labels of this shape fit an output of that shape? The first axis of both is the batch; `batchSize` is how many
 * samples one step sees, where it is known, since Keras compares (and broadcasts) the batch like any other axis.
 * `squeezes`: both are brought to one rank first, as everything but the bare functions of the cross-entropies does.
 */
export function labelFit(loss: LossSpec, labels: Shape, output: Shape, batchSize?: number, squeezes = true): LabelFit {
  if (!isRanked(labels) || !isRanked(output) || labels.dims.length === 0 || output.dims.length === 0) return 'unknown';
  const plain = [withBatch(labels, batchSize), withBatch(output, batchSize)] as const;
  const pair = squeezes ? toSameRank(...plain) : plain;
  if (!pair) return 'unknown';
  const [l, o] = pair;
  switch (loss.rule) {
    case 'equal':
      return equalFit(l, o);
    case 'sparse':
      return sparseFit(l, o);
    case 'broadcast':
      return broadcastFit(l, o);
    case 'vectors':
      return loss.className === 'Circle' ? 'unknown' : vectorFit(l, o);
    case 'sequences':
      return l.length !== 2 || o.length !== 3 ? 'fails' : 'fits';
  }
}

function withBatch(s: RankedShape, batchSize: number | undefined): readonly Dim[] {
  const [first, ...rest] = s.dims;
  if (!first || batchSize === undefined || (isKnown(first) && first.value <= batchSize)) return s.dims;
  return [known(batchSize), ...rest];
}

/** `squeeze_or_expand_to_same_rank`. Undefined where an unknown length decides. */
function toSameRank(l: readonly Dim[], o: readonly Dim[]): readonly [readonly Dim[], readonly Dim[]] | undefined {
  const shorter = (
    long: readonly Dim[],
    short: readonly Dim[],
  ): readonly [readonly Dim[], readonly Dim[]] | undefined => {
    switch (same(long.at(-1)!, ONE)) {
      case 'maybe':
        return undefined;
      case 'no':
        return [long, short];
      case 'yes':
        return short.length === 1 ? [long, [...short, ONE]] : [long.slice(0, -1), short];
    }
  };
  if (l.length === o.length + 1) return shorter(l, o);
  if (o.length === l.length + 1) {
    const pair = shorter(o, l);
    return pair && [pair[1], pair[0]];
  }
  return [l, o];
}

/** All lengths, the batch included. An open or unknown one matches anything. */
function equalFit(l: readonly Dim[], o: readonly Dim[]): LabelFit {
  if (l.length !== o.length) return 'fails';
  const verdicts = l.map((d, i) => same(d, o[i]!));
  return verdicts.includes('no') ? 'fails' : verdicts.slice(1).includes('maybe') ? 'unknown' : 'fits';
}

/** Labels have the output's axes but the last; a last axis of 1 is taken away first. */
function sparseFit(l: readonly Dim[], o: readonly Dim[]): LabelFit {
  let labels = l;
  if (l.length === o.length) {
    const one = same(l.at(-1)!, ONE);
    if (one === 'maybe') return 'unknown';
    if (one === 'yes') labels = l.slice(0, -1);
  }
  return labels.length !== o.length - 1 ? 'fails' : equalFit(labels, o.slice(0, -1));
}

function broadcastFit(l: readonly Dim[], o: readonly Dim[]): LabelFit {
  let fit: LabelFit = l.length === o.length ? 'fits' : 'broadcasts';
  for (let back = 1; back <= Math.min(l.length, o.length); back++) {
    const [a, b] = [l[l.length - back]!, o[o.length - back]!];
    const equal = same(a, b);
    if (equal === 'yes') continue;
    const isBatch = back === l.length && back === o.length;
    if (isKnown(a) && isKnown(b)) {
      if (a.value !== 1 && b.value !== 1) return 'fails';
      fit = 'broadcasts';
    } else if (!isBatch && fit === 'fits') fit = 'unknown';
  }
  return fit;
}

/** Flattened to one vector each before they are compared. */
function vectorFit(l: readonly Dim[], o: readonly Dim[]): LabelFit {
  return broadcastFit(l, o) === 'fits' ? 'fits' : 'unknown';
}
