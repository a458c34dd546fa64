// Lays out a tfjs-node package from the kit and compiles its binding against a TensorFlow C library. The compiler is
// called directly: two source files need neither node-gyp nor the Python and make that node-gyp needs.
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Environment } from './environment';
import { packageFolder, PACKAGES } from './places';
import { cancelled, RuntimeProblem } from './problem';

export interface TensorFlowLibrary {
  /** The C library: libtensorflow_cc.so.2 of a wheel, libtensorflow.so.2 of the official archive. */
  library: string;
  framework: string;
  /** The folder that holds tensorflow/c/c_api.h. */
  include: string;
}

/**
 * The names under which the loader looks for the two libraries: a binding asks for the name that its library calls
 * itself, libtensorflow_cc in a wheel and libtensorflow in the official archive. With both names in place a prebuilt
 * binding works on either.
 */
function libraryNames(platform: NodeJS.Platform): { library: string[]; framework: string[] } {
  const end = platform === 'darwin' ? '.2.dylib' : '.so.2';
  return { library: [`libtensorflow${end}`, `libtensorflow_cc${end}`], framework: [`libtensorflow_framework${end}`] };
}

/** Copies the kit into a runtime folder as its @tensorflow/tfjs-node. Returns the package's folder. */
export async function layOutPackage(runtimeFolder: string, env: Environment): Promise<string> {
  const kit = env.kitFolder;
  if (kit === null || !(await usableKit(env))) {
    throw new RuntimeProblem(
      'incomplete-package',
      'This copy of Modelwright lacks its runtime kit (dist/runtime-kit).',
      'Install Modelwright again; in a clone of its repository, run `npm run build`.',
    );
  }
  const target = packageFolder(runtimeFolder, PACKAGES[0]);
  await fs.mkdir(path.join(target, 'deps', 'lib'), { recursive: true });
  await fs.cp(kit, target, { recursive: true, filter: source => path.basename(source) !== 'prebuilt' });
  const runtimeManifest = {
    private: true,
    description: 'A TensorFlow runtime installed by Modelwright; safe to delete.',
  };
  await fs.writeFile(path.join(runtimeFolder, 'package.json'), JSON.stringify(runtimeManifest, null, 2) + '\n');
  return target;
}

/**
 * Gives a runtime that an earlier Modelwright has installed the JavaScript of this one: the binding and TensorFlow stay,
 * so nothing is compiled or downloaded. The manifest is replaced last; cut short, it is done again the next time.
 * Returns whether the runtime's JavaScript is now this kit's; `false` where the folder cannot be written or the kit is of
 * another tfjs-node, whose binding would not fit.
 */
export async function refreshPackage(runtimeFolder: string, env: Environment): Promise<boolean> {
  const { kitFolder: kit } = env;
  const target = packageFolder(runtimeFolder, PACKAGES[0]);
  const manifests = await Promise.all(
    [kit ?? '', target].map(folder => fs.readFile(path.join(folder, 'package.json'), 'utf8').catch(() => null)),
  );
  const [ours, theirs] = manifests;
  if (kit === null || ours == null || theirs == null) return false;
  if (ours === theirs) return true;
  if (versionOf(ours) !== versionOf(theirs)) return false;
  try {
    for (const file of [path.join('dist', 'index.js'), 'package.json']) {
      const fresh = path.join(target, `${file}.${process.pid}`);
      await fs.copyFile(path.join(kit, file), fresh);
      await fs.rename(fresh, path.join(target, file));
    }
    return true;
  } catch {
    return false;
  }
}

function versionOf(manifest: string): unknown {
  try {
    return (JSON.parse(manifest) as { version?: unknown }).version;
  } catch {
    return undefined;
  }
}

/**
 * Makes the libraries appear in the package's deps/lib under the names they are looked for. A library inside the
 * runtime folder is linked relatively, so that the folder can be moved. Where links are not allowed (exFAT, some network
 * drives) each is copied, once, under the name it calls itself.
 */
export async function placeLibraries(
  folder: string,
  runtimeFolder: string,
  tensorflow: TensorFlowLibrary,
  env: Environment,
): Promise<void> {
  const lib = path.join(folder, 'deps', 'lib');
  await fs.mkdir(lib, { recursive: true });
  const names = libraryNames(env.platform);
  for (const part of ['library', 'framework'] as const) {
    const source = tensorflow[part];
    const ownName =
      names[part].find(name => path.basename(source).startsWith(name.replace(/\.(so\.2|2\.dylib)$/, '.'))) ??
      names[part][0];
    const inside = !path.relative(runtimeFolder, source).startsWith('..');
    const target = inside ? path.relative(lib, source) : source;
    for (const name of names[part]) {
      const place = path.join(lib, name);
      if (place === source) continue;
      await fs.rm(place, { force: true });
      const linked = await env.symlink(target, place).then(
        () => true,
        () => false,
      );
      if (!linked && name === ownName) await fs.copyFile(source, place);
    }
  }
}

