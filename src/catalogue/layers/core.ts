/** Inputs, Dense, Embedding and the layers that pass their input on. Sources: keras/src/layers/core. */
import { type Dim, known, multiply, product, scale } from '../../ir/dim';
import { fail, type Outcome } from '../../ir/fault';
import { isRanked, ranked, type Shape, unranked, withDim } from '../../ir/shape';
import { ONE, perExample } from '../apply';
import { valueText } from '../arguments';
import {
  ANY,
  COUNT,
  DTYPE,
  FLAG,
  free,
  INITIALIZER,
  INTEGER,
  KERNEL_AND_BIAS,
  LAYER,
  optional,
  POSITIVE,
  regularizers,
  constraints,
  required,
  SHAPE,
  STRING,
} from '../kinds';
import { type Arguments, type ArgumentSpec, defineLayer, type LayerContext, type LayerSpec } from '../spec';
import { dimAt, onRanked, sameAsInput } from './layout';
import { differs } from './merging';

const LORA: readonly ArgumentSpec[] = ['lora_rank', 'lora_alpha', 'quantization_config'].map(name =>
  optional(name, ANY, null, { tfjs: null }),
);

/** Two weights that stand beside a frozen one, once `lora_rank` is set: `enable_lora` in the same file. */
function lowRank(args: Arguments, rows: Dim, columns: Dim, of: string): { name: string; shape: Dim[] }[] {
  if (args.isNone('lora_rank') !== false) return [];
  const rank = args.size('lora_rank');
  return [
    { name: `lora_${of}_a`, shape: [rows, rank] },
    { name: `lora_${of}_b`, shape: [rank, columns] },
  ];
}

const isLowRank = (args: Arguments): boolean => args.isNone('lora_rank') === false;

const dense = defineLayer({
  className: 'Dense',
  family: 'core',
  tfjs: { factory: 'dense' },
  doc: 'Multiplies the last axis by a learned matrix, adds a bias, applies the activation.',
  parameters: [required('units', POSITIVE), ...KERNEL_AND_BIAS, ...LORA],
  renamed: {
    output_dim: 'units',
    init: 'kernel_initializer',
    W_regularizer: 'kernel_regularizer',
    b_regularizer: 'bias_regularizer',
    bias: 'use_bias',
    W_constraint: 'kernel_constraint',
    b_constraint: 'bias_constraint',
  },
  rank: { atLeast: 2 },
  fixedAxes: () => [-1],
  weights: ({ args, input }) => {
    const [last, units] = [dimAt(input, -1), args.size('units')];
    return [
      { name: 'kernel', shape: [last, units], trainable: !isLowRank(args) },
      ...(args.flag('use_bias') === false ? [] : [{ name: 'bias', shape: [units] }]),
      ...lowRank(args, last, units, 'kernel'),
    ];
  },
  output: ({ args, input }) => (isRanked(input) ? withDim(input, input.dims.length - 1, args.size('units')) : input),
  flops: ({ input }, output) => scale(multiply(perExample(output as Shape), dimAt(input, -1)), 2),
  examples: [
    { args: '10', inputs: [[null, 784]] },
    { args: "64, activation='relu'", inputs: [[null, 5, 8]] },
    { args: '1, use_bias=False', inputs: [[null, 3]] },
  ],
  page: 'core_layers/dense',
});

const embedding = defineLayer({
  className: 'Embedding',
  family: 'core',
  tfjs: { factory: 'embedding' },
  doc: 'Looks up a learned vector for each integer.',
  parameters: [
    required('input_dim', COUNT),
    required('output_dim', COUNT),
    optional('embeddings_initializer', INITIALIZER, 'uniform'),
    ...regularizers('embeddings'),
    ...constraints('embeddings'),
    optional('mask_zero', FLAG, false),
    ...free('weights'),
    ...LORA,
    // Accepted with a warning, and without any effect.
    optional('input_length', INTEGER, null, { keywordOnly: true }),
  ],
  renamed: { init: 'embeddings_initializer', W_regularizer: 'embeddings_regularizer', dropout: null },
  weights: ({ args }) => {
    const [rows, columns] = [args.size('input_dim'), args.size('output_dim')];
    return [
      { name: 'embeddings', shape: [rows, columns], trainable: !isLowRank(args) },
      ...lowRank(args, rows, columns, 'embeddings'),
    ];
  },
  output: c => onRanked(c, dims => ranked([...dims, c.args.size('output_dim')])),
  examples: [
    { args: '1000, 16', inputs: [[null, 20]] },
    { args: '50, 8, mask_zero=True', inputs: [[null, null]] },
  ],
  page: 'core_layers/embedding',
});

