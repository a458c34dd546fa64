/** The loop, its files and its logs without TensorFlow: what a full disk, a kill or a command may do to them. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import type { TrainEvent } from '../../src/protocol/messages';
import { createCallbacks } from '../../src/train/callbacks';
import { checkpointFolder, readCheckpoint, writeCheckpoint } from '../../src/train/checkpoint';
import { Control } from '../../src/train/control';
import { EventLog } from '../../src/train/event-log';
import { recoverFolder, replaceFolder } from '../../src/train/files';
import { type LoopOptions, type LoopOutcome, type LoopState, runLoop, type Work } from '../../src/train/loop';
import { decodeSafetensors, encodeSafetensors } from '../../src/data/safetensors';
import { crc32c, TensorBoardWriter } from '../../src/train/tensorboard';

const full = (): Error => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

/** Training whose "weight" is the number of steps taken, and whose validation loss is given for each epoch. */
class FakeWork implements Work {
  readonly stepsPerEpoch = 3;
  readonly fixedRate = true;
  counter = 0;
  weight = 0;
  saved: { kind: string; state: LoopState }[] = [];
  private readonly kept = new Map<string, number>();
  failing = false;

  constructor(private readonly validation: readonly number[]) {}
  step() {
    this.weight++;
    this.counter++;
    return { samples: 2, sums: [2, 2 / this.weight] };
  }
  async evaluate() {
    const value = this.validation[Math.ceil(this.weight / this.stepsPerEpoch) - 1];
    return value === undefined ? null : [1, value];
  }
  results = (sums: ArrayLike<number>) => ({ loss: sums[1]! / sums[0]! });
  schedule = () => 0.1;
  direction = () => 'min' as const;
  keepWeights(name: string) {
    this.kept.set(name, this.weight);
  }
  restoreWeights(name: string) {
    this.weight = this.kept.get(name) ?? this.weight;
    return this.kept.has(name);
  }
  save(kind: 'last' | 'best', state: LoopState) {
    if (this.failing) throw full();
    this.saved.push({ kind, state: structuredClone(state) });
    return 10;
  }
  tensors = () => 5;
}

interface Run {
  readonly events: TrainEvent[];
  readonly control: Control;
  readonly outcome: Promise<LoopOutcome>;
}

function run(
  work: FakeWork,
  extra: Partial<LoopOptions> & { onEvent?: (event: TrainEvent, control: Control) => void } = {},
): Run {
  const events: TrainEvent[] = [];
  const control = new Control();
  const outcome = runLoop({
    work,
    epochs: 4,
    monitor: { metric: 'val_loss', mode: 'min' },
    callbacks: [],
    control,
    resume: null,
    logBlocked: () => false,
    checkpointLeast: 0,
    emit: event => {
      events.push({ time: 0, ...event });
      extra.onEvent?.(events[events.length - 1]!, control);
    },
    ...extra,
  });
  return { events, control, outcome };
}

const named = (events: readonly TrainEvent[], type: TrainEvent['type']): TrainEvent[] =>
  events.filter(event => event.type === type);

