/**
 * Keras 3's callbacks as plain state machines over the metrics of epochs: no tensors, no clock, their whole state as
 * JSON, so that a resumed run goes on as if it had never stopped. Source of the semantics: `keras/src/callbacks`.
 */
import type { KerasObject } from '../protocol/fit-plan';
import type { Json, Metrics } from '../protocol/messages';
import { ModelError } from './build/config';
import { canonicalName } from './losses';

/** What a callback may do to the run. */
export interface CallbackHost {
  readonly learningRate: number;
  /** False where a schedule of the optimiser decides the learning rate. */
  setLearningRate(value: number): boolean;
  /** Ends the run after this epoch. */
  stop(because: 'early-stopping' | 'nan'): void;
  /** Keeps a copy of the weights under a name, and takes them back. */
  keepWeights(name: string): void;
  restoreWeights(name: string): boolean;
  /** Better direction of a metric by its name without `val_`; undefined where nobody knows. */
  direction(metric: string): 'min' | 'max' | undefined;
  log(message: string): void;
}

export interface TrainCallback {
  /** `epoch` counts from 0, as Keras's does. */
  epochBegin?(epoch: number, host: CallbackHost): void;
  epochEnd?(epoch: number, logs: Metrics, host: CallbackHost): void;
  step?(loss: number, host: CallbackHost): void;
  trainEnd?(host: CallbackHost): void;
  save(): Json;
  load(state: Json): void;
}

class Settings {
  constructor(
    readonly name: string,
    private readonly config: Readonly<Record<string, Json>>,
  ) {}

  number(key: string, whenAbsent: number): number {
    const value = this.config[key];
    return typeof value === 'number' ? value : whenAbsent;
  }

  optional(key: string): number | null {
    const value = this.config[key];
    return typeof value === 'number' ? value : null;
  }

  text(key: string, whenAbsent: string): string {
    const value = this.config[key];
    return typeof value === 'string' ? value : whenAbsent;
  }

  flag(key: string): boolean {
    return this.config[key] === true;
  }

  get values(): Readonly<Record<string, Json>> {
    return this.config;
  }
}

/** Keras's `MonitorCallback`: which way a metric is better, and by how much it must be to count. */
class Monitor {
  readonly metric: string;
  private readonly minDelta: number;
  private warned = false;

  constructor(
    private readonly settings: Settings,
    minDelta: number,
  ) {
    this.metric = settings.text('monitor', 'val_loss');
    this.minDelta = Math.abs(settings.number('min_delta', minDelta));
  }

  /** undefined: the metric does not exist, which is said once; NaN: it is not finite. */
  value(logs: Metrics, host: CallbackHost): number | undefined {
    if (!Object.hasOwn(logs, this.metric)) {
      if (!this.warned) {
        host.log(
          `${this.settings.name} watches "${this.metric}", which this run does not have. There are: ${Object.keys(logs).join(', ')}.`,
        );
      }
      this.warned = true;
      return undefined;
    }
    return logs[this.metric] ?? NaN;
  }

  /** @throws ModelError where neither the settings nor the metric tell which way is better, as Keras does. */
  improves(value: number, reference: number | null, host: CallbackHost): boolean {
    if (reference === null) return true;
    // Keras compares in single precision, which decides when a metric has moved by min_delta and no more.
    const best = Math.fround(reference);
    return this.mode(host) === 'min'
      ? Math.fround(value + this.minDelta) < best
      : Math.fround(value - this.minDelta) > best;
  }

  private mode(host: CallbackHost): 'min' | 'max' {
    const mode = this.settings.text('mode', 'auto');
    if (mode === 'min' || mode === 'max') return mode;
    const found = host.direction(this.metric.replace(/^val_/, ''));
    if (found) return found;
    throw new ModelError(
      `${this.settings.name} cannot tell whether "${this.metric}" should grow or shrink.`,
      'Give it mode="min" or mode="max".',
    );
  }
}

const isObject = (value: Json): value is Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const WEIGHTS = 'early-stopping';

