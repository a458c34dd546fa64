// From a request to the end of a run: starts or resumes the child, shows its events, and gives the exit code.
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { FailedEvent, TrainEvent } from '../protocol/messages';
import type { RunState } from '../protocol/run-state';
import {
  discardRun,
  readEvents,
  resumeRun,
  type RunWatch,
  startRun,
  type StartRequest,
  watchRun,
  type ScriptRequest,
  type StartedRun,
  startScript,
} from '../runs';
import { chooseRuntime, launchOf, tunedLaunch } from '../runtime';
import type { Context } from './command';
import { findRunOf } from './commands/runs';
import { shown } from './files';
import { endText, TrainingDisplay } from './training-line';
import { EXIT, type ExitCode, UsageError } from './usage-error';

const POLL_MS = 100;
const MOST_PATIENCE_MS = 60_000;

export async function runtimeFor({ environment: env, folder, signal }: Context): ReturnType<typeof tunedLaunch> {
  return tunedLaunch(await chooseRuntime({ env, workspaceFolder: folder, trusted: true, signal }), env, signal);
}

/** The training child, built beside the command line. */
const programOf = ({ distFolder }: Context) => ({ script: path.join(distFolder, 'child.js') });

/** @throws UsageError where it could not start; a run that finds its input unusable leaves nothing behind */
export async function startAndFollow(
  request: Omit<StartRequest, 'program' | 'runtime' | 'workspace'>,
  json: boolean,
  context: Context,
): Promise<ExitCode> {
  const runtime = await runtimeFor(context);
  if (context.signal.aborted) return EXIT.stopped;
  const whole = { ...request, workspace: context.folder, program: programOf(context), runtime };
  return followStarted(startRun(whole), json, context);
}

/** A script of the user's own, as it is. Nothing is measured for it: it computes as it would without us. */
export async function startScriptAndFollow(
  request: Pick<ScriptRequest, 'file' | 'args'>,
  json: boolean,
  context: Context,
): Promise<ExitCode> {
  const { environment: env, folder: workspaceFolder, signal } = context;
  const runtime = launchOf(await chooseRuntime({ env, workspaceFolder, trusted: true, signal }), env);
  if (signal.aborted) return EXIT.stopped;
  const whole = { ...request, workspace: workspaceFolder, program: programOf(context), runtime };
  return followStarted(startScript(whole), json, context);
}

async function followStarted(starting: Promise<StartedRun>, json: boolean, context: Context): Promise<ExitCode> {
  const { id, folder } = await starting.catch((error: unknown) => {
    throw new UsageError((error as Error).message);
  });
  const code = await follow(folder, id, json, context, 0);
  if (code === EXIT.cannotRun) await discardRun(context.folder, id);
  return code;
}

/** Goes on from the last checkpoint of a run. @throws UsageError where there is no such run, or none to resume from */
export async function resumeAndFollow(wanted: string, json: boolean, context: Context): Promise<ExitCode> {
  const run = await findRunOf(wanted, context);
  const runtime = await runtimeFor(context);
  const before = (await readEvents(run.folder)).length;
  await resumeRun(run.folder, programOf(context), runtime).catch((error: Error) => {
    throw new UsageError(error.message);
  });
  await newEvents(run.folder, before, context.signal);
  return follow(run.folder, run.id, json, context, before);
}

/**
 * A resumed child listens before it has written anything; until then its log ends with the end of its former life, and
 * whoever reads it takes the run for ended.
 */
async function newEvents(runFolder: string, before: number, signal: AbortSignal): Promise<void> {
  for (let waited = 0; waited < MOST_PATIENCE_MS && !signal.aborted; waited += POLL_MS) {
    if ((await readEvents(runFolder)).length > before) return;
    await wait(POLL_MS);
  }
}

/** Shows the run until it ends, from the event of this number on. Ctrl+C is passed on to it. */
async function follow(
  runFolder: string,
  id: string,
  json: boolean,
  context: Context,
  first: number,
): Promise<ExitCode> {
  const { terminal, signal, signalAgain, folder } = context;
  const display = new TrainingDisplay(terminal);
  let refused: string | undefined;
  let failed: FailedEvent | undefined;
  let seen = 0;
  const onEvent = (event: TrainEvent, state: RunState) => {
    if (seen++ < first) return;
    if (event.type === 'failed') failed = event;
    if (json) terminal.out(`${JSON.stringify(contractEvent(event))}\n`);
    else display.show(event, state);
  };
  const watch = await watchRun(runFolder, { onEvent, onRefused: message => void (refused = message) });
  const stop = passOn(watch, 'stop', () => {
    if (!json) display.say('Stopping after this step. Ctrl+C again ends it at once.');
  });
  const stopNow = passOn(watch, 'stop-now', () => {});
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  signalAgain.addEventListener('abort', stopNow, { once: true });
  try {
    const state = await watch.done;
    display.end();
    if (refused !== undefined) throw new UsageError(`The run ${id} cannot be followed: ${refused}`);
    if (failed?.because === 'input') {
      terminal.err(`${terminal.colours.err.red('error')}: ${failed.message} ${failed.hint}\n`);
      return EXIT.cannotRun;
    }
    if (!json) {
      const end = endText(state, id, terminal.colours.out, output => shown(path.resolve(runFolder, output), folder));
      terminal.out(`${end}\n`);
    }
    return exitOf(state);
  } finally {
    signal.removeEventListener('abort', stop);
    signalAgain.removeEventListener('abort', stopNow);
    watch.close();
  }
}

function passOn(watch: RunWatch, command: 'stop' | 'stop-now', tell: () => void): () => void {
  return () => {
    tell();
    watch.send(command === 'stop' ? { command, keep: 'last' } : { command });
  };
}

/** Whoever reads the events is promised `ended` or `failed` as the last one; a child that was killed said neither. */
function contractEvent(event: TrainEvent): TrainEvent {
  if (event.type !== 'lost') return event;
  const hint = event.resumable
    ? '`modelwright train --resume latest` goes on from its last checkpoint.'
    : 'Start it again.';
  return { type: 'failed', time: event.time, message: event.message, hint };
}

function exitOf({ story: { end } }: RunState): ExitCode {
  if (end?.kind !== 'ended') return EXIT.failed;
  return end.reason === 'finished' || end.reason === 'early-stopping' ? EXIT.ok : EXIT.stopped;
}
