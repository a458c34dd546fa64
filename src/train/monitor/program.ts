/**
 * The child's side of a monitored script: starts it in a process of its own, as its author would, turns its reports
 * into the run's events, passes commands on, and says how it ended. TensorFlow is never loaded here.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { StringDecoder } from 'node:string_decoder';
import type { ScriptPlan } from '../../protocol/script-plan';
import { PROTOCOL, type TrainCommand } from '../../protocol/messages';
import type { Control } from '../control';
import type { ProgramResult } from '../program';
import type { Emit } from '../session';
import { Output } from './output';
import { MONITOR_VARIABLE, parseReport, PIPES, type MonitorSettings, type ScriptError } from './report';
import { Translator } from './translate';
import { typeScriptFlags } from './typescript';

export interface ScriptContext {
  readonly plan: ScriptPlan;
  /** A folder whose `node_modules` has TensorFlow.js, for a script that has none; null where there is none. */
  readonly runtime: string | null;
  readonly control: Control;
  readonly emit: Emit;
  /** The script runs; what fails before could not be started. */
  readonly onSpawn: () => void;
}

/** How long a script may take to end itself after SIGTERM. */
const GRACE_MS = 3000;

/** @throws Error with a `hint` where the script cannot be started or fails. */
export async function runScript({ plan, runtime, control, emit, onSpawn }: ScriptContext): Promise<ProgramResult> {
  if (!fs.existsSync(plan.file)) throw failure(`There is no file ${plan.file} any more.`, 'Check its path.');
  const flags = ['--require', monitorFile(), ...typeScriptFlags(plan.file)];
  const settings: MonitorSettings = { script: plan.file, runtime };
  const { MODELWRIGHT_RUNTIME: _, ...environment } = process.env;
  const child = spawn(process.execPath, [...flags, plan.file, ...plan.args], {
    cwd: plan.cwd,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    env: { ...environment, [MONITOR_VARIABLE]: JSON.stringify(settings) },
  });
  child.once('spawn', onSpawn);
  const run = new ScriptRun(child, control, emit);
  return run.end();
}

class ScriptRun {
  private readonly translator: Translator;
  private readonly output: Output;
  private error: ScriptError | null = null;
  /** The script is being ended from here. */
  private ending: 'stopped' | 'stop-now' | null = null;
  private over = false;

  constructor(
    private readonly child: ChildProcess,
    private readonly control: Control,
    private readonly emit: Emit,
  ) {
    this.translator = new Translator(emit);
    this.output = new Output(emit);
    this.output.follow(child.stdout!, 'stdout');
    this.output.follow(child.stderr!, 'stderr');
    this.listen();
    void this.obey();
  }

  /** Resolves or throws when the script is gone and all it said was heard. */
  async end(): Promise<ProgramResult> {
    const { code, signal } = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(
      (resolve, reject) => {
        this.child.once('error', error => reject(failure(`The script could not be started: ${error.message}.`, '')));
        this.child.once('close', (code, signal) => resolve({ code, signal }));
      },
    );
    this.over = true;
    const { translator, ending } = this;
    const { step, epoch, metrics } = translator;
    const result = (reason: ProgramResult['reason']): ProgramResult => ({ reason, epoch, step, metrics, output: '' });
    if (ending) return result(ending);
    if (code !== 0) throw this.reasonOf(code, signal);
    const { standing } = translator;
    if (standing !== null) {
      this.note(`The script ended itself (process.exit) in ${standing}.`);
      return result('stopped');
    }
    if (translator.count === 0) {
      this.emit({
        type: 'alert',
        kind: 'other',
        severity: 'warning',
        message: 'The script ended without a fit, fitDataset or trainOnBatch that could be followed.',
        hint: 'TensorFlow.js that is bundled into the script, or trains in a worker thread, is not seen; import the package in the main thread.',
      });
    }
    return result(translator.stopped ? 'stopped' : 'finished');
  }

