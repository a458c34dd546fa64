/**
 * Models of Keras as TensorFlow.js and back: what is written runs in the real TensorFlow.js here and ran in the real
 * Keras when it was recorded (record.py); shapes, parameters and predictions for the same weights are the same.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import prettier from 'prettier';
import type { ModelFacts } from '../../../src/ir/model';
import { listedLayers, outputShapes } from '../../../src/ide/summary';
import { modelOf, roundTrip } from './converted';

interface Described {
  readonly layers: readonly (readonly [name: string, className: string, params: number])[];
  readonly shapes: readonly (readonly (number | null)[])[];
  readonly predictions: readonly (readonly number[])[];
}

interface Recorded {
  readonly models: readonly { source: string; back: string; keras: Described; again: Described }[];
}

const recorded = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, 'recorded.json'), 'utf8')) as Recorded;

/** What `summary()` shows; a name where the author gave one. */
function summary(model: ModelFacts): unknown {
  const rows = listedLayers(model).map(layer => ({
    name: layer.given.includes('name') || layer.model ? layer.name : null,
    className: layer.className,
    shapes: outputShapes(layer),
    params: layer.params,
    inner: layer.model && summary(layer.model),
  }));
  return { rows, params: model.params, inputs: model.inputShapes, outputs: model.outputShapes };
}

/** The model that the code builds, in the real TensorFlow.js. */
function built(code: string): tf.LayersModel {
  const body = code.replace(/^import .*\n/, '');
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const build = new Function('tf', `${body}\nreturn model;`) as (library: typeof tf) => tf.LayersModel;
  return build(tf);
}

const fill = (shape: readonly (number | null)[], seed: number, positive: boolean): tf.Tensor => {
  const count = shape.reduce<number>((a, b) => a * b!, 1);
  const values = Float32Array.from({ length: count }, (_, i) => {
    const value = 0.4 * Math.sin(0.7 * i + seed);
    return positive ? Math.abs(value) + 0.5 : value;
  });
  return tf.tensor(values, shape as number[]);
};

function weighted(model: tf.LayersModel): tf.layers.Layer[] {
  return model.layers.flatMap(layer =>
    'layers' in layer ? weighted(layer as unknown as tf.LayersModel) : layer.weights.length > 0 ? [layer] : [],
  );
}

/** The same numbers as in record.py. */
function setWeights(model: tf.LayersModel): void {
  const layers = weighted(model);
  if (!(model instanceof tf.Sequential)) layers.sort((a, b) => (a.name < b.name ? -1 : 1));
  layers.forEach((layer, at) => {
    const isNormalization = layer.getClassName() === 'BatchNormalization';
    const last = layer.weights.length - 1;
    layer.setWeights(layer.weights.map(({ shape }, i) => fill(shape, at + 3 * i, isNormalization && i === last)));
  });
}

function predictions(model: tf.LayersModel, ids: boolean): number[][] {
  const inputs = model.inputs.map(({ shape }, seed) => {
    const whole = [2, ...(shape.slice(1) as number[])];
    const count = whole.reduce((a, b) => a * b, 1);
    const values = Float32Array.from({ length: count }, (_, i) => {
      const value = Math.sin(1.3 * i + seed);
      return ids ? Math.floor(Math.abs(value) * 20) : value;
    });
    return tf.tensor(values, whole);
  });
  const outputs = model.predict(inputs.length > 1 ? inputs : inputs[0]!);
  return (Array.isArray(outputs) ? outputs : [outputs]).map(y => [...y.dataSync()]);
}

const farthest = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number =>
  Math.max(...a.flatMap((row, i) => row.map((value, j) => Math.abs(value - b[i]![j]!))));

