/**
 * From the reports of a monitored script to the events of a run. Steps and epochs are counted on over all trainings of
 * the script, each of which begins with a `started` that says what came before it (`part`).
 */
import type { Metrics, TrainEvent } from '../../protocol/messages';
import { Watchdog, type Alert } from '../alerts';
import type { Emit } from '../session';
import type { Report, TrainingFacts } from './report';

interface Training {
  readonly facts: TrainingFacts;
  /** Empty for the training the last `started` was about; others (the second model of a GAN) say whose value it is. */
  prefix: string;
  /** Steps of the epoch under way. */
  steps: number;
  epochs: number;
  readonly watchdog: Watchdog;
}

export class Translator {
  private readonly trainings = new Map<number, Training>();
  /** Trainings under way: several where the script starts a fit before the one before has ended. */
  private readonly active = new Set<number>();
  /** The models of the loop of `trainOnBatch` that goes on now, by name. */
  private loop: number[] = [];
  private parts = 0;
  /** Names of all trainings so far, so that no curve vanishes when the next one begins. */
  private names: readonly string[] = [];
  step = 0;
  epoch = 0;
  metrics: Metrics = {};
  /** Some training ended because it was asked to. */
  stopped = false;

  constructor(private readonly emit: Emit) {}

  /** `fit`: one that `stopTraining` ends; `loop`: the script's own loop, which nobody can end from outside. */
  get doing(): 'fit' | 'loop' | 'nothing' {
    if (this.active.size > 0) return 'fit';
    return this.loop.length > 0 ? 'loop' : 'nothing';
  }

  /** How many trainings began. */
  get count(): number {
    return this.trainings.size;
  }

  /** Where a fit stands that is under way: `epoch 2 of 5`. */
  get standing(): string | null {
    const id = [...this.active].at(-1);
    const training = id === undefined ? undefined : this.trainings.get(id);
    return training ? `epoch ${training.epochs + 1} of ${training.facts.epochs}` : null;
  }

  take(report: Report): void {
    const { emit } = this;
    switch (report[0]) {
      case 'begin':
        return this.begin(report[1], report[2]);
      case 'step': {
        const [, id, time, values, learningRate, size, took] = report;
        const training = this.trainings.get(id);
        if (!training) return;
        const { facts, prefix, watchdog } = training;
        const metrics: Record<string, number | null> = {};
        facts.metrics.forEach((name, i) => (metrics[prefix + name] = values[i] ?? null));
        this.step++;
        training.steps++;
        const samplesPerSecond = took > 0 ? Math.round((size / took) * 10_000) / 10 : 0;
        const event = { step: this.step, epoch: this.epoch + 1, metrics, learningRate: learningRate ?? 0 };
        emit({ type: 'step', time, ...event, samplesPerSecond });
        const loss = values[0];
        this.say(watchdog.step(this.step, this.epoch + 1, typeof loss === 'number' ? loss : NaN));
        if (facts.kind === 'trainOnBatch') this.metrics = { ...this.metrics, ...metrics };
        return;
      }
      case 'epoch': {
        const [, id, time, logs, learningRate, seconds] = report;
        const training = this.trainings.get(id);
        if (!training) return;
        training.epochs++;
        this.epoch++;
        const { prefix, facts, watchdog } = training;
        const metrics = Object.fromEntries(Object.entries(logs).map(([name, value]) => [prefix + name, value]));
        emit({
          type: 'epoch',
          time,
          epoch: this.epoch,
          step: this.step,
          metrics,
          learningRate: learningRate ?? 0,
          seconds,
        });
        this.metrics = metrics;
        // How many batches a data set has is known once it was gone through.
        if (facts.stepsPerEpoch === 0 && training.epochs === 1 && prefix === '') {
          emit({ type: 'changed', stepsPerEpoch: training.steps });
        }
        training.steps = 0;
        // Whether tensors are freed is the script's own affair, and a rule's.
        for (const alert of watchdog.epoch(this.epoch, logs, 0)) this.say(alert);
        return;
      }
      case 'end':
        this.active.delete(report[1]);
        if (report[2]) this.stopped = true;
        return;
      case 'paused':
        emit({ type: 'paused', step: this.step, epoch: this.epoch + 1, because: 'command' });
        return;
      case 'resumed':
        emit({ type: 'resumed', step: this.step, epoch: this.epoch + 1 });
        return;
      case 'rate':
        emit({ type: 'changed', learningRate: report[1] });
        return;
      case 'note':
        emit({ type: 'log', level: 'info', message: report[1] });
        return;
      case 'backend':
      case 'error':
        return;
    }
  }

  private begin(id: number, facts: TrainingFacts): void {
    const training: Training = { facts, prefix: '', steps: 0, epochs: 0, watchdog: new Watchdog() };
    this.trainings.set(id, training);
    if (facts.kind === 'trainOnBatch') {
      const others = this.loop.map(each => this.trainings.get(each)!.facts.model);
      this.loop.push(id);
      if (this.active.size > 0 || others.length > 0) {
        return this.join(training, unique(facts.model, others));
      }
    } else {
      this.loop = [];
      this.active.add(id);
      if (this.active.size > 1) {
        return this.join(training, facts.model);
      }
    }
    this.started(facts);
  }

  /** A further model within the training under way. */
  private join(training: Training, name: string): void {
    training.prefix = `${name}/`;
    this.emit({ type: 'changed', metrics: this.named(training.facts.metrics.map(metric => training.prefix + metric)) });
  }

  private named(metrics: readonly string[]): readonly string[] {
    return (this.names = [...new Set([...this.names, ...metrics])]);
  }

  private started(facts: TrainingFacts): void {
    const { kind, model, metrics, validates, epochs, stepsPerEpoch, samples, batchSize } = facts;
    this.parts++;
    const event: Omit<Extract<TrainEvent, { type: 'started' }>, 'time'> = {
      type: 'started',
      task: 'script',
      model,
      params: facts.params,
      trainableParams: facts.trainableParams,
      epochs: this.epoch + epochs,
      stepsPerEpoch,
      samples,
      validationSamples: 0,
      batchSize,
      metrics: this.named(metrics),
      monitor: { metric: validates ? 'val_loss' : 'loss', mode: 'min' },
      execution: { mode: 'eager', because: 'the script itself trains' },
      part: { number: this.parts, name: `${kind} ${this.parts}: ${model}`, step: this.step, epoch: this.epoch },
    };
    this.emit(event);
  }

  private say(alert: Alert | null): void {
    if (alert) this.emit({ type: 'alert', ...alert });
  }
}

/** Two models of a loop may have one name. */
function unique(name: string, taken: readonly string[]): string {
  let candidate = name;
  for (let n = 2; taken.includes(candidate); n++) candidate = `${name}_${n}`;
  return candidate;
}
