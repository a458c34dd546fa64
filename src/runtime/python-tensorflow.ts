// Finds a TensorFlow that Python has already, or lets pip download one, and takes its C library and headers. Python's
// own configuration (indexes, proxies, certificates) is used as it is; no Python environment is changed.
import fs from 'node:fs/promises';
import path from 'node:path';
import type { TensorFlowLibrary } from './binding';
import type { Environment } from './environment';
import { cancelled, explainFileError, RuntimeProblem, throwIfCancelled } from './problem';
import { megabytes, type OnProgress } from './progress';

/** One Python, and what it has. */
export interface PythonFound {
  executable: string;
  version: string;
  hasPip: boolean;
  /** Null where it has no TensorFlow, or one without the C library (before 2.12, and every Windows wheel). */
  tensorflow: { version: string; files: TensorFlowLibrary } | null;
  /** Set where there is a TensorFlow that cannot be used. */
  unusable?: string;
}

/** Answers without importing TensorFlow, which would take seconds. Works on Python 3.8 and later. */
const PROBE = `
import glob, importlib.util, json, os, sys
spec = importlib.util.find_spec('tensorflow')
folder = list(spec.submodule_search_locations)[0] if spec and spec.submodule_search_locations else None
version = None
if folder:
    from importlib import metadata
    for name in ('tensorflow', 'tensorflow-cpu', 'tensorflow-macos', 'tensorflow-intel', 'tf-nightly'):
        try:
            version = metadata.version(name); break
        except metadata.PackageNotFoundError:
            pass
pick = lambda pattern: next(iter(sorted(glob.glob(os.path.join(glob.escape(folder), pattern)))), None) if folder else None
print('modelwright ' + json.dumps({
    'executable': sys.executable, 'version': '.'.join(map(str, sys.version_info[:3])),
    'hasPip': importlib.util.find_spec('pip') is not None, 'folder': folder, 'tensorflow': version,
    'library': pick('libtensorflow_cc.*2*'), 'framework': pick('libtensorflow_framework.*2*'),
}))
`;

export interface PythonSearch {
  env: Environment;
  workspaceFolder?: string;
  trusted: boolean;
  /** Interpreters the caller knows of, such as the one chosen in the editor. */
  pythons?: readonly string[];
  signal?: AbortSignal;
}

/** Every Python that can be found, those with TensorFlow first. Each is started once, in the home folder. */
export async function findPythons(search: PythonSearch): Promise<PythonFound[]> {
  const found: PythonFound[] = [];
  const seen = new Set<string>();
  for (const command of await interpreters(search)) {
    throwIfCancelled(search.signal);
    const python = await probe(command, search);
    if (python === null || seen.has(python.executable)) continue;
    seen.add(python.executable);
    found.push(python);
    if (python.tensorflow !== null) break;
  }
  return found.sort((a, b) => Number(b.tensorflow !== null) - Number(a.tensorflow !== null));
}

/** At most this many interpreters are asked; each takes 50 to 500 ms. */
const MOST_INTERPRETERS = 16;

async function interpreters({ env, workspaceFolder, trusted, pythons = [] }: PythonSearch): Promise<string[]> {
  const { platform, variables, homeFolder } = env;
  const inFolder = (folder: string) =>
    platform === 'win32'
      ? [path.join(folder, 'Scripts', 'python.exe'), path.join(folder, 'python.exe')]
      : [path.join(folder, 'bin', 'python')];
  const environments: string[] = [];
  for (const name of ['VIRTUAL_ENV', 'CONDA_PREFIX']) {
    const folder = variables[name];
    if (folder) environments.push(folder);
  }
  if (workspaceFolder !== undefined && trusted) {
    environments.push(...['.venv', 'venv', 'env', '.env'].map(name => path.join(workspaceFolder, name)));
  }
  for (const parent of ['.pyenv/versions', 'miniconda3/envs', 'anaconda3/envs', 'miniforge3/envs', '.virtualenvs']) {
    const folder = path.join(homeFolder, parent);
    const names = await fs.readdir(folder).catch(() => []);
    environments.push(
      ...names
        .sort()
        .reverse()
        .map(name => path.join(folder, name)),
    );
  }
  for (const name of ['miniconda3', 'anaconda3', 'miniforge3']) environments.push(path.join(homeFolder, name));

  const commands = variables['MODELWRIGHT_PYTHON'] ? [variables['MODELWRIGHT_PYTHON']] : [];
  commands.push(...pythons);
  // The environments a person has activated go before the PATH, all others after it.
  const onPath = platform === 'win32' ? ['python.exe', 'py.exe'] : ['python3', 'python'];
  const activated = environments.slice(0, Number(!!variables['VIRTUAL_ENV']) + Number(!!variables['CONDA_PREFIX']));
  for (const folder of activated) commands.push(...inFolder(folder));
  commands.push(...onPath);
  for (const folder of environments.slice(activated.length)) commands.push(...inFolder(folder));
  const existing: string[] = [];
  for (const command of new Set(commands)) {
    if (
      !path.isAbsolute(command) ||
      (await fs.access(command).then(
        () => true,
        () => false,
      ))
    )
      existing.push(command);
  }
  return existing.slice(0, MOST_INTERPRETERS);
}

async function probe(command: string, { env, signal }: PythonSearch): Promise<PythonFound | null> {
  // In the home folder: with `-c` Python imports from the working folder first, which must not be a workspace.
  const { stdout } = await env.run(command, ['-c', PROBE], { cwd: env.homeFolder, timeoutMs: 30_000, signal });
  const answer = /^modelwright (\{.*\})$/m.exec(stdout)?.[1];
  if (answer === undefined) return null;
  const said = JSON.parse(answer) as {
    executable: string;
    version: string;
    hasPip: boolean;
    folder: string | null;
    tensorflow: string | null;
    library: string | null;
    framework: string | null;
  };
  const python: PythonFound = {
    executable: said.executable || command,
    version: said.version,
    hasPip: said.hasPip,
    tensorflow: null,
  };
  if (said.folder === null) return python;
  const version = said.tensorflow ?? 'of unknown version';
  const include = path.join(said.folder, 'include');
  if (said.library === null || said.framework === null) {
    python.unusable = `its TensorFlow ${version} does not carry the C library (2.12 and later do, but for Windows)`;
  } else if (
    !(await fs.access(path.join(include, 'tensorflow', 'c', 'c_api.h')).then(
      () => true,
      () => false,
    ))
  ) {
    python.unusable = `its TensorFlow ${version} does not carry the C headers`;
  } else {
    python.tensorflow = { version, files: { library: said.library, framework: said.framework, include } };
  }
  return python;
}

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