  private listen(): void {
    const up = this.child.stdio[PIPES.up] as NodeJS.ReadableStream;
    const decoder = new StringDecoder('utf8');
    let text = '';
    up.on('error', () => {});
    up.on('data', (bytes: Buffer) => {
      const lines = (text + decoder.write(bytes)).split('\n');
      text = lines.pop()!;
      for (const line of lines) {
        const report = parseReport(line);
        if (!report) continue;
        if (report[0] === 'error') this.error = report[1];
        else if (report[0] === 'backend') {
          this.emit({ type: 'ready', pid: process.pid, protocol: PROTOCOL, backend: report[1] });
        } else this.translator.take(report);
      }
    });
  }

  /** Passes on what watchers ask for; what the script cannot do itself is done to it. */
  private async obey(): Promise<void> {
    const { control } = this;
    let paused = false;
    while (!this.over) {
      await control.nextCommand();
      const { changes, stop } = control;
      if ((control.paused !== null) !== paused) {
        paused = !paused;
        this.tell({ command: paused ? 'pause' : 'resume' });
      }
      if (Object.keys(changes).length > 0) this.tell({ command: 'set', ...changes });
      control.changes = {};
      if (control.wantsCheckpoint) this.tell({ command: 'checkpoint' });
      control.wantsCheckpoint = false;
      if (!stop) continue;
      control.stop = null;
      if ('now' in stop) this.kill('stop-now');
      else if (this.translator.doing === 'fit') {
        this.tell({ command: 'stop', keep: 'last' });
        // The script goes on behind its fit, and is not paused any more.
        control.paused = null;
        paused = false;
        if (stop.keep === 'best') this.note('A script keeps the weights it has; the best ones are not kept apart.');
      } else {
        if (this.translator.doing === 'loop') this.note('Nothing but its end stops a loop of trainOnBatch.');
        this.kill('stopped');
      }
    }
  }

  private tell(command: TrainCommand): void {
    const down = this.child.stdio[PIPES.down] as Writable;
    if (down.writable) down.write(`${JSON.stringify(command)}\n`);
  }

  private kill(as: 'stopped' | 'stop-now'): void {
    this.ending ??= as;
    this.child.kill('SIGTERM');
    setTimeout(() => this.over || this.child.kill('SIGKILL'), as === 'stop-now' ? 500 : GRACE_MS).unref();
  }

  private note(message: string): void {
    this.emit({ type: 'log', level: 'info', message });
  }

  private reasonOf(code: number | null, signal: NodeJS.Signals | null): Error {
    const { error } = this;
    const log = 'The lines it printed are in the log of the run.';
    if (signal !== null) {
      const memory = signal === 'SIGABRT' ? ' That happens when the memory is not enough.' : '';
      return failure(
        `The script was ended by ${signal}.`,
        `${log}${memory} A script cannot be resumed: start it again.`,
      );
    }
    if (error?.code.endsWith('MODULE_NOT_FOUND')) {
      const missing = /['"]([^'"]+)['"]/.exec(error.message)?.[1] ?? 'a module';
      return failure(
        `The script needs ${missing}, which cannot be found from it.`,
        missing.startsWith('@tensorflow/tfjs')
          ? 'Install it in the workspace, or set up the native runtime ("Set Up Training Runtime", or modelwright doctor --fix).'
          : `Install it in the workspace: npm install ${missing}`,
      );
    }
    if (error) {
      const name = error.name === '' ? '' : `${error.name}: `;
      const place = error.place === '' ? '' : ` (${error.place})`;
      return failure(
        `The script failed. ${name}${error.message.split('\n')[0]}${place}`,
        `${log} A script cannot be resumed.`,
      );
    }
    if (code === 13) {
      return failure('The script ended while it still waited for a promise that nothing could settle.', log);
    }
    const last = this.output.lastErrors.at(-1);
    return failure(
      `The script ended itself with exit code ${code}.`,
      last === undefined ? log : `Its last words: ${last}`,
    );
  }
}

const failure = (message: string, hint: string): Error => Object.assign(new Error(message), { hint });

/** Beside the child's bundle; from source, in `dist/`. */
function monitorFile(): string {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const places = [path.join(here, 'monitor.js'), path.join(here, '../../../dist/monitor.js')];
  const found = places.find(file => fs.existsSync(file));
  if (found === undefined)
    throw failure('monitor.js is missing beside the training program.', 'Install Modelwright again.');
  return found;
}
