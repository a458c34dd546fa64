// What a compiled step promises beside its numbers: it refuses what it cannot do, keeps variables true, leaves
// nothing behind.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as tfjs from '@tensorflow/tfjs';
import type { Compiler, CompiledFunction, StepInput, StepOutputs, Tf } from '../../../src/train/compile';
import { createCompiler, createOptimizer } from '../../../src/train/compile';
import type { NodeBackend } from '../../../src/train/compile/binding';
import { distance, loadNative, taken, watched } from './native';

/** Where Linux lists the files that this process has open. */
const OPEN_FILES = '/proc/self/fd';

type AnyFunction = CompiledFunction<Record<string, StepInput>, StepOutputs>;
type AnyBody = (inputs: Record<string, never>) => StepOutputs;

describe('the compiled step', function () {
  this.timeout(120_000);
  let tf: Tf;
  before(async () => {
    tf = await loadNative();
  });

  /** Calls until decided, and once more. @returns the last outputs */
  function settle(run: AnyFunction, inputs: Record<string, StepInput> = {}, calls = 5): StepOutputs {
    let outputs: StepOutputs = {};
    for (let i = 0; i < calls; i++) {
      for (const tensor of Object.values(outputs)) tensor.dispose();
      outputs = run(inputs);
    }
    return outputs;
  }

  function define(compiler: Compiler, body: AnyBody): AnyFunction {
    return compiler.step('test', body as never);
  }

  function reasonOf(body: AnyBody, inputs: Record<string, StepInput> = { x: tf.ones([2, 2]) }): string {
    const { compiler, modes } = watched(tf);
    const run = define(compiler, body);
    settle(run, inputs);
    assert.equal(run.mode.kind, 'eager');
    assert.equal(modes.length, 1, 'it is reported once');
    compiler.dispose();
    return run.mode.kind === 'eager' ? run.mode.reason : '';
  }

  describe('stays eager, and says why', () => {
    it('when values are read in the middle', () => {
      const body = ({ x }: { x: tfjs.Tensor }) => ({ y: tf.sum(x).dataSync()[0]! > 0 ? tf.neg(x) : tf.clone(x) });
      assert.match(reasonOf(body as never), /reads a tensor's values in the middle/);
    });

    it('when a number changes from step to step', () => {
      let calls = 0;
      const reason = reasonOf((({ x }: { x: tfjs.Tensor }) => ({ y: tf.mul(x, 0.5 + calls++) })) as never);
      assert.match(reason, /not the same every time: a number made in mul was .*pass it as an input/);
    });

    it('when other operations run from step to step', () => {
      let calls = 0;
      const reason = reasonOf((({ x }: { x: tfjs.Tensor }) => ({ y: calls++ % 2 ? tf.exp(x) : tf.tanh(x) })) as never);
      assert.match(reason, /Exp at one time, Tanh at another|Tanh at one time, Exp at another/);
    });

    it('when the shape of a result depends on data', () => {
      const reason = reasonOf((({ x }: { x: tfjs.Tensor1D }) => ({ y: tf.unique(x).values })) as never, {
        x: tf.ones([3]),
      });
      assert.match(reason, /the shape of a result depends on data \(UniqueV2\)/);
    });

    it('when random numbers are made in JavaScript', () => {
      const reason = reasonOf((({ x }: { x: tfjs.Tensor }) => ({
        y: tf.add(
          x,
          tf.rand([2, 2], () => Math.random()),
        ),
      })) as never);
      assert.match(reason, /values made in .* change: pass them as an input/);
    });

    it('when a pure function assigns a variable', () => {
      const { compiler } = watched(tf);
      const v = tf.variable(tf.ones([2]));
      const run = compiler.pure('assigns', () => {
        v.assign(tf.add(v, 1));
        return { y: tf.sum(v) };
      });
      settle(run);
      assert.match(run.mode.kind === 'eager' ? run.mode.reason : '', /a pure function must not assign a variable/);
      compiler.dispose();
      v.dispose();
    });

    it('when it is asked to, and on another back end', async () => {
      const asked = createCompiler(tf, { eager: 'compiling is off' });
      assert.equal(asked.refusal, 'compiling is off');
      const twice = (({ x }: { x: tfjs.Tensor }) => ({ y: tf.mul(x, 2) })) as never;
      assert.deepEqual([...taken(define(asked, twice)({ x: tf.ones([2]) }).y!)], [2, 2]);
      await tf.setBackend('cpu');
      try {
        const other = createCompiler(tf);
        assert.match(other.refusal ?? '', /the TensorFlow.js back end "cpu" runs no native graphs/);
        assert.deepEqual([...taken(define(other, twice)({ x: tf.ones([2]) }).y!)], [2, 2]);
      } finally {
        await tf.setBackend('tensorflow');
      }
    });

    it('when the graph gives another result', () => {
      const { compiler, modes } = watched(tf);
      // From the third call on the step is another one, as if the graph had been built wrongly.
      let calls = 0;
      const run = define(compiler, (({ x }: { x: tfjs.Tensor }) => {
        calls++;
        return { y: calls > 2 ? tf.tidy(() => tf.add(x, 1)) : tf.mul(x, 3) };
      }) as never);
      settle(run, { x: tf.ones([2]) }, 2);
      assert.equal(run.mode.kind, 'compiled');
      assert.deepEqual([...taken(run({ x: tf.ones([2]) }).y!)], [2, 2], 'the eager result counts');
      assert.match(JSON.stringify(modes.at(-1)), /the compiled step gave another result: y differs by 1/);
      compiler.dispose();
    });

    it('when the graph changes one row of a large variable otherwise', () => {
      const { compiler, modes } = watched(tf);
      const table = tf.variable(tf.zeros([1200, 300]));
      let calls = 0;
      const run = define(compiler, (({ row }: { row: tfjs.Tensor }) => {
        calls++;
        table.assign(tf.add(table, calls > 2 ? tf.expandDims(row, 1) : tf.zeros([1200, 1])));
        return { total: tf.sum(row) };
      }) as never);
      const row = tf.oneHot(tf.scalar(700, 'int32'), 1200).cast('float32');
      settle(run, { row }, 3);
      assert.match(JSON.stringify(modes.at(-1)), /the compiled step gave another result: the variable .* differs by 1/);
      const sums = table.sum(1).dataSync();
      assert.equal(sums[700], 300, 'the eager result counts, and counts once');
      assert.equal(table.sum().dataSync()[0], 300);
      compiler.dispose();
    });
  });

  it('passes errors of the step on, and goes on afterwards', () => {
    const { compiler } = watched(tf);
    const run = define(compiler, (({ x }: { x: tfjs.Tensor2D }) => ({ y: tf.matMul(x, tf.ones([2, 3])) })) as never);
    assert.throws(() => run({ x: tf.ones([2, 4]) }), /incompatible/);
    assert.equal(taken(settle(run, { x: tf.ones([2, 2]) }).y!).length, 6);
    assert.equal(run.mode.kind, 'compiled');
    compiler.dispose();
  });

  it('passes an error of TensorFlow on, and goes on afterwards', () => {
    const { compiler } = watched(tf);
    const table = tf.variable(tf.range(0, 4));
    const run = define(compiler, (({ i }: { i: tfjs.Tensor1D }) => {
      table.assign(tf.add(table, 1));
      return { y: tf.gather(table, i) };
    }) as never);
    settle(run, { i: tf.tensor1d([0, 3], 'int32') });
    assert.throws(() => run({ i: tf.tensor1d([0, 9], 'int32') }), /indices|9 is not in/);
    assert.deepEqual(
      [...taken(run({ i: tf.tensor1d([0, 1], 'int32') }).y!)].map(value => value % 1),
      [0, 0],
    );
    compiler.dispose();
    table.dispose();
  });

  describe('inputs', () => {
    it('numbers are fed, flags decide', () => {
      const { compiler } = watched(tf);
      interface Given {
        x: tfjs.Tensor;
        factor: tfjs.Scalar;
        negative: boolean;
      }
      const run = define(compiler, (({ x, factor, negative }: Given) => {
        const y = tf.mul(x, factor);
        return { y: negative ? tf.neg(y) : y };
      }) as never);
      for (let i = 0; i < 6; i++) {
        assert.deepEqual([...taken(run({ x: tf.tensor1d([1, 2]), factor: i, negative: false }).y!)], [i, 2 * i]);
        const negative = [...taken(run({ x: tf.tensor1d([1, 2]), factor: i, negative: true }).y!)];
        assert.deepEqual(
          negative.map(value => value + 0),
          [0 - i, 0 - 2 * i],
        );
      }
      assert.equal(run.signatures.length, 2);
      assert.ok(run.signatures.every(({ mode }) => mode.kind === 'compiled'));
      compiler.dispose();
    });

    it('the same tensor twice, returned as it is, a variable returned as it is', () => {
      const { compiler } = watched(tf);
      const v = tf.variable(tf.tensor1d([5, 6]));
      const run = define(compiler, (({ a, b }: { a: tfjs.Tensor; b: tfjs.Tensor }) => ({
        sum: tf.add(a, b),
        a,
        v,
      })) as never);
      const x = tf.tensor1d([1, 2]);
      const outputs = settle(run, { a: x, b: x });
      assert.equal(run.mode.kind, 'compiled');
      assert.deepEqual(
        Object.values(outputs).map(tensor => [...taken(tensor)]),
        [
          [2, 4],
          [1, 2],
          [5, 6],
        ],
      );
      assert.deepEqual([...x.dataSync()], [1, 2], 'the input is still there');
      compiler.dispose();
    });

    it('every batch size has its graph, the oldest goes first', () => {
      const { compiler } = watched(tf, { maxSignatures: 2 });
      const total = tf.variable(tf.scalar(0));
      const run = define(compiler, (({ x }: { x: tfjs.Tensor }) => {
        total.assign(tf.add(total, tf.sum(x)));
        return { total: tf.clone(total) };
      }) as never);
      let expected = 0;
      for (let round = 0; round < 4; round++) {
        for (const size of [4, 3, 2]) {
          for (let i = 0; i < 3; i++) {
            expected += size;
            assert.equal(taken(run({ x: tf.ones([size]) }).total!)[0], expected);
          }
        }
      }
      assert.equal(total.dataSync()[0], expected);
      compiler.dispose();
      assert.equal(total.dataSync()[0], expected);
    });
  });

  describe('variables', () => {
    /** A step that adds `x` to a variable and returns twice the new value. */
    function counter(compiler: Compiler): { v: tfjs.Variable; run: AnyFunction } {
      const v = tf.variable(tf.tensor1d([0, 0]));
      const run = define(compiler, (({ x }: { x: tfjs.Tensor }) => {
        v.assign(tf.add(v, x));
        return { y: tf.mul(v, 2) };
      }) as never);
      return { v, run };
    }

    it('leave the tensors alone that they had their values from', () => {
      const { compiler } = watched(tf);
      const start = tf.tensor1d([1, 2, 3]);
      const given = tf.tensor1d([10, 20, 30]);
      const v = tf.variable(start);
      const run = define(compiler, () => {
        v.assign(tf.add(v, 1));
        return { total: tf.sum(v) };
      });
      settle(run);
      assert.equal(run.mode.kind, 'compiled');
      v.assign(given);
      settle(run);
      assert.deepEqual([...start.dataSync()], [1, 2, 3]);
      assert.deepEqual([...given.dataSync()], [10, 20, 30]);
      assert.deepEqual([...v.dataSync()], [15, 25, 35]);
      compiler.dispose();
    });

    it('that an optimiser updates in place leave them alone too', () => {
      const { compiler } = watched(tf);
      const start = tf.tensor1d([1, 2, 3]);
      const w = tf.variable(start);
      const optimizer = createOptimizer(tf, { class: 'SGD' });
      optimizer.build([w]);
      const run = define(compiler, (inputs: Record<string, tfjs.Tensor | number | boolean>) => {
        const { value, grads } = tf.variableGrads(() => tf.sum(tf.square(w)), [w]);
        optimizer.apply(grads, inputs);
        return { loss: value };
      });
      for (let iteration = 0; iteration < 6; iteration++) {
        for (const tensor of Object.values(run(optimizer.inputs({ iteration, learningRate: 0.25 }) as never))) {
          tensor.dispose();
        }
      }
      assert.equal(run.mode.kind, 'compiled');
      assert.deepEqual([...start.dataSync()], [1, 2, 3]);
      assert.deepEqual([...w.dataSync()], [1 / 64, 2 / 64, 3 / 64]);
      compiler.dispose();
    });

    it('can be read, assigned and cloned between steps', () => {
      const { compiler } = watched(tf);
      const { v, run } = counter(compiler);
      const x = tf.tensor1d([1, 10]);
      settle(run, { x });
      assert.deepEqual([...v.dataSync()], [5, 50]);
      const snapshot = v.clone();
      assert.deepEqual([...taken(run({ x }).y!)], [12, 120]);
      assert.deepEqual([...v.dataSync()], [6, 60]);
      assert.deepEqual([...snapshot.dataSync()], [5, 50], 'a clone keeps its value');
      v.assign(snapshot);
      assert.deepEqual([...taken(run({ x }).y!)], [12, 120], 'an assigned value is used');
      assert.deepEqual([...snapshot.dataSync()], [5, 50]);
      const given = Float32Array.of(100, 200);
      compiler.write({ [v.name]: { shape: [2], dtype: 'float32', data: given } });
      run({ x });
      run({ x });
      assert.deepEqual([...given], [100, 200], 'memory of the caller is never changed');
      assert.deepEqual([...compiler.read([v.name])[v.name]!.data], [102, 220]);
      assert.throws(
        () => compiler.write({ nobody: { shape: [], dtype: 'float32', data: given } }),
        /No compiled function uses a variable named "nobody"/,
      );
      assert.throws(
        () => compiler.write({ [v.name]: { shape: [3], dtype: 'float32', data: given } }),
        /is float32 \[2\], not float32 \[3\]/,
      );
      compiler.dispose();
      assert.deepEqual([...v.dataSync()], [102, 220], 'the value is still there without the session');
      assert.deepEqual([...taken(run({ x }).y!)], [206, 460], 'and the step still runs');
    });

    it('assigned twice, read in between, exchanged', () => {
      const { compiler } = watched(tf);
      const [a, b] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(2))];
      const run = define(compiler, () => {
        a.assign(tf.add(a, 1));
        const between = tf.clone(a);
        a.assign(tf.mul(a, 2));
        const old = a.clone();
        a.assign(b);
        b.assign(old);
        return { between };
      });
      let [x, y] = [1, 2];
      for (let i = 0; i < 8; i++) {
        assert.equal(taken(run({}).between!)[0], x + 1);
        [x, y] = [y, (x + 1) * 2];
        assert.deepEqual([a.dataSync()[0], b.dataSync()[0]], [x, y]);
      }
      assert.equal(run.mode.kind, 'compiled');
      compiler.dispose();
    });

    it('made during the first step are used from then on', () => {
      const { compiler } = watched(tf);
      let v: tfjs.Variable | undefined;
      const run = define(compiler, () => {
        v ??= tf.variable(tf.scalar(0));
        v.assign(tf.add(v, 1));
        return { v: tf.clone(v) };
      });
      for (let i = 1; i < 8; i++) assert.equal(taken(run({}).v!)[0], i);
      assert.equal(run.mode.kind, 'compiled');
      compiler.dispose();
    });

    it('are shared between a step and a pure function', () => {
      const { compiler } = watched(tf);
      const { v, run } = counter(compiler);
      const look = compiler.pure('look', ({ x }: { x: tfjs.Tensor }) => ({ y: tf.add(v, x) }));
      const x = tf.tensor1d([1, 1]);
      for (let i = 1; i < 9; i++) {
        run({ x });
        assert.deepEqual([...taken(look({ x }).y)], [i + 1, i + 1]);
      }
      assert.deepEqual([run.mode.kind, look.mode.kind], ['compiled', 'compiled']);
      compiler.dispose();
    });
  });

  describe('random numbers', () => {
    const draw = (): StepOutputs => ({
      uniform: tf.randomUniform([4], 2, 3),
      normal: tf.randomNormal([4], 1, 0.5),
      truncated: tf.truncatedNormal([4]),
      integer: tf.randomUniform([4], 0, 100, 'int32'),
      dropped: tf.dropout(tf.ones([8]), 0.5),
      seeded: tf.randomUniform([4], 0, 1, 'float32', 7),
      choice: tf.multinomial(tf.zeros<tfjs.Rank.R2>([1, 9]), 4),
    });

    function sequence(seed: number, from: number, count: number, eager = false): number[][] {
      const compiler = createCompiler(tf, { seed, ...(eager ? { eager: 'for comparison' } : {}) });
      compiler.counter = from;
      const run = define(compiler, draw);
      const result = Array.from({ length: count }, () => Object.values(run({})).flatMap(tensor => [...taken(tensor)]));
      if (!eager) assert.equal(run.mode.kind, 'compiled');
      compiler.dispose();
      return result;
    }

    it('are the same eager and compiled, differ from step to step, and can be resumed', () => {
      const compiled = sequence(1, 0, 8);
      assert.deepEqual(compiled, sequence(1, 0, 8, true));
      assert.equal(new Set(compiled.map(String)).size, 8);
      assert.deepEqual(sequence(1, 4, 4), compiled.slice(4));
      assert.notDeepEqual(sequence(2, 0, 4), compiled.slice(0, 4));
    });

    it('have the distribution asked for', () => {
      const { compiler } = watched(tf);
      const run = define(compiler, () => ({
        u: tf.randomUniform([20000], -1, 3),
        n: tf.randomNormal([20000], 2, 3),
        d: tf.dropout(tf.ones([20000]), 0.3),
      }));
      const { u, n, d } = Object.fromEntries(
        Object.entries(settle(run)).map(([name, tensor]) => [name, taken(tensor)]),
      );
      const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
      assert.ok(Math.abs(mean(u!) - 1) < 0.05 && Math.min(...u!) >= -1 && Math.max(...u!) < 3);
      assert.ok(Math.abs(mean(n!) - 2) < 0.1 && Math.abs(mean(n!.map(value => (value - 2) ** 2)) - 9) < 0.4);
      assert.ok(Math.abs(mean(d!) - 1) < 0.03 && Math.abs(d!.filter(value => value === 0).length / 20000 - 0.3) < 0.02);
      compiler.dispose();
    });

    it('outside steps are those of TensorFlow.js', () => {
      const drawn = (seed?: number): number[] => [...taken(tf.randomUniform([3], 0, 1, 'float32', seed))];
      assert.deepEqual(drawn(5), drawn(5));
      assert.notDeepEqual(drawn(), drawn());
    });
  });

  it('gives the gradients of TensorFlow.js, to 1e-6', () => {
    const x = tf.randomNormal([6, 5], 0, 1, 'float32', 3);
    const functions: Record<string, (x: tfjs.Tensor) => tfjs.Tensor> = {
      relu: v => tf.relu(v),
      relu6: v => tf.relu6(tf.mul(v, 4)),
      elu: v => tf.elu(v),
      selu: v => tf.selu(v),
      leakyRelu: v => tf.leakyRelu(v, 0.1),
      sigmoid: v => tf.sigmoid(v),
      tanh: v => tf.tanh(v),
      softplus: v => tf.softplus(v),
      sqrt: v => tf.sqrt(tf.add(tf.square(v), 1)),
      rsqrt: v => tf.rsqrt(tf.add(tf.square(v), 1)),
      mean: v => tf.mean(tf.square(v), 1),
      sum: v => tf.sum(tf.exp(v), 0),
      softmax: v => tf.softmax(v),
    };
    // Weights that differ: the gradient of a sum of softmax is zero but for rounding, which says nothing.
    const weight = (y: tfjs.Tensor): tfjs.Tensor => tf.reshape(tf.linspace(-1, 2, y.size), y.shape);
    const gradients = Object.entries(functions).map(
      ([name, f]) =>
        [
          name,
          tf.grad((v: tfjs.Tensor) => {
            const y = f(v);
            return tf.sum(tf.mul(y, weight(y)));
          }),
        ] as const,
    );
    const { compiler } = watched(tf);
    const run = define(compiler, (({ v }: { v: tfjs.Tensor }) =>
      Object.fromEntries(gradients.map(([name, gradient]) => [name, gradient(v)]))) as never);
    const outputs = settle(run, { v: x });
    assert.equal(run.mode.kind === 'eager' ? run.mode.reason : run.mode.kind, 'compiled');
    for (const [name, gradient] of gradients) {
      assert.ok(distance(taken(outputs[name]!), gradient(x).dataSync()) < 1e-6, name);
    }
    compiler.dispose();
  });

  it('gives the gradient of a 1×1 convolution with strides, where oneDNN gives wrong ones', () => {
    for (const channels of [1, 3, 4, 5, 8]) {
      const x = tf.randomNormal<tfjs.Rank.R4>([8, 8, 8, channels], 0, 1, 'float32', 4);
      const kernel = tf.randomNormal<tfjs.Rank.R4>([1, 1, channels, 8], 0, 1, 'float32', 5);
      const small = tf.randomNormal<tfjs.Rank.R4>([8, 4, 4, 8], 0, 1, 'float32', 6);
      const { compiler } = watched(tf);
      const plain = tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, 2, 2, 1]);
      // The kernel's gradient written out: what comes in, as columns of all places, times what goes out.
      const columns = (t: tfjs.Tensor): tfjs.Tensor2D => tf.reshape(t, [-1, t.shape.at(-1)!]);
      const expected = tf.matMul(columns(plain), columns(small), true).dataSync();
      const run = define(compiler, (({ v, dy }: { v: tfjs.Tensor4D; dy: tfjs.Tensor4D }) => ({
        convolution: tf.grad(k => tf.sum(tf.mul(tf.conv2d(v, k as tfjs.Tensor4D, 2, 'same'), dy)))(kernel),
        transposed: tf.grad(k =>
          tf.sum(tf.mul(tf.conv2dTranspose(dy, k as tfjs.Tensor4D, [8, 8, 8, channels], 2, 'same'), v)),
        )(kernel),
        ...(channels === 1 && {
          depthwise: tf.grad(k => tf.sum(tf.mul(tf.depthwiseConv2d(v, k as tfjs.Tensor4D, 2, 'same'), dy)))(
            tf.reshape(kernel, [1, 1, 1, 8]),
          ),
        }),
      })) as never);
      for (let i = 0; i < 20; i++) {
        const outputs = settle(run, { v: x, dy: small });
        for (const [name, values] of Object.entries(outputs)) {
          assert.ok(distance(taken(values), expected) < 1e-4, `${name} of ${channels} channels in run ${i}`);
        }
      }
      compiler.dispose();
    }
  });

  describe('in a folder for temporary files of its own', () => {
    // Other processes that train at the same time make folders beside ours.
    const usual = process.env.TMPDIR;
    let own = '';
    before(() => {
      own = mkdtempSync(path.join(tmpdir(), 'modelwright-test-'));
      process.env.TMPDIR = own;
    });
    after(() => {
      if (usual === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = usual;
      rmSync(own, { recursive: true, force: true });
    });

    it('leaves no tensor, no session, no handle and no folder behind', () => {
      const { binding } = tf.backend() as unknown as NodeBackend;
      const folders = (): number => readdirSync(tmpdir()).filter(name => name.startsWith('modelwright-step-')).length;
      const measure = (): number[] => [
        tf.memory().numTensors,
        binding.getNumOfTensors(),
        binding.getNumOfSavedModels(),
        folders(),
        process.getActiveResourcesInfo().length,
        existsSync(OPEN_FILES) ? readdirSync(OPEN_FILES).length : 0,
      ];
      const w = tf.tidy(() => tf.variable(tf.randomNormal([4, 3])));
      const x = tf.randomNormal([5, 4]);
      tf.dispose([tf.neg(w), tf.neg(x)]); // Values go to TensorFlow at their first use.
      const start = measure();
      const { compiler } = watched(tf);
      const optimizer = createOptimizer(tf, { class: 'Adam' });
      const run = define(compiler, (inputs: Record<string, unknown>) => {
        const { value, grads } = tf.variableGrads(
          () => tf.mean(tf.dropout(tf.matMul((inputs as { x: tfjs.Tensor2D }).x, w as unknown as tfjs.Tensor2D), 0.5)),
          [w],
        );
        optimizer.apply(grads, inputs);
        return { loss: value };
      });
      const steps = (from: number, count: number): void => {
        for (let iteration = from; iteration < from + count; iteration++) {
          run({ x, ...optimizer.inputs({ iteration, learningRate: 1e-3 }) }).loss!.dispose();
        }
      };
      steps(0, 10);
      assert.equal(run.mode.kind, 'compiled');
      const started = measure();
      const memory = process.memoryUsage().rss;
      steps(10, 10_000);
      assert.deepEqual(measure(), started, 'nothing grows over 10,000 steps');
      assert.ok(process.memoryUsage().rss - memory < 40e6, `${(process.memoryUsage().rss - memory) / 1e6} MB more`);
      compiler.dispose();
      optimizer.dispose();
      assert.deepEqual(measure(), start);
    });
  });
});
