/**
 * The training loop: epochs, steps, validation, callbacks, checkpoints, and commands exactly between two steps. It
 * knows no TensorFlow; what a step does is `Work`. All it must remember is `LoopState`, so that a resumed run continues
 * bit by bit.
 */
import type { EndReason, Json, Metrics } from '../protocol/messages';
import { type Alert, Watchdog } from './alerts';
import type { CallbackHost, TrainCallback } from './callbacks';
import type { Control, StopRequest } from './control';
import { isDiskFull } from './event-log';
import type { Emit } from './session';

export interface Work {
  readonly stepsPerEpoch: number;
  /**
   * Takes the optimiser step on batch `index` of an epoch (both from 0).
   * @returns the number of samples and the sums from which `results` makes the metrics.
   */
  step(at: { epoch: number; index: number; iteration: number; learningRate: number }): {
    samples: number;
    sums: ArrayLike<number>;
  };
  /**
   * The sums over the validation data, or its metrics by name where sums do not suffice; null without any.
   * `breathe` lets commands in.
   */
  evaluate(breathe: () => Promise<void>): Promise<ArrayLike<number> | Readonly<Record<string, number>> | null>;
  /** Metrics by name, `loss` first. */
  results(sums: ArrayLike<number>): Record<string, number>;
  /** The learning rate that the optimiser's own setting gives for a step. */
  schedule(iteration: number): number;
  /** False where a schedule decides. */
  readonly fixedRate: boolean;
  direction(metric: string): 'min' | 'max' | undefined;
  keepWeights(name: string): void;
  restoreWeights(name: string): boolean;
  /** Random numbers depend on this count. */
  counter: number;
  /** Writes a checkpoint (`best`: of the weights kept as `best`) and gives its size. @throws the file system's error. */
  save(kind: 'last' | 'best', state: LoopState): number;
  /** Tensors in memory, for the alarm about leaks. */
  tensors(): number;
}

export interface LoopState {
  /** The epoch under way, from 0, and the batches of it that are done. */
  epoch: number;
  batch: number;
  /** Optimiser steps since the run began. */
  iteration: number;
  counter: number;
  sums: number[];
  /** Set by a callback or a person; null: the optimiser's own. */
  learningRate: number | null;
  epochs: number;
  /** Seconds the epoch under way has taken so far. */
  seconds: number;
  best: { epoch: number; value: number; metrics: Metrics } | null;
  /** Of the last complete epoch. */
  metrics: Metrics;
  callbacks: Json[];
  watchdog: Json;
}

export interface LoopOptions {
  readonly work: Work;
  readonly epochs: number;
  readonly monitor: { readonly metric: string; readonly mode: 'min' | 'max' };
  readonly callbacks: readonly TrainCallback[];
  readonly control: Control;
  readonly emit: Emit;
  /** True while events cannot be written. Tries again when asked. */
  logBlocked(): boolean;
  readonly resume: LoopState | null;
  /** Milliseconds between checkpoints within long epochs, and the least between those of short epochs. */
  readonly checkpointEvery?: number;
  readonly checkpointLeast?: number;
}

export interface LoopOutcome {
  readonly reason: EndReason | 'stop-now' | 'nan';
  readonly epoch: number;
  readonly step: number;
  readonly metrics: Metrics;
}

const CHECKPOINT_EVERY_MS = 5 * 60_000;
const CHECKPOINT_LEAST_MS = 2000;
/** The name under which the best epoch's weights are kept in memory until they are written. */
const BEST = 'best';

export async function runLoop(options: LoopOptions): Promise<LoopOutcome> {
  return new Loop(options).run();
}

class Loop {
  private readonly state: LoopState;
  private readonly watchdog = new Watchdog();
  private readonly host: CallbackHost;
  private ending: 'early-stopping' | 'nan' | null = null;
  /** No checkpoint may keep weights that are not numbers. */
  private sick = false;
  private lastSave = -Infinity;
  private lastStep = performance.now();
  private owed = new Set<'last' | 'best'>();

  constructor(private readonly options: LoopOptions) {
    const { resume, work, callbacks } = options;
    this.state = resume
      ? { ...resume, sums: [...resume.sums] }
      : {
          epoch: 0,
          batch: 0,
          iteration: 0,
          counter: 0,
          sums: [],
          learningRate: null,
          epochs: options.epochs,
          seconds: 0,
          best: null,
          metrics: {},
          callbacks: [],
          watchdog: null,
        };
    if (resume) {
      work.counter = resume.counter;
      callbacks.forEach((callback, i) => callback.load(resume.callbacks[i] ?? null));
      if (resume.watchdog !== null) this.watchdog.load(resume.watchdog);
    }
    this.host = this.makeHost();
  }

