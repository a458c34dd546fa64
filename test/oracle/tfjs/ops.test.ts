// Ops of TensorFlow.js on random arguments, written as code for the checker and called in the real library in the same
// run: the same shapes, and an error exactly where the library throws.
//
// MODELWRIGHT_SEED=n tries other calls, MODELWRIGHT_CALLS=n more of them.
import assert from 'node:assert/strict';
import vm from 'node:vm';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs';
import { interpret } from '../../../src/infer/interpret';
import { isRanked, shapeJson } from '../../../src/ir/shape';
import type { SourceParser } from '../../../src/parse/grammar';
import { parserOf } from '../../unit/parse/parsers';

const CALLS = Number(process.env.MODELWRIGHT_CALLS ?? 2200);
const SEED = Number(process.env.MODELWRIGHT_SEED ?? 11);

type Code = fc.Arbitrary<string>;
const some = (...of: readonly string[]): Code => fc.constantFrom(...of);
const code = (value: unknown): string => JSON.stringify(value);
const size = fc.constantFrom(1, 2, 2, 3, 4, 6);
const int = (min: number, max: number): Code => fc.integer({ min, max }).map(String);
const shapeOf = (min: number, max: number): fc.Arbitrary<number[]> =>
  fc.array(size, { minLength: min, maxLength: max });
const tensor = (min = 0, max = 4): Code => shapeOf(min, max).map(dims => `tf.ones(${code(dims)})`);
const literal = some('3', '[1, 2, 3]', '[[1, 2], [3, 4]]', '[[1, 2, 3], [4, 5, 6]]', '[[[1], [2]]]');
const tensorLike = fc.oneof({ weight: 4, arbitrary: tensor() }, { weight: 1, arbitrary: literal });
const axis = int(-4, 4);
const axisOrNone = fc.oneof(axis, some('undefined', '[0, 1]', '[-1]', '[0, 2]', '[]', 'null'));
const flag = some('true', 'false', 'undefined');
const args = (...parts: readonly Code[]): Code => fc.tuple(...parts).map(all => all.join(', '));
const call = (names: string, ...parts: readonly Code[]): Code =>
  fc.tuple(some(...names.split(' ')), args(...parts)).map(([name, given]) => `tf.${name}(${given})`);
const method = (names: string, self: Code, ...parts: readonly Code[]): Code =>
  fc.tuple(self, some(...names.split(' ')), args(...parts)).map(([x, name, given]) => `${x}.${name}(${given})`);

/** Two shapes that often broadcast. */
const pair: fc.Arbitrary<readonly [number[], number[]]> = shapeOf(0, 3).chain(left =>
  fc
    .tuple(fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), fc.integer({ min: 0, max: 3 }), fc.boolean(), size)
    .map(([ones, cut, spoil, other]) => {
      const right = left.slice(Math.min(cut, left.length)).map((d, i) => (ones[i] ? 1 : spoil && i === 0 ? other : d));
      return [left, right] as const;
    }),
);
const two = (names: string, kind = ''): Code =>
  fc
    .tuple(some(...names.split(' ')), pair, fc.boolean())
    .map(([name, [a, b], asMethod]) =>
      asMethod
        ? `tf.ones(${code(a)})${kind}.${name}(tf.ones(${code(b)})${kind})`
        : `tf.${name}(tf.ones(${code(a)})${kind}, tf.ones(${code(b)})${kind})`,
    );

/** Shapes that differ in one axis alone, most of the time. */
const alike: fc.Arbitrary<number[][]> = shapeOf(1, 3).chain(first =>
  fc
    .array(fc.tuple(fc.nat(2), size, fc.boolean()), { minLength: 0, maxLength: 2 })
    .map(others => [first, ...others.map(([at, d, keep]) => first.map((old, i) => (i === at && !keep ? d : old)))]),
);
const listOf = (names: string, last: Code): Code =>
  fc
    .tuple(some(...names.split(' ')), alike, last)
    .map(([name, shapes, tail]) => `tf.${name}([${shapes.map(s => `tf.ones(${code(s)})`).join(', ')}], ${tail})`);

const targets: Code = fc.tuple(shapeOf(1, 3), fc.nat(5), fc.boolean()).map(([dims, hole, spoil]) => {
  const total = dims.reduce((a, b) => a * b, 1);
  const options = [[total], [-1], [-1, dims.at(-1)!], [dims[0]!, -1], [...dims].reverse(), [total, 1]];
  const target = options[hole]!;
  return `tf.ones(${code(dims)}), ${code(spoil ? [...target, 2] : target)}`;
});

