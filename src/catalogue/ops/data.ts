/**
 * Where data comes from: `keras.datasets`, scikit-learn's examples, directories of pictures and texts, `tf.data`, and
 * the functions that prepare labels and split samples. Shapes of the data sets are those of the libraries' own
 * documentation.
 */
import { type Dim, isKnown, known, OPEN, same, unknownDim } from '../../ir/dim';
import { fail, type Outcome } from '../../ir/fault';
import { isRanked, ranked, shape, type Shape, unranked } from '../../ir/shape';
import {
  type DataFacts,
  frameTensor,
  type LibraryObject,
  list,
  type TensorValue,
  tuple,
  unknownValue,
  type Value,
} from '../../ir/value';
import type { OpSpec } from '../spec';
import { asTensor, itemsOf, op, type OpCall, sizesOf, variadic } from './define';

// --------------------------------------------------------------------------------------------------- keras.datasets

interface DataSet {
  /** Samples for training and testing; the same for both where the function gives one set. */
  readonly train: number;
  readonly test: number;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly dtype?: string;
  /** Classes of the labels; absent for regression. */
  readonly classes?: number;
  /** The largest value of the features. */
  readonly largest?: number;
}

const PICTURE = { dtype: 'uint8', largest: 255 };
const DATASETS: Readonly<Record<string, DataSet>> = {
  mnist: { train: 60000, test: 10000, x: [28, 28], y: [], classes: 10, ...PICTURE },
  fashion_mnist: { train: 60000, test: 10000, x: [28, 28], y: [], classes: 10, ...PICTURE },
  cifar10: { train: 50000, test: 10000, x: [32, 32, 3], y: [1], classes: 10, ...PICTURE },
  cifar100: { train: 50000, test: 10000, x: [32, 32, 3], y: [1], classes: 100, ...PICTURE },
  imdb: { train: 25000, test: 25000, x: [], y: [], classes: 2, dtype: 'object' },
  reuters: { train: 8982, test: 2246, x: [], y: [], classes: 46, dtype: 'object' },
  boston_housing: { train: 404, test: 102, x: [13], y: [], dtype: 'float64' },
  california_housing: { train: 16512, test: 4128, x: [8], y: [], dtype: 'float32' },
};

function features(a: OpCall, samples: Dim, d: DataSet, dataset: string): TensorValue {
  const facts: DataFacts = { dataset, ...(d.largest === undefined ? {} : { largest: d.largest, scale: 1 }) };
  return a.make(ranked([samples, ...d.x.map(known)]), { dtype: d.dtype, facts, flavour: 'numpy' });
}

function labels(a: OpCall, samples: Dim, d: DataSet, dataset: string): TensorValue {
  const facts: DataFacts = { dataset, ...(d.classes === undefined ? {} : { labels: true, classes: known(d.classes) }) };
  return a.make(ranked([samples, ...d.y.map(known)]), {
    dtype: d.classes === undefined ? d.dtype : 'int64',
    facts,
    flavour: 'numpy',
  });
}

function kerasDataset(a: OpCall): Outcome<Value> {
  const name = a.context.path.split('.')[2]!;
  let d = DATASETS[name]!;
  if (name === 'cifar100' && a.text('label_mode') === 'coarse') d = { ...d, classes: 20 };
  if (name === 'california_housing' && a.text('version') === 'small') d = { ...d, train: 480, test: 120 };
  // Another split moves samples between the two sets.
  const moved = a.given('test_split') && a.context.path.includes('housing');
  const size = (n: number): Dim => (moved ? unknownDim('the split says how many samples') : known(n));
  const dataset = `keras.datasets.${name}`;
  const half = (n: number): Value => tuple([features(a, size(n), d, dataset), labels(a, size(n), d, dataset)]);
  return tuple([half(d.train), half(d.test)]);
}

// ------------------------------------------------------------------------------------------------------ scikit-learn

const SKLEARN: Readonly<Record<string, DataSet>> = {
  iris: { train: 150, test: 0, x: [4], y: [], classes: 3 },
  wine: { train: 178, test: 0, x: [13], y: [], classes: 3 },
  breast_cancer: { train: 569, test: 0, x: [30], y: [], classes: 2 },
  digits: { train: 1797, test: 0, x: [64], y: [], classes: 10, largest: 16 },
  diabetes: { train: 442, test: 0, x: [10], y: [] },
  california_housing: { train: 20640, test: 0, x: [8], y: [] },
};

