// `modelwright convert`: a model of a file as a program of the other framework, on standard output or in a file.
import fs from 'node:fs';
import path from 'node:path';
import { ConversionError, convertModel } from '../../convert';
import type { ModelFacts } from '../../ir/model';
import { defineCommand } from '../command';
import { Engine } from '../engine';
import { shown } from '../files';
import { modelsOf, sourceFile, splitTarget } from '../target';
import { EXIT, UsageError } from '../usage-error';

export const convert = defineCommand({
  name: 'convert',
  summary: 'writes a model as code of the other framework: Keras as TensorFlow.js, TensorFlow.js as Keras',
  operands: 'FILE',
  count: { least: 1, most: 1 },
  options: {
    to: { kind: 'text', choices: ['keras', 'tfjs'], help: 'the framework to write; default: the other one' },
    model: { kind: 'text', value: 'NAME', help: 'which model of the file; FILE#NAME says the same' },
    output: { kind: 'text', value: 'FILE', help: 'writes the code there instead of to standard output' },
  },
  notes: [
    'The code goes to standard output or, with --output, to a file, which is written anew. What has no counterpart stands in it as a comment, and on standard error.',
    '',
    'Exit: 0 written, 2 it could not be.',
  ],
  async run([written = ''], { to, model, output }, context) {
    const { terminal, folder, distFolder } = context;
    const target = splitTarget(written);
    const name = model ?? target.model;
    const file = await sourceFile(target.path, folder);
    const models = await modelsOf(file, name, new Engine(distFolder, folder));
    const { facts } = outermost(models);
    const place = output === undefined ? undefined : placeFor(output, file.absolute, folder);
    try {
      const framework = facts.framework === 'keras' ? 'tfjs' : 'keras';
      const { code, notes } = convertModel(facts, (to as 'keras' | 'tfjs' | undefined) ?? framework);
      if (place === undefined) terminal.out(code);
      else {
        await write(place, code);
        terminal.out(`Wrote ${shown(place, folder)}\n`);
      }
      for (const note of notes) terminal.err(`${terminal.colours.err.yellow('note')}: ${note}\n`);
      return EXIT.ok;
    } catch (error) {
      if (error instanceof ConversionError) throw new UsageError(error.message);
      throw error;
    }
  },
});

/** @throws UsageError where the code would go over the file that it is made from */
function placeFor(output: string, source: string | null, folder: string): string {
  const place = path.resolve(folder, output);
  if (place === source) throw new UsageError(`${output} is the file that is converted; name another one.`);
  return place;
}

async function write(place: string, code: string): Promise<void> {
  try {
    await fs.promises.writeFile(place, code);
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such folder' : (error as Error).message;
    throw new UsageError(`${place} cannot be written: ${why}.`);
  }
}

/** The one model that is no part of another. @throws UsageError where there are several */
function outermost<M extends { facts: ModelFacts }>(models: readonly M[]): M {
  const inner = new Set(models.flatMap(({ facts }) => facts.layers.flatMap(layer => layer.model?.name ?? [])));
  const outer = models.filter(({ facts }) => !inner.has(facts.name));
  const [first] = outer.length > 0 ? outer : models;
  if (first === undefined || outer.length > 1) {
    const names = outer.map(({ facts }) => facts.binding).join(', ');
    throw new UsageError(`The file builds ${outer.length} models; name one with --model: ${names}.`);
  }
  return first;
}
