/** Learning rates over a run: a warm-up from zero, then constant, a line or half a cosine down to zero at the end. */

export const SCHEDULES = ['linear', 'constant', 'cosine'] as const;

export type Schedule = (typeof SCHEDULES)[number];

export interface ScheduleConfig {
  readonly schedule: Schedule;
  readonly learningRate: number;
  /** Below 1 a share of all updates, from 1 on their number. */
  readonly warmup: number;
  /** Updates in all: epochs × updates per epoch. */
  readonly updates: number;
}

/** How many updates warm up; a share is rounded up, as in transformers' `get_warmup_steps`. */
export function warmupUpdates({ warmup, updates }: ScheduleConfig): number {
  return warmup < 1 ? Math.ceil(warmup * updates) : Math.round(warmup);
}

/**
 * The learning rate of an update, counted from 0: the first of a warm-up has none at all. Source:
 * `transformers/optimization.py`, `get_linear_schedule_with_warmup` and its neighbours.
 */
export function learningRateAt(config: ScheduleConfig, update: number): number {
  const { schedule, learningRate, updates } = config;
  const warmup = warmupUpdates(config);
  if (update < warmup) return learningRate * (update / Math.max(1, warmup));
  if (schedule === 'constant') return learningRate;
  const progress = (update - warmup) / Math.max(1, updates - warmup);
  const factor = schedule === 'cosine' ? 0.5 * (1 + Math.cos(Math.PI * progress)) : 1 - progress;
  return learningRate * Math.max(0, factor);
}