function sklearnDataset(a: OpCall): Outcome<Value> {
  const name = a.context.path.replace(/^.*\.(load|fetch)_/, '');
  const d = { dtype: 'float64', ...SKLEARN[name]! };
  const dataset = `sklearn.datasets.${name}`;
  const [x, y] = [features(a, known(d.train), d, dataset), labels(a, known(d.train), d, dataset)];
  if (a.flag('return_X_y')) return tuple([x, y]);
  const images = name === 'digits' ? [['images', a.make(shape(1797, 8, 8), { flavour: 'numpy' })] as const] : [];
  return { kind: 'object', path: 'namespace', args: new Map<string, Value>([['data', x], ['target', y], ...images]) };
}

/** `make_classification(n_samples, n_features)`, `make_moons`: features and labels of the sizes asked for. */
const made =
  (columns: (a: OpCall) => Dim, classes?: (a: OpCall) => Dim) =>
  (a: OpCall): Outcome<Value> => {
    const samples = a.size('n_samples');
    const facts: DataFacts | undefined = classes ? { labels: true, classes: classes(a) } : undefined;
    return tuple([
      a.make(ranked([samples, columns(a)]), { dtype: 'float64' }),
      a.make(ranked([samples]), { dtype: classes ? 'int64' : 'float64', facts }),
    ]);
  };

/** Sizes of both halves, as scikit-learn rounds them: the test set up, the rest down. */
function splitSizes(a: OpCall, samples: Dim): readonly [Dim, Dim] {
  const unsure = unknownDim('the split says how many samples');
  const [test, train] = [
    a.isNone('test_size') ? null : a.number('test_size'),
    a.isNone('train_size') ? null : a.number('train_size'),
  ];
  if (!isKnown(samples) || test === undefined || train === undefined) return [unsure, unsure];
  const n = samples.value;
  const count = (part: number, round: (x: number) => number): number => (part > 0 && part < 1 ? round(part * n) : part);
  const testCount =
    test === null ? (train === null ? Math.ceil(n * 0.25) : n - count(train, Math.floor)) : count(test, Math.ceil);
  const trainCount = train === null ? n - testCount : count(train, Math.floor);
  return [known(trainCount), known(testCount)];
}

function trainTestSplit(a: OpCall): Outcome<Value> {
  return list(
    a.many('arrays').flatMap((value): Value[] => {
      if (value.kind === 'frame') return splitSizes(a, value.rows).map(rows => ({ ...value, rows }));
      const t = asTensor(value);
      if (!t || !isRanked(t.shape) || t.shape.dims.length === 0) {
        return [unknownValue('the split data is not known'), unknownValue('the split data is not known')];
      }
      const [first, ...rest] = t.shape.dims;
      return splitSizes(a, first!).map(size => ({
        ...t,
        shape: ranked([size, ...rest]),
        elements: undefined,
        flavour: t.flavour === 'array' ? 'numpy' : t.flavour,
      }));
    }),
  );
}

/** Scalers and encoders of scikit-learn that keep the shape. */
const fitted =
  (facts: (a: OpCall) => DataFacts | undefined, dtype?: string) =>
  (a: OpCall): Outcome<Value> =>
    a.make(a.shape('x'), { dtype: dtype ?? 'float64', facts: facts(a), flavour: 'numpy' });

/** One column for each category, of which the data decides how many. */
function encodedColumns(a: OpCall): Outcome<Value> {
  return a.onDims(
    'x',
    dims =>
      a.make(ranked([dims[0]!, unknownDim('how many categories there are')]), {
        dtype: 'float64',
        facts: { oneHot: true },
        flavour: 'numpy',
      }),
    1,
  );
}

// ------------------------------------------------------------------------------------------------------------ labels

/** `to_categorical(y, num_classes)`: a last axis of length 1 is taken away first. */
function toCategorical(a: OpCall): Outcome<Value> {
  const only = a.value('x');
  if (only.kind === 'unknown' && only.isNumber)
    return a.make(ranked([a.size('classes')]), { dtype: 'float64', flavour: 'numpy' });
  return a.onDims('x', dims => {
    const last = dims.at(-1);
    const classes = a.isNone('classes')
      ? (a.facts()?.classes ?? unknownDim('the labels say how many classes'))
      : a.size('classes');
    if (last && dims.length > 1 && !isKnown(last)) {
      return a.make(unranked('the last axis may or may not be 1'), {
        facts: { oneHot: true, classes },
        flavour: 'numpy',
      });
    }
    const front = last && dims.length > 1 && isKnown(last) && last.value === 1 ? dims.slice(0, -1) : dims;
    return a.make(ranked([...front, classes]), {
      dtype: 'float64',
      facts: { dataset: a.facts()?.dataset, oneHot: true, classes },
      flavour: 'numpy',
    });
  });
}

