/** Notices what a person should know about a run without having written a callback: once each, with the way out. */
import type { AlertEvent, Json, Metrics } from '../protocol/messages';

export type Alert = Omit<AlertEvent, 'type' | 'time'>;

interface WatchState {
  first: number | null;
  best: number | null;
  bestEpoch: number;
  bestValidation: number | null;
  bestValidationEpoch: number;
  lastLoss: number | null;
  said: string[];
  tensors: number[];
}

/** Epochs without improvement by more than a thousandth before a plateau is worth a word. */
const PLATEAU_EPOCHS = 6;
const OVERFIT_EPOCHS = 4;

export class Watchdog {
  private state: WatchState = {
    first: null,
    best: null,
    bestEpoch: 0,
    bestValidation: null,
    bestValidationEpoch: 0,
    lastLoss: null,
    said: [],
    tensors: [],
  };

  /** After a step. `loss` is the batch's own. */
  step(step: number, epoch: number, loss: number): Alert | null {
    if (Number.isFinite(loss)) {
      this.state.first ??= loss;
      return null;
    }
    return this.once('nan', {
      kind: 'nan',
      severity: 'error',
      step,
      epoch,
      message: `The loss is ${Number.isNaN(loss) ? 'not a number' : 'infinite'} since step ${step}.`,
      hint:
        'Stop, and start again with a lower learning rate or clipnorm=1; check the data for values that are missing or huge. ' +
        'The last checkpoint is from before and stays.',
    });
  }

  /** After an epoch, counted from 1. `tensors`: how many there are in memory. */
  epoch(epoch: number, metrics: Metrics, tensors: number): Alert[] {
    const { state } = this;
    const [loss, validation] = [metrics.loss, metrics.val_loss];
    const alerts: (Alert | null)[] = [this.leak(epoch, tensors)];
    if (typeof loss === 'number') {
      if (state.best === null || loss < state.best * (1 - 1e-3)) [state.best, state.bestEpoch] = [loss, epoch];
      if (state.first !== null && epoch >= 2 && loss > 3 * Math.max(state.first, 1e-3)) {
        alerts.push(
          this.once('diverging', {
            kind: 'diverging',
            severity: 'warning',
            epoch,
            message: `The loss grows: ${short(loss)} after epoch ${epoch}, ${short(state.first)} at the first step.`,
            hint: 'Lower the learning rate; it can be changed while the run goes on.',
          }),
        );
      } else if (epoch - state.bestEpoch >= PLATEAU_EPOCHS) {
        alerts.push(
          this.once('plateau', {
            kind: 'plateau',
            severity: 'info',
            epoch,
            message: `The loss has not fallen since epoch ${state.bestEpoch}.`,
            hint: 'Lower the learning rate (ReduceLROnPlateau does it by itself), or stop: more epochs will hardly help.',
          }),
        );
      }
    }
    if (typeof validation === 'number') {
      if (state.bestValidation === null || validation < state.bestValidation) {
        [state.bestValidation, state.bestValidationEpoch] = [validation, epoch];
      }
      const falls = typeof loss === 'number' && state.lastLoss !== null && loss < state.lastLoss;
      if (falls && epoch - state.bestValidationEpoch >= OVERFIT_EPOCHS && validation > state.bestValidation * 1.05) {
        alerts.push(
          this.once('overfit', {
            kind: 'overfit',
            severity: 'warning',
            epoch,
            message: `The model overfits: the training loss still falls, the validation loss has risen since epoch ${state.bestValidationEpoch}.`,
            hint: '"Stop and Keep Best" keeps the weights of the best epoch. More data, dropout or a smaller model would help.',
          }),
        );
      }
    }
    state.lastLoss = loss ?? null;
    return alerts.filter(alert => alert !== null);
  }

  save(): Json {
    return this.state as unknown as Json;
  }

  load(state: Json): void {
    this.state = { ...this.state, ...(state as unknown as WatchState) };
  }

  /** Tensors that grow with every epoch are never freed. */
  private leak(epoch: number, tensors: number): Alert | null {
    const { state } = this;
    state.tensors = [...state.tensors, tensors].slice(-5);
    const grows = state.tensors.length === 5 && state.tensors.every((n, i) => i === 0 || n > state.tensors[i - 1]!);
    return grows
      ? this.once('leak', {
          kind: 'leak',
          severity: 'warning',
          epoch,
          message: `Memory is not freed: ${tensors - state.tensors[0]!} tensors more than four epochs ago.`,
          hint: 'The run can be stopped and resumed at any time; please report the model.',
        })
      : null;
  }

  private once(key: string, alert: Alert): Alert | null {
    if (this.state.said.includes(key)) return null;
    this.state.said.push(key);
    return alert;
  }
}

const short = (value: number): string => String(Number(value.toPrecision(3)));