describe('conversion between Keras and TensorFlow.js, held against both', function () {
  this.timeout(60_000);
  afterEach(() => tf.disposeVariables());

  it('covers at least 50 models', () => assert.ok(recorded.models.length >= 50));

  recorded.models.forEach(({ source, back: recordedBack, keras: ran, again: ranAgain }, i) => {
    it(`model ${i}: ${ran.layers.map(([, className]) => className).join(' ')}`, async () => {
      const { keras, tfjs, between, back, again } = await roundTrip(source);
      assert.deepEqual([tfjs.notes, back.notes], [[], []]);
      assert.deepEqual(summary(again), summary(keras));
      assert.equal(back.code, recordedBack, 'what is written has changed: record it again with record.py');

      // Keras: both programs were run there.
      assert.deepEqual(ranAgain.shapes, ran.shapes);
      const facts = ({ layers }: Described) => layers.map(([, className, params]) => [className, params]);
      assert.deepEqual(facts(ranAgain), facts(ran));
      assert.ok(farthest(ranAgain.predictions, ran.predictions) <= 1e-6);

      // TensorFlow.js: the program is run here.
      const model = built(tfjs.code);
      assert.deepEqual(
        model.outputs.map(({ shape }) => shape),
        ran.shapes,
      );
      assert.equal(model.countParams(), keras.params.total);
      const counts = (layers: readonly { className: string; params: number | null }[]) =>
        layers.filter(layer => layer.className !== 'InputLayer').map(layer => layer.params);
      assert.deepEqual(
        model.layers.filter(layer => layer.getClassName() !== 'InputLayer').map(layer => layer.countParams()),
        counts(listedLayers(between)),
      );
      setWeights(model);
      const distance = farthest(predictions(model, source.includes('Embedding')), ran.predictions);
      assert.ok(distance <= 1e-5, `predictions differ by ${distance}`);

      assert.equal(await prettier.format(tfjs.code, { parser: 'babel' }), tfjs.code);
    });
  });
});