/** `pad_sequences(sequences, maxlen)`. */
function padSequences(a: OpCall): Outcome<Value> {
  const value = a.value('x');
  const items = itemsOf(value);
  const count =
    value.kind === 'tensor' && isRanked(value.shape) && value.shape.dims[0]
      ? value.shape.dims[0]
      : items
        ? known(items.length)
        : unknownDim('how many sequences there are');
  const length = a.isNone('maxlen') ? unknownDim('the longest sequence says how long') : a.size('maxlen');
  const facts = value.kind === 'tensor' ? value.facts : undefined;
  return a.make(ranked([count, length]), {
    dtype: a.dtype() ?? 'int32',
    facts: facts?.dataset === undefined ? undefined : { dataset: facts.dataset },
  });
}

// --------------------------------------------------------------------------------------------------------- data sets

export const DATASET_PATH = 'tensorflow.data.Dataset';

function dataset(element: Value | undefined): LibraryObject {
  return {
    kind: 'object',
    path: DATASET_PATH,
    args: new Map(),
    element: element ?? unknownValue('what the data set holds is not known'),
  };
}

const tensor = (s: Shape, dtype?: string, facts?: DataFacts): TensorValue => ({
  kind: 'tensor',
  flavour: 'tensorflow',
  shape: s,
  dtype,
  facts,
});

/** Applies `f` to every tensor of a tuple, list or dict of tensors. */
function mapTree(value: Value | undefined, f: (t: TensorValue) => TensorValue): Value {
  switch (value?.kind) {
    case 'tensor':
      return f(value);
    case 'frame':
      return f(frameTensor(value));
    case 'tuple':
      return tuple(value.items.map(v => mapTree(v, f)));
    case 'list':
      return { kind: 'list', items: value.items.map(v => mapTree(v, f)) };
    case 'dict':
      return {
        kind: 'dict',
        entries: new Map([...value.entries].map(([k, v]) => [k, mapTree(v, f)])),
        open: value.open,
      };
    default:
      return value ?? unknownValue('what the data set holds is not known');
  }
}

const reshapedTensor = (t: TensorValue, f: (dims: readonly Dim[]) => readonly Dim[]): TensorValue => ({
  ...t,
  shape: isRanked(t.shape) ? ranked(f(t.shape.dims)) : t.shape,
  flavour: 'tensorflow',
  elements: undefined,
  node: undefined,
});

function elementOf(a: OpCall): Value | undefined {
  const self = a.value('self');
  return self.kind === 'object' ? self.element : undefined;
}

function fromSlices(a: OpCall): Outcome<Value> {
  const data = a.value('x');
  // Lists of numbers are arrays; a tuple is several of them.
  const whole = data.kind === 'list' && !data.items.some(i => i.kind === 'tensor') ? (asTensor(data) ?? data) : data;
  const parts = whole.kind === 'tuple' ? whole.items : [whole];
  if (parts.some(part => part.kind === 'unknown' && part.isNumber))
    return fail({ kind: 'argument-invalid', name: 'tensors', got: 'a single number', wanted: 'arrays' });
  const counted = slicesOf(whole);
  const [first] = counted;
  if (first && counted.some(({ size }) => same(first.size, size) === 'no'))
    return fail({ kind: 'sample-count', sizes: counted });
  return dataset(mapTree(whole, t => reshapedTensor(t, dims => dims.slice(1))));
}

/** The arrays of a tuple or dict with their numbers of samples. */
function slicesOf(whole: Value): { readonly what: string; readonly size: Dim }[] {
  const parts: readonly (readonly [string, Value])[] =
    whole.kind === 'tuple'
      ? whole.items.map((item, i) => [`array ${i + 1}`, item] as const)
      : whole.kind === 'dict'
        ? [...whole.entries]
        : [];
  return parts.flatMap(([what, value]) => {
    if (value.kind === 'frame') return [{ what, size: value.rows }];
    if (value.kind !== 'tensor') return slicesOf(value);
    const size = isRanked(value.shape) ? value.shape.dims[0] : undefined;
    return size ? [{ what, size }] : [];
  });
}

