/** Attention over sequences. Sources: keras/src/layers/attention. */
import { add, type Dim, dimText, modulo, isKnown, multiply, product, scale } from '../../ir/dim';
import { fail, type Outcome } from '../../ir/fault';
import { isRanked, ranked, type Shape, unranked } from '../../ir/shape';
import { perExample } from '../apply';
import {
  ACTIVITY,
  ANY,
  AXES,
  choice,
  constraints,
  FLAG,
  FRACTION,
  free,
  initializers,
  NUMBER,
  optional,
  POSITIVE,
  regularizers,
  required,
  SEED,
  USE_BIAS,
} from '../kinds';
import {
  type ArgumentSpec,
  defineLayer,
  type LayerContext,
  type LayerSpec,
  type ShapeTree,
  type WeightSpec,
} from '../spec';
import { dimAt } from './layout';
import { differs } from './merging';

/** Query, value and key; the value is the key where none is given. */
function threeOf(c: LayerContext): readonly [Shape, Shape, Shape] {
  const [query, value, key] = c.inputs;
  const nothing = unranked('there is no such input');
  return [query ?? nothing, value ?? nothing, key ?? value ?? nothing];
}

/** All axes of value and key but the last must be the same, as Python compares tuples. */
function checkValueAndKey(c: LayerContext): Outcome<undefined> {
  const [query, value, key] = threeOf(c);
  if (!isRanked(value) || !isRanked(key)) return undefined;
  const [v, k] = [value.dims.slice(1, -1), key.dims.slice(1, -1)];
  return v.length !== k.length || v.some((d, i) => differs(d, k[i]!))
    ? fail({ kind: 'attention-mismatch', query, value, key })
    : undefined;
}

const KERNELS: readonly ArgumentSpec[] = [
  ...initializers({ kernel: 'glorot_uniform', bias: 'zeros' }),
  ...regularizers('kernel', 'bias'),
  ACTIVITY,
  ...constraints('kernel', 'bias'),
];

/** A projection to `heads` vectors of `size` each: an EinsumDense with a kernel of three axes. */
function projection(name: string, from: Dim, heads: Dim, size: Dim, hasBias: boolean): WeightSpec[] {
  return [
    { name: `${name}/kernel`, shape: [from, heads, size] },
    ...(hasBias ? [{ name: `${name}/bias`, shape: [heads, size] }] : []),
  ];
}

const multiHead = defineLayer({
  className: 'MultiHeadAttention',
  family: 'attention',
  doc: 'Every query looks at all keys and takes a weighted mean of their values, in several heads at once.',
  parameters: [
    required('num_heads', POSITIVE),
    required('key_dim', POSITIVE),
    optional('value_dim', POSITIVE),
    optional('dropout', NUMBER, 0),
    USE_BIAS,
    optional('output_shape', ANY),
    optional('attention_axes', AXES),
    optional('sliding_window', POSITIVE),
    ...free('flash_attention'),
    ...KERNELS,
    optional('use_gate', FLAG, false),
    SEED,
  ],
  renamed: { head_size: 'key_dim', num_head: 'num_heads' },
  arity: { atLeast: 2 },
  callInputs: ['query', 'value', 'key'],
  weights: c => {
    const refused = checkValueAndKey(c);
    if (refused) return refused;
    const [query, value, key] = threeOf(c);
    const [heads, keyDim] = [c.args.size('num_heads'), c.args.size('key_dim')];
    const valueDim = c.args.isNone('value_dim') ? keyDim : c.args.size('value_dim');
    const hasBias = c.args.flag('use_bias') !== false;
    const output = outputSizes(c, query);
    return [
      ...projection('query', dimAt(query, -1), heads, keyDim, hasBias),
      ...projection('key', dimAt(key, -1), heads, keyDim, hasBias),
      ...(c.args.flag('use_gate') ? projection('gate', dimAt(query, -1), heads, valueDim, hasBias) : []),
      ...projection('value', dimAt(value, -1), heads, valueDim, hasBias),
      { name: 'attention_output/kernel', shape: [heads, valueDim, ...output] },
      ...(hasBias ? [{ name: 'attention_output/bias', shape: output }] : []),
    ];
  },
  output: c => {
    const [query] = threeOf(c);
    if (!isRanked(query)) return query;
    const output = ranked([...query.dims.slice(0, -1), ...outputSizes(c, query)]);
    // Keras takes the query's length for both axes of the scores (`compute_output_spec`), also where the keys are more.
    const length = dimAt(query, 1);
    return withScores(c, output, ranked([query.dims[0]!, c.args.size('num_heads'), length, length]));
  },
  flops: c => {
    const [query, value] = threeOf(c);
    const [heads, keyDim] = [c.args.size('num_heads'), c.args.size('key_dim')];
    const [width, q, v] = [multiply(heads, keyDim), dimAt(query, 1), dimAt(value, 1)];
    const projections = add(scale(multiply(perExample(query), width), 2), scale(multiply(perExample(value), width), 2));
    return scale(add(projections, scale(product([q, v, width]), 2)), 2);
  },
  explain: c => [`${dimText(c.args.size('num_heads'))} heads of ${dimText(c.args.size('key_dim'))}`],
  examples: [
    {
      args: '2, 8',
      inputs: [
        [null, 10, 16],
        [null, 10, 16],
      ],
    },
    {
      args: 'num_heads=4, key_dim=8, value_dim=6, use_bias=False',
      inputs: [
        [null, 10, 16],
        [null, 7, 12],
      ],
    },
  ],
  page: 'attention_layers/multi_head_attention',
});

