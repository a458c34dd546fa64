// Random TensorFlow.js models, written as code for the checker and built in the real tfjs-layers in the same run: the same
// output shapes, parameters and names wherever ours knows them, and no word against a model that tfjs builds.
//
// MODELWRIGHT_SEED=n tries other models, MODELWRIGHT_MODELS=n more of them.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs';
import { interpret } from '../../../src/infer/interpret';
import type { ModelFacts } from '../../../src/ir/model';
import { diagnose } from '../../../src/rules';
import type { SourceParser } from '../../../src/parse/grammar';
import { parserOf } from '../../unit/parse/parsers';

const MODELS = Number(process.env.MODELWRIGHT_MODELS ?? 1500);
const SEED = Number(process.env.MODELWRIGHT_SEED ?? 7);

type Options = Record<string, unknown>;
type Described = readonly [factory: string, options: Options];

const some = <T>(...of: T[]): fc.Arbitrary<T> => fc.constantFrom(...of);
const units = fc.integer({ min: 1, max: 6 });
const activation = some('relu', 'tanh', 'softmax', 'linear', 'hardSigmoid', 'elu');
const padding = some('valid', 'same');
/** Rows above and below, columns left and right. */
const UNEVEN = [
  [1, 0],
  [0, 1],
];
const dataFormat = some('channelsLast', 'channelsLast', 'channelsFirst');
const window = (rank: number): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.integer({ min: 1, max: 3 }),
    fc.array(fc.integer({ min: 1, max: 3 }), { minLength: rank, maxLength: rank }),
  );

/** Options of which each may be left out. */
const options = (
  required: Record<string, fc.Arbitrary<unknown>>,
  optional: Record<string, fc.Arbitrary<unknown>> = {},
) => fc.record({ ...required, ...optional }, { requiredKeys: Object.keys(required) }) as fc.Arbitrary<Options>;
const layer = (factory: string, of: fc.Arbitrary<Options> = fc.constant({})): fc.Arbitrary<Described> =>
  of.map(o => [factory, o] as const);

const recurrent = { returnSequences: fc.boolean(), useBias: fc.boolean(), goBackwards: fc.boolean(), activation };
const conv = (rank: number) =>
  options(
    { filters: units, kernelSize: window(rank) },
    { strides: window(rank), padding, useBias: fc.boolean(), activation, dataFormat },
  );
const pool = (rank: number) => options({}, { poolSize: window(rank), strides: window(rank), padding });

const ANYWHERE: readonly fc.Arbitrary<Described>[] = [
  layer('dense', options({ units }, { activation, useBias: fc.boolean(), name: some('head', 'aB') })),
  layer('activation', options({ activation })),
  layer('dropout', options({ rate: some(0.1, 0.5) })),
  layer('gaussianNoise', options({ stddev: some(0.1) })),
  layer('gaussianDropout', options({ rate: some(0.1) })),
  layer('alphaDropout', options({ rate: some(0.1) })),
  layer('spatialDropout1d', options({ rate: some(0.1) })),
  layer('flatten'),
  layer('flatten', options({}, { dataFormat })),
  layer('repeatVector', options({ n: units })),
  layer('permute', options({ dims: some([2, 1], [1, 2], [3, 1, 2], [1]) })),
  layer('reshape', options({ targetShape: some([4], [2, 2], [-1], [-1, 2], [2, -1, 2], [3]) })),
  layer('batchNormalization', options({}, { axis: some(-1, 1), scale: fc.boolean(), center: fc.boolean() })),
  layer('layerNormalization', options({}, { axis: some(-1, 1), scale: fc.boolean(), center: fc.boolean() })),
  layer('leakyReLU'),
  layer('reLU', options({}, { maxValue: some(6) })),
  layer('prelu', options({}, { sharedAxes: some([1]) })),
  layer('elu'),
  layer('softmax'),
  layer('thresholdedReLU', options({ theta: some(1) })),
  layer('embedding', options({ inputDim: units, outputDim: units }, { inputLength: some(4) })),
  layer('masking', options({ maskValue: some(0) })),
];

