/** Starts training children: makes the run folder, writes what is to be done, and lets the child go its own way. */
import { spawn } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { PROTOCOL, type Json, type StartCommand } from '../protocol/messages';
import { initialProgress, RUN_FILES, type ModelSource, type RunRecord } from '../protocol/record';
import { readChildRecord } from './connection';
import { createRunFolder } from './folder';

/** What the child runs on; the caller has found it (or null: the embedded TensorFlow.js, announced as slow). */
export interface ChildRuntime {
  /** Path of the Node executable, VS Code's own included. */
  readonly node: string;
  /** Further environment variables (`ELECTRON_RUN_AS_NODE`, thread settings). */
  readonly env: Readonly<Record<string, string>>;
  /** A folder whose `node_modules` has `@tensorflow/tfjs-node`. */
  readonly tfjsNodeFolder: string | null;
}

/** The child's program: `dist/child.js`; `execArgv` lets tests run it from source. */
export interface ChildProgram {
  readonly script: string;
  readonly execArgv?: readonly string[];
}

export interface StartRequest {
  /** The folder that holds (or gets) `.modelwright`. */
  readonly workspace: string;
  readonly program: ChildProgram;
  readonly runtime: ChildRuntime;
  readonly title: string;
  readonly task: string;
  readonly plan: Json;
  readonly source?: ModelSource;
  /** For tables: the resolved settings by dotted name. */
  readonly settings?: Readonly<Record<string, Json>>;
  readonly seed?: number;
  readonly eager?: boolean;
  readonly now?: Date;
}

export interface StartedRun {
  readonly id: string;
  readonly folder: string;
}

/**
 * Makes a run and starts its child. Resolves when the child listens (TensorFlow is not loaded yet then); from there on
 * `watchRun(folder)` follows it.
 * @throws Error when the folder cannot be made or the child ends at once; the message holds the child's own words.
 */
export async function startRun(request: StartRequest): Promise<StartedRun> {
  const { title, task, plan, seed = 0, eager = false, now = new Date() } = request;
  const { id, folder } = await createRunFolder(request.workspace, title, now);
  const record: RunRecord = {
    version: 1,
    id,
    title,
    task,
    created: now.getTime(),
    seed,
    backend: null,
    execution: null,
    source: request.source ?? { file: null, binding: null, hash: null },
    settings: request.settings ?? {},
    progress: { ...initialProgress, updated: now.getTime() },
  };
  const start: StartCommand = { command: 'start', protocol: PROTOCOL, task, plan, seed, eager };
  await fs.writeFile(path.join(folder, RUN_FILES.start), JSON.stringify(start));
  await fs.writeFile(path.join(folder, RUN_FILES.record), JSON.stringify(record, null, 2));
  await launch(folder, request.program, request.runtime, []);
  return { id, folder };
}

/** How long a child may take to listen. It does so before it loads TensorFlow,
  so this is generous on a busy machine. */
const PATIENCE_MS = 60_000;

/** Starts a child on a run folder, in a session of its own, so that no window that closes takes it along. */
export async function launch(
  folder: string,
  program: ChildProgram,
  runtime: ChildRuntime,
  flags: readonly string[],
): Promise<void> {
  await fs.rm(path.join(folder, RUN_FILES.child), { force: true });
  const recorded = await logSize(folder);
  const output = openSync(path.join(folder, RUN_FILES.output_log), 'a');
  const child = spawn(runtime.node, [...(program.execArgv ?? []), program.script, folder, ...flags], {
    cwd: folder,
    detached: true,
    windowsHide: true,
    stdio: ['ignore', output, output],
    env: { ...process.env, ...runtime.env, MODELWRIGHT_RUNTIME: runtime.tfjsNodeFolder ?? 'embedded' },
  });
  closeSync(output);
  const death: { reason?: string } = {};
  child.once('error', error => {
    death.reason = error.message;
  });
  child.once('exit', (code, signal) => {
    death.reason ??= signal ? `it was ended by ${signal}` : `it ended with code ${code}`;
  });
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await readChildRecord(folder))) {
    if (death.reason !== undefined) {
      if ((await logSize(folder)) > recorded) break; // It said in the log what was wrong; the watcher will read it.
      throw new Error(`The training process could not be started: ${death.reason}. ${await lastWords(folder)}`);
    }
    if (Date.now() > deadline) {
      child.kill();
      throw new Error(`The training process did not answer within ${PATIENCE_MS / 1000} s. ${await lastWords(folder)}`);
    }
    await wait(20);
  }
  child.removeAllListeners();
  child.unref();
}

async function logSize(folder: string): Promise<number> {
  return fs.stat(path.join(folder, RUN_FILES.events)).then(
    ({ size }) => size,
    () => 0,
  );
}

async function lastWords(folder: string): Promise<string> {
  const file = path.join(folder, RUN_FILES.output_log);
  const text = await fs.readFile(file, 'utf8').catch(() => '');
  const tail = text.trim().split('\n').slice(-5).join('\n');
  return tail ? `Its last words:\n${tail}` : `Look into ${file}.`;
}
