/**
 * What the preload inside a monitored script reports to the child that started the script: one JSON array a line, its
 * kind first. Short on purpose, since a line is written for every batch; the child makes `TrainEvent`s of them.
 */
import type { BackendInfo } from '../../protocol/messages';

/** How the script trains: two ways that have epochs, and a loop of its own around `trainOnBatch`. */
export type TrainingKind = 'fit' | 'fitDataset' | 'trainOnBatch';

/** Facts of one training: a call of `fit` or `fitDataset`, or a model that `trainOnBatch` is called on. */
export interface TrainingFacts {
  readonly kind: TrainingKind;
  /** The model's name in TensorFlow.js. */
  readonly model: string;
  readonly params: number;
  readonly trainableParams: number;
  /** How many epochs this call goes through; 0 where the script's own loop decides. */
  readonly epochs: number;
  /** 0 where nobody knows before the first epoch is over. */
  readonly stepsPerEpoch: number;
  readonly samples: number;
  readonly batchSize: number;
  readonly validates: boolean;
  /** In TensorFlow.js's spelling and order: `loss`, `acc` … */
  readonly metrics: readonly string[];
}

/** Numbers that are not finite arrive as null, since JSON has none. */
type Value = number | null;

/** `id` tells trainings apart; `time` is in milliseconds since 1970. */
export type Report =
  /** Sent once, before the first `begin`. */
  | readonly ['backend', backend: BackendInfo]
  | readonly ['begin', id: number, facts: TrainingFacts]
  /** Values in the order of `facts.metrics`; the milliseconds since the step before, pauses left out. */
  | readonly [
      'step',
      id: number,
      time: number,
      values: readonly Value[],
      learningRate: Value,
      size: number,
      took: number,
    ]
  | readonly [
      'epoch',
      id: number,
      time: number,
      metrics: Readonly<Record<string, Value>>,
      learningRate: Value,
      seconds: number,
    ]
  /** `stopped`: because it was asked to. */
  | readonly ['end', id: number, stopped: boolean]
  | readonly ['paused']
  | readonly ['resumed']
  | readonly ['rate', learningRate: number]
  | readonly ['note', message: string]
  | readonly ['error', error: ScriptError];

export interface ScriptError {
  readonly name: string;
  readonly message: string;
  /** `train.js:12:7`: the first place in the stack that is the author's own; empty where there is none. */
  readonly place: string;
  /** The code that Node gives to errors of its own, such as `MODULE_NOT_FOUND`. */
  readonly code: string;
}

/** The environment variable through which the preload learns what it needs; it takes it away before the script runs. */
export const MONITOR_VARIABLE = 'MODELWRIGHT_MONITOR';

export interface MonitorSettings {
  /** The script's absolute path. */
  readonly script: string;
  /** Where to take TensorFlow.js from if the script cannot find it itself; null for nowhere. */
  readonly runtime: string | null;
}

/** Numbers of the two pipes in the script's process: reports go up, commands come down. */
export const PIPES = { up: 3, down: 4 } as const;

/** One line of the pipe, or null for a line cut off by a killed script. */
export function parseReport(line: string): Report | null {
  try {
    const value: unknown = JSON.parse(line);
    return Array.isArray(value) && typeof value[0] === 'string' ? (value as unknown as Report) : null;
  } catch {
    return null;
  }
}
