// A machine made of a temporary folder and a table of programs, for the tests of the runtime room.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Environment, RunOptions, RunResult } from '../../../src/runtime/environment';
import { bindingFile } from '../../../src/runtime/binding';
import { SELF_TEST_SCRIPT } from '../../../src/runtime/self-test';

export type Program = (
  args: readonly string[],
  options: RunOptions,
) => Partial<RunResult> | Promise<Partial<RunResult>>;

export interface FakeMachine extends Environment {
  folder: string;
  /** Every program that was started: `self-test`, or `name first-argument`. */
  started: string[];
  programs: Record<string, Program>;
}

/** What tfjs-node itself says, explained by the self-test in our words. */
const ADDON_MISSING = 'its native part was never installed';

const folders: string[] = [];

/** Folder names have what real ones have: a space, an umlaut, a quote, a dollar sign. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "modelwright Ü'$x "));
  folders.push(folder);
  return folder;
}

export function removeTemporaryFolders(): void {
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
}

export interface FakeOptions {
  platform?: NodeJS.Platform;
  arch?: string;
  variables?: Record<string, string>;
  programs?: Record<string, Program>;
  freeBytes?: number;
  /** Another Node than the one we run in. */
  nodeOnPath?: { path: string; version: string };
  /** Which self-tests fail, and why; by default those without a binding. */
  selfTestFails?: (packageFolder: string, node: string) => string | null;
}

export function fakeMachine(options: FakeOptions = {}): FakeMachine {
  const folder = temporaryFolder();
  const home = path.join(folder, 'home');
  const host = path.join(folder, 'bin', 'node');
  fs.mkdirSync(home);
  write(host, '');
  const selfTestFails =
    options.selfTestFails ?? (packageFolder => (fs.existsSync(bindingFile(packageFolder)) ? null : ADDON_MISSING));
  const node =
    (file: string, version: string): Program =>
    args => {
      if (args[1] !== SELF_TEST_SCRIPT) return { stdout: JSON.stringify([file, version, false]) };
      const reason = selfTestFails(args[2] ?? '', file);
      const answer = reason === null ? { ok: true, tfjs: '4.22.0', tensorflow: '2.21.0' } : { ok: false, reason };
      return { stdout: `\nself-test ${JSON.stringify(answer)}\n` };
    };
  const programs: Record<string, Program> = { [host]: node(host, '22.1.0'), ...options.programs };
  if (options.nodeOnPath) {
    programs['node'] = programs[options.nodeOnPath.path] = node(options.nodeOnPath.path, options.nodeOnPath.version);
  }
  const started: string[] = [];
  return {
    folder,
    started,
    programs,
    platform: options.platform ?? 'linux',
    arch: options.arch ?? 'x64',
    variables: { MODELWRIGHT_HOME: path.join(home, 'cache'), ...options.variables },
    homeFolder: home,
    host: { path: host, version: '22.1.0', electron: false },
    kitFolder: fakeKit(path.join(folder, 'kit')),
    run: async (command, args, runOptions = {}) => {
      started.push(args[1] === SELF_TEST_SCRIPT ? 'self-test' : `${path.basename(command)} ${args[0] ?? ''}`);
      if (runOptions.signal?.aborted) return { code: null, stdout: '', stderr: '', failure: 'cancelled' };
      const program = programs[command];
      if (!program) return { code: null, stdout: '', stderr: `spawn ${command} ENOENT`, failure: 'missing' };
      const result = await program(args, runOptions);
      if (runOptions.signal?.aborted) return { code: null, stdout: '', stderr: '', failure: 'cancelled' };
      return { code: 0, stdout: '', stderr: '', failure: null, ...result };
    },
    freeBytes: async () => options.freeBytes ?? 1e12,
    symlink: (target, file) => fs.promises.symlink(target, file),
  };
}

function fakeKit(kit: string): string {
  write(path.join(kit, 'package.json'), '{"name":"@tensorflow/tfjs-node","version":"4.22.0"}');
  write(path.join(kit, 'dist', 'index.js'), '');
  write(path.join(kit, 'binding', 'tfjs_backend.cc'), '');
  return kit;
}

/** A compiler that writes the file named by `-o`. */
export const compiler: Program = (args, { cwd = '.' }) => {
  if (args[0] === '--version') return { stdout: 'g++ 12' };
  write(path.join(cwd, args[args.indexOf('-o') + 1] ?? ''), 'binding');
  return {};
};

/** A Python that has TensorFlow in `site`, or only pip, or nothing. */
export function python(executable: string, has: { tensorflow?: string; pip?: boolean; wheel?: boolean }): Program {
  return (args, { onLine }) => {
    if (args[0] === '-m' && args[2] === '--version') return { stdout: 'pip 25.0 from somewhere' };
    if (args[0] === '-m') {
      if (has.wheel === false) return { code: 1, stderr: 'ERROR: No matching distribution found for tensorflow' };
      onLine?.('Progress 140000000 of 280000000');
      write(
        path.join(args[args.indexOf('--dest') + 1] ?? '', 'tensorflow_cpu-2.21.0-cp312-cp312-manylinux.whl'),
        'wheel',
      );
      return {};
    }
    if (args.length === 4) {
      fakeTensorFlow(args[3] ?? '');
      return {};
    }
    const site = has.tensorflow ?? null;
    const answer = {
      executable,
      version: '3.12.1',
      hasPip: has.pip ?? false,
      folder: site && path.join(site, 'tensorflow'),
      tensorflow: site && '2.21.0',
      library: site && path.join(site, 'tensorflow', 'libtensorflow_cc.so.2'),
      framework: site && path.join(site, 'tensorflow', 'libtensorflow_framework.so.2'),
    };
    return { stdout: `modelwright ${JSON.stringify(answer)}\n` };
  };
}

/** The parts of an installed TensorFlow that matter here. Returns `site`. */
export function fakeTensorFlow(site: string): string {
  for (const file of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2', 'include/tensorflow/c/c_api.h']) {
    write(path.join(site, 'tensorflow', file), file);
  }
  return site;
}

export function write(file: string, content: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
}