function earlyStopping(settings: Settings): TrainCallback {
  const monitor = new Monitor(settings, 0);
  const restore = settings.flag('restore_best_weights');
  const baseline = settings.optional('baseline');
  let state = { wait: 0, best: null as number | null, bestEpoch: 0, kept: false };
  return {
    epochEnd(epoch, logs, host) {
      const current = monitor.value(logs, host);
      if (current === undefined || epoch < settings.number('start_from_epoch', 0)) return;
      const keep = (): void => {
        if (!restore) return;
        host.keepWeights(WEIGHTS);
        state.kept = true;
      };
      if (restore && !state.kept) {
        keep();
        state.bestEpoch = epoch;
      }
      state.wait++;
      if (monitor.improves(current, state.best, host)) {
        state.best = current;
        state.bestEpoch = epoch;
        keep();
        if (baseline === null || monitor.improves(current, baseline, host)) state.wait = 0;
        return;
      }
      if (state.wait >= settings.number('patience', 0) && epoch > 0) {
        host.log(
          `Epoch ${epoch + 1}: early stopping, "${monitor.metric}" has not improved since epoch ${state.bestEpoch + 1}.`,
        );
        host.stop('early-stopping');
      }
    },
    trainEnd(host) {
      if (restore && state.kept && host.restoreWeights(WEIGHTS)) {
        host.log(`Restored the weights of the best epoch, ${state.bestEpoch + 1}.`);
      }
    },
    save: () => ({ ...state }),
    load: saved => {
      state = { ...state, ...(isObject(saved) ? saved : {}) };
    },
  };
}

function reduceLROnPlateau(settings: Settings): TrainCallback {
  const monitor = new Monitor(settings, 1e-4);
  const factor = settings.number('factor', 0.1);
  if (factor >= 1) throw new ModelError(`ReduceLROnPlateau has factor=${factor}.`, 'Give a factor below 1.');
  let state = { wait: 0, best: null as number | null, cooldown: 0 };
  return {
    epochEnd(epoch, logs, host) {
      const current = monitor.value(logs, host);
      if (current === undefined) return;
      if (state.cooldown > 0) {
        state.cooldown--;
        state.wait = 0;
      }
      if (monitor.improves(current, state.best, host)) {
        state.best = current;
        state.wait = 0;
      } else if (state.cooldown <= 0) {
        state.wait++;
        const least = settings.number('min_lr', 0);
        // Keras compares with the minimum in single precision.
        if (state.wait >= settings.number('patience', 10) && host.learningRate > Math.fround(least)) {
          const reduced = Math.max(host.learningRate * factor, least);
          if (!host.setLearningRate(reduced)) {
            host.log('ReduceLROnPlateau cannot change a learning rate that a schedule decides.');
            return;
          }
          host.log(`Epoch ${epoch + 1}: the learning rate is now ${reduced}.`);
          state.cooldown = settings.number('cooldown', 0);
          state.wait = 0;
        }
      }
    },
    save: () => ({ ...state }),
    load: saved => {
      state = { ...state, ...(isObject(saved) ? saved : {}) };
    },
  };
}

/** Schedules by epoch that are data, not Python functions: `{epochs: [0, 5], values: [1e-3, 1e-4]}`. */
function learningRateScheduler(settings: Settings): TrainCallback {
  const [epochs, values] = [settings.values.epochs, settings.values.values];
  if (!Array.isArray(epochs) || !Array.isArray(values) || epochs.length !== values.length) {
    throw new ModelError(
      'LearningRateScheduler calls a Python function, which is not run here.',
      'Give "epochs" and "values" lists in the training configuration, or use a keras.optimizers.schedules schedule.',
    );
  }
  return {
    epochBegin(epoch, host) {
      const at = (epochs as number[]).filter(first => epoch >= first).length - 1;
      if (at >= 0) host.setLearningRate((values as number[])[at]!);
    },
    save: () => null,
    load: () => {},
  };
}

function terminateOnNaN(): TrainCallback {
  return {
    step(loss, host) {
      if (!Number.isFinite(loss)) host.stop('nan');
    },
    save: () => null,
    load: () => {},
  };
}

/** Callbacks whose job every run here does anyway: checkpoints, logs, TensorBoard, history, progress. */
const BUILT_IN = [
  'model_checkpoint',
  'csv_logger',
  'tensor_board',
  'backup_and_restore',
  'history',
  'progbar_logger',
  'terminate_on_na_n',
];

const MAKERS: Readonly<Record<string, (settings: Settings) => TrainCallback>> = {
  early_stopping: earlyStopping,
  reduce_lron_plateau: reduceLROnPlateau,
  reduce_lr_on_plateau: reduceLROnPlateau,
  learning_rate_scheduler: learningRateScheduler,
  terminate_on_nan: terminateOnNaN,
  terminate_on_na_n: terminateOnNaN,
};

/**
 * The callbacks of a plan, in their order. One that is not known is left out and `log` says so: most are about output.
 * @throws ModelError for arguments that a known one cannot have.
 */
export function createCallbacks(objects: readonly KerasObject[], log: (message: string) => void): TrainCallback[] {
  return objects.flatMap(object => {
    const name = canonicalName(object.class);
    const make = MAKERS[name];
    if (make) return [make(new Settings(object.class, object.config))];
    if (!BUILT_IN.includes(name)) log(`The callback ${object.class} is not available here and is left out.`);
    return [];
  });
}
