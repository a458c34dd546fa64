// The official build: the TensorFlow C library that tfjs-node 4.22 itself would download, and its prebuilt binding for
// machines without a compiler.
import fs from 'node:fs/promises';
import path from 'node:path';
import { bindingFile, type TensorFlowLibrary } from './binding';
import { download } from './download';
import type { Environment } from './environment';
import { cancelled, explainFileError, RuntimeProblem } from './problem';
import { megabytes, type OnProgress } from './progress';

export interface Archive {
  /** Below the storage host. */
  path: string;
  sha256: string;
  tensorflow: string;
}

/**
 * tfjs-node 4.22, scripts/install.js and deps-constants.js. The files are immutable; their hashes are those that
 * nixpkgs (mjolnir, nextcloud), graft's Bazel workspace and Microsoft's TensorFlow-DirectML pin independently.
 */
export const ARCHIVES: Readonly<Record<string, Archive>> = {
  'linux-x64': {
    path: 'tensorflow/libtensorflow/libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz',
    sha256: '7f510d2546e3db5e10b1d119463689003d587842892ad3c95bca51cf82820173',
    tensorflow: '2.9.1',
  },
  'linux-arm64': {
    path: 'tf-builds/libtensorflow_r2_7_linux_arm64.tar.gz',
    sha256: '9395d1ff39f5b6847f5121e679ff4e599dc7061a2a7f87ceac061c78e908e6e3',
    tensorflow: '2.7',
  },
  'darwin-x64': {
    path: 'tensorflow/libtensorflow/libtensorflow-cpu-darwin-x86_64-2.9.1.tar.gz',
    sha256: '56f83d3320ba0f69aaafd6c058645e1b7fbc75fb9a3fc36d6be98de1291ca226',
    tensorflow: '2.9.1',
  },
  'darwin-arm64': {
    path: 'tf-builds/libtensorflow_r2_7_darwin_arm64_cpu.tar.gz',
    sha256: '13ab22b97e2af06e431aaeb7b42fb89981965dd01aa16da035d8210aa4183d79',
    tensorflow: '2.7',
  },
  'win32-x64': {
    path: 'tensorflow/libtensorflow/libtensorflow-cpu-windows-x86_64-2.9.1.zip',
    sha256: '56fa7e84c984144311563b405bd0e565568f3cbe2c15ac4713e9c8174a02b00f',
    tensorflow: '2.9.1',
  },
};

/** The archive, its unpacked libraries and headers, rounded up. */
export const OFFICIAL_BYTES = 700_000_000;

/** Where tfjs-node looks too, so that a mirror set up for it serves us as well. */
export function storageHost({ variables }: Environment): string {
  const host =
    variables['TFJS_NODE_CDN_STORAGE'] ||
    variables['npm_config_TFJS_NODE_CDN_STORAGE'] ||
    variables['CDN_STORAGE'] ||
    'https://storage.googleapis.com/';
  return host.endsWith('/') ? host : `${host}/`;
}

export interface OfficialOptions {
  env: Environment;
  /** Kept between attempts, so that a download that failed can be resumed. */
  downloads: string;
  onProgress: OnProgress;
  signal?: AbortSignal;
  archives?: Readonly<Record<string, Archive>>;
}

/** Downloads and unpacks the C library into the package's deps folder. */
export async function downloadLibrary(
  packageFolder: string,
  options: OfficialOptions,
): Promise<TensorFlowLibrary & { version: string }> {
  const { env, downloads, onProgress, signal, archives = ARCHIVES } = options;
  const archive = archives[`${env.platform}-${env.arch}`];
  if (archive === undefined) {
    throw new RuntimeProblem(
      'unsupported-platform',
      `There is no official TensorFlow library for ${env.platform} on ${env.arch}.`,
      'Training works with the embedded JavaScript TensorFlow, slowly.',
    );
  }
  const file = path.join(downloads, path.basename(archive.path));
  await download({
    url: storageHost(env) + archive.path,
    file,
    sha256: archive.sha256,
    variables: env.variables,
    signal,
    onBytes: throttled((done, total) =>
      onProgress({
        step: 'downloading',
        message: `Downloading TensorFlow ${archive.tensorflow}: ${megabytes(done)}${total === null ? '' : ` of ${megabytes(total)}`}`,
        fraction: total === null ? null : done / total,
      }),
    ),
  });
  const deps = path.join(packageFolder, 'deps');
  onProgress({ step: 'unpacking', message: 'Unpacking TensorFlow', fraction: null });
  await unpack(file, deps, env, signal);
  await fs.rm(file, { force: true });
  return { ...(await librariesIn(deps, env)), version: archive.tensorflow };
}

