/**
 * Layers that turn raw data into numbers: scaling, categories, text, sound. Sources: keras/src/layers/preprocessing.
 */
import { add, type Dim, floorDivide, isKnown, known, less, multiply, scale, unknownDim } from '../../ir/dim';
import { fail, type Outcome } from '../../ir/fault';
import { axisIndex, isRanked, ranked, type Shape, unranked } from '../../ir/shape';
import { isFailure, isOne, ONE, perExample, shapesOf } from '../apply';
import {
  ANY,
  AXES,
  choice,
  DATA_FORMAT,
  DTYPE,
  FLAG,
  free,
  INTEGER,
  NOT_NEGATIVE,
  optional,
  POSITIVE,
  required,
  STRING,
} from '../kinds';
import {
  type Arguments,
  type ArgumentSpec,
  defineLayer,
  type LayerContext,
  type LayerSpec,
  type ShapeTree,
} from '../spec';
import { slide } from './convolution';
import { dimAt, layoutOf, obscure, onRanked, sameAsInput } from './layout';
import { differs } from './merging';

const NAME = optional('name', STRING);
const SPARSE = optional('sparse', FLAG, false);
const page = (of: string): string => `preprocessing_layers/${of}`;

const rescaling = defineLayer({
  className: 'Rescaling',
  family: 'preprocessing',
  tfjs: { factory: 'rescaling' },
  doc: 'Multiplies by `scale` and adds `offset`.',
  parameters: [required('scale'), optional('offset', ANY, 0)],
  output: sameAsInput,
  flops: c => scale(perExample(c.input), 2),
  examples: [{ args: '1.0 / 255', inputs: [[null, 28, 28, 1]] }],
  page: page('image_preprocessing/rescaling'),
});

const normalization = defineLayer({
  className: 'Normalization',
  family: 'preprocessing',
  doc: 'Shifts and scales features by a mean and variance taken from data (`adapt`).',
  parameters: [optional('axis', AXES, -1), ...free('mean', 'variance'), optional('invert', FLAG, false)],
  check: args =>
    (args.isNone('mean') === true && args.isNone('variance') === false) ||
    (args.isNone('mean') === false && args.isNone('variance') === true)
      ? fail({ kind: 'argument-conflict', names: ['mean', 'variance'], why: 'both or neither must be given' })
      : undefined,
  weights: ({ args, input }) => {
    const axes = args.isNone('axis') ? [] : args.axes('axis');
    if (!axes || !isRanked(input)) return [];
    const rank = input.dims.length;
    const outside = axes.find(a => axisIndex(a, rank) === undefined);
    if (outside !== undefined) return fail({ kind: 'axis-out-of-range', axis: outside, rank, input });
    const kept = axes
      .map(a => axisIndex(a, rank)!)
      .sort((a, b) => a - b)
      .map(a => input.dims[a]!);
    // A mean that is given is no weight, but the axes must be known all the same.
    if (args.isNone('mean') !== true) {
      return kept.some(d => d.kind === 'open') ? fail({ kind: 'undefined-size', axis: axes[0]!, input }) : [];
    }
    return [
      { name: 'mean', shape: kept, trainable: false },
      { name: 'variance', shape: kept, trainable: false },
      { name: 'count', shape: [], trainable: false },
    ];
  },
  output: sameAsInput,
  flops: c => scale(perExample(c.input), 2),
  examples: [
    { args: '', inputs: [[null, 8]] },
    { args: 'axis=None', inputs: [[null, 8]] },
  ],
  page: page('numerical/normalization'),
});

// ----------------------------------------------------------------------------------------------------- categories

/** One vector of `depth` for each element, where the last axis is 1 in its place. */
function oneHot(dims: readonly Dim[], depth: Dim): Shape {
  const last = dims.at(-1);
  if (last && dims.length > 1) {
    if (isOne(last)) return ranked([...dims.slice(0, -1), depth]);
    if (last.kind === 'symbolic' || last.kind === 'unknown') return unranked('the last axis may or may not be 1');
  }
  return ranked([...dims, depth]);
}

function encoded(c: LayerContext, depth: Dim, mode: string | undefined): Outcome<Shape> {
  return onRanked(c, dims => {
    switch (mode) {
      case 'int':
        return c.input;
      case 'one_hot':
        return oneHot(dims, depth);
      case undefined:
        return unranked('output_mode is not known');
      default:
        return ranked([...dims.slice(0, -1), depth]);
    }
  });
}