const fromTensors = (a: OpCall): Outcome<Value> => dataset(mapTree(a.value('x'), t => reshapedTensor(t, dims => dims)));

/** The last batch may be shorter, unless it is dropped. */
function batch(a: OpCall): Outcome<Value> {
  const size = a.flag('drop_remainder') ? a.size('size') : OPEN;
  return dataset(mapTree(elementOf(a), t => reshapedTensor(t, dims => [size, ...dims])));
}

function paddedBatch(a: OpCall): Outcome<Value> {
  return dataset(
    mapTree(elementOf(a), t => reshapedTensor(t, dims => [OPEN, ...dims.map(d => (isKnown(d) ? d : OPEN))])),
  );
}

function unbatch(a: OpCall): Outcome<Value> {
  return dataset(mapTree(elementOf(a), t => reshapedTensor(t, dims => dims.slice(1))));
}

function mapDataset(a: OpCall): Outcome<Value> {
  const element = elementOf(a);
  if (!element || element.kind === 'unknown') return dataset(undefined);
  const made = a.context.call(a.value('f'), element.kind === 'tuple' ? element.items : [element]);
  return dataset(made.kind === 'list' ? tuple(made.items) : made);
}

const unchanged = (a: OpCall): Outcome<Value> => dataset(elementOf(a));

function zip(a: OpCall): Outcome<Value> {
  const given = a.many('sets');
  const sets = given.length === 1 ? (itemsOf(given[0]!) ?? []) : given;
  return dataset(
    tuple(
      sets.map(
        s => (s.kind === 'object' ? s.element : undefined) ?? unknownValue('what the data set holds is not known'),
      ),
    ),
  );
}

/** A signature of `tf.TensorSpec`s is the element. */
function fromGenerator(a: OpCall): Outcome<Value> {
  const signature = (v: Value): Value => {
    if (v.kind === 'tuple' || v.kind === 'list') return tuple(v.items.map(signature));
    if (v.kind === 'dict') {
      return { kind: 'dict', entries: new Map([...v.entries].map(([k, x]) => [k, signature(x)])), open: v.open };
    }
    if (v.kind !== 'object' || !v.path.endsWith('TensorSpec')) {
      return unknownValue('the signature of the data set is not known');
    }
    const sizes = sizesOf(v.args.get('shape') ?? v.args.get('#0') ?? unknownValue('no shape'));
    return tensor(sizes ? ranked(sizes) : { kind: 'unranked', why: 'the signature gives no shape' });
  };
  if (a.isNone('output_signature') === false) return dataset(signature(a.value('output_signature')));
  const shapes = a.isNone('output_shapes') === false ? itemsOf(a.value('output_shapes')) : undefined;
  if (shapes?.every(s => itemsOf(s))) return dataset(tuple(shapes.map(s => tensor(ranked(sizesOf(s) ?? [])))));
  return dataset(undefined);
}

function enumerateDataset(a: OpCall): Outcome<Value> {
  return dataset(
    tuple([tensor(shape(), 'int64'), elementOf(a) ?? unknownValue('what the data set holds is not known')]),
  );
}

/** Labels of `*_dataset_from_directory`: integers, one-hot vectors, one column, or none. */
function directoryLabels(a: OpCall, batchAxis: readonly Dim[]): TensorValue | undefined {
  const classes = a.items('class_names')
    ? known(a.items('class_names')!.length)
    : unknownDim('the directory says how many classes');
  switch (a.isNone('label_mode') ? 'none' : (a.text('label_mode') ?? 'int')) {
    case 'none':
      return undefined;
    case 'categorical':
      return tensor(ranked([...batchAxis, classes]), 'float32', { oneHot: true, classes });
    case 'binary':
      return tensor(ranked([...batchAxis, known(1)]), 'float32', { labels: true, classes: known(2) });
    default:
      return tensor(ranked(batchAxis), 'int32', isKnown(classes) ? { labels: true, classes } : { labels: true });
  }
}

function fromDirectory(a: OpCall, image: readonly Dim[], facts: DataFacts | undefined, dtype: string): Value {
  const batchAxis = a.isNone('batch_size') ? [] : [OPEN];
  const x = tensor(ranked([...batchAxis, ...image]), dtype, facts);
  const y = a.isNone('labels') ? undefined : directoryLabels(a, batchAxis);
  const one = (): Value => dataset(y ? tuple([x, y]) : x);
  return a.text('subset') === 'both' ? tuple([one(), one()]) : one();
}