async function librariesIn(deps: string, { platform }: Environment): Promise<TensorFlowLibrary> {
  const include = path.join(deps, 'include');
  const lib = path.join(deps, 'lib');
  if (platform === 'win32') {
    // Some of the Windows archives have the library at the top instead of in lib.
    await fs.mkdir(lib, { recursive: true });
    await fs.rename(path.join(deps, 'tensorflow.dll'), path.join(lib, 'tensorflow.dll')).catch(() => {});
    return { library: path.join(lib, 'tensorflow.dll'), framework: '', include };
  }
  // The archive has the file under its full version and links to it; the shortest name serves.
  const end = platform === 'darwin' ? '.2.dylib' : '.so.2';
  return {
    library: await fs.realpath(path.join(lib, `libtensorflow${end}`)),
    framework: await fs.realpath(path.join(lib, `libtensorflow_framework${end}`)),
    include,
  };
}

/** The prebuilt binding. On Windows the library has to lie beside it. */
export async function downloadBinding(
  packageFolder: string,
  { env, downloads, onProgress, signal }: OfficialOptions,
): Promise<void> {
  const { version } = JSON.parse(await fs.readFile(path.join(packageFolder, 'package.json'), 'utf8')) as {
    version: string;
  };
  const system = ({ linux: 'linux', darwin: 'darwin', win32: 'windows' } as Record<string, string>)[env.platform];
  const name = `CPU-${system}-${version}.${env.platform === 'win32' ? 'zip' : 'tar.gz'}`;
  onProgress({ step: 'downloading', message: 'Downloading the prebuilt binding', fraction: null });
  const file = path.join(downloads, name);
  const url = `${storageHost(env)}tf-builds/pre-built-binary/napi-v8/${version}/${name}`;
  await download({ url, file, variables: env.variables, signal });
  const unpacked = path.join(packageFolder, 'lib', 'unpacked');
  await unpack(file, unpacked, env, signal);
  await fs.rm(file, { force: true });
  const found = (await fs.readdir(unpacked, { recursive: true })).find(
    each => path.basename(each) === 'tfjs_binding.node',
  );
  if (found === undefined) {
    throw new RuntimeProblem(
      'unpack-failed',
      `The archive ${url} does not contain tfjs_binding.node.`,
      'Install a C++ compiler, which makes this file unnecessary.',
    );
  }
  const target = bindingFile(packageFolder);
  await fs.mkdir(path.dirname(target), { recursive: true });
  await fs.rename(path.join(unpacked, found), target);
  await fs.rm(unpacked, { recursive: true });
  if (env.platform === 'win32') {
    await fs.copyFile(
      path.join(packageFolder, 'deps', 'lib', 'tensorflow.dll'),
      path.join(path.dirname(target), 'tensorflow.dll'),
    );
  }
}

/** `tar` unpacks .tar.gz everywhere and, on Windows 10 and later, .zip too. */
async function unpack(file: string, folder: string, env: Environment, signal?: AbortSignal): Promise<void> {
  await fs.mkdir(folder, { recursive: true });
  const { code, stderr, failure } = await env.run('tar', ['-xf', file, '-C', folder], {
    signal,
    variables: { LC_ALL: 'C' },
  });
  if (failure === 'cancelled') throw cancelled();
  if (code === 0) return;
  if (/No space left/i.test(stderr)) throw explainFileError({ code: 'ENOSPC' }, folder);
  const message = failure === 'missing' ? 'the program `tar` is missing' : (stderr.trim().split('\n')[0] ?? '');
  throw new RuntimeProblem(
    'unpack-failed',
    `The archive ${path.basename(file)} could not be unpacked: ${message}.`,
    'Install `tar`, and try again.',
  );
}

/** A fast connection reports thousands of chunks a second; ten are enough for any eye. */
function throttled(report: (done: number, total: number | null) => void): (done: number, total: number | null) => void {
  let last = 0;
  return (done, total) => {
    const now = performance.now();
    if (now - last < 100 && done !== total) return;
    last = now;
    report(done, total);
  };
}