const categoryEncoding = defineLayer({
  className: 'CategoryEncoding',
  family: 'preprocessing',
  tfjs: { factory: 'categoryEncoding' },
  doc: 'Turns integer categories into one-hot, multi-hot or count vectors.',
  parameters: [
    optional('num_tokens', POSITIVE),
    optional('output_mode', choice('multi_hot', 'one_hot', 'count', 'binary'), 'multi_hot'),
    SPARSE,
  ],
  check: args => (args.isNone('num_tokens') ? fail({ kind: 'argument-missing', name: 'num_tokens' }) : undefined),
  output: c => encoded(c, c.args.size('num_tokens'), c.args.text('output_mode')),
  examples: [
    { args: "num_tokens=10, output_mode='one_hot'", inputs: [[null, 1]] },
    { args: '10', inputs: [[null, 4]] },
  ],
  page: page('categorical/category_encoding'),
});

const discretization = defineLayer({
  className: 'Discretization',
  closed: true,
  family: 'preprocessing',
  doc: 'Sorts numbers into bins.',
  parameters: [
    ...free('bin_boundaries'),
    optional('num_bins', { kind: 'integer', atLeast: 0 }),
    optional('epsilon', ANY, 0.01),
    optional('output_mode', choice('int', 'one_hot', 'multi_hot', 'count'), 'int'),
    SPARSE,
    optional('dtype', DTYPE),
    NAME,
  ],
  check: args => {
    const [bins, boundaries] = [args.isNone('num_bins'), args.isNone('bin_boundaries')];
    if (bins === false && boundaries === false)
      return fail({
        kind: 'argument-conflict',
        names: ['num_bins', 'bin_boundaries'],
        why: 'only one of them may be given',
      });
    if (bins && boundaries) return fail({ kind: 'argument-missing', name: 'num_bins' });
    return undefined;
  },
  output: c => {
    const boundaries = c.args.items('bin_boundaries');
    const depth = c.args.isNone('bin_boundaries')
      ? c.args.size('num_bins')
      : boundaries
        ? known(boundaries.length + 1)
        : unknownDim('bin_boundaries is not known');
    const mode = c.args.text('output_mode');
    if (mode !== 'multi_hot' && mode !== 'count') return encoded(c, depth, mode);
    return onRanked(c, dims => ranked(dims.length > 1 ? [dims[0]!, ...dims.slice(2), depth] : [depth]));
  },
  examples: [{ args: 'bin_boundaries=[0.0, 1.0, 2.0]', inputs: [[null, 3]] }],
  page: page('numerical/discretization'),
});

const hashing = defineLayer({
  className: 'Hashing',
  family: 'preprocessing',
  doc: 'Hashes categories into a fixed number of bins.',
  parameters: [
    required('num_bins', POSITIVE),
    ...free('mask_value', 'salt'),
    optional('output_mode', choice('int', 'one_hot', 'multi_hot', 'count'), 'int'),
    SPARSE,
  ],
  output: c =>
    onRanked(c, dims => {
      const mode = c.args.text('output_mode');
      if (mode === undefined) return unranked('output_mode is not known');
      return mode === 'int' ? c.input : ranked([...dims.slice(0, -1), c.args.size('num_bins')]);
    }),
  outputDtype: args => (args.text('output_mode') === 'int' ? 'int64' : undefined),
  examples: [{ args: '10', inputs: [[null, 3]] }],
  page: page('categorical/hashing'),
});

const hashedCrossing = defineLayer({
  className: 'HashedCrossing',
  family: 'preprocessing',
  doc: 'Crosses two categories and hashes the pair.',
  parameters: [
    required('num_bins', ANY),
    optional('output_mode', choice('int', 'one_hot'), 'int'),
    SPARSE,
    NAME,
    optional('dtype', DTYPE),
  ],
  arity: { exact: 2 },
  output: c => {
    const [a, b] = c.inputs;
    if (a && b && differs(dimAt(a, -1), dimAt(b, -1))) {
      return fail({ kind: 'merge-mismatch', shapes: c.inputs, axis: -1 });
    }
    return encoded(c, c.args.size('num_bins'), c.args.text('output_mode'));
  },
  examples: [
    {
      args: '10',
      inputs: [
        [null, 1],
        [null, 1],
      ],
    },
  ],
  page: page('categorical/hashed_crossing'),
});

