/** What a child runs: one program per task (`fit`, `finetune` …), all with the same face. */
import type { BackendInfo, EndReason, Json, Metrics } from '../protocol/messages';
import type { Tf } from './compile';
import type { Control } from './control';
import type { Emit } from './session';

export interface ProgramContext {
  readonly tf: Tf;
  readonly backend: BackendInfo;
  /** The run's folder: checkpoints and output belong there. */
  readonly folder: string;
  readonly plan: Json;
  readonly seed: number;
  /** Never compile the step. */
  readonly eager: boolean;
  /** Go on from `checkpoints/last`. */
  readonly resume: boolean;
  readonly control: Control;
  /** Time is added to every event. `ready`, `ended` and `failed` are the child's own. */
  readonly emit: Emit;
  /** True while events wait for space on the disk; tries to write them first. The loop should pause then. */
  logBlocked(): boolean;
}

export interface ProgramResult {
  /** `stop-now` ends without a word of success; `nan`: the callback TerminateOnNaN ended it. */
  readonly reason: EndReason | 'stop-now' | 'nan';
  readonly epoch: number;
  readonly step: number;
  readonly metrics: Metrics;
  /** Where the trained model lies, relative to the run's folder. */
  readonly output: string;
}

/**
 * @throws ModelError, DataError or anything with a `hint` for what a person can mend; the message becomes the run's
 * `failed` event.
 */
export type Program = (context: ProgramContext) => Promise<ProgramResult>;