const reversibleEmbedding = defineLayer({
  className: 'ReversibleEmbedding',
  family: 'core',
  doc: 'An embedding that also maps vectors back to logits over its vocabulary (`reverse=True` in the call).',
  parameters: [
    required('input_dim', POSITIVE),
    required('output_dim', POSITIVE),
    optional('tie_weights', FLAG, true),
    optional('embeddings_initializer', INITIALIZER, 'uniform'),
    ...regularizers('embeddings'),
    ...constraints('embeddings'),
    optional('mask_zero', FLAG, false),
    ...free('reverse_dtype', 'logit_soft_cap'),
    ...LORA.map(a => ({ ...a, keywordOnly: true })),
  ],
  weights: ({ args }) => {
    const [rows, columns] = [args.size('input_dim'), args.size('output_dim')];
    return [
      { name: 'embeddings', shape: [rows, columns] },
      ...(args.flag('tie_weights') === false ? [{ name: 'reverse_embeddings', shape: [columns, rows] }] : []),
    ];
  },
  output: c =>
    onRanked(c, dims =>
      c.call.flag('reverse')
        ? ranked([...dims.slice(0, -1), c.args.size('input_dim')])
        : ranked([...dims, c.args.size('output_dim')]),
    ),
  examples: [{ args: '1000, 16', inputs: [[null, 20]] }],
  page: 'core_layers/reversible_embedding',
});

/** The shape with its batch that `InputLayer` or `Input` stands for. */
export function inputShape(args: Arguments): Outcome<Shape> {
  const batchName = args.given('batch_input_shape') ? 'batch_input_shape' : 'batch_shape';
  const name = args.given('input_shape') ? 'input_shape' : 'shape';
  if (args.isNone(batchName) === false) {
    const dims = args.shape(batchName);
    return dims ? ranked(dims) : unranked(`${batchName} is not known`);
  }
  if (args.isNone(name) !== false) return unranked('the shape is not known');
  const dims = args.shape(name);
  return dims ? ranked([args.size('batch_size'), ...dims]) : unranked(`${name} is not known`);
}

function checkInput(args: Arguments): Outcome<undefined> {
  const given = (name: string): boolean => args.isNone(name) === false;
  if (given('tensor') || given('input_tensor')) return undefined;
  for (const [a, b] of [
    ['shape', 'batch_shape'],
    ['batch_size', 'batch_shape'],
  ] as const) {
    if (given(a) && given(b)) {
      return fail({ kind: 'argument-conflict', names: [a, b], why: 'only one of them may be given' });
    }
  }
  const names = ['shape', 'batch_shape', 'input_shape', 'batch_input_shape'];
  if (names.every(name => args.isNone(name) === true)) return fail({ kind: 'argument-missing', name: 'shape' });
  for (const name of names) {
    const value = args.value(name);
    if (value.kind === 'string') return fail({ kind: 'shape-not-a-tuple', got: valueText(value) });
    const items = args.isNone(name) === false ? args.items(name) : undefined;
    const wrong = items?.find(
      i =>
        (i.kind === 'number' && (!i.isInteger || i.value < 0)) ||
        i.kind === 'string' ||
        i.kind === 'tuple' ||
        i.kind === 'list',
    );
    if (wrong) return fail({ kind: 'argument-invalid', name, got: valueText(wrong), wanted: 'integers or None' });
  }
  return undefined;
}

const inputLayer = defineLayer({
  className: 'InputLayer',
  family: 'core',
  closed: true,
  tfjs: { factory: 'inputLayer' },
  doc: 'Where data enters a model: its shape without the batch.',
  parameters: [
    optional('shape', SHAPE, null, { tfjs: 'inputShape' }),
    optional('batch_size', INTEGER),
    optional('dtype', DTYPE),
    optional('sparse', FLAG),
    optional('ragged', FLAG, null, { tfjs: null }),
    optional('batch_shape', SHAPE, null, { tfjs: 'batchInputShape' }),
    ...free('input_tensor'),
    optional('optional', FLAG, false, { tfjs: null }),
    optional('name', STRING),
    optional('input_shape', SHAPE, null, { keywordOnly: true, tfjs: null }),
    optional('batch_input_shape', SHAPE, null, { keywordOnly: true, tfjs: null }),
  ],
  arity: { atLeast: 0 },
  check: checkInput,
  output: c => inputShape(c.args),
  examples: [
    { args: '(28, 28, 1)', inputs: [] },
    { args: 'batch_shape=(4, None, 8)', inputs: [] },
  ],
  page: 'core_layers/input',
});