const strides = some('1', '2', '[1, 1]', '[2, 1]', '[2, 2]');
const padding = some("'same'", "'valid'", '0', '1', "'valid'", "'same'");
const convolution = (names: string, spatial: number, extra: Code = fc.constant('')): Code =>
  fc
    .tuple(
      some(...names.split(' ')),
      fc.array(fc.integer({ min: 4, max: 7 }), { minLength: spatial, maxLength: spatial }),
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: spatial, maxLength: spatial }),
      fc.tuple(
        fc.boolean(),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 9 }),
      ),
      spatial === 2 ? strides : some('1', '2'),
      padding,
      extra,
    )
    .map(([name, image, window, [batch, channels, filters, spoil], step, pad, more]) => {
      const x = [...(batch ? [2] : []), ...image, channels];
      const filter = [...window, spoil === 0 ? channels + 1 : channels, ...(spoil === 1 ? [] : [filters])];
      return `tf.${name}(tf.ones(${code(x)}), tf.ones(${code(filter)}), ${step}, ${pad}${more})`;
    });
const pooling = (names: string, spatial: number): Code =>
  fc
    .tuple(
      some(...names.split(' ')),
      fc.array(fc.integer({ min: 4, max: 7 }), { minLength: spatial, maxLength: spatial }),
      fc.boolean(),
      spatial === 2 ? some('2', '3', '[2, 3]') : some('2', '3'),
      spatial === 2 ? strides : some('1', '2'),
      some("'same'", "'valid'"),
    )
    .map(
      ([name, image, batch, window, step, pad]) =>
        `tf.${name}(tf.ones(${code([...(batch ? [2] : []), ...image, 3])}), ${window}, ${step}, ${pad})`,
    );

const UNARY =
  'abs ceil cos exp floor log neg relu relu6 round rsqrt sigmoid sign sin sqrt square tanh elu selu softplus zerosLike onesLike';

