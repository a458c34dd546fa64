// The one fold over events: any prefix folds, in pieces as at once.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseEvent, type StartedEvent, type TrainEvent } from '../../../src/protocol/messages';
import {
  advance,
  applyDelta,
  cell,
  column,
  cursorOf,
  deltaSince,
  initialRunState,
  isLive,
  progress,
  secondsLeft,
  startCursor,
  type RunState,
} from '../../../src/protocol/run-state';
import { anyEvent, anyLog } from './events';

const fold = (events: readonly TrainEvent[], from: RunState = initialRunState) => events.reduce(advance, from);

/** A state with its curves as plain arrays, so that two states can be compared by value. */
function plain(state: RunState) {
  const { stepTable, epochTable, ...head } = state;
  const table = (t: typeof stepTable) => ({
    names: t.names,
    rows: t.rows,
    values: t.names.map(n => [...column(t, n)]),
  });
  return { head, steps: table(stepTable), epochs: table(epochTable) };
}

const started = (extra: Partial<StartedEvent> = {}): StartedEvent => ({
  type: 'started',
  time: 1000,
  model: 'cnn',
  task: 'fit',
  params: 10,
  trainableParams: 10,
  epochs: 2,
  stepsPerEpoch: 3,
  samples: 30,
  validationSamples: 0,
  batchSize: 10,
  metrics: ['loss'],
  monitor: { metric: 'val_loss', mode: 'min' },
  execution: { mode: 'compiled' },
  ...extra,
});
const step = (n: number, loss: number | null = 1 / n): TrainEvent => ({
  type: 'step',
  time: 1000 + 100 * n,
  step: n,
  epoch: Math.ceil(n / 3),
  metrics: { loss },
  learningRate: 0.01,
  samplesPerSecond: 100,
});
const epoch = (n: number, valLoss: number): TrainEvent => ({
  type: 'epoch',
  time: 1000 + 300 * n,
  epoch: n,
  step: 3 * n,
  metrics: { loss: 1, val_loss: valLoss },
  learningRate: 0.01,
  seconds: 0.6,
});

