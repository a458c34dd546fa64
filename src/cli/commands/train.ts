// `modelwright train`: trains a model of a file, or what a training configuration says, in a process of its own.
import { createHash } from 'node:crypto';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { TrainEvent } from '../../protocol/messages';
import type { RunState } from '../../protocol/run-state';
import { readEvents, resumeRun, startRun, watchRun, type ChildProgram, type RunWatch } from '../../runs';
import { chooseRuntime, tunedLaunch } from '../../runtime';
import { defineCommand, type Context } from '../command';
import { findRunOf } from './runs';
import { shown } from '../files';
import { endText, TrainingDisplay } from '../training-line';
import { prepareTraining, type Preparation } from '../training-request';
import { EXIT, UsageError, type ExitCode } from '../usage-error';

const POLL_MS = 100;
const MOST_PATIENCE_MS = 60_000;

export const train = defineCommand({
  name: 'train',
  summary: 'trains a model of a file, or a training configuration',
  operands: 'TARGET',
  count: { least: 0, most: 1 },
  options: {
    data: { kind: 'text', value: 'FILE', help: 'a data file, or a folder with one sub-folder of images per class' },
    epochs: { kind: 'integer', value: 'N', least: 1, help: 'how often to go through the data' },
    'batch-size': { kind: 'integer', value: 'N', least: 1, help: 'samples per step' },
    set: {
      kind: 'text',
      value: 'KEY=VALUE',
      many: true,
      help: 'a key of the training configuration: fit.seed=1, args.units=64, compile.optimizer.learningRate=1e-4',
    },
    eager: { kind: 'flag', help: 'never compile the training step into one graph' },
    resume: { kind: 'text', value: 'ID', help: 'go on from the last checkpoint of a run, or "latest"; without TARGET' },
    json: { kind: 'flag', help: 'one event a line as JSON; the last is "ended" or "failed"' },
  },
  notes: [
    'TARGET is FILE, FILE#NAME (a variable, function or class that is or builds a model), or a *.modelwright.json.',
    'What neither the options nor the configuration say is read from compile(...) and fit(...) of the code.',
    'The run is kept in .modelwright/runs of this folder. Ctrl+C stops it after the current step; twice, at once.',
    '',
    'Exit: 0 finished, 3 stopped, 4 failed, 2 it could not start.',
  ],
  async run([target], options, context) {
    const program: ChildProgram = { script: path.join(context.distFolder, 'child.js') };
    if (options.resume !== undefined) {
      if (target !== undefined)
        throw new UsageError('--resume goes on with a run as it was started; leave TARGET out.');
      const run = await findRunOf(options.resume, context);
      const runtime = await runtimeFor(context);
      const before = (await readEvents(run.folder)).length;
      await resumeRun(run.folder, program, runtime).catch((error: Error) => {
        throw new UsageError(error.message);
      });
      await newEvents(run.folder, before, context.signal);
      return follow(run.folder, run.id, options.json, context, before);
    }
    if (target === undefined) throw new UsageError('`train` needs TARGET: a file, FILE#NAME or a *.modelwright.json.');
    const prepared = await prepareTraining(target, options, context);
    const { err, colours } = context.terminal;
    for (const note of prepared.notes) err(`${colours.err.yellow('note')}: ${note}\n`);
    const runtime = await runtimeFor(context);
    if (context.signal.aborted) return EXIT.stopped;
    const started = await startRun({ ...requestOf(prepared, context), program, runtime, eager: options.eager }).catch(
      (error: unknown) => {
        throw new UsageError((error as Error).message);
      },
    );
    return follow(started.folder, started.id, options.json, context, 0);
  },
});

export async function runtimeFor({ environment: env, folder, signal }: Context): ReturnType<typeof tunedLaunch> {
  return tunedLaunch(await chooseRuntime({ env, workspaceFolder: folder, trusted: true, signal }), env, signal);
}

function requestOf({ resolved, file, binding }: Preparation, { folder }: Context) {
  const { plan, seed, settings } = resolved;
  return {
    workspace: folder,
    title: `${path.basename(file.name)} · ${binding}`,
    task: 'fit',
    plan: plan as never,
    seed,
    settings,
    source: { file: file.name, binding, hash: createHash('sha256').update(file.text).digest('hex') },
  };
}

/**
 * A resumed child listens before it has written anything; until then its log ends with the end of its former life, and
 * whoever reads it takes the run for ended.
 */
export async function newEvents(runFolder: string, before: number, signal: AbortSignal): Promise<void> {
  for (let waited = 0; waited < MOST_PATIENCE_MS && !signal.aborted; waited += POLL_MS) {
    if ((await readEvents(runFolder)).length > before) return;
    await wait(POLL_MS);
  }
}

/** Shows the run until it ends, from the event of this number on. Ctrl+C is passed on to it. */
export async function follow(
  runFolder: string,
  id: string,
  json: boolean,
  context: Context,
  first: number,
): Promise<ExitCode> {
  const { terminal, signal, signalAgain, folder } = context;
  const display = new TrainingDisplay(terminal);
  let refused: string | undefined;
  let seen = 0;
  const onEvent = (event: TrainEvent, state: RunState) => {
    if (seen++ < first) return;
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
