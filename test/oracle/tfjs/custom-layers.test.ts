// Programs with layer classes of their own, run by the real TensorFlow.js in the same run: every layer of the model that
// they build has the name, output shape and parameters that the checker says, and an error is where the library throws.
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { listedLayers, outputShapes } from '../../../src/ide/summary';
import { interpret } from '../../../src/infer/interpret';
import type { SourceParser } from '../../../src/parse/grammar';
import { diagnose } from '../../../src/rules';
import { parserOf } from '../../unit/parse/parsers';

const SCALE = `class Scale extends tf.layers.Layer {
  constructor(config) {
    super(config);
    this.units = config.units;
  }
  build(inputShape) {
    this.kernel = this.addWeight('kernel', [inputShape[inputShape.length - 1], this.units], 'float32', tf.initializers.ones());
    this.bias = this.addWeight('bias', [this.units], 'float32', tf.initializers.zeros(), null, false);
  }
  computeOutputShape(inputShape) {
    return [...inputShape.slice(0, -1), this.units];
  }
  call(inputs) {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    return tf.tidy(() => x.matMul(this.kernel.read()).add(this.bias.read()));
  }
  getConfig() {
    return { ...super.getConfig(), units: this.units };
  }
  static get className() {
    return 'Scale';
  }
}`;

/** Each builds `model`, or what its last line says. */
const MODELS: Readonly<Record<string, string>> = {
  'weights, a shape of its own, in a Sequential': `${SCALE}
const model = tf.sequential();
model.add(tf.layers.dense({ units: 4, inputShape: [3] }));
model.add(new Scale({ units: 5 }));
model.add(new Scale({ units: 2, name: 'last' }));`,
  'first in a Sequential': `${SCALE}
const model = tf.sequential({ layers: [new Scale({ units: 5, inputShape: [7] }), tf.layers.dense({ units: 2 })] });`,
  'not trained': `${SCALE}
const model = tf.sequential({ layers: [new Scale({ units: 5, inputShape: [7], trainable: false })] });`,
  'in a graph': `${SCALE}
const input = tf.input({ shape: [6] });
const output = tf.layers.dense({ units: 3 }).apply(new Scale({ units: 4 }).apply(input));
const model = tf.model({ inputs: input, outputs: output });`,
  'called twice': `${SCALE}
const shared = new Scale({ units: 4 });
const [a, b] = [tf.input({ shape: [6] }), tf.input({ shape: [6] })];
const both = tf.layers.add().apply([shared.apply(a), shared.apply(b)]);
const model = tf.model({ inputs: [a, b], outputs: both });`,
  'without a constructor, and a static field for its name': `class Twice extends tf.layers.Layer {
  static className = 'Twice';
  computeOutputShape([batch, width]) {
    return [batch, 2 * width];
  }
  call(x) {
    return tf.concat([x, x], 1);
  }
}
const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [2] }), new Twice(), new Twice({})] });`,
  'without an output shape: that of the input': `class Noise extends tf.layers.Layer {
  static get className() {
    return 'MyNoise';
  }
  call(inputs) {
    return inputs;
  }
}
const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4] }), new Noise(), tf.layers.dense({ units: 1 })] });`,
  'several inputs': `class Mix extends tf.layers.Layer {
  computeOutputShape(inputShapes) {
    const [first, second] = inputShapes;
    return [first[0], first[1] + second[1]];
  }
  static get className() {
    return 'Mix';
  }
}
const [a, b] = [tf.input({ shape: [6] }), tf.input({ shape: [5] })];
const model = tf.model({ inputs: [a, b], outputs: new Mix({}).apply([a, b]) });`,
  'several outputs': `class Halves extends tf.layers.Layer {
  computeOutputShape(inputShape) {
    const half = [inputShape[0], inputShape[1] / 2];
    return [half, half];
  }
  static get className() {
    return 'Halves';
  }
}
const a = tf.input({ shape: [6] });
const [left, right] = new Halves({}).apply(a);
const model = tf.model({ inputs: a, outputs: [left, tf.layers.dense({ units: 2 }).apply(right)] });`,
  'derived from a class of the program': `${SCALE}
class Wide extends Scale {
  constructor(config = {}) {
    super({ ...config, units: 10 });
  }
  build(shape) {
    super.build(shape);
    this.extra = this.addWeight('extra', [3], 'float32', tf.initializers.zeros());
  }
  static get className() {
    return 'Wide';
  }
}
const model = tf.sequential({ layers: [new Wide({ inputShape: [2] }), tf.layers.dense({ units: 1 })] });`,
  'other layers in its fields, whose weights it does not list': `class Holder extends tf.layers.Layer {
  constructor() {
    super({});
    this.inner = tf.layers.dense({ units: 8 });
  }
  computeOutputShape(shape) {
    return [shape[0], 8];
  }
  call(x) {
    return this.inner.apply(Array.isArray(x) ? x[0] : x);
  }
  static get className() {
    return 'Holder';
  }
}
const input = tf.input({ shape: [6] });
const model = tf.model({ inputs: input, outputs: new Holder().apply(input) });`,
  'a shape by slice and splice': `class LastStep extends tf.layers.Layer {
  constructor(config) {
    super(config || {});
  }
  computeOutputShape(inputShape) {
    const outputShape = inputShape.slice();
    outputShape.splice(outputShape.length - 2, 1);
    return outputShape;
  }
  static get className() {
    return 'LastStep';
  }
}
const model = tf.sequential();
model.add(tf.layers.lstm({ units: 4, returnSequences: true, inputShape: [5, 3] }));
model.add(new LastStep());
model.add(tf.layers.dense({ units: 2 }));`,
  'fields, getters and arrow functions': `class Fields extends tf.layers.Layer {
  width = 3;
  shapeOf = shape => [shape[0], this.width];
  get doubled() {
    return 2 * this.width;
  }
  set doubled(value) {
    this.width = value / 2;
  }
  computeOutputShape(shape) {
    return [...this.shapeOf(shape), this.doubled];
  }
  static get className() {
    return 'Fields';
  }
}
const input = tf.input({ shape: [6] });
const model = tf.model({ inputs: input, outputs: new Fields().apply(input) });`,
};