  async run(): Promise<LoopOutcome> {
    const {
      state,
      options: { work, callbacks },
    } = this;
    this.lastSave = performance.now();
    while (state.epoch < state.epochs && !this.ending) {
      if (state.batch === 0) for (const callback of callbacks) callback.epochBegin?.(state.epoch, this.host);
      while (state.batch < work.stepsPerEpoch) {
        const stop = await this.attend();
        if (stop) return this.stopped(stop);
        this.step();
        if (this.ending === 'nan') return this.outcome('nan');
        if (performance.now() - this.lastSave > (this.options.checkpointEvery ?? CHECKPOINT_EVERY_MS))
          this.save('last');
      }
      await this.endEpoch();
    }
    // A stop asked for during the last validation is a finish all the same; a pause is not lost.
    const stop = await this.attend();
    if (stop && 'keep' in stop && stop.keep === 'best') return this.stopped(stop);
    for (const callback of callbacks) callback.trainEnd?.(this.host);
    if (this.unsaved) this.save('last');
    return this.outcome(this.ending === 'early-stopping' ? 'early-stopping' : 'finished');
  }

  private restored = false;

  private learningRate(): number {
    return this.state.learningRate ?? this.options.work.schedule(this.state.iteration);
  }

  private step(): void {
    const {
      state,
      options: { work, emit, callbacks },
    } = this;
    const learningRate = this.learningRate();
    const { samples, sums } = work.step({
      epoch: state.epoch,
      index: state.batch,
      iteration: state.iteration,
      learningRate,
    });
    state.iteration++;
    state.batch++;
    state.counter = work.counter;
    if (state.sums.length === 0) state.sums = new Array<number>(sums.length).fill(0);
    for (let i = 0; i < sums.length; i++) state.sums[i]! += sums[i]!;

    const now = performance.now();
    const seconds = Math.max(1e-6, (now - this.lastStep) / 1000);
    this.lastStep = now;
    state.seconds += seconds;
    const metrics = work.results(sums);
    const loss = metrics.loss ?? NaN;
    emit({
      type: 'step',
      step: state.iteration,
      epoch: state.epoch + 1,
      metrics,
      learningRate,
      samplesPerSecond: Math.round((samples / seconds) * 10) / 10,
    });
    this.say(this.watchdog.step(state.iteration, state.epoch + 1, loss));
    if (!Number.isFinite(loss)) this.sick = true;
    for (const callback of callbacks) callback.step?.(loss, this.host);
  }

  private async endEpoch(): Promise<void> {
    const {
      state,
      options: { work, emit, callbacks, monitor },
    } = this;
    const metrics: Record<string, number> = work.results(state.sums);
    const validation = await work.evaluate(() => this.breathe());
    if (validation) {
      const held = isSums(validation) ? work.results(validation) : validation;
      for (const [name, value] of Object.entries(held)) metrics[`val_${name}`] = value;
    }
    const now = performance.now();
    state.seconds += (now - this.lastStep) / 1000;
    this.lastStep = now;
    const logs: Metrics = Object.fromEntries(
      Object.entries(metrics).map(([name, value]) => [name, Number.isFinite(value) ? value : null]),
    );
    emit({
      type: 'epoch',
      epoch: state.epoch + 1,
      step: state.iteration,
      metrics: logs,
      learningRate: this.learningRate(),
      seconds: Math.round(state.seconds * 1000) / 1000,
    });
    state.metrics = logs;
    const value = logs[monitor.metric];
    const improves =
      typeof value === 'number' &&
      (!state.best || (monitor.mode === 'min' ? value < state.best.value : value > state.best.value));
    if (improves) state.best = { epoch: state.epoch + 1, value, metrics: logs };
    for (const callback of callbacks) callback.epochEnd?.(state.epoch, logs, this.host);
    for (const alert of this.watchdog.epoch(state.epoch + 1, logs, work.tensors())) this.say(alert);

    state.epoch++;
    state.batch = 0;
    state.sums = [];
    state.seconds = 0;
    if (improves) {
      work.keepWeights(BEST);
      this.owed.add('best');
    }
    this.unsaved = true;
    // Where epochs take milliseconds, writing after each would take longer than training.
    const due =
      state.epoch === 1 || performance.now() - this.lastSave >= (this.options.checkpointLeast ?? CHECKPOINT_LEAST_MS);
    if (due) this.save('last');
  }

  /** Whether an epoch has ended since the last checkpoint. */
  private unsaved = false;

  /** Between two steps: takes commands in. @returns how to stop, if that was asked for. */
  private async attend(): Promise<StopRequest | null> {
    const { control } = this.options;
    await this.breathe();
    if (control.wantsCheckpoint) {
      control.wantsCheckpoint = false;
      this.save('last');
    }
    this.takeChanges();
    if (this.options.logBlocked()) this.diskFull('The event log');
    if (control.paused && !control.stop) await this.pause();
    return control.stop;
  }

  private async breathe(): Promise<void> {
    await this.options.control.breathe();
  }

