// Installs a native runtime into a storage folder: on a Python TensorFlow, or from the official build. Either the
// whole runtime is there and has passed its self-test, or nothing has changed.
import fs from 'node:fs/promises';
import path from 'node:path';
import {
  compileBinding,
  findCompiler,
  layOutPackage,
  placeLibraries,
  usePrebuiltBinding,
  type TensorFlowLibrary,
} from './binding';
import type { Environment } from './environment';
import { findRuntimes, type Runtime } from './find';
import { findNodes } from './node-executable';
import { downloadBinding, downloadLibrary, OFFICIAL_BYTES, type Archive } from './official-build';
import { cacheFolder, installedFolder, PACKAGES } from './places';
import { explainFileError, RuntimeProblem, throwIfCancelled } from './problem';
import { megabytes, type OnProgress } from './progress';
import { findPythons } from './python';
import { downloadWithPip, WHEEL_BYTES } from './wheel';
import { selfTest } from './self-test';
import { replaceFolder, withLock } from './staging';

export interface InstallOptions {
  /** `auto` tries Python first, then the official download, and reports both failures. */
  from: 'auto' | 'python' | 'download';
  storageFolder: string;
  env: Environment;
  /** Its virtual environments are looked at for a TensorFlow, if it is trusted. */
  workspaceFolder?: string;
  trusted: boolean;
  /** Interpreters the caller knows of. */
  pythons?: readonly string[];
  /** Installs anew even where a usable runtime is there. */
  force?: boolean;
  onProgress?: OnProgress;
  signal?: AbortSignal;
  /** In place of the official archives (tests). */
  archives?: Readonly<Record<string, Archive>>;
}

/** @throws {RuntimeProblem} */
export async function installRuntime(options: InstallOptions): Promise<Runtime> {
  const { storageFolder, env, signal, onProgress = () => {} } = options;
  throwIfCancelled(signal);
  const onWait = (holder: number) =>
    onProgress({
      step: 'waiting',
      message: `Waiting for another Modelwright that is installing (process ${holder})`,
      fraction: null,
    });
  return withLock(storageFolder, { signal, onWait }, async () => {
    if (!options.force) {
      const existing = await installedRuntime(options);
      if (existing !== null) return existing;
    }
    const ways = options.from === 'auto' ? (['python', 'download'] as const) : [options.from];
    const problems: RuntimeProblem[] = [];
    for (const way of ways) {
      try {
        return await replaceFolder(installedFolder(storageFolder), partial => build(way, partial, options));
      } catch (error) {
        const problem = explainFileError(error, storageFolder);
        if (!(problem instanceof RuntimeProblem)) throw error;
        if (['cancelled', 'disk-full', 'not-writable', 'incomplete-package'].includes(problem.code)) throw problem;
        problems.push(problem);
      }
    }
    throw combined(problems);
  }).finally(() => {
    if (signal?.aborted) return fs.rm(downloadsFolder(storageFolder), { recursive: true, force: true });
    // Empty unless a download was cut and may be resumed.
    return fs.rmdir(downloadsFolder(storageFolder)).catch(() => {});
  });

  async function build(way: 'python' | 'download', partial: string, { archives }: InstallOptions): Promise<Runtime> {
    const folder = await layOutPackage(partial, env);
    const made =
      way === 'python'
        ? await fromPython(folder, partial, options, onProgress)
        : await fromOfficialBuild(folder, partial, { ...options, archives }, onProgress);
    throwIfCancelled(signal);
    onProgress({ step: 'testing', message: 'Testing the runtime', fraction: null });
    const runtime = await tested(folder, options);
    onProgress({ step: 'finishing', message: 'Moving the runtime into place', fraction: null });
    const record = { from: way, source: made.source, tensorflow: runtime.tensorflow, tfjs: runtime.tfjs };
    await fs.writeFile(path.join(partial, 'modelwright-runtime.json'), JSON.stringify(record, null, 2) + '\n');
    return { ...runtime, folder: installedFolder(storageFolder) };
  }
}

function downloadsFolder(storageFolder: string): string {
  return path.join(storageFolder, 'downloads');
}

/** The runtime that lies in the storage folder already, if it works. */
async function installedRuntime({ env, storageFolder, signal }: InstallOptions): Promise<Runtime | null> {
  const variables = { ...env.variables, MODELWRIGHT_RUNTIME: undefined };
  const candidates = await findRuntimes({ trusted: false, storageFolder, env: { ...env, variables }, signal });
  const folder = installedFolder(storageFolder);
  const found = candidates.find(candidate => candidate.folder === folder);
  return found?.usable ? found.runtime : null;
}

