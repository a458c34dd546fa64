/** What is known of data: where it comes from, what its numbers are, and what preparing it does to both. */
import { strict as assert } from 'node:assert';
import { isFailure } from '../../../src/catalogue/apply';
import { bindArguments, readArguments } from '../../../src/catalogue/arguments';
import { allOps, opByPath } from '../../../src/catalogue/index';
import { dimText } from '../../../src/ir/dim';
import { shape, shapeText } from '../../../src/ir/shape';
import {
  boolean,
  float,
  integer,
  list,
  NONE,
  type TensorValue,
  text,
  tuple,
  unknownValue,
  type Value,
} from '../../../src/ir/value';

function call(
  path: string,
  positional: readonly Value[] = [],
  keywords: Record<string, Value> = {},
  callee?: (args: readonly Value[]) => Value,
): Value {
  const op = opByPath(path);
  assert.ok(op, `${path} is in the catalogue`);
  const bound = bindArguments(op.parameters, { positional, keywords: new Map(Object.entries(keywords)) });
  assert.ok(!isFailure(bound), `${path}: ${JSON.stringify(bound)}`);
  const result = op.infer({
    args: readArguments(op.parameters, bound),
    path,
    framework: 'keras',
    isMethod: false,
    call: (_, args) => callee?.(args) ?? unknownValue('no function'),
  });
  assert.ok(!isFailure(result), `${path}: ${JSON.stringify(result)}`);
  return result;
}

/** Shapes as text, nested as the value is. */
function shapes(v: Value): unknown {
  switch (v.kind) {
    case 'tensor':
      return shapeText(v.shape);
    case 'tuple':
    case 'list':
      return v.items.map(shapes);
    case 'dict':
      return Object.fromEntries([...v.entries].map(([k, x]) => [k, shapes(x)]));
    case 'object':
      return v.element ? shapes(v.element) : v.path;
    default:
      return v.kind;
  }
}

function items(v: Value): readonly Value[] {
  assert.ok(v.kind === 'tuple' || v.kind === 'list');
  return v.items;
}

function asTensor(v: Value | undefined): TensorValue {
  assert.ok(v?.kind === 'tensor');
  return v;
}

const array = (...dims: (number | null)[]): TensorValue => ({
  kind: 'tensor',
  shape: shape(...dims),
  flavour: 'numpy',
});