/** `keras.Input`: a function in Keras, with a schema like a layer's. */
export const INPUT_FUNCTION = defineLayer({
  ...inputLayer,
  aliases: ['Input'],
  parameters: [
    optional('shape', SHAPE),
    optional('batch_size', INTEGER),
    optional('dtype', DTYPE),
    optional('sparse', FLAG),
    optional('ragged', FLAG, null, { tfjs: null }),
    optional('batch_shape', SHAPE),
    optional('name', STRING),
    ...free('tensor'),
    optional('optional', FLAG, false, { tfjs: null }),
  ],
  tfjs: { factory: 'input' },
  renamed: { batch_input_shape: 'batch_shape', input_shape: 'shape' },
});

const identity = defineLayer({
  className: 'Identity',
  family: 'core',
  doc: 'Gives its input back.',
  parameters: [],
  output: c => (c.structure === 'single' ? c.input : c.inputs),
  examples: [{ args: '', inputs: [[null, 4]] }],
  page: 'core_layers/identity',
});

const masking = defineLayer({
  className: 'Masking',
  family: 'core',
  tfjs: { factory: 'masking' },
  doc: 'Marks the steps whose values are all `mask_value`, so that later layers skip them.',
  parameters: [optional('mask_value', ANY, 0)],
  output: sameAsInput,
  examples: [{ args: '', inputs: [[null, 10, 4]] }],
  page: 'core_layers/masking',
});

const lambda = defineLayer({
  className: 'Lambda',
  aliases: [],
  family: 'core',
  doc: 'Calls a function of the program on its input.',
  parameters: [required('function'), optional('output_shape', ANY), ...free('mask', 'arguments')],
  // The evaluator calls the function; this is the answer where it cannot.
  output: c => {
    const dims = c.args.shape('output_shape');
    const batch = dimAt(c.input, 0);
    return dims ? ranked([batch, ...dims]) : unranked('the function of the Lambda layer could not be followed');
  },
  examples: [],
  page: 'core_layers/lambda',
});

const wrapper = defineLayer({
  className: 'Wrapper',
  family: 'core',
  doc: 'Base class of layers that hold another layer.',
  parameters: [required('layer', LAYER)],
  weights: c => c.args.layer('layer')?.weights([c.input]) ?? [],
  output: c => c.args.layer('layer')?.output([c.input]) ?? unranked('the wrapped layer is not known'),
  examples: [],
  page: 'core_layers/wrapper',
});

// ------------------------------------------------------------------------------------------------------ EinsumDense

/** `ab,bc->ac` in three parts; undefined where it is no such equation. */
function equation(text: string | undefined): readonly [string, string, string] | undefined {
  const match = /^([a-zA-Z]*\.{0,3}[a-zA-Z]*),([a-zA-Z]+)->([a-zA-Z]*\.{0,3}[a-zA-Z]*)$/.exec(
    text?.replace(/\s/g, '') ?? '',
  );
  return match ? [match[1]!, match[2]!, match[3]!] : undefined;
}

interface EinsumShapes {
  readonly kernel: readonly Dim[];
  readonly bias?: readonly Dim[];
  readonly output: Shape;
}

/**
 * `_analyze_split_string` in keras/src/layers/core/einsum_dense.py, line by line: `output_shape` gets the batch in
 * front,
 * then what the ellipsis stands for (in reversed order on the left, as Keras has it), and letters are looked up in it.
 */
