/**
 * What passes between a training child and everyone who watches it: events come up, commands go down. Plain JSON types
 * only; a line of `events.jsonl` is one `TrainEvent`, and so is a line of `modelwright train --json`.
 */

/** Raised whenever a message changes its meaning. A child of another number is refused with words, never guessed at. */
export const PROTOCOL = 1;

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Values by metric name. `null` stands for a value that is not finite (JSON has no NaN); readers draw a gap. */
export type Metrics = Readonly<Record<string, number | null>>;

/** `native`: tfjs-node on the TensorFlow C library; `embedded`: pure JavaScript and WebAssembly, announced as slow. */
export interface BackendInfo {
  readonly kind: 'native' | 'embedded';
  /** TensorFlow.js's name of the back end: `tensorflow`, `wasm`, `cpu`. */
  readonly name: string;
  /** `{"tfjs-node": "4.22.0", "tensorflow": "2.21.0"}` … */
  readonly versions: Readonly<Record<string, string>>;
  readonly node: string;
  readonly platform: string;
  /** null: TensorFlow's own choice. */
  readonly threads: number | null;
  readonly oneDNN: boolean | null;
  /** Why the back end is not the native one; absent when it is. */
  readonly because?: string;
}

export type Execution = { readonly mode: 'compiled' } | { readonly mode: 'eager'; readonly because: string };

interface Stamped {
  /** Milliseconds since 1970-01-01 UTC, on the child's clock. */
  readonly time: number;
}

/** The child is up and knows its back end. First event of a run and of every resumption of it. */
export interface ReadyEvent extends Stamped {
  readonly type: 'ready';
  readonly pid: number;
  readonly protocol: number;
  readonly backend: BackendInfo;
}

/** Model and data are whole and checked; the next thing is the first optimiser step. */
export interface StartedEvent extends Stamped {
  readonly type: 'started';
  readonly model: string;
  /** What is being done: `fit`, `finetune`, `pretrain`. */
  readonly task: string;
  readonly params: number;
  readonly trainableParams: number;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly samples: number;
  readonly validationSamples: number;
  readonly batchSize: number;
  /** Names in the order they are to be shown; `loss` first. Validation adds `val_` to each. */
  readonly metrics: readonly string[];
  /** What "best" means in this run: the epoch metric that is watched, and which way is better. */
  readonly monitor: { readonly metric: string; readonly mode: 'min' | 'max' };
  readonly execution: Execution;
  /** The last step and epoch whose effect is in the weights; later steps in the log were lost and are run again. */
  readonly resumedFrom?: { readonly epoch: number; readonly step: number };
  /** Which training of several this is: a script may call `fit` again and again. Absent where a run trains once. */
  readonly part?: RunPart;
}

/** One training of a run that trains several times, and the steps and epochs that were complete when it began. */
export interface RunPart {
  /** From 1. */
  readonly number: number;
  /** `fit 2: encoder`. */
  readonly name: string;
  readonly step: number;
  readonly epoch: number;
}

/** Something that `started` said is different now: only what changed is there. */
export interface ChangedEvent extends Stamped {
  readonly type: 'changed';
  /** Whether the step is compiled shows after its first runs. */
  readonly execution?: Execution;
  readonly epochs?: number;
  /** Where a data set does not know its length, its first epoch tells. */
  readonly stepsPerEpoch?: number;
  /** All names there are now, where a model joins whose values have names of their own. */
  readonly metrics?: readonly string[];
  readonly learningRate?: number;
}

/** One optimiser step has been taken. Values are those of its batch alone, not running means. */
export interface StepEvent extends Stamped {
  readonly type: 'step';
  /** Optimiser steps taken since the run began, from 1. */
  readonly step: number;
  /** The epoch the step belongs to, from 1. */
  readonly epoch: number;
  readonly metrics: Metrics;
  readonly learningRate: number;
  readonly samplesPerSecond: number;
}

