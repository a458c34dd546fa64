/** The small JSON files of a run folder beside its event log: what was started, how far it is, and who runs it. */
import type { BackendInfo, Execution, Json, Metrics } from './messages';
import type { BestEpoch, RunEnd, RunStatus } from './run-state';

/** Names inside a run folder. */
export const RUN_FILES = {
  record: 'run.json',
  start: 'start.json',
  child: 'child.json',
  events: 'events.jsonl',
  checkpoints: 'checkpoints',
  tensorboard: 'tensorboard',
  output: 'model',
  output_log: 'child.log',
} as const;

/** `run.json`. The parent writes it once; from then on the child alone rewrites it (temporary name, then rename). */
export interface RunRecord {
  readonly version: 1;
  readonly id: string;
  /** What a person calls it: `cnn.py · model`. */
  readonly title: string;
  readonly task: string;
  readonly created: number;
  readonly source: ModelSource;
  /** The resolved settings by dotted name,
    for tables and comparison: `{"fit.epochs": 10, "optimizer.class": "Adam"}`. */
  readonly settings: Readonly<Record<string, Json>>;
  readonly seed: number;
  readonly backend: BackendInfo | null;
  readonly execution: Execution | null;
  readonly progress: RunProgress;
}

export interface ModelSource {
  readonly file: string | null;
  readonly binding: string | null;
  /** SHA-256 of the file's text when the run was started. */
  readonly hash: string | null;
}

/** Updated with every epoch and at the end, so that a list of runs needs no event log. */
export interface RunProgress {
  readonly status: RunStatus;
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly metrics: Metrics;
  readonly monitor: { readonly metric: string; readonly mode: 'min' | 'max' };
  readonly best: BestEpoch | null;
  /** Milliseconds of training. */
  readonly active: number;
  readonly updated: number;
  readonly end: RunEnd | null;
}

export const initialProgress: RunProgress = {
  status: 'starting',
  epoch: 0,
  epochs: 0,
  step: 0,
  metrics: {},
  monitor: { metric: 'loss', mode: 'min' },
  best: null,
  active: 0,
  updated: 0,
  end: null,
};

/** `child.json`, there while a child runs, readable by its owner alone. */
export interface ChildRecord {
  readonly pid: number;
  readonly protocol: number;
  /** Path of a local socket, or name of a Windows pipe. */
  readonly address: string;
  readonly token: string;
}