/** Whether the kit is there and whole; its manifest is written last. */
export async function usableKit({ kitFolder }: Environment): Promise<boolean> {
  return (
    kitFolder !== null &&
    (await fs.access(path.join(kitFolder, 'package.json')).then(
      () => true,
      () => false,
    ))
  );
}

/** A binding that was compiled where Modelwright was packaged, for machines without a compiler; null: there is none. */
export async function prebuiltBinding({ kitFolder, platform, arch }: Environment): Promise<string | null> {
  const file = path.join(kitFolder ?? '', 'prebuilt', `${platform}-${arch}`, 'tfjs_binding.node');
  return fs.access(file).then(
    () => file,
    () => null,
  );
}

/** Returns whether there is one. */
export async function usePrebuiltBinding(folder: string, env: Environment): Promise<boolean> {
  const prebuilt = await prebuiltBinding(env);
  if (prebuilt === null) return false;
  const target = bindingFile(folder);
  await fs.mkdir(path.dirname(target), { recursive: true });
  await fs.copyFile(prebuilt, target);
  return true;
}

export function bindingFile(folder: string): string {
  return path.join(folder, 'lib', 'napi-v8', 'tfjs_binding.node');
}

/** @throws {RuntimeProblem} where this machine has none, with how to get one */
export async function findCompiler(env: Environment): Promise<string> {
  const own = env.variables['CXX'];
  for (const command of [...(own ? [own] : []), 'c++', 'g++', 'clang++']) {
    const { code } = await env.run(command, ['--version'], { timeoutMs: 20_000 });
    if (code === 0) return command;
  }
  const wayOut =
    env.platform === 'darwin'
      ? 'Install one with `xcode-select --install`, and try again.'
      : 'Install one (Debian, Ubuntu: `sudo apt install g++`; Fedora: `sudo dnf install gcc-c++`), and try again.';
  throw new RuntimeProblem('no-compiler', 'There is no C++ compiler, which joins Node.js and TensorFlow.', wayOut);
}

/** Compiles the package's own binding/*.cc; about 15 s, most of it the linker reading the TensorFlow library. */
export async function compileBinding(
  folder: string,
  tensorflow: TensorFlowLibrary,
  env: Environment,
  signal?: AbortSignal,
): Promise<void> {
  const compiler = await findCompiler(env);
  const target = bindingFile(folder);
  await fs.mkdir(path.dirname(target), { recursive: true });
  // The libraries are named as files, not searched for: what the binding then asks for is the name each calls itself.
  const link =
    env.platform === 'darwin'
      ? ['-bundle', '-undefined', 'dynamic_lookup', '-Wl,-rpath,@loader_path/../../deps/lib']
      : // The C++ library goes into the binding, so that a binding made on one system loads on others.
        ['-shared', '-static-libstdc++', '-static-libgcc', '-s', '-Wl,-rpath,$ORIGIN/../../deps/lib'];
  const { code, stderr, failure } = await env.run(
    compiler,
    [
      '-std=c++17',
      '-O2',
      '-fPIC',
      '-DNAPI_VERSION=8',
      '-w',
      '-I',
      'include',
      '-I',
      tensorflow.include,
      'binding/tfjs_backend.cc',
      'binding/tfjs_binding.cc',
      tensorflow.library,
      tensorflow.framework,
      ...link,
      '-o',
      path.relative(folder, target),
    ],
    { cwd: folder, signal, timeoutMs: 600_000 },
  );
  if (failure === 'cancelled') throw cancelled();
  if (code === 0) return;
  const message =
    stderr
      .split('\n')
      .find(line => /error|cannot|No space/i.test(line))
      ?.trim() ?? `exit code ${code ?? failure}`;
  if (/No space left/i.test(stderr)) {
    throw new RuntimeProblem(
      'disk-full',
      `The disk filled up while the binding was compiled in ${folder}.`,
      'Free some space, or set MODELWRIGHT_HOME (and TMPDIR for the compiler) to folders on another disk, and try again.',
    );
  }
  throw new RuntimeProblem(
    'compile-failed',
    `The TensorFlow binding could not be compiled with ${compiler}: ${message}.`,
    'Try the official build: `modelwright doctor --fix --from download`.',
  );
}