describe('conversion of the examples', function () {
  this.timeout(60_000);

  for (const [file, name] of [
    ['keras/cnn.py', 'cnn'],
    ['tfjs/cnn.ts', 'cnn'],
  ] as const) {
    it(`${file} goes to the other framework and comes back with the same summary`, async () => {
      const { convertModel } = await import('../../../src/convert');
      const text = fs.readFileSync(path.resolve('examples', file), 'utf8');
      const isKeras = file.endsWith('.py');
      const first = await modelOf(text, isKeras ? 'model.py' : 'model.ts');
      const other = convertModel(first, isKeras ? 'tfjs' : 'keras');
      const between = await modelOf(other.code, isKeras ? 'model.js' : 'model.py');
      const back = convertModel(between, first.framework);
      assert.deepEqual(summary(await modelOf(back.code, isKeras ? 'model.py' : 'model.js')), summary(first), name);
      const script = isKeras ? other.code : back.code;
      assert.equal(await prettier.format(script, { parser: 'babel' }), script);
    });
  }

  it('keras/rnn.py, whose sizes its caller gives, becomes a function with the same parameters', async () => {
    const { convertModel } = await import('../../../src/convert');
    const source = fs.readFileSync(path.resolve('examples/keras/rnn.py'), 'utf8');
    const { code, notes } = convertModel(await modelOf(source, 'model.py'), 'tfjs');
    assert.deepEqual(notes, []);
    assert.match(code, /^export function buildModel\(sequenceLength, vocabSize\) \{$/m);
    assert.equal(await prettier.format(code, { parser: 'babel' }), code);
    // Narrower, since TensorFlow.js makes large orthogonal matrices slowly.
    const narrow = code.replace('export ', '').replaceAll('units: 128', 'units: 4');
    const model = built(`${narrow}\nconst model = buildModel(40, 30);`);
    // Two LSTMs of 4 and a Dense: 4 (in + 4 + 1) 4 weights each, then (4 + 1) 30.
    assert.equal(model.countParams(), 4 * (30 + 4 + 1) * 4 + 4 * (4 + 4 + 1) * 4 + 5 * 30);
    assert.deepEqual(model.outputs[0]!.shape, [null, 30]);
  });
});

describe('optimizers with their arguments, to Keras and back', function () {
  this.timeout(60_000);
  const SCRIPT = (optimizer: string): string => `import * as tf from "@tensorflow/tfjs";
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
model.compile({ optimizer: ${optimizer}, loss: "meanSquaredError" });
`;
  const TABLE: readonly (readonly [tfjs: string, keras: RegExp])[] = [
    ['tf.train.sgd(0.2)', /SGD\(learning_rate=0\.2\)/],
    ['tf.train.momentum(0.2, 0.8)', /SGD\(learning_rate=0\.2, momentum=0\.8\)/],
    ['tf.train.momentum(0.2, 0.8, true)', /SGD\(learning_rate=0\.2, momentum=0\.8, nesterov=True\)/],
    ['tf.train.adam()', /optimizer="adam"/],
    [
      'tf.train.adam(0.01, 0.8, 0.99, 1e-5)',
      /Adam\(\s*learning_rate=0\.01, beta_1=0\.8, beta_2=0\.99, epsilon=0\.00001/,
    ],
    ['tf.train.adamax()', /Adamax\(learning_rate=0\.002\)/],
    ['tf.train.adamax(0.01, 0.8)', /Adamax\(learning_rate=0\.01, beta_1=0\.8\)/],
    ['tf.train.adagrad(0.1, 0.3)', /Adagrad\(\s*learning_rate=0\.1, initial_accumulator_value=0\.3/],
    ['tf.train.adadelta(0.5, 0.8, 1e-6)', /Adadelta\(\s*learning_rate=0\.5, rho=0\.8, epsilon=0\.000001/],
    ['tf.train.rmsprop(0.01, 0.8)', /RMSprop\(learning_rate=0\.01, rho=0\.8\)/],
    [
      'tf.train.rmsprop(0.01, 0.9, 0.5, 1e-5, true)',
      /learning_rate=0\.01, momentum=0\.5, epsilon=0\.00001, centered=True/,
    ],
  ];

  for (const [written, inKeras] of TABLE) {
    it(written, async () => {
      const { convertModel } = await import('../../../src/convert');
      const { code, notes } = convertModel(await modelOf(SCRIPT(written), 'model.js'), 'keras');
      assert.deepEqual(notes, []);
      assert.match(code, inKeras);
      const back = convertModel(await modelOf(code, 'model.py'), 'tfjs');
      assert.deepEqual(back.notes, []);
      const settings = (script: string): unknown => built(script).optimizer.getConfig();
      assert.deepEqual(settings(back.code), settings(SCRIPT(written)));
      tf.disposeVariables();
    });
  }

  it('says what Keras has no word for', async () => {
    const { convertModel } = await import('../../../src/convert');
    const model = await modelOf(SCRIPT('tf.train.adamax(0.01, 0.9, 0.999, 1e-7, 0.1)'), 'model.js');
    const { code, notes } = convertModel(model, 'keras');
    assert.match(notes.join(), /decay has no counterpart/);
    assert.match(code, /# compile: The optimizer’s decay/);
  });

  it('gives a function of TensorFlow.js the parameters of its input shape', async () => {
    const { convertModel } = await import('../../../src/convert');
    const source = `import * as tf from "@tensorflow/tfjs";
export function buildModel(sequenceLength, vocabSize = 30) {
  const model = tf.sequential();
  model.add(tf.layers.simpleRNN({ units: 4, inputShape: [sequenceLength, vocabSize] }));
  return model;
}
`;
    const { code } = convertModel(await modelOf(source, 'model.js'), 'keras');
    assert.match(code, /^def build_model\(sequence_length\):$/m);
    assert.match(code, /keras\.Input\(shape=\(sequence_length, 30\)\)/);
    const again = convertModel(await modelOf(code, 'model.py'), 'tfjs');
    assert.match(again.code, /^export function buildModel\(sequenceLength\) \{$/m);
    assert.match(again.code, /inputShape: \[sequenceLength, 30\]/);
  });
});