/** An epoch is complete. Values are means over the epoch as Keras's `History` has them, validation under `val_…`. */
export interface EpochEvent extends Stamped {
  readonly type: 'epoch';
  readonly epoch: number;
  readonly step: number;
  readonly metrics: Metrics;
  readonly learningRate: number;
  /** Wall-clock seconds of this epoch, validation included, pauses not. */
  readonly seconds: number;
}

/** An example of a validation with what the model said of it. */
export interface ScoredExample {
  /** Row of the data file, from 1. */
  readonly row: number;
  readonly text: string;
  readonly pair: string | null;
  readonly truth: string;
  readonly predicted: string;
  /** Probability of the predicted label, or the predicted number. */
  readonly score: number | null;
  readonly loss: number | null;
}

/** What a validation found besides its mean: which classes are taken for which, and where the model is most wrong. */
export interface EvaluationFacts {
  readonly metrics: Metrics;
  readonly labels: readonly string[];
  /** Rows are true, columns predicted; null for tasks without classes. */
  readonly confusion: readonly (readonly number[])[] | null;
  /** The examples with the highest loss, the worst first. */
  readonly worst: readonly ScoredExample[];
}

/** A validation is complete. It comes before the event of its epoch. */
export interface EvaluationEvent extends Stamped, EvaluationFacts {
  readonly type: 'evaluation';
  readonly epoch: number;
}

/** A checkpoint is whole on the disk. */
export interface CheckpointEvent extends Stamped {
  readonly type: 'checkpoint';
  readonly kind: 'last' | 'best';
  readonly epoch: number;
  readonly step: number;
  /** Relative to the run's folder. */
  readonly path: string;
  readonly bytes: number;
}

export type AlertKind =
  'nan' | 'diverging' | 'plateau' | 'overfit' | 'leak' | 'disk-full' | 'fallback' | 'eager' | 'data' | 'other';

/** Something a person should know, with words and the way out. */
export interface AlertEvent extends Stamped {
  readonly type: 'alert';
  readonly kind: AlertKind;
  readonly severity: 'info' | 'warning' | 'error';
  readonly message: string;
  readonly hint: string;
  readonly epoch?: number;
  readonly step?: number;
}

export interface LogEvent extends Stamped {
  readonly type: 'log';
  readonly level: 'debug' | 'info' | 'warning' | 'error';
  readonly message: string;
  /** A line that a monitored script printed, and where. */
  readonly from?: 'stdout' | 'stderr';
}

export interface PausedEvent extends Stamped {
  readonly type: 'paused';
  readonly epoch: number;
  readonly step: number;
  /** `command`: somebody asked; `disk-full`: the run paused by itself and can be resumed. */
  readonly because: 'command' | 'disk-full';
}

export interface ResumedEvent extends Stamped {
  readonly type: 'resumed';
  readonly epoch: number;
  readonly step: number;
}

export type EndReason = 'finished' | 'stopped' | 'early-stopping' | 'stop-keep-best';

/** The last event of a run that ended by plan; the output can be used. */
export interface EndedEvent extends Stamped {
  readonly type: 'ended';
  readonly reason: EndReason;
  readonly epoch: number;
  readonly step: number;
  /** Of the weights that were kept: the best epoch's when those were restored, else the last epoch's. */
  readonly metrics: Metrics;
  /** Where the trained model lies, relative to the run's folder unless absolute. */
  readonly output: string;
}

/** The last event of a run that could not go on. */
export interface FailedEvent extends Stamped {
  readonly type: 'failed';
  readonly message: string;
  /** The way out. */
  readonly hint: string;
  /** What was given cannot be used: nothing was trained, nothing written but the run's own folder. */
  readonly because?: 'input';
}

/**
 * The child is gone without a last word (killed, power cut). No child writes this: whoever reads the run folder and
 * finds the child dead adds it, so that there is one fold for this too.
 */
export interface LostEvent extends Stamped {
  readonly type: 'lost';
  readonly message: string;
  /** Whether a whole checkpoint to resume from exists. */
  readonly resumable: boolean;
}

