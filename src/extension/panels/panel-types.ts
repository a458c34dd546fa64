/** What VS Code keeps of panels while their window is closed. Apart, so that activation loads no more than this. */

/** The view types under which panels are made and restored, and the state that their pages leave with VS Code. */
export const RUN_PANEL = 'modelwright.run';
export type RestoredRun = { readonly runId?: string } | undefined;

export const PREDICT_PANEL = 'modelwright.predict';
export type RestoredPrediction = { readonly checkpoint?: string; readonly title?: string } | undefined;
