// What `train` shows a person while a run goes on: one line per finished epoch, and a line below that moves.
import type { Execution, TrainEvent } from '../protocol/messages';
import { progress, secondsLeft, type RunState } from '../protocol/run-state';
import { SCRIPT_TASK } from '../protocol/script-plan';
import { ProgressLine } from './progress-line';
import { duration, metricText } from './runs-text';
import type { Terminal } from './terminal';

/** The moving line is redrawn at most this often; steps may come thousands a second. */
const REDRAW_MS = 100;

export class TrainingDisplay {
  readonly #line: ProgressLine;
  #drawn = Number.NEGATIVE_INFINITY;
  /** Epochs that were shown before a resumption are not shown again. */
  #epochsShown = 0;
  #eagerBecause: string | undefined;

  constructor(
    private readonly terminal: Terminal,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.#line = new ProgressLine(terminal);
  }

  /** Call it with every event, in order, and the state after it. */
  show(event: TrainEvent, state: RunState): void {
    const { bold, dim, yellow, red } = this.terminal.colours.out;
    switch (event.type) {
      case 'ready': {
        // That the embedded one is slow, and the way out, comes as an alert of its own.
        const { kind, versions, node } = event.backend;
        const list = Object.entries(versions)
          .map(([name, version]) => `${name} ${version}`)
          .join(', ');
        const own = event.backend.because?.startsWith('the script');
        const what =
          kind === 'native'
            ? list
            : own
              ? `${list} on its slow back end “${event.backend.name}”, since ${event.backend.because},`
              : `the embedded JavaScript TensorFlow (${list})`;
        this.say(dim(`Training with ${what} under Node ${node.replace(/^v/, '')}`));
        return;
      }
      case 'started': {
        const { model, params, samples, validationSamples, batchSize, execution, part } = event;
        const facts = [
          `${params.toLocaleString('en-US')} parameters`,
          samples > 0 && `${samples.toLocaleString('en-US')} samples`,
          validationSamples > 0 && `${validationSamples.toLocaleString('en-US')} for validation`,
          batchSize > 0 && `batches of ${batchSize}`,
        ].filter(fact => fact !== false);
        this.say(`${bold(part?.name ?? model)}: ${facts.join(', ')}`);
        if (!part) this.#sayExecution(execution);
        return;
      }
      case 'changed':
        if (event.execution) this.#sayExecution(event.execution);
        if (event.learningRate !== undefined) this.say(`Learning rate ${metricText(event.learningRate)} from here on.`);
        if (event.epochs !== undefined) this.say(`${event.epochs} epochs now.`);
        return;
      case 'epoch':
        if (event.epoch <= this.#epochsShown) return;
        this.#epochsShown = event.epoch;
        this.say(
          `${epochLabel(event.epoch, state)}  ${metricsText(event.metrics)}  ${dim(duration(event.seconds * 1000))}`,
        );
        return;
      case 'alert': {
        const paint = event.severity === 'error' ? red : event.severity === 'warning' ? yellow : dim;
        this.say(`${paint(event.severity)}: ${event.message} ${event.hint}`);
        return;
      }
      case 'paused':
        this.say(
          event.because === 'disk-full'
            ? yellow('Paused: the disk is full. Free some space, then resume the run.')
            : 'Paused.',
        );
        return;
      case 'resumed':
        this.say('Goes on.');
        return;
      case 'step':
        this.#draw(state);
        return;
      case 'log':
        // What a monitored script prints belongs where it would have printed it.
        if (event.from === 'stderr') {
          this.#line.end();
          this.terminal.err(`${event.message}\n`);
        } else if (event.from === 'stdout') this.say(event.message);
        else if (state.setup.task === SCRIPT_TASK) this.say(dim(event.message));
        return;
      case 'evaluation':
      case 'checkpoint':
      case 'ended':
      case 'failed':
      case 'lost':
        return;
    }
  }

  end(): void {
    this.#line.end();
  }

  /** Compiled is what everybody expects; the other way is told with its reason, once. */
  #sayExecution(execution: Execution): void {
    if (execution.mode === 'compiled' || execution.because === this.#eagerBecause) return;
    this.#eagerBecause = execution.because;
    this.say(this.terminal.colours.out.dim(`Not compiled into one graph: ${execution.because}`));
  }

  /** A line that stays, above the moving one. */
  say(text: string): void {
    this.#line.end();
    this.terminal.out(`${text}\n`);
    this.#drawn = Number.NEGATIVE_INFINITY;
  }

  #draw(state: RunState): void {
    const now = this.clock();
    if (!this.terminal.live || now - this.#drawn < REDRAW_MS) return;
    this.#drawn = now;
    const { stepsPerEpoch, part } = state.setup;
    const epochs = state.setup.epochs - (part?.epoch ?? 0);
    const step = state.step - (part?.step ?? 0);
    const inEpoch = stepsPerEpoch > 0 ? ((step - 1) % stepsPerEpoch) + 1 : step;
    const epoch = Math.min(epochs, Math.floor((step - 1) / Math.max(1, stepsPerEpoch)) + 1);
    const left = secondsLeft(state);
    const speed = state.samplesPerSecond ? `${Math.round(state.samplesPerSecond).toLocaleString('en-US')}/s` : '';
    const words = [
      epochs > 0 ? `epoch ${epoch}/${epochs}` : '',
      stepsPerEpoch > 0 ? `step ${inEpoch}/${stepsPerEpoch}` : `step ${step}`,
      metricsText(state.latest),
      speed,
      left === null ? '' : `${duration(left * 1000)} left`,
    ]
      .filter(part => part !== '')
      .join('  ');
    this.#line.show(words, progress(state));
  }
}

function epochLabel(epoch: number, { setup }: RunState): string {
  const before = setup.part?.epoch ?? 0;
  const epochs = setup.epochs - before;
  return `Epoch ${String(epoch - before).padStart(String(epochs).length)}/${epochs}`;
}

export function metricsText(metrics: Readonly<Record<string, number | null>>): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name} ${metricText(value)}`)
    .join('  ');
}

/** The last words about a run: how it ended and where its model lies. */
export function endText(
  state: RunState,
  id: string,
  { bold, green, yellow, red }: Terminal['colours']['out'],
  placeOf: (output: string) => string,
): string {
  const { end, best } = state.story;
  const time = duration(state.active);
  if (end === null) return yellow('The run goes on without us.');
  if (end.kind === 'failed') return `${red(bold('Failed'))}: ${end.message} ${end.hint}`;
  if (end.kind === 'lost') {
    const wayOut = end.resumable ? ' `modelwright train --resume latest` goes on from its last checkpoint.' : '';
    return `${red(bold('Lost'))}: ${end.message}${wayOut}`;
  }
  const reasons = {
    finished: green(bold('Finished')),
    'early-stopping': green(bold('Stopped early, no longer improving')),
    stopped: yellow(bold('Stopped')),
    'stop-keep-best': yellow(bold('Stopped, with the best weights')),
  };
  const bestText =
    best === null ? '' : `, best epoch ${best.epoch} (${state.setup.monitor.metric} ${metricText(best.value)})`;
  const model = end.output === '' ? '' : `, model in ${placeOf(end.output)}`;
  return `${reasons[end.reason]} after ${time}: ${metricsText(end.metrics)}${bestText}\nRun ${bold(id)}${model}`;
}
