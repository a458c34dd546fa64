/** Starts a person's own training script as a run: the script as it is, in a process that is watched. */
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Json } from '../protocol/messages';
import { SCRIPT_TASK, type ScriptPlan } from '../protocol/script-plan';
import { startRun, type ChildProgram, type ChildRuntime, type StartedRun } from './start';

/** Files that Node runs, if need be through tsx. */
export const SCRIPT_FILES = /\.([cm]?[jt]s|[jt]sx)$/;

export interface ScriptRequest {
  /** The folder that holds (or gets) `.modelwright`. */
  readonly workspace: string;
  readonly program: ChildProgram;
  /** Its Node runs the script; its TensorFlow is lent to a script that has none. */
  readonly runtime: ChildRuntime;
  /** Absolute path of the script. */
  readonly file: string;
  readonly args: readonly string[];
  /** The folder the script runs in; the workspace where none is given. */
  readonly cwd?: string;
}

/** @throws Error as `startRun`. */
export async function startScript(request: ScriptRequest): Promise<StartedRun> {
  const { workspace, program, runtime, file, args } = request;
  const plan: ScriptPlan = { file, args, cwd: request.cwd ?? workspace };
  const text = await fs.readFile(file, 'utf8');
  return startRun({
    workspace,
    program,
    runtime: untuned(runtime),
    title: path.basename(file),
    task: SCRIPT_TASK,
    plan: plan as unknown as Json,
    settings: args.length > 0 ? { 'script.args': args.join(' ') } : {},
    source: {
      file: path.relative(workspace, file),
      binding: null,
      hash: createHash('sha256').update(text).digest('hex'),
    },
  });
}

/** A script computes as it would without us: no measured settings of TensorFlow, only what makes the executable a Node. */
function untuned(runtime: ChildRuntime): ChildRuntime {
  const { ELECTRON_RUN_AS_NODE: electron } = runtime.env;
  return { ...runtime, env: electron === undefined ? {} : { ELECTRON_RUN_AS_NODE: electron } };
}
