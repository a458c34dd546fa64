/** Scripts of all kinds, monitored without a change to them: what is seen of them, what they can be told, how they end. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { TrainEvent } from '../../../src/protocol/messages';
import { column, progress } from '../../../src/protocol/run-state';
import { resumeRun, summarize } from '../../../src/runs';
import { readChildRecord } from '../../../src/runs/connection';
import { program, runtime } from '../runs';
import { runtimeFolder } from '../tensorflow';
import { printed, Scripts } from './scripts';

/** A regression on fixed numbers; `TF` is replaced by the package. Says at its end what its weights are. */
const MODEL = `
function make(name, units = 3, metrics = ['mae']) {
  const model = tf.sequential({ name });
  model.add(tf.layers.dense({ units, inputShape: [4], activation: 'tanh', kernelInitializer: tf.initializers.glorotUniform({ seed: 7 }) }));
  model.add(tf.layers.dense({ units: 1, kernelInitializer: tf.initializers.glorotUniform({ seed: 8 }) }));
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError', metrics });
  return model;
}
const numbers = (n, k) => Array.from({ length: n }, (_, i) => Math.sin(i * 12.9898 + k));
const xs = tf.tensor2d(numbers(256, 1), [64, 4]);
const ys = tf.tensor2d(numbers(64, 2), [64, 1]);
const weights = model => JSON.stringify(model.getWeights().map(w => [...w.dataSync()]));
`;

const FIT = `
const model = make('small');
const history = await model.fit(xs, ys, { epochs: 3, batchSize: 16, shuffle: false, validationSplit: 0.25, verbose: 0 });
console.log(JSON.stringify(history.history), history.epoch);
console.log(weights(model));
`;

const asModule = (body: string, tf = '@tensorflow/tfjs') => `import * as tf from '${tf}';\n${MODEL}\n${body}`;
const asCommon = (body: string, tf = '@tensorflow/tfjs') =>
  `const tf = require('${tf}');\n${MODEL}\n(async () => {\n${body}\n})();\n`;

const types = (events: readonly TrainEvent[]): string =>
  events
    .map(({ type }) => type)
    .filter(type => type !== 'log')
    .join(' ')
    .replace(/\b(step)( step)+/g, '$1s');

