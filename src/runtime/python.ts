// Finds a Python that has TensorFlow already, whose C library and headers can be built on, or one that has pip.
import fs from 'node:fs/promises';
import path from 'node:path';
import type { TensorFlowLibrary } from './binding';
import type { Environment } from './environment';
import { throwIfCancelled } from './problem';

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
