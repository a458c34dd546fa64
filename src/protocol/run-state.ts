/**
 * What a run looks like after some of its events. `advance` is the only fold: panel, status bar, command line, tests
 * and a reloaded window all draw a `RunState` and never an event. No clock is read here; "now" is always given.
 */
import type {
  AlertEvent,
  BackendInfo,
  CheckpointEvent,
  EndReason,
  EvaluationFacts,
  Execution,
  LogEvent,
  Metrics,
  RunPart,
  StepEvent,
  TrainEvent,
} from './messages';
import { append, appendAll, cell, column, emptyColumns, slice, truncate, type Columns, type Row } from './columns';

export type RunStatus = 'starting' | 'running' | 'paused' | 'ended' | 'failed' | 'lost';

export interface BestEpoch {
  readonly epoch: number;
  readonly value: number;
}

/** What the child said of itself and of the work before the first step. */
export interface RunSetup {
  readonly pid: number | null;
  readonly protocol: number | null;
  readonly backend: BackendInfo | null;
  readonly execution: Execution | null;
  readonly task: string;
  readonly model: string;
  readonly params: number;
  readonly trainableParams: number;
  readonly samples: number;
  readonly validationSamples: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly metrics: readonly string[];
  readonly monitor: { readonly metric: string; readonly mode: 'min' | 'max' };
  readonly startedAt: number | null;
  /** The training under way where a run trains several times; `epochs` then counts those of the trainings before. */
  readonly part: RunPart | null;
}

export interface EpochEvaluation extends EvaluationFacts {
  readonly epoch: number;
}

/** What happened on the way, as far as it is kept. */
export interface RunStory {
  /** Every training of a run that trains several times, in order. */
  readonly parts: readonly RunPart[];
  readonly latestEpoch: Metrics;
  readonly best: BestEpoch | null;
  /** The latest validation, and that of the best epoch, as far as the task has them. */
  readonly evaluation: EpochEvaluation | null;
  readonly bestEvaluation: EpochEvaluation | null;
  readonly alerts: readonly AlertEvent[];
  /** The newest lines, at most `LOG_LINES`. */
  readonly log: readonly LogEvent[];
  readonly checkpoints: { readonly last: CheckpointEvent | null; readonly best: CheckpointEvent | null };
  readonly pausedBecause: 'command' | 'disk-full' | null;
  readonly end: RunEnd | null;
}

/** Everything about a run but its curves: small, sent whole with every update. */
export interface RunHead {
  readonly status: RunStatus;
  /** Events folded so far. */
  readonly events: number;
  /** Raised when rows already seen were taken back, because a resumed run repeats the steps after its checkpoint. */
  readonly generation: number;
  /** Steps and epochs that are complete. */
  readonly step: number;
  readonly epoch: number;
  readonly learningRate: number | null;
  readonly samplesPerSecond: number | null;
  /** Values of the last step. */
  readonly latest: Metrics;
  readonly lastEventAt: number | null;
  /** Milliseconds spent training up to the last event, without pauses and without the time a run lay dead. */
  readonly active: number;
  readonly setup: RunSetup;
  readonly story: RunStory;
}

export type RunEnd =
  | { readonly kind: 'ended'; readonly reason: EndReason; readonly metrics: Metrics; readonly output: string }
  | { readonly kind: 'failed'; readonly message: string; readonly hint: string }
  | { readonly kind: 'lost'; readonly message: string; readonly resumable: boolean };

export interface RunState extends RunHead {
  /** One row a step: `step`, `epoch`, `time`, `learningRate`, `samplesPerSecond`, then the metrics. */
  readonly stepTable: Columns;
  /** One row an epoch: `epoch`, `step`, `time`, `learningRate`, `seconds`, then the metrics. */
  readonly epochTable: Columns;
}

export const LOG_LINES = 500;
const ALERTS = 100;

export const initialRunState: RunState = {
  status: 'starting',
  events: 0,
  generation: 0,
  step: 0,
  epoch: 0,
  learningRate: null,
  samplesPerSecond: null,
  latest: {},
  lastEventAt: null,
  active: 0,
  setup: {
    pid: null,
    protocol: null,
    backend: null,
    execution: null,
    task: 'fit',
    model: '',
    params: 0,
    trainableParams: 0,
    samples: 0,
    validationSamples: 0,
    batchSize: 0,
    epochs: 0,
    stepsPerEpoch: 0,
    metrics: ['loss'],
    monitor: { metric: 'loss', mode: 'min' },
    startedAt: null,
    part: null,
  },
  story: {
    parts: [],
    latestEpoch: {},
    best: null,
    evaluation: null,
    bestEvaluation: null,
    alerts: [],
    log: [],
    checkpoints: { last: null, best: null },
    pausedBecause: null,
    end: null,
  },
  stepTable: emptyColumns(),
  epochTable: emptyColumns(),
};

