// What `summary` and `train` are pointed at: a source file, perhaps with the name of one of its models.
import type { Engine, FoundModel } from './engine';
import { findFiles, type SourceFile } from './files';
import { didYouMean, UsageError } from './usage-error';

export interface Target {
  /** As it was written, without the model's name. */
  path: string;
  /** The variable, function or class behind `#`. */
  model: string | undefined;
}

/** `cnn.py#model`. A file whose own name has a # in it is found all the same. */
export function splitTarget(written: string): Target {
  const [, path = written, model] = /^(.*\.\w+)#([\p{L}_$][\p{L}\p{N}_$.]*)$/u.exec(written) ?? [];
  return { path, model };
}

/** @throws {UsageError} where it is no single source file */
export async function sourceFile(path: string, folder: string): Promise<SourceFile> {
  const { files, notes } = await findFiles([path], folder);
  const [file] = files;
  if (file !== undefined && files.length === 1) return file;
  throw new UsageError(
    files.length > 1 ? `${path} is a folder; name one of its files.` : (notes[0] ?? `${path} is empty.`),
  );
}

/** The models of a file, or the one of this name. @throws {UsageError} where there is none */
export async function modelsOf(file: SourceFile, name: string | undefined, engine: Engine): Promise<FoundModel[]> {
  const models = await engine.models(file);
  if (models.length === 0) {
    throw new UsageError(`${file.name} builds no Keras or TensorFlow.js model that could be followed.`);
  }
  if (name === undefined) return models;
  const named = models.filter(({ facts }) => facts.binding === name);
  if (named.length > 0) return named.slice(-1);
  const known = [...new Set(models.map(({ facts }) => facts.binding))];
  const hint = didYouMean(name, known) || ` It builds: ${known.join(', ')}.`;
  throw new UsageError(`${file.name} builds no model ${name}.${hint}`);
}

/** `--set sequence_length=40`: the value is JSON where it reads as such, else text. @throws {UsageError} */
export function argumentsOf(settings: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    settings.map(setting => {
      const [, name, value = ''] = /^([\p{L}_][\p{L}\p{N}_.]*)=(.*)$/su.exec(setting) ?? [];
      if (name === undefined)
        throw new UsageError(`"${setting}" sets nothing. Write it as name=value, such as units=64.`);
      try {
        return [name, JSON.parse(value)];
      } catch {
        return [name, value];
      }
    }),
  );
}