describe('training: loop', () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-loop-'));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  it('goes through epochs and steps, and keeps last and best', async () => {
    const work = new FakeWork([3, 1, 2, 4]);
    const { events, outcome } = run(work);
    assert.deepEqual(await outcome, {
      reason: 'finished',
      epoch: 4,
      step: 12,
      metrics: { loss: (1 / 10 + 1 / 11 + 1 / 12) / 3, val_loss: 4 },
    });
    assert.equal(named(events, 'step').length, 12);
    assert.deepEqual(
      named(events, 'epoch').map(event => event.type === 'epoch' && event.metrics.val_loss),
      [3, 1, 2, 4],
    );
    assert.deepEqual(
      work.saved.map(({ kind, state }) => `${kind} ${state.epoch}`),
      ['best 1', 'last 1', 'best 2', 'last 2', 'last 3', 'last 4'],
    );
  });

  it('stops early and takes the best weights back', async () => {
    const callbacks = createCallbacks(
      [{ class: 'EarlyStopping', config: { patience: 1, restore_best_weights: true } }],
      () => {},
    );
    const work = new FakeWork([3, 1, 2, 4]);
    const outcome = await run(work, { callbacks }).outcome;
    assert.equal(outcome.reason, 'early-stopping');
    assert.equal(outcome.epoch, 3);
    assert.equal(outcome.metrics.val_loss, 1);
    assert.equal(work.weight, 6);
  });

  it('pauses with words when the disk is full, and writes what it owes when it resumes', async () => {
    const work = new FakeWork([3, 1, 2, 4]);
    const { events, outcome } = run(work, {
      onEvent: (event, control) => {
        if (event.type === 'epoch' && event.epoch === 2) work.failing = true;
        if (event.type === 'paused') {
          work.failing = false;
          setTimeout(() => control.take({ command: 'resume' }), 5);
        }
      },
    });
    assert.equal((await outcome).reason, 'finished');
    const story = events
      .filter(event => !['step', 'epoch'].includes(event.type))
      .map(event =>
        event.type === 'checkpoint'
          ? `${event.kind} ${event.epoch}`
          : event.type === 'alert'
            ? `${event.kind}!`
            : event.type,
      );
    assert.deepEqual(story, [
      'best 1',
      'last 1',
      'disk-full!',
      'paused',
      'best 2',
      'last 2',
      'resumed',
      'last 3',
      'last 4',
    ]);
    const [paused] = named(events, 'paused');
    assert.ok(paused?.type === 'paused' && paused.because === 'disk-full' && paused.step === 6, 'before the next step');
    const [alert] = named(events, 'alert');
    assert.ok(alert?.type === 'alert' && /disk is full/.test(alert.message) && /Free some space/.test(alert.hint));
    assert.equal(named(events, 'step').length, 12);
  });

  it('pauses again when there is still no space', async () => {
    const work = new FakeWork([1, 1, 1, 1]);
    work.failing = true;
    let pauses = 0;
    const { outcome } = run(work, {
      onEvent: (event, control) => {
        if (event.type !== 'paused') return;
        if (++pauses === 3) work.failing = false;
        setTimeout(() => control.take({ command: 'resume' }), 5);
      },
    });
    assert.equal((await outcome).reason, 'finished');
    assert.equal(pauses, 3);
  });

  it('pauses when the event log cannot be written', async () => {
    let blocked = false;
    const { events, outcome } = run(new FakeWork([1, 1, 1, 1]), {
      logBlocked: () => blocked,
      onEvent: (event, control) => {
        if (event.type === 'step' && event.step === 5) blocked = true;
        if (event.type === 'paused')
          setTimeout(() => {
            blocked = false;
            control.take({ command: 'resume' });
          }, 5);
      },
    });
    await outcome;
    const [paused] = named(events, 'paused');
    assert.ok(paused?.type === 'paused' && paused.step === 5);
  });

  it('alerts to a loss that is not a number, once, and keeps the checkpoint from before', async () => {
    const work = new FakeWork([1, 1, 1, 1]);
    const step = work.step.bind(work);
    work.step = () => {
      const taken = step();
      return work.weight > 4 ? { ...taken, sums: [2, NaN] } : taken;
    };
    const { events, outcome } = run(work);
    await outcome;
    assert.equal(named(events, 'alert').filter(event => event.type === 'alert' && event.kind === 'nan').length, 1);
    assert.equal(work.saved.at(-1)!.state.epoch, 1);
  });

  it('continues from any saved state as if it had never stopped', async () => {
    const validation = [3, 1, 2, 1.5, 0.9, 1];
    const callbacks = () =>
      createCallbacks([{ class: 'ReduceLROnPlateau', config: { patience: 1, factor: 0.5 } }], () => {});
    const whole = new FakeWork(validation);
    const straight = run(whole, { epochs: 6, callbacks: callbacks() });
    const wanted = await straight.outcome;
    for (const { state } of whole.saved.filter(({ kind }) => kind === 'last').slice(0, -1)) {
      const work = new FakeWork(validation);
      work.weight = state.iteration;
      const resumed = run(work, {
        epochs: 6,
        resume: JSON.parse(JSON.stringify(state)) as LoopState,
        callbacks: callbacks(),
      });
      assert.deepEqual(await resumed.outcome, wanted);
      const metrics = (events: TrainEvent[]) =>
        named(events, 'step').map(
          event => event.type === 'step' && [event.step, event.metrics.loss, event.learningRate],
        );
      assert.deepEqual(metrics(resumed.events), metrics(straight.events).slice(state.iteration));
    }
  });

  it('keeps the old checkpoint whole when the disk fills while the new one is written', () => {
    const weights = (value: number) => ({
      'a/kernel': { shape: [2], dtype: 'float32' as const, data: Float32Array.of(value, value) },
    });
    writeCheckpoint(folder, 'last', { weights: weights(1), state: {}, kept: {}, loop: { epoch: 1 } });
    for (const failAt of [1, 2, 3]) {
      let writes = 0;
      const disk = {
        writeFileSync: (file: string, data: string | Uint8Array) => {
          if (++writes === failAt) {
            fs.writeFileSync(file, data.slice(0, 3));
            throw full();
          }
          fs.writeFileSync(file, data);
        },
      };
      assert.throws(
        () => writeCheckpoint(folder, 'last', { weights: weights(2), state: {}, kept: {}, loop: { epoch: 2 } }, disk),
        /no space/,
      );
      const checkpoint = readCheckpoint(folder, 'last')!;
      assert.deepEqual(checkpoint.loop, { epoch: 1 });
      assert.deepEqual([...checkpoint.weights['a/kernel']!.data], [1, 1]);
      assert.deepEqual(fs.readdirSync(path.join(folder, 'checkpoints')), ['last']);
    }
  });

  it('brings a checkpoint back that a crash caught between two renames', () => {
    const last = checkpointFolder(folder, 'last');
    replaceFolder(last, { 'state.json': 'old' });
    fs.renameSync(last, `${last}.old`);
    recoverFolder(last);
    assert.equal(fs.readFileSync(path.join(last, 'state.json'), 'utf8'), 'old');
    assert.equal(fs.existsSync(`${last}.old`), false);
  });

  it('loses and doubles no event when writes fail or are cut short', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(120), { minLength: 1, maxLength: 30 }), fc.nat(12), (limits, oldBytes) => {
        const file = path.join(folder, 'events.jsonl');
        const old = '{"time":1,"type":"log"}\n{"half';
        fs.writeFileSync(file, old.slice(0, old.length - oldBytes));
        let writes = 0;
        // A write takes as many bytes as the list says, and fails where it says none.
        const log = new EventLog(file, {
          openSync: (name, flags) => fs.openSync(name, flags),
          closeSync: fd => fs.closeSync(fd),
          writeSync: (fd, bytes, offset) => {
            const limit = writes < limits.length ? limits[writes++]! : Infinity;
            if (limit < 30) throw full();
            return fs.writeSync(fd, bytes, offset, Math.min(limit, bytes.length - offset));
          },
        });
        const before = log.next;
        const wanted = Array.from({ length: 20 }, (_, i): TrainEvent => ({
          type: 'log',
          time: i,
          level: 'info',
          message: `event ${i}`,
        }));
        for (const event of wanted) log.append(event);
        assert.equal(log.next, before + 20);
        while (!log.flush());
        log.close();
        const lines = fs.readFileSync(file, 'utf8').split('\n');
        assert.equal(lines.pop(), '');
        assert.deepEqual(
          lines.slice(before).map(line => JSON.parse(line) as TrainEvent),
          wanted,
        );
      }),
    );
  });

  it('reads safetensors back, and refuses cut ones', () => {
    const arrays = {
      'a/kernel': { shape: [2, 1], dtype: 'float32' as const, data: Float32Array.of(1.5, -2) },
      b: { shape: [3], dtype: 'int32' as const, data: Int32Array.of(1, 2, 3) },
    };
    const bytes = encodeSafetensors(arrays, { format: 'keras' });
    assert.deepEqual(decodeSafetensors(bytes), arrays);
    assert.equal(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8, 0);
    assert.throws(() => decodeSafetensors(bytes.subarray(0, bytes.length - 1)), /cut off/);
    assert.throws(() => decodeSafetensors(bytes.subarray(0, 5)), /too short/);
  });

  it('writes event files whose records TensorBoard accepts', () => {
    assert.equal(crc32c(new TextEncoder().encode('123456789')), 0xe3069283); // The check value of CRC-32C.
    const writer = new TensorBoardWriter(folder, 1_700_000_000_000);
    writer.add(300, { epoch_loss: 0.5, broken: NaN }, 1_700_000_001_000);
    writer.close();
    const [name] = fs.readdirSync(folder);
    assert.match(name!, /^events\.out\.tfevents\.1700000000\./);
    // TensorFlow 2.21's own `tf.data.TFRecordDataset` and `Event.FromString` read exactly this from these bytes.
    assert.equal(
      fs.readFileSync(path.join(folder, name!)).toString('hex'),
      [
        '1800000000000000a37f4b22',
        '0900000040fc54d941',
        '1a0d627261696e2e4576656e743a32',
        'eced8f9d', // 1.7e9 s, brain.Event:2
        '2100000000000000017becf6',
        '0900004040fc54d941',
        '10ac02',
        '2a130a110a0a65706f63685f6c6f7373150000003f',
        '403a4bd1', // step 300
      ].join(''),
    );
  });
});
