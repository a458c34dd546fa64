/** Arbitrary event logs for property tests: sane in each event, without any promise about their order. */
import fc from 'fast-check';
import type { TrainEvent } from '../../../src/protocol/messages';

const count = fc.integer({ min: 0, max: 50 });
const time = fc.integer({ min: 0, max: 1e6 });
const metric = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: null });
const metrics = fc.dictionary(
  fc.constantFrom('loss', 'accuracy', 'val_loss', 'val_accuracy', 'step', '__proto__x'),
  metric,
);
const text = fc.string({ maxLength: 12 });
const positive = fc.double({ min: 0, max: 1e4, noNaN: true });

function event<T extends TrainEvent['type']>(
  type: T,
  fields: { [K in keyof Omit<Extract<TrainEvent, { type: T }>, 'type' | 'time'>]: fc.Arbitrary<unknown> },
): fc.Arbitrary<TrainEvent> {
  return fc.record({ type: fc.constant(type), time, ...fields }) as unknown as fc.Arbitrary<TrainEvent>;
}

export const anyEvent: fc.Arbitrary<TrainEvent> = fc.oneof(
  event('ready', {
    pid: count,
    protocol: fc.constant(1),
    backend: fc.constant({
      kind: 'native',
      name: 'tensorflow',
      versions: {},
      node: 'v20',
      platform: 'linux',
      threads: null,
      oneDNN: null,
    }),
  }),
  event('started', {
    model: text,
    task: fc.constant('fit'),
    params: count,
    trainableParams: count,
    epochs: count,
    stepsPerEpoch: count,
    samples: count,
    validationSamples: count,
    batchSize: count,
    metrics: fc.constant(['loss', 'accuracy']),
    monitor: fc.record({ metric: fc.constantFrom('loss', 'val_loss'), mode: fc.constantFrom('min', 'max') }),
    execution: fc.constant({ mode: 'compiled' }),
    resumedFrom: fc.option(fc.record({ epoch: count, step: count }), { nil: undefined }),
  }),
  event('evaluation', {
    epoch: count,
    metrics,
    labels: fc.constant(['a', 'b']),
    confusion: fc.option(
      fc.constant([
        [1, 2],
        [3, 4],
      ]),
      { nil: null },
    ),
    worst: fc.constant([]),
  }),
  event('changed', {
    execution: fc.option(fc.constant({ mode: 'eager', because: 'of a test' }), { nil: undefined }),
    epochs: fc.option(count, { nil: undefined }),
    learningRate: fc.option(positive, { nil: undefined }),
  }),
  {
    weight: 6,
    arbitrary: event('step', {
      step: count,
      epoch: count,
      metrics,
      learningRate: positive,
      samplesPerSecond: positive,
    }),
  },
  {
    weight: 2,
    arbitrary: event('epoch', { step: count, epoch: count, metrics, learningRate: positive, seconds: positive }),
  },
  event('checkpoint', { kind: fc.constantFrom('last', 'best'), epoch: count, step: count, path: text, bytes: count }),
  event('alert', {
    kind: fc.constantFrom('nan', 'plateau'),
    severity: fc.constant('warning'),
    message: text,
    hint: text,
    epoch: fc.option(count, { nil: undefined }),
    step: fc.option(count, { nil: undefined }),
  }),
  event('log', { level: fc.constant('info'), message: text }),
  event('paused', { epoch: count, step: count, because: fc.constant('command') }),
  event('resumed', { epoch: count, step: count }),
  event('ended', { reason: fc.constant('finished'), epoch: count, step: count, metrics, output: text }),
  event('failed', { message: text, hint: text }),
  event('lost', { message: text, resumable: fc.boolean() }),
);

export const anyLog: fc.Arbitrary<TrainEvent[]> = fc.array(anyEvent, { maxLength: 60 });