/** The state after one more event. Never throws, whatever the order of events; pure for all that a caller can see. */
export function advance(state: RunState, event: TrainEvent): RunState {
  const events = state.events + 1;
  const lastEventAt = event.time;
  const active = state.active + trained(state, event);
  if (event.type !== 'step') return { ...state, ...change(state, event), events, lastEventAt, active };

  // Steps are nearly all events there are. A literal that names every field is thirty times faster than a spread.
  const { step, epoch, learningRate, samplesPerSecond, metrics, time } = event;
  const row = { step, epoch, time, learningRate, samplesPerSecond };
  return {
    status: 'running',
    events,
    generation: state.generation,
    step,
    epoch: state.epoch,
    learningRate,
    samplesPerSecond,
    latest: metrics,
    lastEventAt,
    active,
    setup: state.setup,
    story: state.story,
    stepTable: append(state.stepTable, row, metrics),
    epochTable: state.epochTable,
  };
}

/** Milliseconds of training between the last event and this one: none while paused, dead, or starting. */
function trained(state: RunState, event: TrainEvent): number {
  if (state.status !== 'running' || state.lastEventAt === null || event.type === 'ready' || event.type === 'lost')
    return 0;
  return Math.max(0, event.time - state.lastEventAt);
}

function change(state: RunState, event: Exclude<TrainEvent, StepEvent>): Partial<RunState> {
  const { setup, story } = state;
  switch (event.type) {
    case 'ready': {
      const { pid, protocol, backend } = event;
      return { status: 'starting', setup: { ...setup, pid, protocol, backend }, story: { ...story, end: null } };
    }
    case 'started': {
      const { type: _, time, resumedFrom, part = null, ...facts } = event;
      const begun = { ...setup, ...facts, part, startedAt: setup.startedAt ?? time };
      // A further training of the same run takes nothing back; what is best is a matter of its own.
      const moved = part
        ? { story: { ...story, parts: [...story.parts, part], best: null, pausedBecause: null } }
        : rewind(state, resumedFrom ?? { epoch: 0, step: 0 });
      return { ...moved, status: 'running', setup: begun };
    }
    case 'changed': {
      const { execution, epochs, stepsPerEpoch, metrics, learningRate } = event;
      const changed = {
        ...setup,
        execution: execution ?? setup.execution,
        epochs: epochs ?? setup.epochs,
        stepsPerEpoch: stepsPerEpoch ?? setup.stepsPerEpoch,
        metrics: metrics ?? setup.metrics,
      };
      return { setup: changed, learningRate: learningRate ?? state.learningRate };
    }
    case 'epoch': {
      const { step, epoch, learningRate, seconds, metrics, time } = event;
      const best = better(setup.monitor, story.best, epoch, metrics[setup.monitor.metric]);
      const isBest = best?.epoch === epoch && story.evaluation?.epoch === epoch;
      const bestEvaluation = isBest ? story.evaluation : story.bestEvaluation;
      return {
        epoch,
        step: Math.max(step, state.step),
        story: { ...story, latestEpoch: metrics, best, bestEvaluation },
        epochTable: append(state.epochTable, { epoch, step, time, learningRate, seconds }, metrics),
      };
    }
    case 'evaluation': {
      const { type: _, time: __, ...evaluation } = event;
      return { story: { ...story, evaluation } };
    }
    case 'checkpoint':
      return { story: { ...story, checkpoints: { ...story.checkpoints, [event.kind]: event } } };
    case 'alert':
      return { story: { ...story, alerts: [...story.alerts, event].slice(-ALERTS) } };
    case 'log':
      return { story: { ...story, log: [...story.log, event].slice(-LOG_LINES) } };
    case 'paused':
      return { status: 'paused', story: { ...story, pausedBecause: event.because } };
    case 'resumed':
      return { status: 'running', story: { ...story, pausedBecause: null } };
    case 'ended': {
      const { reason, metrics, output } = event;
      return {
        status: 'ended',
        story: { ...story, pausedBecause: null, end: { kind: 'ended', reason, metrics, output } },
      };
    }
    case 'failed': {
      const { message, hint } = event;
      return { status: 'failed', story: { ...story, pausedBecause: null, end: { kind: 'failed', message, hint } } };
    }
    case 'lost': {
      const { message, resumable } = event;
      return { status: 'lost', story: { ...story, pausedBecause: null, end: { kind: 'lost', message, resumable } } };
    }
  }
}

/** Takes back what lies after the point a run resumed from. */
function rewind(state: RunState, point: { readonly epoch: number; readonly step: number }): Partial<RunState> {
  const stepTable = truncate(state.stepTable, rowsUpTo(state.stepTable, 'step', point.step));
  const epochTable = truncate(state.epochTable, rowsUpTo(state.epochTable, 'epoch', point.epoch));
  const same = stepTable === state.stepTable && epochTable === state.epochTable;
  const {
    story,
    setup: { monitor },
  } = state;
  const best = story.best && story.best.epoch > point.epoch ? bestOf(monitor, epochTable) : story.best;
  return {
    step: point.step,
    epoch: point.epoch,
    stepTable,
    epochTable,
    generation: same ? state.generation : state.generation + 1,
    story: {
      ...story,
      best,
      evaluation: upTo(story.evaluation, point.epoch),
      bestEvaluation: upTo(story.bestEvaluation, point.epoch),
      pausedBecause: null,
      end: null,
    },
  };
}

