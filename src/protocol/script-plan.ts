/** What a run of the task `script` runs: a person's own program, unchanged, as `node script.js …` would. */

export const SCRIPT_TASK = 'script';

export interface ScriptPlan {
  /** Absolute path. */
  readonly file: string;
  /** What the script finds in `process.argv` behind its own name. */
  readonly args: readonly string[];
  /** The folder it runs in. */
  readonly cwd: string;
}