async function fromPython(
  folder: string,
  partial: string,
  options: InstallOptions,
  onProgress: OnProgress,
): Promise<{ source: string }> {
  const { env, signal } = options;
  if (env.platform === 'win32') {
    throw new RuntimeProblem(
      'unsupported-platform',
      'On Windows, TensorFlow for Python does not carry the C library.',
      'Use the official build: `modelwright doctor --fix --from download`.',
    );
  }
  const prebuilt = await usePrebuiltBinding(folder, env);
  if (!prebuilt) await findCompiler(env); // Before minutes of downloading, not after.
  onProgress({ step: 'looking', message: 'Looking for a Python with TensorFlow', fraction: null });
  const pythons = await findPythons(options);
  const found = pythons.find(({ tensorflow }) => tensorflow !== null);
  let library: TensorFlowLibrary;
  let source: string;
  if (found?.tensorflow) {
    library = found.tensorflow.files;
    source = `TensorFlow ${found.tensorflow.version} of ${found.executable}`;
    await requireSpace(partial, 20_000_000, env);
  } else {
    const withPip = pythons.find(({ hasPip }) => hasPip);
    if (pythons.length === 0) {
      throw new RuntimeProblem(
        'no-python-tensorflow',
        'No Python was found that TensorFlow could be taken from.',
        'Set MODELWRIGHT_PYTHON to a Python that has TensorFlow, or install Python 3 with pip.',
      );
    }
    if (withPip === undefined) {
      throw new RuntimeProblem(
        'no-pip',
        `The Python ${pythons[0]?.executable} has neither TensorFlow nor pip to download it with.`,
        'Install pip (Debian, Ubuntu: `sudo apt install python3-pip`), or set MODELWRIGHT_PYTHON to a Python that has TensorFlow.',
      );
    }
    await requireSpace(partial, WHEEL_BYTES, env);
    const downloaded = await downloadWithPip(withPip, partial, env, onProgress, signal);
    library = downloaded.files;
    source = `TensorFlow ${downloaded.version}, downloaded with pip`;
  }
  await placeLibraries(folder, partial, library, env);
  if (prebuilt && (await tryPrebuilt(folder, options))) return { source };
  onProgress({ step: 'building', message: 'Compiling the binding (about 15 s)', fraction: null });
  await compileBinding(folder, library, env, signal);
  return { source };
}

async function fromOfficialBuild(
  folder: string,
  partial: string,
  options: InstallOptions,
  onProgress: OnProgress,
): Promise<{ source: string }> {
  const { env, signal, archives, storageFolder } = options;
  await requireSpace(partial, OFFICIAL_BYTES, env);
  const official = { env, archives, onProgress, signal, downloads: downloadsFolder(storageFolder) };
  const { version, ...library } = await downloadLibrary(folder, official);
  const source = `the official TensorFlow ${version}`;
  if (env.platform !== 'win32') {
    await placeLibraries(folder, partial, library, env);
    if ((await usePrebuiltBinding(folder, env)) && (await tryPrebuilt(folder, options))) return { source };
    const compiler = await findCompiler(env).catch(() => null);
    if (compiler !== null) {
      onProgress({ step: 'building', message: 'Compiling the binding (about 15 s)', fraction: null });
      await compileBinding(folder, library, env, signal);
      return { source };
    }
  }
  await downloadBinding(folder, official);
  return { source };
}

/** A prebuilt binding that does not load here (another C library) gives way to the compiler. */
async function tryPrebuilt(folder: string, { env, signal }: InstallOptions): Promise<boolean> {
  const [node] = await findNodes(env);
  if (node === undefined) return false;
  return (await selfTest(folder, node, { env, signal })).ok;
}

async function requireSpace(folder: string, bytes: number, env: Environment): Promise<void> {
  const free = await env.freeBytes(folder);
  if (free === null || free >= bytes) return;
  throw new RuntimeProblem(
    'disk-full',
    `The disk of ${path.dirname(folder)} is too full: ${megabytes(bytes)} are needed, ${megabytes(free)} are free.`,
    'Free some space, or set MODELWRIGHT_HOME to a folder on another disk, and try again.',
  );
}

/** @throws {RuntimeProblem} where the runtime passes its self-test under no Node */
async function tested(folder: string, { env, signal }: InstallOptions): Promise<Runtime> {
  const reasons: string[] = [];
  for (const node of await findNodes(env)) {
    const test = await selfTest(folder, node, { env, signal, cacheFolder: cacheFolder(env) });
    throwIfCancelled(signal);
    if (test.ok) {
      const { tfjs, tensorflow } = test;
      return { kind: 'native', source: 'installed', folder: null, packageName: PACKAGES[0], tfjs, tensorflow, node };
    }
    reasons.push(test.reason);
  }
  throw new RuntimeProblem(
    'self-test-failed',
    `The new runtime does not work: ${[...new Set(reasons)].join('; ') || 'there is no Node.js 20 or later'}.`,
    'Please report this with the output of `modelwright doctor --json`; until then training uses the embedded TensorFlow.js.',
  );
}

/** Both ways failed: the first way's problem leads, the other's is told with it. */
function combined([first, ...others]: RuntimeProblem[]): RuntimeProblem {
  if (first === undefined) throw new Error('A failed installation has at least one problem.');
  if (others.length === 0) return first;
  const message = [first, ...others].map(problem => problem.message).join(' And: ');
  return new RuntimeProblem(first.code, message, [first, ...others].map(problem => problem.wayOut).join(' Or: '));
}
