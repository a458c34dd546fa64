// The run history on a terminal and as JSON, from run folders as training leaves them.
import assert from 'node:assert/strict';
import { duration, metricText, sparkline } from '../../../src/cli/runs-text';
import { advance, initialRunState } from '../../../src/protocol/run-state';
import type { TrainEvent } from '../../../src/protocol/messages';
import { endText, TrainingDisplay } from '../../../src/cli/training-line';
import { folderWith, modelwright, recorder, removeFolders } from './console';

const time = 1_700_000_000_000;

const EVENTS: TrainEvent[] = [
  {
    type: 'ready',
    time,
    pid: 1,
    protocol: 1,
    backend: {
      kind: 'native',
      name: 'tensorflow',
      versions: { 'tfjs-node': '4.22.0', tensorflow: '2.21.0' },
      node: '20.1.0',
      platform: 'linux',
      threads: null,
      oneDNN: null,
    },
  },
  {
    type: 'started',
    time: time + 10,
    model: 'model',
    task: 'fit',
    params: 225_034,
    trainableParams: 225_034,
    epochs: 2,
    stepsPerEpoch: 2,
    samples: 6000,
    validationSamples: 1000,
    batchSize: 128,
    metrics: ['loss', 'accuracy'],
    monitor: { metric: 'val_loss', mode: 'min' },
    execution: { mode: 'compiled' },
  },
  {
    type: 'step',
    time: time + 100,
    step: 1,
    epoch: 1,
    metrics: { loss: 2, accuracy: 0.1 },
    learningRate: 0.001,
    samplesPerSecond: 5000,
  },
  {
    type: 'step',
    time: time + 200,
    step: 2,
    epoch: 1,
    metrics: { loss: 1, accuracy: 0.5 },
    learningRate: 0.001,
    samplesPerSecond: 5000,
  },
  {
    type: 'epoch',
    time: time + 1000,
    epoch: 1,
    step: 2,
    seconds: 1,
    learningRate: 0.001,
    metrics: { loss: 1.5, accuracy: 0.3, val_loss: 1.2, val_accuracy: 0.4 },
  },
  {
    type: 'step',
    time: time + 1100,
    step: 3,
    epoch: 2,
    metrics: { loss: 0.5, accuracy: 0.9 },
    learningRate: 0.001,
    samplesPerSecond: 5000,
  },
  {
    type: 'epoch',
    time: time + 2000,
    epoch: 2,
    step: 4,
    seconds: 1,
    learningRate: 0.001,
    metrics: { loss: 0.4, accuracy: 0.9, val_loss: 0.3, val_accuracy: 0.95 },
  },
  {
    type: 'ended',
    time: time + 2100,
    reason: 'finished',
    epoch: 2,
    step: 4,
    output: 'model',
    metrics: { loss: 0.4, accuracy: 0.9, val_loss: 0.3, val_accuracy: 0.95 },
  },
];

function runFiles(id: string, epochs: number, rate: number, accuracy: number): Record<string, string> {
  const record = {
    version: 1,
    id,
    title: 'cnn.py · model',
    task: 'fit',
    created: time,
    seed: 0,
    backend: null,
    execution: null,
    source: { file: 'cnn.py', binding: 'model', hash: null },
    settings: { 'fit.epochs': epochs, 'optimizer.learning_rate': rate, loss: 'mse' },
    progress: {
      status: 'ended',
      epoch: epochs,
      epochs,
      step: 4,
      metrics: { loss: 0.4, val_accuracy: accuracy },
      monitor: { metric: 'val_loss', mode: 'min' },
      best: { epoch: 2, value: 0.3 },
      active: 2000,
      updated: time,
      end: { kind: 'ended', reason: 'finished', metrics: {}, output: 'model' },
    },
  };
  const folder = `.modelwright/runs/${id}`;
  return {
    [`${folder}/run.json`]: JSON.stringify(record),
    [`${folder}/events.jsonl`]: EVENTS.map(event => `${JSON.stringify(event)}\n`).join(''),
  };
}