// ----------------------------------------------------------------------------------------------------- vocabulary

/**
 * How long a vector over the vocabulary is: `max_tokens` when padded, else the vocabulary with its out-of-vocabulary
 * places.
 */
function vocabularySize(args: Arguments): Dim {
  if (args.flag('pad_to_max_tokens')) return args.size('max_tokens');
  const vocabulary = args.items('vocabulary');
  if (!vocabulary) return unknownDim('the vocabulary comes from data');
  const outside = args.given('num_oov_indices') ? args.size('num_oov_indices') : ONE;
  return add(known(vocabulary.length), outside);
}

const OUTPUT_MODE = choice('int', 'one_hot', 'multi_hot', 'count', 'tf_idf', 'binary', 'tf-idf');

function checkLookup(args: Arguments): Outcome<undefined> {
  const max = args.isNone('max_tokens') === false ? args.number('max_tokens') : undefined;
  if (max !== undefined && max <= 1)
    return fail({ kind: 'argument-invalid', name: 'max_tokens', got: String(max), wanted: 'an integer above 1' });
  if (args.flag('pad_to_max_tokens') && args.isNone('max_tokens')) {
    return fail({ kind: 'argument-missing', name: 'max_tokens' });
  }
  const mode = args.text('output_mode');
  if (args.flag('invert') && mode !== undefined && mode !== 'int') {
    return fail({
      kind: 'argument-conflict',
      names: ['invert', 'output_mode'],
      why: "output_mode must be 'int' when invert is True",
    });
  }
  return undefined;
}

function lookup(className: string, doc: string, parameters: readonly ArgumentSpec[]): LayerSpec {
  return defineLayer({
    className,
    family: 'preprocessing',
    doc,
    parameters,
    check: checkLookup,
    output: c => encoded(c, vocabularySize(c.args), c.args.text('output_mode')),
    outputDtype: args => (args.text('output_mode') === 'int' && !args.flag('invert') ? 'int64' : undefined),
    examples: [
      { args: className === 'StringLookup' ? "vocabulary=['a', 'b']" : 'vocabulary=[1, 2]', inputs: [[null, 3]] },
    ],
    page: page(`categorical/${className === 'StringLookup' ? 'string' : 'integer'}_lookup`),
  });
}

const stringLookup = lookup('StringLookup', 'Looks strings up in a vocabulary.', [
  optional('max_tokens', INTEGER),
  optional('num_oov_indices', NOT_NEGATIVE, 1),
  ...free('mask_token'),
  optional('oov_token', ANY, '[UNK]'),
  ...free('vocabulary', 'idf_weights'),
  optional('invert', FLAG, false),
  optional('output_mode', OUTPUT_MODE, 'int'),
  optional('pad_to_max_tokens', FLAG, false),
  SPARSE,
  optional('encoding', ANY, 'utf-8'),
  NAME,
  ...free('salt'),
]);

const integerLookup = lookup('IntegerLookup', 'Looks integers up in a vocabulary.', [
  optional('max_tokens', INTEGER),
  optional('num_oov_indices', NOT_NEGATIVE, 1),
  ...free('mask_token'),
  optional('oov_token', ANY, -1),
  ...free('vocabulary'),
  optional('vocabulary_dtype', ANY, 'int64'),
  ...free('idf_weights'),
  optional('invert', FLAG, false),
  optional('output_mode', OUTPUT_MODE, 'int'),
  SPARSE,
  optional('pad_to_max_tokens', FLAG, false),
  optional('oov_method', choice('floormod', 'farmhash'), 'floormod'),
  ...free('salt'),
  NAME,
]);