/** Every entry is drawn as often as the others. */
const ROWS: readonly Code[] = [
  call(
    'zeros ones randomNormal randomUniform truncatedNormal',
    fc.oneof(shapeOf(0, 4).map(code), some('[2, -1]', '[0, 3]')),
  ),
  call('fill', shapeOf(0, 3).map(code), int(-2, 2)),
  call('scalar', int(-3, 3)),
  call('tensor', literal),
  call(
    'tensor',
    some('[1, 2, 3, 4, 5, 6]', '[[1, 2], [3, 4], [5, 6]]'),
    some('[2, 3]', '[3, 2]', '[6]', '[6, 1]', '[4]', '[1, 6]', '[3, 2, 1]'),
  ),
  call('tensor1d', some('[1, 2, 3]', '[[1], [2]]', '[]', '[4]')),
  call(
    'tensor2d',
    some('[1, 2, 3, 4]', '[[1, 2], [3, 4]]', '[[[1]]]'),
    some('[2, 2]', '[4, 1]', 'undefined', '[4]', '[3, 2]'),
  ),
  call('tensor3d', some('[1, 2, 3, 4]', '[[[1], [2]]]', '[[1]]'), some('[1, 2, 2]', '[1, 2, 1]', 'undefined', '[4]')),
  call('tensor4d', some('[1, 2, 3, 4]', '[[[[1]]]]'), some('[1, 2, 2, 1]', '[1, 1, 1, 1]', 'undefined')),
  call('range', int(-3, 6), int(-3, 6), some('undefined', '1', '2', '-1', '0.5', '-2', '0')),
  call('linspace', int(0, 3), int(4, 9), int(-1, 6)),
  call('eye', int(1, 4), some('undefined', '2', '3'), some('undefined', '[2]', '[2, 3]')),
  call(
    'oneHot',
    fc.oneof(some('[0, 1, 1]', '[[0], [1]]', '0')).map(x => `tf.tensor(${x}, undefined, 'int32')`),
    int(1, 4),
  ),
  call(UNARY, tensorLike),
  method(UNARY.replace(/ (zeros|ones)Like/g, ''), tensor()),
  call('cast', tensor(), some("'int32'", "'float32'", "'bool'")),
  call('leakyRelu', tensor(), some('0.1')),
  call('clipByValue', tensor(), int(-1, 2), int(0, 2)),
  call('dropout', tensor(), some('0', '0.5', '1', '-0.1')),
  two('add sub mul div maximum minimum pow squaredDifference mod'),
  two('equal greater less notEqual greaterEqual lessEqual'),
  two('logicalAnd logicalOr', ".cast('bool')"),
  fc
    .tuple(pair, size)
    .map(([[a, b], d]) => `tf.where(tf.ones(${code(a)}).cast('bool'), tf.ones(${code(b)}), tf.ones([${d}]))`),
  call('add mul sub', tensor(), some('1', '0.5', '[1, 2]')),
  listOf('addN', some('')),
  targets.map(t => `tf.reshape(${t})`),
  targets.map(t => t.replace(/\), /, ').reshape(') + ')'),
  method(
    'reshape',
    tensor(0, 3),
    some('[-1]', '[-1, 2]', '[2, -1, 2]', '[-1, -1]', '[0, 3]', '[1, 1, 1]', '[]', '[-2]'),
  ),
  method('flatten as1D', tensor(0, 3)),
  method('asScalar', tensor(0, 2)),
  method('as2D', tensor(1, 3), size.map(String), size.map(String)),
  method('as3D', tensor(1, 3), size.map(String), size.map(String), size.map(String)),
  call('expandDims', tensorLike, fc.oneof(axis, some('undefined'))),
  call('squeeze', tensor(), fc.oneof(axisOrNone, some('[0]', '[1]'))),
  call(
    'transpose',
    tensorLike,
    some('undefined', '[0, 1]', '[1, 0]', '[2, 0, 1]', '[0, 2, 1]', '[1, 0, 2]', '[0]', '[3, 2, 1, 0]', '[0, -1]'),
  ),
  listOf('concat stack', fc.oneof(int(-3, 3), some('undefined'))),
  listOf('concat2d concat3d', int(-2, 2)),
  alike.map(
    shapes =>
      `tf.ones(${code(shapes[0])}).concat([${shapes
        .slice(1)
        .map(s => `tf.ones(${code(s)})`)
        .join(', ')}])`,
  ),
  call('unstack', tensor(1, 3), fc.oneof(int(-3, 3), some('undefined'))),
  call(
    'split',
    tensor(1, 3),
    some('1', '2', '3', '[1, 1]', '[1, -1]', '[2, 2]', '[1, 2, 1]', '[-1, -1]'),
    fc.oneof(int(-2, 2), some('undefined')),
  ),
  call(
    'slice',
    tensor(0, 3),
    some('0', '1', '[0]', '[0, 1]', '[1, 0]', '[0, 0, 0]', '[2]'),
    some('undefined', '1', '[1]', '[1, 1]', '[-1, 1]', '[2, 2]', '-1'),
  ),
  method('slice', tensor(1, 3), some('0', '1', '[0, 1]'), some('1', '[1]', '[-1, 1]')),
  call('slice1d', tensor(1, 2), int(0, 2), int(1, 3)),
  call('slice2d slice3d', tensor(2, 3), some('[0, 0]', '[1, 0]', '[0, 1, 0]'), some('[1, 1]', '[-1, 2]', '[1, 1, 1]')),
  call(
    'gather',
    tensor(1, 3),
    some('[0]', '[0, 0, 0]', '[[0, 0]]', '0', '[1, 0]', '[7]').map(i => `tf.tensor(${i}, undefined, 'int32')`),
    some('undefined', '0', '1', '-1', '3'),
  ),
  call('gather', tensor(1, 3), some('[0]', '[0, 0]', '[1]', '[5]', '[3, 0]'), some('undefined', '0', '1')),
  call('tile', tensor(0, 3), some('[2]', '[1, 2]', '[2, 3]', '[1, 1, 2]', '[]')),
  call('pad', tensor(0, 3), some('[[1, 1]]', '[[0, 1], [2, 0]]', '[[0, 0], [1, 1], [2, 2]]'), some('undefined', '1')),
  call('pad1d', tensor(1, 1), some('[1, 2]', '[0, 0]')),
  call(
    'mirrorPad',
    tensor(1, 2),
    some('[[1, 1]]', '[[0, 1], [1, 0]]', '[[2, 0], [0, 0]]'),
    some("'reflect'", "'symmetric'"),
  ),
  call('broadcastTo', tensor(0, 3), shapeOf(1, 3).map(code)),
  call('reverse', tensor(0, 3), axisOrNone),
  call('sum mean prod max min logSumExp', tensorLike, axisOrNone, flag),
  method('sum mean max min prod', tensor(), axisOrNone, flag),
  call(
    'all any',
    tensor().map(t => `${t}.cast('bool')`),
    axisOrNone,
    flag,
  ),
  call('norm', tensor(0, 3), some("'euclidean'"), some('undefined', '0', '1', '-1', '5'), flag),
  call('argMax argMin', tensor(0, 3), fc.oneof(axis, some('undefined'))),
  method('argMax', tensor(1, 3), int(-3, 3)),
  // An axis counted from the end makes the library lose lengths, and one beyond the last is taken in silence.
  call('cumsum', tensor(3, 3), int(0, 2)),
  call('softmax logSoftmax', tensor(1, 3), fc.oneof(int(-2, 3), some('undefined'))),
  call('topk', tensor(0, 3), int(-1, 4)).map(c => `${c}.values`),
  call('moments', tensor(0, 3), axisOrNone, flag).map(c => `${c}.mean`),
  fc
    .tuple(shapeOf(0, 2), shapeOf(3, 3), fc.boolean(), fc.boolean(), fc.nat(8), shapeOf(0, 2))
    .map(([batch, [n, k, m], a, b, spoil, other]) => {
      const left = a ? [k, n] : [n, k];
      const inner = spoil === 0 ? k! + 1 : k;
      const right = b ? [m, inner] : [inner, m];
      const batches = spoil === 1 ? other : spoil === 2 ? [] : batch;
      return `tf.matMul(tf.ones(${code([...batch, ...left])}), tf.ones(${code([...batches, ...right])}), ${a}, ${b})`;
    }),
  fc.tuple(shapeOf(0, 3), shapeOf(0, 3)).map(([a, b]) => `tf.dot(tf.ones(${code(a)}), tf.ones(${code(b)}))`),
  fc
    .tuple(shapeOf(1, 2), shapeOf(1, 2))
    .map(([[a = 1], [b = 1]]) => `tf.ones([${a}, ${b}]).dot(tf.ones([${b}, ${a}]))`),
  call('outerProduct', tensor(1, 2), tensor(1, 2)),
  call('diag', tensor(1, 2)),
  call(
    'linalg.qr',
    tensor(2, 2).map(t => t.replace('ones', 'randomNormal')),
    flag,
  ),
  convolution('conv2d', 2, some('', '', ", 'NHWC', 1", ", 'NHWC', 2", ", 'NHWC', [1, 2]")),
  convolution('depthwiseConv2d', 2),
  convolution('conv1d', 1),
  convolution('conv3d', 3),
  fc
    .tuple(
      fc.integer({ min: 4, max: 6 }),
      fc.integer({ min: 1, max: 2 }),
      fc.integer({ min: 1, max: 2 }),
      fc.nat(6),
      strides,
      some("'same'", "'valid'"),
    )
    .map(
      ([n, c, m, spoil, s, p]) =>
        `tf.separableConv2d(tf.ones([1, ${n}, ${n}, ${c}]), ` +
        `tf.ones([3, 3, ${spoil === 0 ? c + 1 : c}, ${m}]), tf.ones([1, ${spoil === 1 ? 2 : 1}, ${spoil === 2 ? c * m + 1 : c * m}, 5]), ${s}, ${p})`,
    ),
  pooling('maxPool avgPool', 2),
  pooling('maxPool3d avgPool3d', 3),
  call('image.resizeBilinear image.resizeNearestNeighbor', tensor(2, 4), some('[4, 5]', '[2, 2]', '[3]')),
  call('image.flipLeftRight', tensor(3, 4)),
  call(
    'image.grayscaleToRGB',
    fc.tuple(shapeOf(1, 3), some('1', '2')).map(([d, c]) => `tf.ones([${[...d, c].join(', ')}])`),
  ),
  call(
    'image.rgbToGrayscale',
    fc.tuple(shapeOf(1, 3), some('3', '2')).map(([d, c]) => `tf.ones([${[...d, c].join(', ')}])`),
  ),
  call(
    'image.cropAndResize',
    some('tf.ones([2, 5, 5, 3])'),
    some('tf.zeros([3, 4])', 'tf.zeros([1, 4])'),
    some("tf.zeros([3], 'int32')", "tf.zeros([1], 'int32')"),
    some('[2, 4]'),
  ).filter(c => c.includes('[3, 4]') === c.includes("[3], 'int32'")),
  call('depthToSpace', some('tf.ones([1, 2, 2, 4])', 'tf.ones([2, 3, 2, 8])', 'tf.ones([1, 2, 2, 3])'), int(1, 3)),
  call(
    'signal.frame',
    fc.integer({ min: 3, max: 12 }).map(n => `tf.ones([${n}])`),
    int(2, 5),
    int(1, 3),
    some('undefined', 'true', 'false'),
  ),
  call(
    'signal.stft',
    fc.integer({ min: 6, max: 12 }).map(n => `tf.ones([${n}])`),
    int(2, 5),
    int(1, 3),
  ),
  call('signal.hannWindow signal.hammingWindow', int(1, 6)),
  call('spectral.rfft', tensor(1, 2)),
  call('meshgrid', some('tf.ones([3])'), some('tf.ones([2])'), some('undefined', "{ indexing: 'ij' }")),
  fc
    .tuple(some('meanSquaredError', 'absoluteDifference'), pair)
    .map(([n, [a, b]]) => `tf.losses.${n}(tf.ones(${code(a)}), tf.ones(${code(b)}))`),
  // Several steps in a row, as programs have them.
  fc
    .tuple(shapeOf(2, 3), int(-2, 1), int(0, 2))
    .map(([d, a, b]) => `tf.ones(${code(d)}).sum(${a}).expandDims(${b}).mul(2)`),
  fc
    .tuple(shapeOf(2, 2), shapeOf(2, 2))
    .map(([a, b]) => `tf.ones(${code(a)}).matMul(tf.ones(${code(b)})).relu().flatten()`),
  fc.tuple(shapeOf(2, 3), int(0, 2)).map(([d, i]) => `tf.zeros([tf.ones(${code(d)}).shape[${i}] || 1, 2])`),
];

