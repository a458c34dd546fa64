// Which Keras the Python environment of a workspace has: what is installed, else what the project's files ask for.
import fs from 'node:fs';
import path from 'node:path';

export type KerasVersion = 2 | 3;

const FILES = ['requirements.txt', 'pyproject.toml', 'environment.yml', 'Pipfile', 'setup.py', 'setup.cfg'];

/** Undefined where nothing says so; the rules of Keras 3 hold then. `environment` is the process's. */
export function kerasVersionIn(folder: string, environment: NodeJS.ProcessEnv = process.env): KerasVersion | undefined {
  const places = ['.venv', 'venv', 'env'].map(name => path.join(folder, name));
  const active = environment['VIRTUAL_ENV'] ?? environment['CONDA_PREFIX'];
  for (const place of active === undefined ? places : [...places, active]) {
    const found = installedVersion(sitePackagesOf(place));
    if (found) return found;
  }
  for (const file of FILES) {
    const found = requiredVersion(read(path.join(folder, file)));
    if (found) return found;
  }
  return undefined;
}

/** By the names of what is installed: `keras-2.15.0.dist-info`, `tensorflow-2.16.1.dist-info`. */
export function installedVersion(names: readonly string[]): KerasVersion | undefined {
  const versionOf = (name: RegExp): [number, number] | undefined => {
    const found = names.map(each => name.exec(each)).find(match => match !== null);
    return found ? [Number(found[1]), Number(found[2])] : undefined;
  };
  const keras = versionOf(/^keras-(\d+)\.(\d+)/);
  if (keras) return keras[0] >= 3 ? 3 : 2;
  const tensorflow = versionOf(/^tensorflow(?:_(?:cpu|gpu|intel|macos))?-(\d+)\.(\d+)/);
  return tensorflow && ofTensorflow(...tensorflow);
}

/** By what a project asks for: `tensorflow==2.10`, `keras<3`, `keras = "^2.12"`. Only an upper or exact bound decides. */
export function requiredVersion(text: string): KerasVersion | undefined {
  const line = (name: string): RegExpExecArray | null =>
    new RegExp(
      `(?:^|["'\\s])${name}(?:\\[[\\w,-]+\\])?["']?\\s*=?\\s*["']?(==|~=|\\^|<=?|=)\\s*(\\d+)(?:\\.(\\d+))?`,
      'm',
    ).exec(text);
  const keras = line('keras');
  if (keras) return keras[1] === '<' ? (Number(keras[2]) <= 3 ? 2 : undefined) : Number(keras[2]) >= 3 ? 3 : 2;
  const tensorflow = line('tensorflow(?:-cpu|-gpu|-macos)?');
  if (!tensorflow || (tensorflow[1] === '<' && tensorflow[3] === undefined)) return undefined;
  return ofTensorflow(Number(tensorflow[2]), Number(tensorflow[3] ?? 0) - (tensorflow[1] === '<' ? 1 : 0));
}

/** TensorFlow has Keras 3 as `tf.keras` since 2.16. */
function ofTensorflow(major: number, minor: number): KerasVersion {
  return major > 2 || (major === 2 && minor >= 16) ? 3 : 2;
}

function sitePackagesOf(environment: string): readonly string[] {
  const libraries = list(path.join(environment, 'lib')).filter(name => name.startsWith('python'));
  const folders = libraries.map(name => path.join(environment, 'lib', name, 'site-packages'));
  return [...folders, path.join(environment, 'Lib', 'site-packages')].flatMap(list);
}

function list(folder: string): readonly string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