const textVectorization = defineLayer({
  className: 'TextVectorization',
  family: 'preprocessing',
  doc: 'Splits text into tokens and looks them up in a vocabulary.',
  parameters: [
    optional('max_tokens', INTEGER),
    optional('standardize', ANY, 'lower_and_strip_punctuation'),
    optional('split', ANY, 'whitespace'),
    ...free('ngrams'),
    optional('output_mode', OUTPUT_MODE, 'int'),
    optional('output_sequence_length', INTEGER),
    optional('pad_to_max_tokens', FLAG, false),
    ...free('vocabulary', 'idf_weights'),
    SPARSE,
    optional('ragged', FLAG, false),
    optional('encoding', ANY, 'utf-8'),
    NAME,
  ],
  check: args => {
    const mode = args.text('output_mode');
    if (mode !== undefined && mode !== 'int' && args.isNone('output_sequence_length') === false) {
      return fail({
        kind: 'argument-conflict',
        names: ['output_sequence_length', 'output_mode'],
        why: "a length goes with output_mode='int' only",
      });
    }
    return checkLookup(args);
  },
  output: c =>
    onRanked(c, dims => {
      const mode = c.args.text('output_mode');
      if (mode === undefined) return unranked('output_mode is not known');
      if (mode === 'int')
        return ranked([
          dims[0] ?? ONE,
          c.args.isNone('output_sequence_length') ? { kind: 'open' } : c.args.size('output_sequence_length'),
        ]);
      const unsplit = c.args.isNone('split');
      if (unsplit === undefined) return obscure(2, 'split is not known');
      const split = unsplit ? (dims.length <= 1 ? [...dims, ONE] : dims) : [...dims, { kind: 'open' } as Dim];
      return mode === 'one_hot'
        ? oneHot(split, vocabularySize(c.args))
        : ranked([...split.slice(0, -1), vocabularySize(c.args)]);
    }),
  outputDtype: args => (args.text('output_mode') === 'int' ? 'int64' : undefined),
  examples: [{ args: 'max_tokens=1000, output_sequence_length=20', inputs: [[null, 1]] }],
  page: page('text/text_vectorization'),
});

// ---------------------------------------------------------------------------------------------------------- sound

const mel = defineLayer({
  className: 'MelSpectrogram',
  family: 'preprocessing',
  doc: 'Turns sound into a spectrogram on the mel scale.',
  parameters: [
    optional('fft_length', POSITIVE, 2048),
    optional('sequence_stride', POSITIVE, 512),
    optional('sequence_length', POSITIVE),
    optional('window', ANY, 'hann'),
    optional('sampling_rate', ANY, 16000),
    optional('num_mel_bins', POSITIVE, 128),
    optional('min_freq', ANY, 20),
    ...free('max_freq'),
    optional('power_to_db', FLAG, true),
    optional('top_db', ANY, 80),
    optional('mag_exp', ANY, 2),
    optional('min_power', ANY, 1e-10),
    optional('ref_power', ANY, 1),
  ],
  check: args => {
    const [length, fft] = [args.size('sequence_length'), args.size('fft_length')];
    return args.isNone('sequence_length') === false && less(fft, length) === 'yes'
      ? fail({
          kind: 'argument-conflict',
          names: ['sequence_length', 'fft_length'],
          why: 'fft_length must not be below sequence_length',
        })
      : undefined;
  },
  rank: { atLeast: 1 },
  output: c =>
    onRanked(c, dims => {
      const stride = c.args.size('sequence_stride');
      const frames = (n: Dim): Dim => (n.kind === 'open' ? n : floorDivide(add(add(n, stride), ONE), stride));
      const bins = c.args.size('num_mel_bins');
      return ranked(dims.length === 1 ? [bins, frames(dims[0]!)] : [dims[0]!, bins, frames(dims[1]!)]);
    }),
  examples: [{ args: '', inputs: [[null, 16000]] }],
  page: page('audio/mel_spectrogram'),
});

/** `2 ** ceil(log2(frame_length))` where no length is given. */
function fftLength(args: Arguments): Dim {
  if (args.isNone('fft_length') === false) return args.size('fft_length');
  const frame = args.size('frame_length');
  return isKnown(frame) ? known(2 ** Math.ceil(Math.log2(frame.value))) : unknownDim('frame_length is not known');
}