function einsumShapes({ args, input }: LayerContext): Outcome<EinsumShapes> | undefined {
  const parts = equation(args.text('equation'));
  const one = args.number('output_shape');
  const given = args.shape('output_shape') ?? (one === undefined ? undefined : [known(one)]);
  if (!parts || !given || !isRanked(input)) return undefined;
  const left = parts[0].startsWith('...');
  const [from, kernelLetters, to] = parts.map(part => [...part.replaceAll('.', '')]) as [string[], string[], string[]];
  const elided = input.dims.length - from.length;
  if (elided < 0) return fail({ kind: 'rank-mismatch', wanted: { atLeast: from.length }, got: input });
  const full = left
    ? [input.dims[0]!, ...input.dims.slice(1, elided).reverse(), ...given]
    : [input.dims[0]!, ...given, ...input.dims.slice(from.length)];
  const inDim = (letter: string): Dim | undefined =>
    from.includes(letter) ? input.dims[from.indexOf(letter) + (left ? elided : 0)] : undefined;
  const outDim = (letter: string): Dim | undefined =>
    to.includes(letter) ? full[to.indexOf(letter) + (left ? elided : 0)] : undefined;
  for (const letter of from) {
    const [wanted, got] = [outDim(letter), inDim(letter)];
    if (!to.includes(letter) || !got) continue;
    if (!wanted) return fail({ kind: 'rank-mismatch', wanted: { exact: input.dims.length }, got: input });
    if (wanted.kind !== 'open' && differs(wanted, got))
      return fail({ kind: 'axis-mismatch', axis: input.dims.indexOf(got), wanted, got, input });
  }
  const kernel = kernelLetters.map(letter => outDim(letter) ?? inDim(letter));
  if (kernel.some(d => d === undefined)) return undefined;
  return {
    kernel: kernel as Dim[],
    bias: einsumBias(args.text('bias_axes'), to, outDim, left ? 0 : elided),
    output: ranked(full),
  };
}

/** From the first of its axes on, every axis of the output: its own length, or 1. */
function einsumBias(
  axes: string | undefined,
  to: readonly string[],
  sizeOf: (letter: string) => Dim | undefined,
  elided: number,
): readonly Dim[] | undefined {
  const first = Math.min(...[...(axes ?? '')].map(a => to.indexOf(a)));
  if (axes === undefined || !Number.isFinite(first) || first < 0) return undefined;
  return [
    ...to.slice(first).map(letter => (axes.includes(letter) ? sizeOf(letter)! : ONE)),
    ...new Array<Dim>(elided).fill(ONE),
  ];
}

const einsumDense = defineLayer({
  className: 'EinsumDense',
  family: 'core',
  doc: 'A dense layer whose product is written as an einsum equation.',
  parameters: [
    required('equation', STRING),
    required('output_shape'),
    optional('activation', { kind: 'activation' }),
    ...free('bias_axes'),
    optional('kernel_initializer', INITIALIZER, 'glorot_uniform'),
    optional('bias_initializer', INITIALIZER, 'zeros'),
    ...regularizers('kernel', 'bias'),
    ...constraints('kernel', 'bias'),
    ...free('lora_rank', 'lora_alpha', 'gptq_unpacked_column_size', 'quantization_config'),
  ],
  weights: c => {
    const shapes = einsumShapes(c);
    if (!shapes || 'detail' in shapes) return shapes ?? [];
    return [{ name: 'kernel', shape: shapes.kernel }, ...(shapes.bias ? [{ name: 'bias', shape: shapes.bias }] : [])];
  },
  output: c => {
    const shapes = einsumShapes(c);
    return !shapes ? unranked('the equation is not followed') : 'detail' in shapes ? shapes : shapes.output;
  },
  flops: (c, output) => {
    const shapes = einsumShapes(c);
    if (!shapes || 'detail' in shapes) return perExample(output as Shape);
    const parts = equation(c.args.text('equation'))!;
    const summed = [...parts[1]]
      .map((letter, i) => (parts[2].includes(letter) ? undefined : shapes.kernel[i]!))
      .filter(d => d !== undefined);
    return scale(multiply(perExample(output as Shape), product(summed)), 2);
  },
  examples: [
    { args: "'ab,bc->ac', output_shape=64, bias_axes='c'", inputs: [[null, 32]] },
    { args: "'abc,cd->abd', output_shape=(None, 64)", inputs: [[null, 8, 16]] },
  ],
  page: 'core_layers/einsum_dense',
});

export const CORE_LAYERS: readonly LayerSpec[] = [
  dense,
  embedding,
  inputLayer,
  identity,
  masking,
  lambda,
  wrapper,
  einsumDense,
  reversibleEmbedding,
];
