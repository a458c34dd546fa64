/** Answers to a fine-tuning's questions that are known before: from the code, from a key binding, from a test. */
import type { PretrainedModel } from '../../ide/pretrained';
import type { FinetunePlan } from '../../protocol/finetune-plan';

export type FinetunePreset = Partial<FinetunePlan> & {
  readonly seed?: number;
  /** The file the answers come from; its folder is where relative paths begin. */
  readonly source?: string;
  /** Starts at once, without question or preview; checkpoint and data must be given. */
  readonly start?: boolean;
};

const SCHEDULES: Readonly<Record<string, FinetunePlan['schedule']>> = {
  linear: 'linear',
  constant: 'constant',
  constant_with_warmup: 'constant',
  cosine: 'cosine',
};

/** What the code says, as far as a fine-tuning here has it too. */
export function presetOf({ checkpoint, task, settings }: PretrainedModel, source: string): FinetunePreset {
  const { schedule, ...rest } = settings;
  const known = schedule === undefined ? undefined : SCHEDULES[schedule];
  return { ...rest, task, source, ...(checkpoint !== null && { checkpoint }), ...(known && { schedule: known }) };
}
