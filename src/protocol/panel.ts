/**
 * What passes between the extension and the training panel's page. The page keeps what it has drawn and says where it
 * stands; the extension answers with what is missing. A hidden or reloaded page asks again from its cursor.
 */
import type { Cursor, RunDelta } from './run-state';

/** What the panel calls the run, and what may be done with it. */
export interface PanelRun {
  readonly id: string;
  /** Where it came from: `cnn.py · model`. */
  readonly title: string;
  readonly folder: string;
}

export type ToPanel =
  | { readonly type: 'run'; readonly run: PanelRun }
  /** `now` is the extension's clock, so that elapsed time does not depend on the page's. */
  | { readonly type: 'delta'; readonly delta: RunDelta; readonly now: number }
  /** A command could not be carried out; shown until the next one. */
  | { readonly type: 'refused'; readonly message: string };

export type FromPanel =
  | { readonly type: 'ready'; readonly cursor: Cursor }
  /** The page has drawn up to here and takes more: at most one delta is under way. */
  | { readonly type: 'drawn'; readonly cursor: Cursor }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  | { readonly type: 'stop'; readonly keep: 'last' | 'best' }
  | { readonly type: 'checkpoint' }
  | { readonly type: 'set'; readonly learningRate?: number; readonly epochs?: number }
  /** Starts a new child on a run that was lost or failed. */
  | { readonly type: 'resume-run' }
  /** Opens the page that predicts with what a fine-tuning has made. */
  | { readonly type: 'predict' }
  | { readonly type: 'export-csv' }
  | { readonly type: 'open-folder' };

/** What the page keeps across reloads through `setState`: the view, never the data. */
export interface PanelView {
  readonly runId: string;
  readonly smoothing: number;
  readonly horizontal: 'step' | 'epoch' | 'time';
  readonly logX: boolean;
  readonly logY: boolean;
  readonly table: boolean;
}