const rows: Code = fc.oneof(...ROWS);

/** Shapes of a tensor or of a list of them. */
const shapes = (value: unknown): unknown => (Array.isArray(value) ? value.map(shapes) : (value as tf.Tensor).shape);

function real(text: string): unknown {
  tf.engine().startScope();
  try {
    const value = (vm.runInThisContext(`tf => ${text}`) as (library: unknown) => unknown)(tf);
    return shapes(value);
  } catch {
    return 'throws';
  } finally {
    tf.engine().endScope();
  }
}

describe('ops of TensorFlow.js against the library itself', function () {
  this.timeout(300_000);
  let parser: SourceParser;
  before(async () => {
    parser = await parserOf('javascript');
    await tf.setBackend('cpu');
  });

  /** What goes into a prediction is among the facts, whether it fits or not. */
  const ours = (text: string): { readonly shapes: unknown; readonly isList: boolean } | 'throws' | 'unknown' => {
    const program = `import * as tf from '@tensorflow/tfjs';
const r = ${text};
const model = tf.sequential({ layers: [tf.layers.reLU({ inputShape: [1] })] });
model.predict(r);`;
    const facts = interpret(parser.parse(program));
    const end = program.indexOf('const model');
    if (facts.faults.some(f => f.place.start < end)) return 'throws';
    const features = facts.fits.at(-1)?.features ?? [];
    if (features.length === 0 || !features.every(f => isRanked(f.shape))) return 'unknown';
    return { shapes: features.map(f => shapeJson(f.shape)), isList: features.length > 1 };
  };

  it(`agrees on ${CALLS} random calls`, () => {
    const wrong: string[] = [];
    const seen = new Set<string>();
    let [compared, threw, unknown] = [0, 0, 0];
    for (const text of fc.sample(rows, { seed: SEED, numRuns: CALLS * 2 })) {
      if (seen.has(text) || compared >= CALLS) continue;
      seen.add(text);
      const theirs = real(text);
      const got = ours(text);
      compared++;
      if (theirs === 'throws') threw++;
      if (got === 'unknown') {
        if (Array.isArray(theirs) && theirs.length === 0) continue;
        unknown++;
        if (process.env.MODELWRIGHT_SHOW) wrong.push(`unknown ${text} ${JSON.stringify(theirs)}`);
        continue;
      }
      const same =
        got === 'throws'
          ? theirs === 'throws'
          : JSON.stringify(got.shapes) === JSON.stringify(theirs) ||
            JSON.stringify(got.shapes) === JSON.stringify([theirs]);
      if (!same)
        wrong.push(
          `${text}: ours ${JSON.stringify(got === 'throws' ? got : got.shapes)}, tfjs ${JSON.stringify(theirs)}`,
        );
    }
    assert.equal(wrong.length, 0, `${wrong.length} of ${compared} wrong\n${wrong.slice(0, 60).join('\n')}`);
    assert.ok(compared >= Math.min(CALLS, 1500), `${compared} calls compared`);
    assert.ok(threw * 10 >= compared && threw * 2 <= compared, `${threw} of ${compared} throw`);
    assert.ok(unknown * 50 <= compared, `${unknown} of ${compared} unknown`);
  });
});
