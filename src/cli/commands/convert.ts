// `modelwright convert`: a model of a file as a program of the other framework, on standard output.
import { ConversionError, convertModel } from '../../convert';
import type { ModelFacts } from '../../ir/model';
import { defineCommand } from '../command';
import { Engine } from '../engine';
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
  },
  notes: [
    'The code goes to standard output. What has no counterpart stands in it as a comment, and on standard error.',
    '',
    'Exit: 0 written, 2 it could not be.',
  ],
  async run([written = ''], { to, model }, context) {
    const { terminal, folder, distFolder } = context;
    const target = splitTarget(written);
    const name = model ?? target.model;
    const file = await sourceFile(target.path, folder);
    const models = await modelsOf(file, name, new Engine(distFolder, folder));
    const { facts } = outermost(models);
    try {
      const framework = facts.framework === 'keras' ? 'tfjs' : 'keras';
      const { code, notes } = convertModel(facts, (to as 'keras' | 'tfjs' | undefined) ?? framework);
      terminal.out(code);
      for (const note of notes) terminal.err(`${terminal.colours.err.yellow('note')}: ${note}\n`);
      return EXIT.ok;
    } catch (error) {
      if (error instanceof ConversionError) throw new UsageError(error.message);
      throw error;
    }
  },
});

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
