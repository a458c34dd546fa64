// One side of the benchmark in a process of its own: trains a model compiled, eagerly, or by tfjs-layers' `fit`.
//
// Speaks lines: prints {"ready"}, then for every line "N" read from stdin trains N steps and prints what they took.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type * as tfjs from '@tensorflow/tfjs';
import type { Tf } from '../../src/train/compile';
import { createCompiler, createOptimizer } from '../../src/train/compile';
import { lossOf, models, Weights } from './models';
import '../../src/train/node-compat';

const [name, batchText, mode, runtime] = process.argv.slice(2) as [
  string,
  string,
  'compiled' | 'eager' | 'fit',
  string,
];
const BATCHES = 4;

async function main(): Promise<void> {
  const batch = Number(batchText);
  const tf = createRequire(path.join(runtime, 'package.json'))('@tensorflow/tfjs-node') as Tf;
  const model = models[name]!;
  const data = Array.from({ length: BATCHES }, (_, i) => ({
    x: tf.randomUniform([batch, ...model.input], 0, 1, 'float32', i + 1),
    y:
      model.classes > 0
        ? tf.randomUniform([batch], 0, model.classes, 'int32', i + 1)
        : tf.randomUniform([batch, 1], 0, 1, 'float32', i + 1),
  }));
  const started = performance.now();
  const train = mode === 'fit' ? await fitting(tf, model, data) : stepping(tf, model, data);
  await train(1);
  const first = performance.now() - started;
  await train(4);
  console.log(JSON.stringify({ ready: true, compile: compiling ?? first / 1000, note }));
  for await (const line of createInterface({ input: process.stdin })) {
    const steps = Number(line);
    const cpu = process.cpuUsage();
    const begun = performance.now();
    await train(steps);
    const wall = (performance.now() - begun) / 1000;
    const used = process.cpuUsage(cpu);
    console.log(
      JSON.stringify({
        wall: wall / steps,
        cpu: (used.user + used.system) / 1e6 / steps,
        memory: process.resourceUsage().maxRSS / 1024,
      }),
    );
  }
}

let compiling: number | undefined;
let note = '';

type Train = (steps: number) => Promise<void>;
type Data = { x: tfjs.Tensor; y: tfjs.Tensor }[];

function stepping(tf: Tf, model: (typeof models)[string], data: Data): Train {
  const weights = new Weights(tf);
  tf.tidy(() => model.forward(tf, weights, data[0]!.x));
  const variables = [...weights.made.values()].filter(variable => variable.trainable);
  const folder = process.env.BENCH_GRAPH;
  const compiler = createCompiler(tf, {
    ...(mode === 'eager' ? { eager: 'for comparison' } : {}),
    ...(folder && {
      onLoad: (savedModel, [graph]) => {
        fs.writeFileSync(path.join(folder, 'saved_model.pb'), savedModel);
        fs.writeFileSync(path.join(folder, 'graph.json'), JSON.stringify(graph));
      },
    }),
    onMode: (_name, _signature, decided) => {
      if (decided.kind === 'compiled') compiling = decided.milliseconds / 1000;
      note =
        decided.kind === 'compiled'
          ? `${decided.operations} operations`
          : decided.kind === 'eager'
            ? decided.reason
            : '';
    },
  });
  const optimizer = createOptimizer(tf, { class: 'Adam' });
  optimizer.build(variables);
  const step = compiler.step('train', (inputs: Record<string, tfjs.Tensor | number | boolean>) => {
    const { value, grads } = tf.variableGrads(
      () => lossOf(tf, model, model.forward(tf, weights, inputs.x as tfjs.Tensor), inputs.y as tfjs.Tensor),
      variables,
    );
    optimizer.apply(grads, inputs);
    return { loss: value };
  });
  let iteration = 0;
  return async steps => {
    for (let i = 0; i < steps; i++) {
      const { loss } = step({ ...data[iteration % BATCHES]!, ...optimizer.inputs({ iteration, learningRate: 1e-3 }) });
      loss.dataSync();
      loss.dispose();
      iteration++;
    }
  };
}

async function fitting(tf: Tf, model: (typeof models)[string], data: Data): Promise<Train> {
  const built = model.layers!(tf);
  built.compile({
    optimizer: tf.train.adam(1e-3),
    loss:
      model.classes > 0
        ? (y: tfjs.Tensor, logits: tfjs.Tensor) =>
            tf.losses.softmaxCrossEntropy(tf.oneHot(tf.cast(tf.reshape(y, [-1]), 'int32'), model.classes), logits)
        : 'meanSquaredError',
  });
  const repeated = function* (count: number): Generator<{ xs: tfjs.Tensor; ys: tfjs.Tensor }> {
    for (let i = 0; i < count; i++) {
      const { x, y } = data[i % BATCHES]!;
      yield { xs: x.clone(), ys: tf.reshape(tf.cast(y, 'float32'), [-1, 1]) };
    }
  };
  return async steps => {
    const dataset = tf.data.generator(() => repeated(steps) as never);
    await built.fitDataset(dataset, { epochs: 1, verbose: 0 });
  };
}

void main();
