/** The run history: every run folder can be listed, read, compared and deleted, whatever state its child left it in. */
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Json, TrainEvent } from '../protocol/messages';
import { initialProgress, RUN_FILES, type RunRecord } from '../protocol/record';
import { advance, initialRunState, isLive, type RunState, type RunStatus } from '../protocol/run-state';
import { childAnswers } from './connection';
import { EventLogReader } from './event-log';
import { isRunId, runFolder, runsFolder } from './folder';

export interface RunSummary {
  readonly id: string;
  readonly folder: string;
  readonly record: RunRecord;
  /** As it is now: a run whose child is gone is `lost`, whatever its record says. */
  readonly status: RunStatus;
  /** Whether a new child could go on from a checkpoint. */
  readonly resumable: boolean;
}

/** An id that is no run of this workspace, or a folder that is no run. */
export class RunNotFound extends Error {
  override readonly name = 'RunNotFound';
}

/** All runs of a workspace, newest first. Folders without a readable `run.json` are left out. */
export async function listRuns(workspace: string): Promise<RunSummary[]> {
  const names = await fs.readdir(runsFolder(workspace)).catch(() => [] as string[]);
  const summaries = await Promise.all(names.filter(isRunId).map(name => summarize(runFolder(workspace, name))));
  return summaries.filter(summary => summary !== null).sort((a, b) => b.record.created - a.record.created);
}

/** One run by its id, by an unambiguous part of it, or `latest`. @throws RunNotFound */
export async function findRun(workspace: string, wanted: string): Promise<RunSummary> {
  const runs = await listRuns(workspace);
  const exact = runs.find(run => run.id === wanted);
  if (exact) return exact;
  if (wanted === 'latest' && runs[0]) return runs[0];
  const similar = runs.filter(run => run.id.includes(wanted));
  if (similar.length === 1) return similar[0]!;
  const known = (similar.length > 0 ? similar : runs)
    .slice(0, 5)
    .map(run => run.id)
    .join(', ');
  throw new RunNotFound(
    similar.length > 1
      ? `"${wanted}" fits ${similar.length} runs: ${known}. Give more of the id.`
      : `There is no run "${wanted}" in ${runsFolder(workspace)}. ${known ? `The newest are: ${known}.` : 'No run was started here yet.'}`,
  );
}

export async function summarize(folder: string): Promise<RunSummary | null> {
  const record = await readRecord(folder);
  if (!record) return null;
  const recorded = record.progress.status;
  const over = recorded === 'ended' || recorded === 'failed';
  const status = over || (await childAnswers(folder)) ? recorded : 'lost';
  const resumable = (status === 'lost' || status === 'failed' || canGoOn(record)) && (await isResumable(folder));
  return { id: record.id, folder, record: { ...record, id: path.basename(folder) }, status, resumable };
}

/** A run that was stopped before its last epoch may go on; one that is finished has nothing left to do. */
function canGoOn({ progress }: RunRecord): boolean {
  return (
    progress.status === 'ended' &&
    progress.end?.kind === 'ended' &&
    progress.end.reason === 'stopped' &&
    progress.epoch < progress.epochs
  );
}

/** A whole checkpoint is one that was renamed to `last`, which happens after its last byte is on the disk. */
export async function isResumable(folder: string): Promise<boolean> {
  return fs.access(path.join(folder, RUN_FILES.checkpoints, 'last', 'state.json')).then(
    () => true,
    () => false,
  );
}

export async function readRecord(folder: string): Promise<RunRecord | null> {
  try {
    const value = JSON.parse(await fs.readFile(path.join(folder, RUN_FILES.record), 'utf8')) as Partial<RunRecord>;
    if (typeof value !== 'object' || value === null || typeof value.id !== 'string') return null;
    const progress = { ...initialProgress, ...value.progress };
    const empty = {
      backend: null,
      execution: null,
      settings: {},
      seed: 0,
      task: 'fit',
      created: 0,
      title: value.id,
      source: { file: null, binding: null, hash: null },
    };
    return { ...empty, ...value, version: 1, id: value.id, progress };
  } catch {
    return null;
  }
}

/** The folded state of a run that need not be followed further, `lost` included. */
export async function readRun(folder: string): Promise<RunState> {
  let state = initialRunState;
  await new EventLogReader(path.join(folder, RUN_FILES.events)).read(event => {
    state = advance(state, event);
  });
  if (!isLive(state) || (await childAnswers(folder))) return state;
  const resumable = await isResumable(folder);
  const message = 'The training process is gone without a last word.';
  return advance(state, { type: 'lost', time: state.lastEventAt ?? 0, message, resumable });
}

/** Every event of a run as recorded. */
export async function readEvents(folder: string): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  await new EventLogReader(path.join(folder, RUN_FILES.events)).read(event => events.push(event));
  return events;
}

/** @throws Error while the run's child is alive: stop it first. */
export async function deleteRun(workspace: string, id: string): Promise<void> {
  const { folder, status } = await findRun(workspace, id);
  if (status === 'starting' || status === 'running' || status === 'paused') {
    throw new Error(`The run "${id}" is still going on. Stop it before deleting it.`);
  }
  await fs.rm(folder, { recursive: true, force: true });
}

export interface RunComparison {
  readonly runs: readonly RunSummary[];
  /** Settings by name, one value a run (null where the run has no such setting); `differs` where they are not all alike. */
  readonly settings: readonly { readonly name: string; readonly values: readonly Json[]; readonly differs: boolean }[];
  /** Final metrics by name; `best` is the index of the best run, null where none can be told. */
  readonly metrics: readonly {
    readonly name: string;
    readonly values: readonly (number | null)[];
    readonly best: number | null;
  }[];
}

export function compareRuns(runs: readonly RunSummary[]): RunComparison {
  const settingNames = unique(runs.flatMap(run => Object.keys(run.record.settings)));
  const settings = settingNames.map(name => {
    const values = runs.map(run => run.record.settings[name] ?? null);
    return { name, values, differs: new Set(values.map(value => JSON.stringify(value))).size > 1 };
  });
  const metricNames = unique(runs.flatMap(run => Object.keys(run.record.progress.metrics)));
  const metrics = metricNames.map(name => {
    const values = runs.map(run => run.record.progress.metrics[name] ?? null);
    return { name, values, best: bestIndex(values, betterIs(name)) };
  });
  return { runs, settings, metrics };
}

/** Keras's "auto" mode of callbacks: accuracies, AUC, precision and the like grow, everything else shrinks. */
export function betterIs(metric: string): 'min' | 'max' {
  return /acc|auc|precision|recall|f1|fbeta|iou|r2|cosine|top_k/i.test(metric) ? 'max' : 'min';
}

function bestIndex(values: readonly (number | null)[], mode: 'min' | 'max'): number | null {
  let best: number | null = null;
  values.forEach((value, index) => {
    const leader = best === null ? null : values[best]!;
    if (value !== null && (leader === null || (mode === 'min' ? value < leader : value > leader))) best = index;
  });
  return best;
}

const unique = (names: readonly string[]): string[] => [...new Set(names)];