/** For sequences, images and volumes: by how many axes lie between batch and channels. */
const SPATIAL: readonly (readonly fc.Arbitrary<Described>[])[] = [
  [],
  [
    layer('conv1d', conv(1)),
    layer('globalMaxPooling1d'),
    layer('globalAveragePooling1d'),
    layer('simpleRNN', options({ units }, recurrent)),
    layer('lstm', options({ units }, recurrent)),
    layer('gru', options({ units }, recurrent)),
    layer('maxPooling1d', pool(1)),
    layer('averagePooling1d', pool(1)),
  ],
  [
    layer('conv2d', conv(2)),
    layer('conv2d', options({ filters: units, kernelSize: window(2) }, { dilationRate: some(2), padding })),
    layer(
      'conv2dTranspose',
      options({ filters: units, kernelSize: window(2) }, { strides: window(2), padding, dataFormat }),
    ),
    layer('separableConv2d', options({ filters: units, kernelSize: window(2) }, { padding, depthMultiplier: some(2) })),
    layer(
      'depthwiseConv2d',
      options({ kernelSize: window(2) }, { padding, depthMultiplier: some(2), strides: some(1, 2) }),
    ),
    layer('globalMaxPooling2d', options({}, { dataFormat })),
    layer('globalAveragePooling2d', options({}, { dataFormat })),
    layer('upSampling2d', options({}, { size: some([2, 2], [1, 3]), dataFormat })),
    layer('zeroPadding2d', options({}, { padding: some<unknown>(1, [1, 2], UNEVEN), dataFormat })),
    layer('cropping2D', options({ cropping: some<unknown>(1, [1, 1], UNEVEN) }, { dataFormat })),
    layer('maxPooling2d', pool(2)),
    layer('averagePooling2d', pool(2)),
  ],
  [
    layer('conv3d', conv(3)),
    layer('conv3dTranspose', options({ filters: units, kernelSize: window(3) }, { strides: window(3), padding })),
    layer('maxPooling3d', pool(3)),
    layer('averagePooling3d', pool(3)),
  ],
];

interface Written {
  input: number[];
  layers: readonly Described[];
}

const written: fc.Arbitrary<Written> = some([4], [6], [4, 3], [8, 2], [6, 6, 2], [8, 7, 3], [4, 4, 4, 2]).chain(input =>
  fc.record({
    input: fc.constant(input),
    layers: fc.array(fc.oneof(...ANYWHERE, ...SPATIAL[input.length - 1]!, ...SPATIAL[input.length - 1]!), {
      minLength: 1,
      maxLength: 4,
    }),
  }),
);

const callOf = ([factory, o]: Described): string => `tf.layers.${factory}(${JSON.stringify(o)})`;

function textOf({ input, layers }: Written): string {
  const [first, ...others] = layers as [Described, ...Described[]];
  const all = [[first[0], { ...first[1], inputShape: input }] as const, ...others];
  return `import * as tf from '@tensorflow/tfjs';\nconst model = tf.sequential({ layers: [\n${all
    .map(each => `  ${callOf(each)},\n`)
    .join('')}] });\n`;
}

function real({ input, layers }: Written): tf.Sequential {
  const factories = tf.layers as unknown as Record<string, (o: Options) => tf.layers.Layer>;
  // Automatic names are counted through the whole process; here every model is the first one.
  const made = layers.map(([factory, o], i) =>
    factories[factory]!(structuredClone(i === 0 ? { ...o, inputShape: input } : o)),
  );
  return tf.sequential({ layers: made });
}

interface Layer {
  name: string;
  shape: unknown;
  params: unknown;
}