/** Programs that throw in the library. */
const BROKEN: Readonly<Record<string, readonly [code: string, fault: string]>> = {
  'what comes out does not fit the next layer': [
    `${SCALE}
const model = tf.sequential({ layers: [new Scale({ units: 5, inputShape: [7] }), tf.layers.lstm({ units: 2 })] });`,
    'rank-mismatch',
  ],
  'no input shape': [
    `${SCALE}
const model = tf.sequential();
model.add(new Scale({ units: 5 }));`,
    'missing-input-shape',
  ],
  'a weight of an open axis': [
    `${SCALE}
const y = new Scale({ units: 5 }).apply(tf.input({ shape: [null] }));`,
    'undefined-size',
  ],
  'a weight without an initializer': [
    `class Plain extends tf.layers.Layer {
  build() {
    this.w = this.addWeight('w', [3], 'float32');
  }
  static get className() {
    return 'Plain';
  }
}
new Plain().apply(tf.input({ shape: [2] }));`,
    'argument-missing',
  ],
  'an initializer by its name': [
    `class Plain extends tf.layers.Layer {
  build() {
    this.w = this.addWeight('w', [3], 'float32', 'zeros');
  }
  static get className() {
    return 'Plain';
  }
}
new Plain().apply(tf.input({ shape: [2] }));`,
    'argument-invalid',
  ],
  'tensors that do not fit what `call` does': [
    `${SCALE}
const layer = new Scale({ units: 5 });
layer.apply(tf.ones([2, 3]));
layer.apply(tf.ones([2, 4]));`,
    'matmul-mismatch',
  ],
};

/** What the library made of the program; its counters of names start anew. */
function ran(code: string): tf.LayersModel | undefined {
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const run = new Function('tf', `${code}\nreturn typeof model === 'undefined' ? undefined : model;`) as (
    library: typeof tf,
  ) => tf.LayersModel | undefined;
  return run(tf);
}

/** The library counts through; the checker begins with 1. */
const uncounted = (name: string): string => name.replace(/\d+$/, '');

describe('layer classes of the program against TensorFlow.js itself', function () {
  this.timeout(60_000);
  let parser: SourceParser;
  before(async () => {
    parser = await parserOf('javascript');
    await tf.setBackend('cpu');
  });
  afterEach(() => tf.disposeVariables());

  const analysed = (code: string) => {
    const text = `import * as tf from '@tensorflow/tfjs';\n${code}\n`;
    const program = parser.parse(text);
    const facts = interpret(program);
    return { facts, diagnostics: diagnose({ text, language: program.language, program, facts }) };
  };

  for (const [what, code] of Object.entries(MODELS)) {
    it(what, () => {
      const real = ran(code)!;
      const { facts, diagnostics } = analysed(code);
      assert.deepEqual(
        diagnostics.map(d => d.message),
        [],
      );
      const ours = facts.models.find(m => m.binding === 'model')!.facts;
      const described = real.layers.map(layer => ({
        name: uncounted(layer.name),
        shape: layer.outputShape,
        params: layer.countParams(),
      }));
      const shapesOf = (shapes: readonly unknown[]): unknown => (shapes.length === 1 ? shapes[0] : shapes);
      assert.deepEqual(
        listedLayers(ours).map(layer => ({
          name: uncounted(layer.name),
          shape: shapesOf(outputShapes(layer)),
          params: layer.params,
        })),
        described,
      );
      assert.equal(ours.params.total, real.countParams());
      const sizes = real.trainableWeights.map(w => w.shape.reduce<number>((a, b) => a * b!, 1));
      assert.equal(
        ours.params.trainable,
        sizes.reduce((a, b) => a + b, 0),
      );
    });
  }

  for (const [what, [code, fault]] of Object.entries(BROKEN)) {
    it(`throws: ${what}`, () => {
      assert.throws(() => ran(code));
      assert.deepEqual(
        analysed(code).facts.faults.map(f => f.detail.kind),
        [fault],
      );
    });
  }
});