function outputSizes(c: LayerContext, query: Shape): readonly Dim[] {
  if (c.args.isNone('output_shape')) return [dimAt(query, -1)];
  return c.args.shape('output_shape') ?? [c.args.size('output_shape')];
}

function withScores(c: LayerContext, output: Shape, scores: Shape): ShapeTree {
  switch (c.call.flag('return_attention_scores')) {
    case true:
      return [output, scores];
    case false:
      return output;
    case undefined:
      return c.call.given('return_attention_scores') ? unranked('return_attention_scores is not known') : output;
  }
}

const grouped = defineLayer({
  // Exported as GroupQueryAttention; its own name, which summaries show, is the longer one.
  className: 'GroupedQueryAttention',
  aliases: ['GroupQueryAttention'],
  rank: { exact: 3 },
  family: 'attention',
  doc: 'Attention in which several query heads share one head of keys and values.',
  parameters: [
    required('head_dim', POSITIVE),
    required('num_query_heads', POSITIVE),
    required('num_key_value_heads', POSITIVE),
    optional('dropout', NUMBER, 0),
    USE_BIAS,
    optional('sliding_window', POSITIVE),
    ...free('flash_attention'),
    ...KERNELS,
    optional('use_gate', FLAG, false),
    SEED,
  ],
  arity: { atLeast: 2 },
  callInputs: ['query', 'value', 'key'],
  check: args => {
    const [value, by] = [args.size('num_query_heads'), args.size('num_key_value_heads')];
    const rest = modulo(value, by);
    return isKnown(rest) && rest.value !== 0
      ? fail({ kind: 'not-divisible', what: 'num_query_heads', value, by, byWhat: 'num_key_value_heads' })
      : undefined;
  },
  weights: c => {
    const [query, value, key] = threeOf(c);
    if (
      differs(dimAt(query, -1), dimAt(value, -1)) ||
      differs(dimAt(value, 1), dimAt(key, 1)) ||
      differs(dimAt(key, -1), dimAt(value, -1))
    ) {
      return fail({ kind: 'attention-mismatch', query, value, key });
    }
    const [head, queries, pairs] = [
      c.args.size('head_dim'),
      c.args.size('num_query_heads'),
      c.args.size('num_key_value_heads'),
    ];
    const hasBias = c.args.flag('use_bias') !== false;
    const width = dimAt(query, -1);
    return [
      ...projection('query', width, queries, head, hasBias),
      ...projection('key', dimAt(key, -1), pairs, head, hasBias),
      ...projection('value', dimAt(value, -1), pairs, head, hasBias),
      ...(c.args.flag('use_gate') ? projection('gate', width, queries, head, hasBias) : []),
      { name: 'attention_output/kernel', shape: [queries, head, width] },
      ...(hasBias ? [{ name: 'attention_output/bias', shape: [width] }] : []),
    ];
  },
  output: c => {
    const [query, , key] = threeOf(c);
    const scores = ranked([dimAt(query, 0), c.args.size('num_query_heads'), dimAt(query, 1), dimAt(key, 1)]);
    return withScores(c, query, scores);
  },
  examples: [
    {
      args: '8, 4, 2',
      inputs: [
        [null, 10, 16],
        [null, 7, 16],
      ],
    },
  ],
  page: 'attention_layers/group_query_attention',
});

function simpleAttention(
  className: string,
  doc: string,
  parameters: readonly ArgumentSpec[],
  weights: (c: LayerContext) => readonly WeightSpec[],
): LayerSpec {
  return defineLayer({
    className,
    family: 'attention',
    doc,
    parameters,
    weights,
    arity: { atLeast: 2 },
    output: c => {
      if (c.inputs.length > 3) return fail({ kind: 'input-count', wanted: '2 or 3', got: c.inputs.length });
      const [query, value, key] = threeOf(c);
      if (!isRanked(query) || !isRanked(value)) return unranked('an input has an unknown rank');
      const output = ranked([...query.dims.slice(0, -1), dimAt(value, -1)]);
      return withScores(c, output, ranked([...query.dims.slice(0, -1), dimAt(key, -2)]));
    },
    flops: c => {
      const [query, value, key] = threeOf(c);
      return scale(product([dimAt(query, -2), dimAt(key, -2), add(dimAt(query, -1), dimAt(value, -1))]), 2);
    },
    examples: [
      {
        args: '',
        inputs: [
          [null, 5, 8],
          [null, 7, 8],
        ],
      },
    ],
    page: `attention_layers/${className === 'Attention' ? 'attention' : 'additive_attention'}`,
  });
}

export const ATTENTION_LAYERS: readonly LayerSpec[] = [
  multiHead,
  grouped,
  simpleAttention(
    'Attention',
    'Dot-product attention on a list `[query, value, key]`.',
    [
      optional('use_scale', FLAG, false),
      optional('score_mode', choice('dot', 'concat'), 'dot'),
      optional('dropout', FRACTION, 0),
      SEED,
    ],
    ({ args }) => [
      ...(args.flag('use_scale') ? [{ name: 'scale', shape: [] }] : []),
      ...(args.text('score_mode') === 'concat' ? [{ name: 'concat_score_weight', shape: [] }] : []),
    ],
  ),
  simpleAttention(
    'AdditiveAttention',
    'Attention whose scores are a learned sum over `tanh(query + key)`.',
    [
      optional('use_scale', FLAG, true),
      optional('dropout', FRACTION, 0),
      optional('score_mode', choice('dot', 'concat'), 'dot', { keywordOnly: true }),
      { ...SEED, keywordOnly: true },
    ],
    c => (c.args.flag('use_scale') === false ? [] : [{ name: 'scale', shape: [dimAt(c.inputs[0], -1)] }]),
  ),
];