describe('monitoring: scripts on @tensorflow/tfjs', function () {
  this.timeout(120_000);
  let scripts: Scripts;
  before(() => {
    scripts = new Scripts(path.resolve('.'), {
      'fit.mjs': asModule(FIT),
      'fit.cjs': asCommon(FIT),
      'fit.ts': `import * as tf from '@tensorflow/tfjs';\nconst kept: number = 3;\nenum Of { A }\n${MODEL.replace(
        /\((name, units = 3, metrics = \['mae'\])\)/,
        '(name: string, units = kept, metrics = ["mae"])',
      )
        .replace('(n, k)', '(n: number, k: number)')
        .replace('weights = model', 'weights = (model: tf.LayersModel)')}\n(async () => {${FIT}})();`,
      'loop.mjs': asModule(`
        const model = make('looped');
        for (let i = 0; i < 12; i++) {
          const [loss, mae] = await model.trainOnBatch(xs, ys);
          if (i % 4 === 0) console.log('loss', loss, mae);
        }
        console.log(weights(model));`),
      'dataset.mjs': asModule(`
        const model = make('streamed', 3, []);
        const data = tf.data.zip({ xs: tf.data.array(await xs.array()), ys: tf.data.array(await ys.array()) }).batch(16).filter(() => true);
        const seen = [];
        await model.fitDataset(data, { epochs: 2, verbose: 0, callbacks: { onBatchEnd: (batch, logs) => void seen.push(logs.loss) } });
        console.log(JSON.stringify(seen));
        console.log(weights(model));`),
      'train-inside.js': `const tf = require('@tensorflow/tfjs');
        exports.train = (model, xs, ys, epochs) => model.fit(xs, ys, { epochs, batchSize: 32, verbose: 0, shuffle: false,
          callbacks: new tf.CustomCallback({ onEpochEnd: async (epoch, logs) => console.log('epoch', epoch, logs.loss) }) });`,
      'several.cjs': asCommon(`
        const { train } = require('./train-inside.js');
        const a = make('first'), b = make('second', 5);
        await train(a, xs, ys, 2);
        await train(b, xs, ys, 3);
        await a.trainOnBatch(xs, ys);
        await b.trainOnBatch(xs, ys);
        await train(a, xs, ys, 1);
        console.log(process.argv.slice(2).join('+'), require.main === module, Object.keys(process.env).filter(k => k.startsWith('MODELWRIGHT_MONITOR')));`),
      'throws.mjs': asModule(`
        const model = make('bad');
        await model.fit(xs, ys, { epochs: 1, batchSize: 32, verbose: 0 });
        console.error('before the end');
        throw new RangeError('the data ran out');`),
      'callback-throws.cjs': asCommon(`
        await make('bad').fit(xs, ys, { epochs: 4, batchSize: 32, verbose: 0, callbacks: { onEpochEnd: e => { if (e === 1) missing(); } } });`),
      'exits.cjs': asCommon(`
        await make('quits').fit(xs, ys, { epochs: 50, batchSize: 32, verbose: 0, callbacks: { onEpochEnd: e => { if (e === 1) process.exit(Number(process.argv[2])); } } });`),
      'long.mjs': asModule(`
        const model = make('long');
        await model.fit(xs, ys, { epochs: 4000, batchSize: 8, shuffle: false, verbose: 0, yieldEvery: 'never' });
        console.log('after the fit', model.optimizer.learningRate);`),
      'killed.mjs': asModule(`
        console.log(process.pid);
        await make('long').fit(xs, ys, { epochs: 4000, batchSize: 8, verbose: 0 });`),
      'long-loop.mjs': asModule(`
        const model = make('long');
        for (;;) await model.trainOnBatch(xs, ys);`),
      'paused.mjs': asModule(`
        const model = make('long');
        await model.fit(xs, ys, { epochs: 60, batchSize: 8, shuffle: false, verbose: 0 });
        console.log(weights(model));`),
      'nothing.mjs': `console.log('no training here');`,
      'missing.cjs': `require('a-package-that-is-nowhere');`,
    });
  });
  after(() => scripts.remove());

  for (const name of ['fit.mjs', 'fit.cjs', 'fit.ts']) {
    it(`${name}: batches, epochs and metrics arrive; the script computes and prints what it does alone`, async () => {
      const [bare, { state, events }] = [await scripts.bare(name), await scripts.run(name)];
      assert.equal(state.status, 'ended', JSON.stringify(state.story.end));
      assert.equal(`${printed(events).join('\n')}\n`, bare.out);
      assert.equal(types(events), 'ready started steps epoch steps epoch steps epoch ended');
      const { setup } = state;
      assert.deepEqual(
        [setup.model, setup.params, setup.epochs, setup.stepsPerEpoch, setup.samples, setup.batchSize, setup.task],
        ['small', 19, 3, 3, 48, 16, 'script'],
      );
      assert.deepEqual([setup.backend?.name, setup.backend?.kind], ['cpu', 'embedded']);
      const history = JSON.parse(bare.out.split(' [')[0]!) as Record<string, number[]>;
      assert.deepEqual(state.epochTable.names.slice(5).sort(), Object.keys(history).sort());
      for (const [metric, values] of Object.entries(history)) {
        assert.deepEqual([...column(state.epochTable, metric)], values, metric);
      }
      assert.equal(state.stepTable.rows, 9);
      assert.ok([...column(state.stepTable, 'mae')].every(Number.isFinite));
      assert.deepEqual([...column(state.stepTable, 'learningRate')], Array(9).fill(0.01));
      assert.equal(progress(state), 1);
    });
  }

  it('follows a loop of trainOnBatch, whose numbers stay the same', async () => {
    const [bare, { state, events }] = [await scripts.bare('loop.mjs'), await scripts.run('loop.mjs')];
    assert.equal(`${printed(events).join('\n')}\n`, bare.out);
    assert.equal(types(events), 'ready started steps ended');
    assert.equal(state.stepTable.rows, 12);
    const losses = bare.out.match(/(?<=^loss )\S+/gm)!.map(Number);
    assert.deepEqual(
      [0, 4, 8].map(row => column(state.stepTable, 'loss')[row]),
      losses,
    );
    assert.equal(state.setup.batchSize, 64);
  });

  it('follows fitDataset, whose length shows after the first epoch', async () => {
    const [bare, { state, events }] = [await scripts.bare('dataset.mjs'), await scripts.run('dataset.mjs')];
    assert.equal(`${printed(events).join('\n')}\n`, bare.out);
    assert.deepEqual([...column(state.stepTable, 'loss')], JSON.parse(bare.out.split('\n')[0]!));
    assert.equal(state.setup.stepsPerEpoch, 4);
    const started = events.find(event => event.type === 'started');
    assert.equal(started?.type === 'started' && started.stepsPerEpoch, 0);
  });

  it('tells several trainings apart, also of functions in other files, and passes arguments on', async () => {
    const [bare, { state, events }] = [
      await scripts.bare('several.cjs', ['a', '--b']),
      await scripts.run('several.cjs', undefined, { args: ['a', '--b'] }),
    ];
    assert.equal(`${printed(events).join('\n')}\n`, bare.out);
    assert.match(bare.out, /a\+--b true \[\]/);
    assert.deepEqual(state.story.parts, [
      { number: 1, name: 'fit 1: first', step: 0, epoch: 0 },
      { number: 2, name: 'fit 2: second', step: 4, epoch: 2 },
      { number: 3, name: 'trainOnBatch 3: first', step: 10, epoch: 5 },
      { number: 4, name: 'fit 4: first', step: 12, epoch: 5 },
    ]);
    assert.deepEqual(
      [...column(state.stepTable, 'step')],
      [...Array(14).keys()].map(n => n + 1),
    );
    assert.deepEqual([...column(state.epochTable, 'epoch')], [1, 2, 3, 4, 5, 6]);
    // The second model of the loop has curves of its own.
    assert.ok(Number.isFinite(column(state.stepTable, 'second/loss')[11]));
    assert.deepEqual(state.setup.metrics, ['loss', 'mae', 'second/loss', 'second/mae']);
    assert.equal(state.setup.epochs, 6);
  });

  it('says how a script failed, with its place and what it had printed', async () => {
    const { state, events, run } = await scripts.run('throws.mjs');
    assert.equal(state.status, 'failed');
    const { end } = state.story;
    assert.ok(end?.kind === 'failed');
    assert.match(end.message, /^The script failed\. RangeError: the data ran out \(throws\.mjs:\d+:\d+\)$/);
    assert.ok(events.some(e => e.type === 'log' && e.from === 'stderr' && e.message === 'before the end'));
    assert.match(fs.readFileSync(path.join(run.folder, 'child.log'), 'utf8'), /RangeError: the data ran out\n +at /);
    assert.equal(state.epoch, 1);
    assert.equal((await summarize(run.folder))?.resumable, false);
  });

  it('fails with an error thrown in a callback of a fit', async () => {
    const { state } = await scripts.run('callback-throws.cjs');
    const { end } = state.story;
    assert.match(end?.kind === 'failed' ? end.message : '', /ReferenceError: missing is not defined \(callback-throws/);
    assert.equal(state.epoch, 2);
  });

  it('says that a script ended itself in the middle, and with which code', async () => {
    const good = await scripts.run('exits.cjs', undefined, { args: ['0'] });
    assert.deepEqual([good.state.story.end?.kind, good.state.epoch], ['ended', 2]);
    assert.ok(good.events.some(e => e.type === 'log' && e.message.includes('(process.exit) in epoch 3 of 50')));
    const { end } = (await scripts.run('exits.cjs', undefined, { args: ['7'] })).state.story;
    assert.equal(end?.kind === 'failed' && end.message, 'The script ended itself with exit code 7.');
  });

  it('stops a fit, after which the code of the script goes on; the learning rate changes on the way', async () => {
    let step = 0;
    const { state, events } = await scripts.run('long.mjs', (event, send) => {
      if (event.type !== 'step') return;
      if (step++ === 5) send({ command: 'set', learningRate: 0.002 });
      if (event.learningRate === 0.002) send({ command: 'stop', keep: 'last' });
    });
    const { end } = state.story;
    assert.equal(end?.kind === 'ended' && end.reason, 'stopped');
    assert.deepEqual(printed(events), ['after the fit 0.002']);
    assert.ok(events.some(e => e.type === 'changed' && e.learningRate === 0.002));
    assert.ok(state.epoch < 4000);
  });

  it('ends a script that is in a loop of its own', async () => {
    const { state, events } = await scripts.run('long-loop.mjs', (event, send) => {
      if (event.type === 'step' && event.step === 20) send({ command: 'stop', keep: 'last' });
    });
    const { end } = state.story;
    assert.equal(end?.kind === 'ended' && end.reason, 'stopped');
    assert.ok(events.some(e => e.type === 'log' && e.message.startsWith('Nothing but its end stops a loop')));
  });

  it('pauses and resumes without changing a bit of the result', async () => {
    let at = 0;
    let during = 0;
    const bare = await scripts.bare('paused.mjs');
    const { state, events } = await scripts.run('paused.mjs', (event, send) => {
      if (event.type === 'step' && event.step === 10) send({ command: 'pause' });
      if (event.type === 'step' && at > 0) during++;
      if (event.type !== 'paused') return;
      at = event.step;
      setTimeout(() => {
        assert.equal(during, 0, 'nothing is trained while paused');
        send({ command: 'resume' });
      }, 150);
    });
    assert.ok(at >= 10 && events.some(e => e.type === 'resumed' && e.step === at));
    assert.equal(state.status, 'ended');
    assert.equal(`${printed(events).join('\n')}\n`, bare.out);
  });

  it('ends at once when it is told to, even while it is paused', async () => {
    const { state } = await scripts.run('long.mjs', (event, send) => {
      if (event.type === 'step' && event.step === 5) send({ command: 'pause' });
      if (event.type === 'paused') send({ command: 'stop-now' });
    });
    assert.equal(state.story.end?.kind === 'ended' && state.story.end.reason, 'stopped');
  });

  it('is lost with words when its process is killed, and takes the script along', async () => {
    let script = 0;
    const { run, done } = await scripts.start('killed.mjs', event => {
      if (event.type === 'log' && event.from === 'stdout') script = Number(event.message);
      if (event.type === 'step' && event.step === 5) {
        void readChildRecord(run.folder).then(child => process.kill(child!.pid, 'SIGKILL'));
      }
    });
    const { state } = await done;
    const { end } = state.story;
    assert.ok(end?.kind === 'lost');
    assert.equal(end.resumable, false);
    assert.match(end.message, /A script cannot be resumed/);
    const alive = () => {
      try {
        return process.kill(script, 0);
      } catch {
        return false;
      }
    };
    while (alive()) await new Promise(resolve => setTimeout(resolve, 20));
    await assert.rejects(resumeRun(run.folder, program(), await runtime(true)), /is a script, which has no checkpoint/);
  });

  it('says that it saw no training, and what a script lacks', async () => {
    const { state } = await scripts.run('nothing.mjs');
    assert.equal(state.status, 'ended');
    assert.match(state.story.alerts[0]!.message, /without a fit, fitDataset or trainOnBatch/);
    const { end } = (await scripts.run('missing.cjs')).state.story;
    assert.deepEqual(end, {
      kind: 'failed',
      message: 'The script needs a-package-that-is-nowhere, which cannot be found from it.',
      hint: 'Install it in the workspace: npm install a-package-that-is-nowhere',
    });
  });
});

describe('monitoring: scripts on @tensorflow/tfjs-node', function () {
  this.timeout(120_000);
  let scripts: Scripts;
  before(async function () {
    const folder = await runtimeFolder();
    if (!folder) this.skip(); // There is no native runtime: node scripts/setup/runtime.mjs makes one.
    scripts = new Scripts(null, {
      'lent.mjs': asModule(FIT, '@tensorflow/tfjs-node'),
      'lent.cjs': asCommon(FIT, '@tensorflow/tfjs-node'),
      'tfjs.mjs': asModule(FIT, '@tensorflow/tfjs'),
    });
  });
  after(() => scripts?.remove());

  for (const name of ['lent.mjs', 'lent.cjs', 'tfjs.mjs']) {
    it(`${name}: a script that has no TensorFlow.js is lent ours, and the native one trains it`, async () => {
      const { state, events } = await scripts.run(name);
      assert.equal(state.status, 'ended', JSON.stringify(state.story.end));
      assert.equal(state.setup.backend?.kind, 'native');
      assert.equal(types(events), 'ready started steps epoch steps epoch steps epoch ended');
      assert.equal(printed(events).length, 2);
    });
  }

  it('says what is missing where nothing can be lent', async () => {
    const { end } = (await scripts.run('lent.cjs', undefined, { embedded: true })).state.story;
    assert.match(end?.kind === 'failed' ? end.message : '', /needs @tensorflow\/tfjs-node, which cannot be found/);
    assert.match(end?.kind === 'failed' ? end.hint : '', /doctor --fix/);
  });

  it('computes the same to the last bit with its own tfjs-node', async () => {
    const own = new Scripts(await runtimeFolder(), { 'own.cjs': asCommon(FIT, '@tensorflow/tfjs-node') });
    try {
      const [bare, { events, state }] = [await own.bare('own.cjs'), await own.run('own.cjs')];
      assert.equal(`${printed(events).join('\n')}\n`, bare.out);
      assert.equal(state.setup.backend?.kind, 'native');
      assert.ok(!events.some(e => e.type === 'log' && e.message.includes('lends')));
    } finally {
      own.remove();
    }
  });
});