describe('modelwright runs', () => {
  after(removeFolders);
  const folder = () =>
    folderWith({
      ...runFiles('2023-11-14-cnn-bold-otter', 2, 0.001, 0.95),
      ...runFiles('2023-11-14-cnn-calm-fox', 5, 0.01, 0.97),
    });

  it('says that there are none yet', async () => {
    assert.match((await modelwright(['runs'], { folder: folderWith({}) })).out, /^No runs yet/);
    assert.equal((await modelwright(['runs', '--json'], { folder: folderWith({}) })).out, '[]\n');
  });

  it('lists them', async () => {
    const { code, out } = await modelwright(['runs', 'list'], { folder: folder() });
    assert.equal(code, 0);
    assert.match(out, /^RUN +WHAT +STATUS +EPOCHS +RESULT +TIME +STARTED\n/);
    assert.match(
      out,
      /2023-11-14-cnn-bold-otter +cnn\.py · model +ended +2\/2 +val_accuracy 0\.95 +2\.0 s +\d+ days ago\n/,
    );
  });

  it('shows one by a part of its name, with its curves', async () => {
    const { out } = await modelwright(['runs', 'show', 'otter'], { folder: folder() });
    assert.match(out, /^2023-11-14-cnn-bold-otter\n/);
    assert.match(out, /model +cnn\.py#model\n/);
    assert.match(out, /val_accuracy +0\.95 +▁█\n/);
    assert.match(out, /optimizer\.learning_rate +0\.001\n/);
  });

  it('compares what differs and marks the best', async () => {
    const { out } = await modelwright(['runs', 'compare', 'otter', 'fox'], { folder: folder() });
    assert.match(out, /fit\.epochs +2 +5\n/);
    assert.match(out, /val_accuracy +0\.95 +0\.97 \*\n/);
    assert.ok(!/^loss +mse/m.test(out), 'settings that are the same are not listed');
    assert.match(out, /1 settings? (is|are) the same/);
  });

  it('answers in JSON', async () => {
    const shown = JSON.parse(
      (await modelwright(['runs', 'show', 'fox', '--json'], { folder: folder() })).out,
    ) as Record<string, unknown>;
    assert.equal(shown['status'], 'ended');
    const compared = JSON.parse(
      (await modelwright(['runs', 'compare', 'fox', 'otter', '--json'], { folder: folder() })).out,
    ) as { runs: unknown[] };
    assert.equal(compared.runs.length, 2);
  });

  it('refuses names that fit no run or several', async () => {
    const none = await modelwright(['runs', 'show', 'zebra'], { folder: folder() });
    assert.deepEqual([none.code, /There is no run "zebra"/.test(none.err)], [2, true]);
    const several = await modelwright(['runs', 'show', 'cnn'], { folder: folder() });
    assert.deepEqual([several.code, /fits 2 runs/.test(several.err)], [2, true]);
  });
});

describe('what train shows', () => {
  function shown(live: boolean): { out: string; err: string } {
    const terminal = recorder({ live });
    let now = 0;
    const display = new TrainingDisplay(terminal, () => (now += 1000));
    let state = initialRunState;
    for (const event of EVENTS) display.show(event, (state = advance(state, event)));
    display.end();
    terminal.out(`${endText(state, 'bold-otter', terminal.colours.out, output => `runs/${output}`)}\n`);
    return terminal.said;
  }

  it('is one line an epoch where nothing can be redrawn', () => {
    assert.deepEqual(shown(false), {
      err: '',
      out: [
        'Training with tfjs-node 4.22.0, tensorflow 2.21.0 under Node 20.1.0',
        'model: 225,034 parameters, 6,000 samples, 1,000 for validation, batches of 128',
        'Epoch 1/2  loss 1.5  accuracy 0.3  val_loss 1.2  val_accuracy 0.4  1.0 s',
        'Epoch 2/2  loss 0.4  accuracy 0.9  val_loss 0.3  val_accuracy 0.95  1.0 s',
        'Finished after 2.1 s: loss 0.4  accuracy 0.9  val_loss 0.3  val_accuracy 0.95, best epoch 2 (val_loss 0.3)',
        'Run bold-otter, model in runs/model',
        '',
      ].join('\n'),
    });
  });

  it('has a moving bar below them on a terminal, and takes it away', () => {
    const { err } = shown(true);
    assert.match(err, /██████░+  25 %  epoch 1\/2  step 1\/2  loss 2  accuracy 0\.1  5,000\/s  [\d.]+ s left/);
    assert.match(err, /75 %  epoch 2\/2  step 1\/2/);
    assert.ok(err.endsWith('\r\u001b[2K'));
  });
});

describe('numbers of a run', () => {
  const texts: [string, string][] = [
    [metricText(0.123456), '0.1235'],
    [metricText(null), 'NaN'],
    [metricText(0), '0'],
    [metricText(1e-7), '1.000e-7'],
    [metricText(98765.4), '98770'],
    [duration(999), '1.0 s'],
    [duration(59_400), '59 s'],
    [duration(61_000), '1 min 01 s'],
    [duration(3_600_000), '1 h 00 min'],
    [sparkline([1, 2, 3]), '▁▅█'],
    [sparkline([1, null, 1]), '▁ ▁'],
    [sparkline([]), ''],
  ];
  for (const [text, wanted] of texts) it(`read ${JSON.stringify(wanted)}`, () => assert.equal(text, wanted));
  it('of long curves are thinned, the last one stays', () =>
    assert.equal(sparkline(Array.from({ length: 1000 }, (_, i) => i)).length, 40));
});