export type TrainEvent =
  | ReadyEvent
  | StartedEvent
  | ChangedEvent
  | StepEvent
  | EpochEvent
  | EvaluationEvent
  | CheckpointEvent
  | AlertEvent
  | LogEvent
  | PausedEvent
  | ResumedEvent
  | EndedEvent
  | FailedEvent
  | LostEvent;

export type TrainEventType = TrainEvent['type'];

/** What starts a child. It lies as `start.json` in the run folder,
  so that a run can be resumed from its folder alone. */
export interface StartCommand {
  readonly command: 'start';
  readonly protocol: number;
  /** Which program the child runs: `fit` trains a model from facts; others (`finetune` …) bring their own options. */
  readonly task: string;
  /** What that program needs; its type belongs to the room that reads it (`FitPlan` for `fit`). */
  readonly plan: Json;
  readonly seed: number;
  /** Never compile the step. */
  readonly eager: boolean;
}

export type TrainCommand =
  | StartCommand
  | { readonly command: 'pause' }
  | { readonly command: 'resume' }
  /** Ends after the current step, with the weights as they are, or with those of the best epoch so far. */
  | { readonly command: 'stop'; readonly keep: 'last' | 'best' }
  /** Ends at once without a checkpoint. */
  | { readonly command: 'stop-now' }
  /** Writes `checkpoints/last` after the current step. */
  | { readonly command: 'checkpoint' }
  | { readonly command: 'set'; readonly learningRate?: number; readonly epochs?: number };

/**
 * A watcher's first line to a child's socket. The child then flushes `events.jsonl`, answers `hello`, and sends every
 * event from number `hello.next` on. What lies between the watcher's own cursor and `next` is in the file by then,
 * so that
 * nothing is missed, nothing is doubled, and the child keeps no history in memory. Cursors count lines of the file.
 */
export interface AttachRequest {
  readonly attach: { readonly protocol: number; readonly token: string };
}

export type ToChild = AttachRequest | TrainCommand;

export type FromChild =
  | { readonly hello: { readonly protocol: number; readonly pid: number; readonly run: string; readonly next: number } }
  | { readonly refused: string }
  | { readonly number: number; readonly event: TrainEvent };

/** The fields without which an event of the type cannot be folded. */
const REQUIRED: Readonly<Record<TrainEventType, Readonly<Record<string, 'number' | 'string' | 'object'>>>> = {
  ready: { pid: 'number', protocol: 'number', backend: 'object' },
  started: {
    model: 'string',
    epochs: 'number',
    stepsPerEpoch: 'number',
    metrics: 'object',
    monitor: 'object',
    execution: 'object',
  },
  changed: {},
  step: { step: 'number', epoch: 'number', metrics: 'object', learningRate: 'number' },
  epoch: { epoch: 'number', step: 'number', metrics: 'object', seconds: 'number' },
  evaluation: { epoch: 'number', metrics: 'object', labels: 'object', worst: 'object' },
  checkpoint: { kind: 'string', epoch: 'number', step: 'number', path: 'string' },
  alert: { kind: 'string', severity: 'string', message: 'string', hint: 'string' },
  log: { level: 'string', message: 'string' },
  paused: { step: 'number', because: 'string' },
  resumed: { step: 'number' },
  ended: { reason: 'string', metrics: 'object', output: 'string' },
  failed: { message: 'string', hint: 'string' },
  lost: { message: 'string' },
};

/** One line of an event log, or null for a half-written line, garbage, or an event this version does not know. */
export function parseEvent(line: string): TrainEvent | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isRecord(value) || typeof value.time !== 'number' || typeof value.type !== 'string') return null;
  if (!Object.hasOwn(REQUIRED, value.type)) return null;
  for (const [key, type] of Object.entries(REQUIRED[value.type as TrainEventType])) {
    const field = value[key];
    if (typeof field !== type || field === null) return null;
  }
  return value as unknown as TrainEvent;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