function imageDirectory(a: OpCall): Outcome<Value> {
  const mode = a.text('color_mode');
  const channels =
    mode === undefined
      ? unknownDim('color_mode is not known')
      : known(mode === 'grayscale' ? 1 : mode === 'rgba' ? 4 : 3);
  const size = a.sizes('image_size');
  const [height, width] =
    size?.length === 2 ? size : [unknownDim('image_size is not known'), unknownDim('image_size is not known')];
  return fromDirectory(a, [height!, width!, channels], { largest: 255, scale: 1 }, 'float32');
}

const textDirectory = (a: OpCall): Outcome<Value> => fromDirectory(a, [], undefined, 'string');

/** Windows of `sequence_length` steps over an array, with a target for each where there are some. */
function timeseries(a: OpCall): Outcome<Value> {
  const data = a.dims('data');
  if (!data) return dataset(undefined);
  const batchAxis = a.isNone('batch_size') ? [] : [OPEN];
  const x = tensor(ranked([...batchAxis, a.size('sequence_length'), ...data.slice(1)]));
  if (a.isNone('targets')) return dataset(x);
  const targets = a.dims('targets');
  return dataset(
    tuple([
      x,
      targets ? tensor(ranked([...batchAxis, ...targets.slice(1)])) : unknownValue('the targets are not known'),
    ]),
  );
}

/** `ImageDataGenerator.flow_from_directory`, the older way to read pictures. */
function flowDirectory(a: OpCall): Outcome<Value> {
  const size = a.sizes('size');
  const [height, width] =
    size?.length === 2 ? size : [unknownDim('target_size is not known'), unknownDim('target_size is not known')];
  const mode = a.text('color_mode');
  const image = ranked([OPEN, height!, width!, known(mode === 'grayscale' ? 1 : mode === 'rgba' ? 4 : 3)]);
  const classes = a.items('classes')
    ? known(a.items('classes')!.length)
    : unknownDim('the directory says how many classes');
  const kind = a.isNone('class_mode') ? undefined : a.text('class_mode');
  const y =
    kind === undefined
      ? undefined
      : kind === 'categorical'
        ? tensor(ranked([OPEN, classes]), 'float32', { oneHot: true, classes })
        : tensor(ranked([OPEN]), 'float32', { labels: true, ...(kind === 'binary' ? { classes: known(2) } : {}) });
  return {
    kind: 'object',
    path: 'keras.preprocessing.image.Iterator',
    args: new Map(),
    element: y ? tuple([tensor(image), y]) : tensor(image),
  };
}

/** `ImageDataGenerator.flow(x, y)`. */
function flow(a: OpCall): Outcome<Value> {
  const parts = [a.tensor('x'), a.isNone('y') ? undefined : a.tensor('y')]
    .filter(t => t !== undefined)
    .map(t => reshapedTensor(t, dims => [OPEN, ...dims.slice(1)]));
  return {
    kind: 'object',
    path: 'keras.preprocessing.image.Iterator',
    args: new Map(),
    element: parts.length === 1 ? parts[0] : tuple(parts),
  };
}

/** `windows of n examples` are data sets themselves, which is not followed. */
const lost = (why: string) => (): Outcome<Value> => dataset(unknownValue(why));

// --------------------------------------------------------------------------------------------------- the list of ops

const SCALERS =
  'StandardScaler,MinMaxScaler,RobustScaler,MaxAbsScaler,Normalizer,QuantileTransformer,' +
  'PowerTransformer,SimpleImputer';
const methodsOf = (classes: string, methods: string): string =>
  classes
    .split(',')
    .map(c => `sklearn.preprocessing.${c},sklearn.impute.${c}:${methods}`)
    .join(' ');
const DIRECTORY = 'directory labels="inferred" label_mode="int" class_names=null';