  private async pause(): Promise<void> {
    const { control, emit } = this.options;
    const because = control.paused!;
    const at = { epoch: this.state.epoch + (this.state.batch > 0 ? 1 : 0), step: this.state.iteration };
    const began = performance.now();
    emit({ type: 'paused', ...at, because });
    if (because === 'command') this.save('last');
    while (control.paused && !control.stop) {
      await control.nextCommand();
      this.takeChanges();
      if (control.wantsCheckpoint) {
        control.wantsCheckpoint = false;
        this.save('last');
      }
      if (!control.paused && because === 'disk-full') {
        this.retry();
        if (control.paused) emit({ type: 'paused', ...at, because });
      }
    }
    this.lastStep += performance.now() - began; // A pause is no part of the next step.
    if (!control.stop) emit({ type: 'resumed', ...at });
  }

  private takeChanges(): void {
    const { control, emit, work } = this.options;
    const { learningRate, epochs } = control.changes;
    control.changes = {};
    if (learningRate !== undefined) {
      this.state.learningRate = learningRate;
      if (!work.fixedRate)
        emit({
          type: 'log',
          level: 'info',
          message: 'The learning rate is set by hand now; the schedule no longer applies.',
        });
    }
    if (epochs !== undefined) this.state.epochs = Math.max(epochs, this.state.epoch + (this.state.batch > 0 ? 1 : 0));
    if (learningRate !== undefined || epochs !== undefined) {
      emit({
        type: 'changed',
        ...(learningRate !== undefined && { learningRate }),
        ...(epochs !== undefined && { epochs: this.state.epochs }),
      });
    }
  }

  /** Checkpoints that could not be written are owed until the disk has room. */
  private save(kind: 'last' | 'best'): void {
    const { work, emit, callbacks } = this.options;
    // The best weights live in memory alone until they are written, so they go first.
    if (kind === 'last' && this.owed.has('best')) this.save('best');
    if (kind === 'last') this.lastSave = performance.now();
    if (this.sick) return;
    if (kind === 'last') this.unsaved = false;
    const { state } = this;
    state.callbacks = callbacks.map(callback => callback.save());
    state.watchdog = this.watchdog.save();
    try {
      const bytes = work.save(kind, state);
      this.owed.delete(kind);
      emit({ type: 'checkpoint', kind, epoch: state.epoch, step: state.iteration, path: `checkpoints/${kind}`, bytes });
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      this.owed.add(kind);
      this.diskFull('A checkpoint');
    }
  }

  private retry(): void {
    if (this.owed.size > 0) this.save('last');
    if (this.options.logBlocked()) this.diskFull('The event log');
  }

  private diskFull(what: string): void {
    const { control } = this.options;
    if (control.paused) return;
    control.paused = 'disk-full';
    this.say({
      kind: 'disk-full',
      severity: 'error',
      epoch: this.state.epoch + 1,
      step: this.state.iteration,
      message: `${what} could not be written: the disk is full. The run is paused; the checkpoint before is whole.`,
      hint: 'Free some space, then resume.',
    });
  }

  private stopped(stop: StopRequest): LoopOutcome {
    if ('now' in stop) return this.outcome('stop-now');
    this.save('last');
    if (stop.keep === 'best' && this.options.work.restoreWeights(BEST)) {
      this.restored = true;
      return this.outcome('stop-keep-best');
    }
    return this.outcome('stopped');
  }

  private outcome(reason: LoopOutcome['reason']): LoopOutcome {
    const {
      state,
      options: { work },
    } = this;
    const running = state.sums.length > 0 ? work.results(state.sums) : {};
    const metrics = this.restored
      ? (state.best?.metrics ?? state.metrics)
      : Object.keys(state.metrics).length > 0
        ? state.metrics
        : running;
    return { reason, epoch: state.epoch, step: state.iteration, metrics };
  }

  private say(alert: Alert | null): void {
    if (alert) this.options.emit({ type: 'alert', ...alert });
  }

  private makeHost(): CallbackHost {
    const { work, emit } = this.options;
    const learningRate = (): number => this.learningRate();
    return {
      get learningRate() {
        return learningRate();
      },
      setLearningRate: value => {
        if (!work.fixedRate) return false;
        this.state.learningRate = value;
        emit({ type: 'changed', learningRate: value });
        return true;
      },
      stop: because => {
        this.ending = because;
      },
      keepWeights: name => work.keepWeights(name),
      restoreWeights: name => {
        const done = work.restoreWeights(name);
        this.restored ||= done;
        return done;
      },
      direction: metric => work.direction(metric),
      log: message => emit({ type: 'log', level: 'info', message }),
    };
  }
}

/** Metrics by name have no length. */
function isSums(held: ArrayLike<number> | Readonly<Record<string, number>>): held is ArrayLike<number> {
  return 'length' in held && typeof held.length === 'number' && (Array.isArray(held) || ArrayBuffer.isView(held));
}
