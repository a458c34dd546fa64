/** What VS Code keeps of a training panel while its window is closed. Apart, so that activation loads no more than this. */

/** The view type under which panels are made and restored. */
export const RUN_PANEL = 'modelwright.run';

/** The state that the page leaves with VS Code. */
export type RestoredRun = { readonly runId?: string } | undefined;
