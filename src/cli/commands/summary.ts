// `modelwright summary`: the table that `model.summary()` would print, without running the file.
import { listedLayers, memoryOf, outputShapes } from '../../ide/summary';
import { defineCommand, type Context } from '../command';
import { Engine, type FoundModel } from '../engine';
import { summaryText } from '../summary-text';
import { argumentsOf, modelsOf, sourceFile, splitTarget } from '../target';
import { EXIT, UsageError } from '../usage-error';

export const summary = defineCommand({
  name: 'summary',
  summary: 'the table of model.summary(), without running the file',
  operands: 'FILE',
  count: { least: 1, most: 1 },
  options: {
    model: { kind: 'text', value: 'NAME', help: 'the variable, function or class; by default every model of the file' },
    set: { kind: 'text', value: 'NAME=VALUE', many: true, help: 'a size or argument that the file leaves open' },
    json: { kind: 'flag', help: 'the same as JSON' },
  },
  notes: ['FILE#NAME is the same as FILE --model NAME.', '', 'Exit: 0, or 2 where there is no such model.'],
  async run([written = ''], { model, set, json }, context) {
    const { terminal } = context;
    const target = splitTarget(written);
    const { path, models } = await found(target.path, model ?? target.model, set, context);
    if (json) terminal.out(`${JSON.stringify({ version: 1, path, models: models.map(modelJson) }, null, 2)}\n`);
    else terminal.out(models.map(({ facts, symbols }) => summaryText(facts, terminal.colours.out, symbols)).join('\n'));
    return EXIT.ok;
  },
});

async function found(
  path: string,
  name: string | undefined,
  settings: readonly string[],
  { folder, distFolder }: Context,
): Promise<{ path: string; models: FoundModel[] }> {
  const file = await sourceFile(path, folder);
  const engine = new Engine(distFolder, folder);
  const models = await modelsOf(file, name, engine);
  if (settings.length === 0) return { path: file.name, models };
  const args = argumentsOf(settings);
  const built = await Promise.all(models.map(({ facts }) => engine.model(file, facts.binding, args)));
  if (built.some(model => model === undefined)) {
    throw new UsageError(`With these values ${file.name} builds no model that could be followed.`);
  }
  return { path: file.name, models: built.filter(model => model !== undefined) };
}

/** A model as in `check --json`, with memory, operations and weights per layer. */
function modelJson({ facts, rangeOf }: FoundModel): object {
  return {
    name: facts.binding,
    frameworkName: facts.name,
    class: facts.className,
    framework: facts.framework,
    range: rangeOf(facts.place),
    inputs: facts.inputShapes,
    outputs: facts.outputShapes,
    layers: listedLayers(facts).map(layer => {
      const shapes = outputShapes(layer);
      return {
        name: layer.name,
        class: layer.className,
        outputShape: shapes.length === 0 ? null : shapes.length === 1 ? shapes[0] : shapes,
        params: layer.params,
        trainable: layer.trainable,
        flops: layer.flops,
        weights: layer.weights.map(({ name, shape, trainable }) => ({ name, shape, trainable })),
        range: rangeOf(layer.place),
      };
    }),
    params: facts.params,
    flops: facts.flops,
    memory: Object.fromEntries(memoryOf(facts).map(({ name, bytes }) => [name, bytes])),
    notKnown: facts.gaps,
  };
}