export const DATA_OPS: readonly OpSpec[] = [
  ...Object.keys(DATASETS).map(name =>
    op(
      `keras.datasets.${name}:load_data`,
      'path=null label_mode="fine" version="large" test_split=null num_words=null maxlen=null',
      kerasDataset,
    ),
  ),
  ...Object.keys(SKLEARN).map(name =>
    op(
      `sklearn.datasets:${name.startsWith('california') ? 'fetch' : 'load'}_${name}`,
      'return_X_y=false',
      sklearnDataset,
    ),
  ),
  op(
    'sklearn.datasets:make_classification',
    'n_samples=100 n_features=20 n_informative=2 n_redundant=2 n_repeated=0 n_classes=2',
    made(
      a => a.size('n_features'),
      a => a.size('n_classes'),
    ),
  ),
  op(
    'sklearn.datasets:make_regression',
    'n_samples=100 n_features=100',
    made(a => a.size('n_features')),
  ),
  op(
    'sklearn.datasets:make_blobs',
    'n_samples=100 n_features=2 centers=3',
    made(
      a => a.size('n_features'),
      a => a.size('centers'),
    ),
  ),
  op(
    'sklearn.datasets:make_moons,make_circles',
    'n_samples=100',
    made(
      () => known(2),
      () => known(2),
    ),
  ),
  op(
    'sklearn.model_selection:train_test_split',
    `${variadic('arrays', 6)} test_size=null train_size=null`,
    trainTestSplit,
  ),
  op(
    methodsOf(SCALERS, 'fit_transform,transform,inverse_transform'),
    'self x|X',
    fitted(() => undefined),
  ),
  op(
    'sklearn.preprocessing:scale,minmax_scale,normalize',
    'x|X',
    fitted(() => undefined),
  ),
  op(
    'sklearn.preprocessing.LabelEncoder:fit_transform,transform',
    'self x|y',
    fitted(() => ({ labels: true }), 'int64'),
  ),
  op(
    'sklearn.preprocessing.OneHotEncoder,sklearn.preprocessing.LabelBinarizer:fit_transform,transform',
    'self x|X|y',
    encodedColumns,
  ),

  op('u:to_categorical keras.utils.np_utils:to_categorical', 'x|y classes|num_classes=null dtype=null', toCategorical),
  op('u:pad_sequences keras.preprocessing.sequence:pad_sequences', 'x|sequences maxlen=null dtype=null', padSequences),
  op(
    'u:image_dataset_from_directory keras.preprocessing:image_dataset_from_directory',
    `${DIRECTORY} color_mode="rgb" batch_size=32 image_size=[256,256] shuffle=true seed=null validation_split=null ` +
      `subset=null`,
    imageDirectory,
  ),
  op(
    'u:text_dataset_from_directory keras.preprocessing:text_dataset_from_directory',
    `${DIRECTORY} batch_size=32 ` + `max_length=null shuffle=true seed=null validation_split=null subset=null`,
    textDirectory,
  ),
  op(
    'u:timeseries_dataset_from_array keras.preprocessing:timeseries_dataset_from_array ' +
      'keras.preprocessing.timeseries:timeseries_dataset_from_array',
    'data targets sequence_length sequence_stride=1 sampling_rate=1 batch_size=128',
    timeseries,
  ),
  op(
    'keras.preprocessing.image.ImageDataGenerator,' +
      'keras.src.legacy.preprocessing.image.ImageDataGenerator:flow_from_directory',
    'self directory size|target_size=[256,256] color_mode="rgb" classes=null class_mode="categorical" batch_size=32',
    flowDirectory,
  ),
  op('keras.preprocessing.image.ImageDataGenerator:flow', 'self x y=null batch_size=32', flow),

  op('ds:from_tensor_slices', 'x|tensors', fromSlices),
  op('ds:from_tensors', 'x|tensors', fromTensors),
  op(
    'ds:from_generator',
    'generator output_types=null output_shapes=null args=null output_signature=null',
    fromGenerator,
  ),
  op('ds:range', 'start', () => dataset(tensor(shape(), 'int64'))),
  op('ds:zip', variadic('sets|datasets', 4), zip),
  op('ds:batch,ragged_batch', 'self size|batch_size drop_remainder=false', batch),
  op('ds:padded_batch', 'self size|batch_size', paddedBatch),
  op('ds:unbatch', 'self', unbatch),
  op('ds:map', 'self f|map_func num_parallel_calls=null', mapDataset),
  op('ds:enumerate', 'self start=0', enumerateDataset),
  op(
    'ds:shuffle,prefetch,repeat,cache,take,skip,shard,filter,with_options,ignore_errors,rebatch_,snapshot,' +
      'concatenate,take_while,as_numpy_iterator',
    'self n',
    unchanged,
  ),
  op('ds:window', 'self size', lost('windows of a data set are not ' + 'followed')),
  op(
    'ds:flat_map,interleave,apply,list_files',
    'self f',
    lost('what the function makes of the data set is not followed'),
  ),
];
