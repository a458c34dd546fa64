/** Lets a new child go on where the last checkpoint of a run left off. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { PROTOCOL, type StartCommand } from '../protocol/messages';
import { RUN_FILES } from '../protocol/record';
import { isLive } from '../protocol/run-state';
import { SCRIPT_TASK } from '../protocol/script-plan';
import { childAnswers } from './connection';
import { isResumable, readRecord, readRun } from './history';
import { launch, type ChildProgram, type ChildRuntime } from './start';

const POLL_MS = 50;
const PATIENCE_MS = 5000;

/**
 * Starts a child on an existing run folder. Resolves when it listens; follow it with a new `watchRun`.
 * @throws Error with one sentence where the run still goes on, has no checkpoint, or belongs to another version.
 */
export async function resumeRun(folder: string, program: ChildProgram, runtime: ChildRuntime): Promise<void> {
  const id = path.basename(folder);
  if (await goesOn(folder)) throw new Error(`The run "${id}" is still going on; there is nothing to resume.`);
  if ((await readRecord(folder))?.task === SCRIPT_TASK) {
    throw new Error(`The run "${id}" is a script, which has no checkpoint of ours to go on from. Start it again.`);
  }
  if (!(await isResumable(folder))) {
    throw new Error(`The run "${id}" has no checkpoint to resume from. Start a new run.`);
  }
  const start = JSON.parse(await fs.readFile(path.join(folder, RUN_FILES.start), 'utf8')) as StartCommand;
  if (start.protocol !== PROTOCOL) {
    throw new Error(
      `The run "${id}" was started by another version of Modelwright (protocol ${start.protocol}, this ` +
        `one speaks ${PROTOCOL}). Start a new run, or resume it with the version that started it.`,
    );
  }
  await launch(folder, program, runtime, ['--resume']);
}

/** A child that has said its last word is given a moment to close its files. */
async function goesOn(folder: string): Promise<boolean> {
  for (let waited = 0; await childAnswers(folder); waited += POLL_MS) {
    if (waited >= PATIENCE_MS || isLive(await readRun(folder))) return true;
    await wait(POLL_MS);
  }
  return false;
}