/** Numbers of automatic names count from 1 in every model: `dense_Dense7` may be the first here. */
function renumbered(layers: readonly Layer[]): Layer[] {
  const seen = new Map<string, Map<string, number>>();
  return layers.map(each => {
    const [, prefix, number] = /^([a-z].*_[A-Z]\w*?)(\d+)$/.exec(each.name) ?? [];
    if (prefix === undefined || number === undefined) return each;
    const of = seen.get(prefix) ?? seen.set(prefix, new Map()).get(prefix)!;
    if (!of.has(number)) of.set(number, of.size + 1);
    return { ...each, name: `${prefix}${of.get(number)}` };
  });
}

const realLayers = (model: tf.Sequential): Layer[] =>
  renumbered(model.layers.map(l => ({ name: l.name, shape: l.outputShape, params: l.countParams() })));

const ourLayers = (facts: ModelFacts): Layer[] =>
  renumbered(
    facts.layers
      .filter(l => l.className !== 'InputLayer')
      .map(l => ({ name: l.name, shape: l.calls[0]?.outputShapes[0] ?? null, params: l.params })),
  );

function runs(model: tf.Sequential, input: readonly number[]): boolean {
  try {
    void model.predict(tf.zeros([2, ...input]));
    return true;
  } catch {
    return false;
  }
}

/** `wanted`, with our length wherever tfjs leaves one open that is not the batch (it does so behind an embedding). */
function knownBoth(wanted: Layer, got: Layer): Layer {
  const [theirs, ours] = [wanted.shape as (number | null)[], got.shape as (number | null)[]];
  return { ...wanted, shape: theirs.map((d, i) => (d === null && i > 0 ? (ours[i] ?? null) : d)) };
}

describe('TensorFlow.js models against tfjs-layers itself', function () {
  this.timeout(300_000);
  let parser: SourceParser;
  before(async () => {
    parser = await parserOf('typescript');
    await tf.setBackend('cpu');
  });

  it(`agrees on ${MODELS} random stacks`, () => {
    const wrong: string[] = [];
    let [compared, unknown, built] = [0, 0, 0];
    for (const candidate of fc.sample(written, { seed: SEED, numRuns: MODELS })) {
      const text = textOf(candidate);
      const program = parser.parse(text);
      const facts = interpret(program);
      const found = diagnose({ text, language: program.language, program, facts });
      tf.engine().startScope();
      let model: tf.Sequential | undefined;
      try {
        model = real(candidate);
      } catch {
        // What is refused needs no comparison: to say nothing is allowed too.
      }
      const theirs = model && realLayers(model);
      // tfjs goes on with empty and negative lengths; what it then builds can hold no data.
      const empty = theirs?.some(l => /[[,](0|-\d+)[\],]/.test(JSON.stringify(l.shape)));
      // It also builds some models whose layers then refuse every tensor; to say so before is right.
      if (model && !empty && found.length > 0 && runs(model, candidate.input)) {
        wrong.push(text + found.map(d => `${d.code}: ${d.message}`).join('\n'));
      }
      tf.engine().endScope();
      if (!theirs || empty || found.length > 0) continue;
      built++;
      const ours = ourLayers(facts.models[0]!.facts);
      theirs.forEach((wanted, i) => {
        const got = ours[i];
        compared++;
        const known = got && Array.isArray(got.shape) && got.shape.every(d => d === null || typeof d === 'number');
        if (!known || got.params === null) unknown++;
        else if (JSON.stringify(got) !== JSON.stringify(knownBoth(wanted, got))) {
          wrong.push(`${text}layer ${i}: ours ${JSON.stringify(got)}, tfjs ${JSON.stringify(wanted)}`);
        }
      });
    }
    assert.equal(wrong.length, 0, `${wrong.length} of ${compared} wrong\n${wrong.slice(0, 12).join('\n\n')}`);
    assert.ok(built >= MODELS / 4 && compared >= MODELS / 2, `${built} built, ${compared} layers compared`);
    assert.ok(unknown * 50 <= compared, `${unknown} of ${compared} layers unknown`);
  });
});