const stft = defineLayer({
  className: 'STFTSpectrogram',
  family: 'preprocessing',
  doc: 'Short-time Fourier transform of sound, as a fixed convolution.',
  parameters: [
    optional('mode', choice('log', 'magnitude', 'psd', 'real', 'imag', 'angle', 'stft'), 'log'),
    optional('frame_length', POSITIVE, 256),
    optional('frame_step', POSITIVE),
    optional('fft_length', POSITIVE),
    optional('window', ANY, 'hann'),
    optional('periodic', FLAG, false),
    optional('scaling', choice('density', 'spectrum'), 'density'),
    optional('padding', choice('valid', 'same'), 'valid'),
    optional('expand_dims', FLAG, false),
    DATA_FORMAT,
  ],
  rank: { exact: 3 },
  check: args => {
    const frame = args.size('frame_length');
    const conflict = (name: string): Outcome<undefined> =>
      fail({ kind: 'argument-conflict', names: [name, 'frame_length'], why: `${name} does not fit frame_length` });
    if (args.isNone('frame_step') === false && less(frame, args.size('frame_step')) === 'yes') {
      return conflict('frame_step');
    }
    if (args.isNone('fft_length') === false && less(args.size('fft_length'), frame) === 'yes') {
      return conflict('fft_length');
    }
    return undefined;
  },
  weights: c => {
    const mode = c.args.text('mode');
    const shape = [c.args.size('frame_length'), ONE, add(floorDivide(fftLength(c.args), known(2)), ONE)];
    return [
      ...(mode === 'imag' ? [] : [{ name: 'real_kernel', shape }]),
      ...(mode === 'real' ? [] : [{ name: 'imag_kernel', shape }]),
    ];
  },
  output: c =>
    onRanked(c, dims => {
      const layout = layoutOf(c.args, 1);
      const expand = c.args.flag('expand_dims');
      const padding = c.args.text('padding');
      if (
        !layout ||
        expand === undefined ||
        c.args.text('mode') === undefined ||
        (padding !== 'valid' && padding !== 'same')
      )
        return unranked('an argument is not known');
      const frequencies = scale(
        add(floorDivide(fftLength(c.args), known(2)), ONE),
        c.args.text('mode') === 'stft' ? 2 : 1,
      );
      const channels = dims[layout.channel]!;
      const size = c.args.size('frame_length');
      const stride = c.args.isNone('frame_step') ? floorDivide(size, known(2)) : c.args.size('frame_step');
      const shape = slide(c, 1, multiply(frequencies, channels), [{ size, stride, dilation: ONE, padding }]);
      if (isFailure(shape) || !isRanked(shape) || !expand) return shape;
      const time = shape.dims[layout.spatial[0]!]!;
      return ranked(
        layout.channel === 2 ? [dims[0]!, time, frequencies, channels] : [dims[0]!, channels, time, frequencies],
      );
    }),
  examples: [{ args: 'frame_length=256', inputs: [[null, 1600, 1]] }],
  page: page('audio/stft_spectrogram'),
});

// ------------------------------------------------------------------------------------------------- several layers

const pipeline = defineLayer({
  className: 'Pipeline',
  family: 'preprocessing',
  doc: 'Applies several preprocessing layers one after the other.',
  parameters: [required('layers', ANY), NAME],
  output: c => {
    let tree: ShapeTree = c.input;
    for (const layer of c.args.layers('layers') ?? [undefined]) {
      const next: Outcome<ShapeTree> | undefined = layer?.output(shapesOf(tree));
      if (!next) return unranked('a layer of the pipeline is not known');
      if (isFailure(next)) return next;
      tree = next;
    }
    return tree;
  },
  examples: [],
});

/** Layers whose shapes come from a file or from code of another library. */
function foreign(className: string, doc: string, parameters: readonly ArgumentSpec[]): LayerSpec {
  return defineLayer({
    className,
    family: 'core',
    doc,
    parameters,
    output: () => unranked('the layer runs code of another library'),
    examples: [],
  });
}

export const PREPROCESSING_LAYERS: readonly LayerSpec[] = [
  rescaling,
  normalization,
  categoryEncoding,
  discretization,
  hashing,
  hashedCrossing,
  stringLookup,
  integerLookup,
  textVectorization,
  mel,
  stft,
  pipeline,
  foreign('TFSMLayer', 'Runs a TensorFlow SavedModel.', [
    required('filepath'),
    optional('call_endpoint', ANY, 'serve'),
    ...free('call_training_endpoint'),
    optional('trainable', FLAG, true),
    NAME,
    optional('dtype', DTYPE),
  ]),
  foreign('JaxLayer', 'Runs a JAX function.', [
    required('call_fn'),
    ...free('init_fn', 'params', 'state', 'seed', 'native_serialization_platforms'),
  ]),
  foreign('FlaxLayer', 'Runs a Flax module.', [required('module'), ...free('method', 'variables')]),
  foreign('TorchModuleWrapper', 'Runs a PyTorch module.', [required('module'), NAME, ...free('output_shape')]),
  foreign('Layer', 'Base class of all layers.', []),
];