describe('data', () => {
  it('of keras.datasets has its shapes, classes and range', () => {
    const loaded = call('keras.datasets.mnist.load_data');
    assert.deepEqual(shapes(loaded), [
      ['(60000, 28, 28)', '(60000,)'],
      ['(10000, 28, 28)', '(10000,)'],
    ]);
    const [x, y] = items(items(loaded)[0]!).map(asTensor);
    assert.deepEqual([x!.dtype, x!.facts], ['uint8', { dataset: 'keras.datasets.mnist', largest: 255, scale: 1 }]);
    assert.equal(dimText(y!.facts!.classes!), '10');
    assert.deepEqual(shapes(call('keras.datasets.cifar10.load_data')), [
      ['(50000, 32, 32, 3)', '(50000, 1)'],
      ['(10000, 32, 32, 3)', '(10000, 1)'],
    ]);
  });

  it('keeps its facts through casts, reshapes and scaling', () => {
    const x = asTensor(items(items(call('keras.datasets.mnist.load_data'))[0]!)[0]);
    const cast = call('tensor.astype', [x, text('float32')]);
    const scaled = asTensor(call('numpy.divide', [cast, float(255)]));
    assert.deepEqual([scaled.facts?.scale, scaled.facts?.largest], [1 / 255, 255]);
    const grown = asTensor(call('numpy.expand_dims', [scaled, integer(-1)]));
    assert.deepEqual([shapeText(grown.shape), grown.facts?.scale], ['(60000, 28, 28, 1)', 1 / 255]);
  });

  it('becomes one-hot labels and back', () => {
    const y = asTensor(items(items(call('keras.datasets.mnist.load_data'))[0]!)[1]);
    const hot = asTensor(call('keras.utils.to_categorical', [y]));
    assert.deepEqual([shapeText(hot.shape), hot.facts?.oneHot], ['(60000, 10)', true]);
    const back = asTensor(call('numpy.argmax', [hot], { axis: integer(-1) }));
    assert.deepEqual(
      [shapeText(back.shape), back.facts?.labels, dimText(back.facts!.classes!)],
      ['(60000,)', true, '10'],
    );
    assert.equal(shapes(call('keras.utils.to_categorical', [array(100, 1), integer(4)])), '(100, 4)');
  });

  it('is split as scikit-learn rounds', () => {
    const split = (keywords: Record<string, Value>): unknown =>
      shapes(call('sklearn.model_selection.train_test_split', [array(150, 4), array(150)], keywords));
    assert.deepEqual(split({}), ['(112, 4)', '(38, 4)', '(112,)', '(38,)']);
    assert.deepEqual(split({ test_size: float(0.2) }), ['(120, 4)', '(30, 4)', '(120,)', '(30,)']);
    assert.deepEqual(split({ test_size: unknownValue('from a file') }), ['(?, 4)', '(?, 4)', '(?,)', '(?,)']);
  });

  it('comes from scikit-learn with names or as a pair', () => {
    assert.deepEqual(shapes(call('sklearn.datasets.load_iris', [], { return_X_y: boolean(true) })), [
      '(150, 4)',
      '(150,)',
    ]);
    const bunch = call('sklearn.datasets.load_digits');
    assert.ok(bunch.kind === 'object');
    assert.deepEqual(
      [...bunch.args].map(([k, v]) => [k, shapes(v)]),
      [
        ['data', '(1797, 64)'],
        ['target', '(1797,)'],
        ['images', '(1797, 8, 8)'],
      ],
    );
  });

  it('flows through tf.data', () => {
    const set = call('tf.data.Dataset.from_tensor_slices', [tuple([array(100, 28, 28), array(100)])]);
    assert.deepEqual(shapes(set), ['(28, 28)', '()']);
    const batched = call('tensorflow.data.Dataset.batch', [
      call('tensorflow.data.Dataset.shuffle', [set, integer(10)]),
      integer(32),
    ]);
    assert.deepEqual(shapes(batched), ['(None, 28, 28)', '(None,)']);
    assert.deepEqual(
      shapes(call('tensorflow.data.Dataset.batch', [set, integer(32)], { drop_remainder: boolean(true) })),
      ['(32, 28, 28)', '(32,)'],
    );
    const mapped = call('tensorflow.data.Dataset.map', [set, unknownValue('a function')], {}, ([x, y]) =>
      tuple([call('tensorflow.expand_dims', [x!, integer(-1)]), y!]),
    );
    assert.deepEqual(shapes(mapped), ['(28, 28, 1)', '()']);
    assert.deepEqual(shapes(call('tensorflow.data.Dataset.zip', [tuple([set, mapped])])), [
      ['(28, 28)', '()'],
      ['(28, 28, 1)', '()'],
    ]);
  });

  it('is read from directories', () => {
    const path = 'keras.utils.image_dataset_from_directory';
    assert.deepEqual(shapes(call(path, [text('flowers')])), ['(None, 256, 256, 3)', '(None,)']);
    const options = {
      label_mode: text('categorical'),
      class_names: list([text('a'), text('b')]),
      image_size: tuple([integer(64), integer(32)]),
      color_mode: text('grayscale'),
    };
    assert.deepEqual(shapes(call(path, [text('flowers')], options)), ['(None, 64, 32, 1)', '(None, 2)']);
    assert.deepEqual(shapes(call(path, [text('flowers')], { subset: text('both') })), [
      ['(None, 256, 256, 3)', '(None,)'],
      ['(None, 256, 256, 3)', '(None,)'],
    ]);
    assert.equal(shapes(call(path, [text('flowers')], { label_mode: NONE })), '(None, 256, 256, 3)');
    assert.deepEqual(
      shapes(call('keras.utils.timeseries_dataset_from_array', [array(1000, 5), array(1000), integer(20)])),
      ['(None, 20, 5)', '(None,)'],
    );
  });

  it('is padded and tokenised to a length', () => {
    const reviews = asTensor(items(items(call('keras.datasets.imdb.load_data'))[0]!)[0]);
    assert.equal(
      shapes(call('keras.preprocessing.sequence.pad_sequences', [reviews], { maxlen: integer(80) })),
      '(25000, 80)',
    );
    assert.equal(shapes(call('keras.utils.pad_sequences', [unknownValue('tokens')])), '(?, ?)');
  });

  it('of random integers may be labels', () => {
    const y = asTensor(call('numpy.random.randint', [integer(0), integer(10)], { size: integer(500) }));
    assert.deepEqual([shapeText(y.shape), y.facts?.labels, dimText(y.facts!.classes!)], ['(500,)', true, '10']);
    const eye = asTensor(call('numpy.eye', [integer(10)]));
    assert.equal(eye.facts?.oneHot, true);
  });
});

describe('ops', () => {
  it('have every path once', () => {
    const paths = allOps().flatMap(o => o.paths);
    assert.deepEqual(
      paths.filter((p, i) => paths.indexOf(p) !== i),
      [],
    );
  });

  it('read methods of arrays', () => {
    assert.equal(shapes(call('tensor.reshape', [array(6, 4), integer(-1), integer(8)])), '(3, 8)');
    assert.equal(shapes(call('tensor.reshape', [array(6, 4), tuple([integer(2), integer(12)])])), '(2, 12)');
    assert.equal(shapes(call('tensor.transpose', [array(6, 4, 2), integer(2), integer(0), integer(1)])), '(2, 6, 4)');
    assert.equal(shapes(call('tensor.sum', [array(6, 4)], { axis: integer(0) })), '(4,)');
  });

  it('never throw, whatever they are given', () => {
    const odd: readonly Value[] = [
      unknownValue('something'),
      NONE,
      integer(-3),
      float(0.5),
      text('x'),
      list([]),
      list([text('a'), integer(1)]),
      tuple([array(2, 3)]),
      array(),
      array(null, 3),
      { kind: 'dict', entries: new Map() },
      { kind: 'tensor', shape: { kind: 'unranked', why: 'unknown' }, flavour: 'symbolic' },
      { kind: 'object', path: 'x', args: new Map() },
    ];
    const thrown: string[] = [];
    for (const op of allOps()) {
      for (const first of odd) {
        for (const second of odd) {
          const bound = bindArguments(op.parameters, {
            positional: [first, second, integer(2)].slice(0, op.parameters.filter(p => !p.keywordOnly).length),
            keywords: new Map(),
          });
          if (isFailure(bound)) continue;
          const infer = (): unknown =>
            op.infer({
              args: readArguments(op.parameters, bound),
              path: op.paths[0]!,
              framework: 'keras',
              isMethod: false,
              call: () => unknownValue('no function'),
            });
          try {
            infer();
          } catch (error) {
            thrown.push(`${op.paths[0]} on ${JSON.stringify(first)}, ${JSON.stringify(second)}: ${String(error)}`);
          }
        }
      }
    }
    assert.deepEqual(thrown, []);
  });
});