describe('protocol: run state', () => {
  it('folds any log without throwing, and in pieces as well as whole', () => {
    fc.assert(
      fc.property(anyLog, fc.nat(60), (log, cut) => {
        const whole = fold(log);
        assert.equal(whole.events, log.length);
        assert.deepEqual(plain(fold(log.slice(cut), fold(log.slice(0, cut)))), plain(whole));
      }),
    );
  });

  it('never changes an older state, even when two futures grow from it', () => {
    fc.assert(
      fc.property(anyLog, anyLog, anyLog, (past, one, other) => {
        const base = fold(past);
        const before = plain(base);
        const first = fold(one, base);
        const firstBefore = plain(first);
        fold(other, base);
        assert.deepEqual(plain(base), before);
        assert.deepEqual(plain(first), firstBefore);
      }),
    );
  });

  it("sends deltas that rebuild the sender's state from any cursor", () => {
    fc.assert(
      fc.property(anyLog, anyLog, (past, future) => {
        const old = fold(past);
        const reader = applyDelta(initialRunState, deltaSince(old, startCursor));
        assert.deepEqual(plain(reader), plain(old));
        const now = fold(future, old);
        const delta = deltaSince(now, cursorOf(reader));
        assert.deepEqual(plain(applyDelta(reader, delta)), plain(now));
      }),
    );
  });

  it('sends only what is new', () => {
    const old = fold([started(), step(1), step(2)]);
    const delta = deltaSince(advance(old, step(3)), cursorOf(old));
    assert.deepEqual([...delta.steps.loss!], [1 / 3]);
    assert.equal(delta.from.steps, 2);
  });

  it('reads every event back from its line, and nothing from garbage', () => {
    fc.assert(
      fc.property(anyEvent, fc.nat(), (event, cut) => {
        const line = JSON.stringify(event);
        assert.deepEqual(parseEvent(line), JSON.parse(line));
        assert.equal(parseEvent(line.slice(0, cut % line.length)), null);
      }),
    );
    for (const line of ['', 'null', '7', '[]', '{}', '{"type":"step","time":1}', '{"type":"toString","time":1}']) {
      assert.equal(parseEvent(line), null, line);
    }
  });

  it('tells progress, time left, the best epoch and the clock of training', () => {
    const running = fold([started(), step(1), step(2), step(3), epoch(1, 0.5)]);
    assert.equal(progress(running), 0.5);
    assert.equal(secondsLeft(running), 0.6);
    assert.deepEqual(running.story.best, { epoch: 1, value: 0.5 });
    assert.equal(running.active, 300);
    const paused = fold(
      [
        { type: 'paused', time: 1400, epoch: 1, step: 3, because: 'command' },
        { type: 'resumed', time: 9400, epoch: 1, step: 3 },
        { type: 'log', time: 9500, level: 'info', message: '' },
      ],
      running,
    );
    assert.equal(paused.active, 300 + 100 + 100);
    const worse = advance(paused, epoch(2, 0.7));
    assert.deepEqual(worse.story.best, { epoch: 1, value: 0.5 });
  });

  it('keeps a value that is not finite as a gap', () => {
    const state = fold([started(), step(1), step(2, null)]);
    assert.ok(Number.isNaN(cell(state.stepTable, 'loss', 1)));
    assert.equal(state.latest.loss, null);
  });

  it('takes back the steps that a resumed run repeats, and tells readers so', () => {
    const dead = fold([
      started(),
      step(1),
      step(2),
      step(3),
      epoch(1, 0.5),
      step(4),
      step(5),
      { type: 'lost', time: 5000, message: 'the training process is gone', resumable: true },
    ]);
    assert.equal(dead.status, 'lost');
    assert.equal(isLive(dead), false);
    const cursor = cursorOf(dead);
    const again = fold([started({ time: 9000, resumedFrom: { epoch: 1, step: 3 } })], dead);
    assert.equal(again.step, 3);
    assert.equal(again.status, 'running');
    assert.equal(again.stepTable.rows, 3);
    assert.equal(again.epochTable.rows, 1);
    assert.equal(deltaSince(again, cursor).from.steps, 0);
    assert.deepEqual([...column(advance(again, step(4)).stepTable, 'step')], [1, 2, 3, 4]);
    assert.equal(again.story.end, null);
  });

  it('holds a million steps in columns that grow in place', () => {
    let state: RunState = fold([started({ epochs: 1, stepsPerEpoch: 1_000_000 })]);
    for (let n = 1; n <= 1_000_000; n++) state = advance(state, step(n));
    assert.equal(state.stepTable.rows, 1_000_000);
    assert.equal(cell(state.stepTable, 'step', 999_999), 1_000_000);
    assert.ok(state.stepTable.store.capacity < 2_100_000, 'no more than twice the rows are allocated');
  }).timeout(60_000);

  it('keeps the latest evaluation and that of the best epoch, and forgets what a resumed run repeats', () => {
    const evaluation = (n: number): TrainEvent => ({
      type: 'evaluation',
      time: 2000,
      epoch: n,
      metrics: { accuracy: n / 10 },
      labels: ['a', 'b'],
      confusion: null,
      worst: [],
    });
    const monitored = started({ monitor: { metric: 'val_loss', mode: 'min' }, epochs: 3 });
    const events = [
      monitored,
      evaluation(1),
      epoch(1, 0.5),
      evaluation(2),
      epoch(2, 0.2),
      evaluation(3),
      epoch(3, 0.3),
    ];
    const state = fold(events);
    assert.equal(state.story.evaluation?.epoch, 3);
    assert.equal(state.story.bestEvaluation?.epoch, 2);
    assert.deepEqual(state.story.bestEvaluation.metrics, { accuracy: 0.2 });
    const resumed = advance(state, started({ resumedFrom: { epoch: 1, step: 3 } }));
    assert.equal(resumed.story.evaluation, null);
    assert.equal(resumed.story.bestEvaluation, null);
  });
});
