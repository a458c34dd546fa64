// Lets pip download a TensorFlow wheel and takes its C library and headers. pip's own configuration (indexes, proxies,
// certificates) is used as it is; no Python environment is changed.
import fs from 'node:fs/promises';
import path from 'node:path';
import type { TensorFlowLibrary } from './binding';
import type { Environment } from './environment';
import { cancelled, explainFileError, RuntimeProblem } from './problem';
import { megabytes, type OnProgress } from './progress';
import type { PythonFound } from './python';

/** Unpacks the two libraries and the headers a binding needs from a wheel; prints its progress in bytes. */
const UNPACK = `
import os, sys, zipfile
wheel, target = sys.argv[1:3]
headers = ('tensorflow/include/tensorflow/c/', 'tensorflow/include/tensorflow/core/platform/',
           'tensorflow/include/xla/', 'tensorflow/include/tsl/')
def wanted(name):
    if '..' in name.split('/'): return False
    if name.startswith('tensorflow/libtensorflow'): return True
    return name.startswith(headers) and name.endswith('.h')
with zipfile.ZipFile(wheel) as archive:
    infos = [info for info in archive.infolist() if wanted(info.filename)]
    total = sum(info.file_size for info in infos) or 1
    done = 0
    for info in infos:
        place = os.path.join(target, *info.filename.split('/'))
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with archive.open(info) as source, open(place, 'wb') as out:
            while True:
                block = source.read(1 << 23)
                if not block: break
                out.write(block)
                done += len(block)
                if len(block) == 1 << 23: print('done', done, total, flush=True)
`;

/** The wheel and what is unpacked from it. */
export const WHEEL_BYTES = 1_300_000_000;

/**
 * Downloads a TensorFlow wheel with the user's own pip into `folder/wheel` and unpacks what is needed of it into
 * `folder`. Only the C library is wanted, so a wheel for another Python serves as well.
 */
export async function downloadWithPip(
  python: PythonFound,
  folder: string,
  env: Environment,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<{ version: string; files: TensorFlowLibrary }> {
  const wheelFolder = path.join(folder, 'wheel');
  await fs.mkdir(wheelFolder, { recursive: true });
  const message = 'Downloading TensorFlow with pip (about 280 MB)';
  onProgress({ step: 'downloading', message, fraction: null });
  const names = env.platform === 'linux' && env.arch === 'x64' ? ['tensorflow-cpu', 'tensorflow'] : ['tensorflow'];
  const attempts = [[], ['--python-version', '3.12', '--implementation', 'cp', '--abi', 'cp312']].flatMap(other =>
    names.map(name => [...other, name]),
  );
  let wheel: string | undefined;
  let complaint = '';
  const progressBar = (await pipReportsProgress(python, env)) ? ['--progress-bar', 'raw'] : ['--progress-bar', 'off'];
  for (const attempt of attempts) {
    const { code, stderr, failure } = await env.run(
      python.executable,
      [
        '-m',
        'pip',
        'download',
        '--no-deps',
        '--only-binary=:all:',
        '--disable-pip-version-check',
        '--no-input',
        ...progressBar,
        '--dest',
        wheelFolder,
        ...attempt,
      ],
      {
        cwd: env.homeFolder,
        signal,
        onLine: line => {
          const progress = /^Progress (\d+) of (\d+)$/.exec(line.trim());
          if (!progress) return;
          const [done, total] = [Number(progress[1]), Number(progress[2])];
          const text = `Downloading TensorFlow with pip: ${megabytes(done)} of ${megabytes(total)}`;
          onProgress({ step: 'downloading', message: text, fraction: total > 0 ? done / total : null });
        },
      },
    );
    if (failure === 'cancelled') throw cancelled();
    if (/No space left/i.test(stderr)) throw explainFileError({ code: 'ENOSPC' }, path.dirname(folder));
    wheel = (await fs.readdir(wheelFolder)).find(name => name.endsWith('.whl'));
    if (code === 0 && wheel !== undefined) break;
    complaint ||=
      stderr
        .split('\n')
        .filter(line => /^ERROR|error:/i.test(line))
        .at(-1)
        ?.trim() ?? '';
    wheel = undefined;
  }
  if (wheel === undefined) {
    throw new RuntimeProblem(
      'pip-failed',
      `TensorFlow could not be downloaded with pip${complaint ? `: ${complaint}` : ''}.`,
      `See what \`${python.executable} -m pip download --no-deps tensorflow\` says, or install TensorFlow into any Python environment.`,
    );
  }
  await unpackWheel(python, path.join(wheelFolder, wheel), folder, env, onProgress, signal);
  await fs.rm(wheelFolder, { recursive: true, force: true });
  const unpacked = path.join(folder, 'tensorflow');
  const names2 = await fs.readdir(unpacked).catch(() => []);
  const library = names2.find(name => /^libtensorflow_cc\.(so\.2|2\.dylib)$/.test(name));
  const framework = names2.find(name => /^libtensorflow_framework\.(so\.2|2\.dylib)$/.test(name));
  if (library === undefined || framework === undefined) {
    throw new RuntimeProblem(
      'unpack-failed',
      `The wheel ${wheel} does not carry TensorFlow's C library.`,
      'Try the official build: `modelwright doctor --fix --from download`.',
    );
  }
  return {
    version: wheel.split('-')[1] ?? 'of unknown version',
    files: {
      library: path.join(unpacked, library),
      framework: path.join(unpacked, framework),
      include: path.join(unpacked, 'include'),
    },
  };
}

/** pip has had `--progress-bar raw` since 24.1. */
async function pipReportsProgress(python: PythonFound, env: Environment): Promise<boolean> {
  const { stdout } = await env.run(python.executable, ['-m', 'pip', '--version'], {
    cwd: env.homeFolder,
    timeoutMs: 30_000,
  });
  const [major = 0, minor = 0] = /^pip (\d+)\.(\d+)/.exec(stdout)?.slice(1).map(Number) ?? [];
  return major > 24 || (major === 24 && minor >= 1);
}

async function unpackWheel(
  python: PythonFound,
  wheel: string,
  folder: string,
  env: Environment,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<void> {
  onProgress({ step: 'unpacking', message: 'Unpacking TensorFlow', fraction: 0 });
  const { code, stderr, failure } = await env.run(python.executable, ['-c', UNPACK, wheel, folder], {
    cwd: env.homeFolder,
    signal,
    onLine: line => {
      const done = /^done (\d+) (\d+)$/.exec(line);
      if (done)
        onProgress({ step: 'unpacking', message: 'Unpacking TensorFlow', fraction: Number(done[1]) / Number(done[2]) });
    },
  });
  if (failure === 'cancelled') throw cancelled();
  if (code === 0) return;
  if (/No space left|Errno 28/i.test(stderr)) throw explainFileError({ code: 'ENOSPC' }, path.dirname(folder));
  const last = stderr.trim().split('\n').at(-1) ?? '';
  throw new RuntimeProblem(
    'unpack-failed',
    `The TensorFlow wheel could not be unpacked: ${last}.`,
    'Try again; the download may have been damaged.',
  );
}