const upTo = (evaluation: EpochEvaluation | null, epoch: number): EpochEvaluation | null =>
  evaluation && evaluation.epoch > epoch ? null : evaluation;

/** The number of leading rows whose `name` is at most `limit`; rows are in ascending order. */
function rowsUpTo(table: Columns, name: string, limit: number): number {
  const values = column(table, name);
  let rows = values.length;
  while (rows > 0 && !(values[rows - 1]! <= limit)) rows--;
  return rows;
}

function better(
  monitor: RunSetup['monitor'],
  best: BestEpoch | null,
  epoch: number,
  value: number | null | undefined,
): BestEpoch | null {
  if (typeof value !== 'number' || !Number.isFinite(value)) return best;
  const improved = !best || (monitor.mode === 'min' ? value < best.value : value > best.value);
  return improved ? { epoch, value } : best;
}

function bestOf(monitor: RunSetup['monitor'], epochs: Columns): BestEpoch | null {
  let best: BestEpoch | null = null;
  for (let row = 0; row < epochs.rows; row++) {
    best = better(monitor, best, cell(epochs, 'epoch', row), cell(epochs, monitor.metric, row));
  }
  return best;
}

/** Steps planned for the training under way; 0 where nobody knows. */
export const totalSteps = ({ setup: { epochs, stepsPerEpoch, part } }: RunHead): number =>
  (epochs - (part?.epoch ?? 0)) * stepsPerEpoch;

/** Steps of the training under way that are done. */
const doneSteps = ({ step, setup }: RunHead): number => step - (setup.part?.step ?? 0);

/** The share of all planned steps that is done, 0 to 1. */
export function progress(state: RunHead): number {
  if (state.story.end?.kind === 'ended') return 1;
  const total = totalSteps(state);
  return total > 0 ? Math.min(1, doneSteps(state) / total) : 0;
}

/** True while a child may still send events. */
export const isLive = (state: RunHead): boolean =>
  state.status === 'starting' || state.status === 'running' || state.status === 'paused';

/**
 * Seconds of training left, or null before it can be told. Once an epoch is complete its whole length counts, so that
 * validation and checkpoints are in the estimate; until then the steps of the first epoch are all there is.
 */
export function secondsLeft(state: RunState): number | null {
  if (state.status !== 'running' && state.status !== 'paused') return null;
  const total = totalSteps(state);
  if (total === 0) return null;
  const left = Math.max(0, total - doneSteps(state));
  const ofThisPart = state.epoch > (state.setup.part?.epoch ?? 0);
  const lastEpoch = ofThisPart ? cell(state.epochTable, 'seconds', state.epochTable.rows - 1) : NaN;
  const { stepsPerEpoch, batchSize } = state.setup;
  if (lastEpoch > 0 && stepsPerEpoch > 0) return (left * lastEpoch) / stepsPerEpoch;
  if (batchSize > 0 && state.samplesPerSecond) return (left * batchSize) / state.samplesPerSecond;
  return null;
}

/** Where a reader of the curves stands. */
export interface Cursor {
  readonly generation: number;
  readonly steps: number;
  readonly epochs: number;
}

/** What a reader at a cursor lacks. `from` says which rows it keeps; Float64Arrays pass through `postMessage` as they are. */
export interface RunDelta {
  readonly head: RunHead;
  readonly from: Cursor;
  readonly to: Cursor;
  readonly steps: Readonly<Record<string, Float64Array>>;
  readonly epochs: Readonly<Record<string, Float64Array>>;
}

export const startCursor: Cursor = { generation: 0, steps: 0, epochs: 0 };

export const cursorOf = (state: RunState): Cursor => ({
  generation: state.generation,
  steps: state.stepTable.rows,
  epochs: state.epochTable.rows,
});

/** Everything since the cursor; everything at all when the cursor belongs to rows that were taken back. */
export function deltaSince(state: RunState, cursor: Cursor): RunDelta {
  const valid =
    cursor.generation === state.generation &&
    cursor.steps <= state.stepTable.rows &&
    cursor.epochs <= state.epochTable.rows;
  const from = valid ? cursor : { generation: state.generation, steps: 0, epochs: 0 };
  const { stepTable, epochTable, ...head } = state;
  return {
    head,
    from,
    to: cursorOf(state),
    steps: slice(stepTable, from.steps),
    epochs: slice(epochTable, from.epochs),
  };
}

/** The reader's side: its state with the delta applied equals the sender's. */
export function applyDelta(state: RunState, delta: RunDelta): RunState {
  const { from, to } = delta;
  return {
    ...delta.head,
    stepTable: appendAll(truncate(state.stepTable, from.steps), delta.steps, to.steps - from.steps),
    epochTable: appendAll(truncate(state.epochTable, from.epochs), delta.epochs, to.epochs - from.epochs),
  };
}

export type { Columns, Row };
export { cell, column } from './columns';
