/**
 * The training child: `node child.js <run folder> [--resume]`. It belongs to no window: it listens on a socket of
 * its own,
 * keeps its events on the disk, and ends when its run does.
 */
import './node-compat';
import fs from 'node:fs';
import path from 'node:path';
import { parseEvent, PROTOCOL, type StartCommand, type TrainEvent } from '../protocol/messages';
import { RUN_FILES } from '../protocol/record';
import { SCRIPT_TASK, type ScriptPlan } from '../protocol/script-plan';
import { loadBackend } from './backend';
import { finetune } from './finetune';
import { fit } from './fit';
import { runScript } from './monitor/program';
import { pretrain } from './pretrain';
import type { Program, ProgramResult } from './program';
import { Session } from './session';

/** Set by the first step's announcement; what fails before it has found its input unusable. */
let started = false;

const PROGRAMS: Readonly<Record<string, Program>> = { fit, finetune, pretrain };

async function main(): Promise<number> {
  const [folder, ...flags] = process.argv.slice(2);
  if (!folder) {
    process.stderr.write('usage: child.js <run folder> [--resume]\n');
    return 2;
  }
  const resume = flags.includes('--resume');
  const session = new Session(path.resolve(folder));
  if (resume) session.replay(recorded(session.folder));
  await session.open();
  // A machine that shuts down asks first: the loop ends between two steps, with a checkpoint.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => session.control.take({ command: 'stop', keep: 'last' }));
  }
  process.on('uncaughtException', error => void end(session, error));
  process.on('unhandledRejection', error => void end(session, error));
  try {
    await run(session, resume);
    await session.close();
    return 0;
  } catch (error) {
    await end(session, error);
    return 1;
  }
}

async function run(session: Session, resume: boolean): Promise<void> {
  const { folder, control, emit } = session;
  const start = JSON.parse(fs.readFileSync(path.join(folder, RUN_FILES.start), 'utf8')) as StartCommand;
  if (start.protocol !== PROTOCOL) {
    throw Object.assign(
      new Error(`This run was started with protocol ${start.protocol}; this child speaks ${PROTOCOL}.`),
      { hint: 'Start a new run.' },
    );
  }
  const wanted = process.env.MODELWRIGHT_RUNTIME;
  const runtime = !wanted || wanted === 'embedded' ? null : wanted;
  if (start.task === SCRIPT_TASK) {
    const plan = start.plan as unknown as ScriptPlan;
    finish(session, await runScript({ plan, runtime, control, emit, onSpawn: () => void (started = true) }));
    return;
  }
  const program = PROGRAMS[start.task];
  if (!program)
    throw Object.assign(new Error(`There is no task "${start.task}".`), {
      hint: `Known are: ${Object.keys(PROGRAMS).join(', ')}.`,
    });
  const { tf, info } = await loadBackend(runtime);
  emit({ type: 'ready', pid: process.pid, protocol: PROTOCOL, backend: info });
  if (info.kind === 'embedded') {
    emit({
      type: 'alert',
      kind: 'fallback',
      severity: 'warning',
      message: `Training runs on the embedded TensorFlow.js, which is slow: ${info.because}.`,
      hint: 'Set up the native runtime ("Set Up Training Runtime", or modelwright doctor --fix).',
    });
  }
  const { task: _, plan, seed, eager } = start;
  const result = await program({
    tf,
    backend: info,
    folder,
    plan,
    seed,
    eager,
    resume,
    control,
    emit: event => {
      started ||= event.type === 'started';
      emit(event);
    },
    logBlocked: () => session.logBlocked(),
  });
  finish(session, result);
}

function finish({ emit }: Session, { reason, epoch, step, metrics, output }: ProgramResult): void {
  if (reason === 'nan') {
    throw Object.assign(new Error(`The loss is not a number at step ${step}, and TerminateOnNaN ends the run then.`), {
      hint: 'Lower the learning rate, or check the data for values that are missing or huge.',
    });
  }
  const words = reason === 'stop-now' ? 'stopped' : reason;
  emit({ type: 'ended', reason: words, epoch, step, metrics, output: reason === 'stop-now' ? '' : output });
}

/** The last word of a run that cannot go on; never leaves the process hanging. */
async function end(session: Session, error: unknown): Promise<void> {
  const { message, hint, stack } = error as { message?: string; hint?: string; stack?: string };
  const expected = typeof hint === 'string';
  if (!expected) process.stderr.write(`${stack ?? String(error)}\n`);
  // The message of a DataError ends with its hint, which is shown apart.
  const text = (message ?? String(error)).replace(hint ?? '\0', '').trim();
  try {
    session.emit({
      type: 'failed',
      message: text,
      hint: hint ?? `This should not happen. The run's ${RUN_FILES.output_log} has the details.`,
      ...(expected && !started && { because: 'input' as const }),
    });
    await session.close();
  } finally {
    process.exit(1);
  }
}

function* recorded(folder: string): Generator<TrainEvent> {
  const file = path.join(folder, RUN_FILES.events);
  if (!fs.existsSync(file)) return;
  for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
    const event = parseEvent(line);
    if (event) yield event;
  }
}

void main().then(code => process.exit(code));
