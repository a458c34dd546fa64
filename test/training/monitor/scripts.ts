/** Runs scripts for tests: bare, as `node script.js` would, and monitored, as a run. */
import { spawn } from 'node:child_process';
import { buildSync } from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TrainEvent } from '../../../src/protocol/messages';
import type { RunState } from '../../../src/protocol/run-state';
import { startScript, watchRun, type RunWatch, type StartedRun } from '../../../src/runs';
import { program, runtime, temporaryFolder } from '../runs';

let built = false;

/** The child with `monitor.js` beside it, from the sources as they are now. */
function monitored() {
  const child = program();
  if (!built) {
    buildSync({
      entryPoints: ['src/train/monitor/preload.ts'],
      outfile: path.join(path.dirname(child.script), 'monitor.js'),
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      logLevel: 'error',
    });
    built = true;
  }
  return child;
}

export interface Finished {
  readonly run: StartedRun;
  readonly state: RunState;
  readonly events: readonly TrainEvent[];
}

/** A folder of scripts that find the project's TensorFlow.js, or the native one where it is asked for. */
export class Scripts {
  readonly folder = fs.realpathSync(temporaryFolder());
  private readonly watches: RunWatch[] = [];

  /** `modules`: whose node_modules the scripts see; null for none. */
  constructor(modules: string | null, files: Readonly<Record<string, string>>) {
    if (modules !== null) fs.symlinkSync(path.join(modules, 'node_modules'), path.join(this.folder, 'node_modules'));
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(this.folder, name), text);
  }

  /** Starts a script monitored. `onEvent` may send commands. */
  async start(
    name: string,
    onEvent: (event: TrainEvent, send: RunWatch['send']) => void = () => {},
    options: { args?: readonly string[]; embedded?: boolean } = {},
  ): Promise<{ run: StartedRun; done: Promise<Finished> }> {
    const run = await startScript({
      workspace: this.folder,
      program: monitored(),
      runtime: await runtime(options.embedded),
      file: path.join(this.folder, name),
      args: options.args ?? [],
    });
    const events: TrainEvent[] = [];
    const early: TrainEvent[] = [];
    const held: { watch?: RunWatch } = {};
    const watch = await watchRun(run.folder, {
      onEvent: event => {
        events.push(event);
        const { watch: open } = held;
        if (open) onEvent(event, command => open.send(command));
        else early.push(event);
      },
    });
    held.watch = watch;
    this.watches.push(watch);
    for (const event of early) onEvent(event, command => watch.send(command));
    return { run, done: watch.done.then(state => ({ run, state, events })) };
  }

  async run(name: string, ...rest: Parameters<Scripts['start']> extends [string, ...infer R] ? R : never) {
    return (await this.start(name, ...rest)).done;
  }

  /** Without us. */
  bare(name: string, args: readonly string[] = []): Promise<{ code: number | null; out: string }> {
    const tsx = /ts$/.test(name)
      ? ['--import', pathToFileURL(path.resolve('node_modules/tsx/dist/loader.mjs')).href]
      : [];
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [...tsx, name, ...args], {
        cwd: this.folder,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let out = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
      child.once('error', reject);
      child.once('close', code => resolve({ code, out }));
    });
  }

  read(name: string): string {
    return fs.readFileSync(path.join(this.folder, name), 'utf8');
  }

  remove(): void {
    for (const watch of this.watches) {
      watch.send({ command: 'stop-now' });
      watch.close();
    }
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The lines that the script printed on its standard output. */
export const printed = (events: readonly TrainEvent[]): string[] =>
  events.flatMap(event => (event.type === 'log' && event.from === 'stdout' ? [event.message] : []));
