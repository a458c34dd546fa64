// `modelwright train`: trains a model of a file, or what a training configuration says, in a process of its own.
import { createHash } from 'node:crypto';
import path from 'node:path';
import { defineCommand, type Context } from '../command';
import { resumeAndFollow, startAndFollow, startScriptAndFollow } from '../follow';
import { scriptOf } from '../training-script';
import { prepareTraining, type Preparation } from '../training-request';
import { UsageError } from '../usage-error';

export const train = defineCommand({
  name: 'train',
  summary: 'trains a model of a file, a training configuration, or runs a training script monitored',
  operands: 'TARGET',
  count: { least: 0, most: 1 },
  rest: 'ARGUMENT…',
  options: {
    data: { kind: 'text', value: 'FILE', help: 'a data file, or a folder with one sub-folder of images per class' },
    epochs: { kind: 'integer', value: 'N', least: 1, help: 'how often to go through the data' },
    'batch-size': { kind: 'integer', value: 'N', least: 1, help: 'samples per step' },
    set: {
      kind: 'text',
      value: 'KEY=VALUE',
      many: true,
      help: 'a key of the training configuration: fit.seed=1, args.units=64, compile.optimizer.learningRate=1e-4',
    },
    eager: { kind: 'flag', help: 'never compile the training step into one graph' },
    resume: { kind: 'text', value: 'ID', help: 'go on from the last checkpoint of a run, or "latest"; without TARGET' },
    json: { kind: 'flag', help: 'one event a line as JSON; the last is "ended" or "failed"' },
  },
  notes: [
    'TARGET is FILE, FILE#NAME (a variable, function or class that is or builds a model), or a *.modelwright.json.',
    'A JavaScript or TypeScript file that trains by itself (fit, fitDataset, trainOnBatch) is run as it is, and followed;',
    'what stands behind -- are its arguments. FILE#NAME, or an option about the data, trains a model of it instead.',
    'What neither the options nor the configuration say is read from compile(...) and fit(...) of the code.',
    'The run is kept in .modelwright/runs of this folder. Ctrl+C stops it after the current step; twice, at once.',
    '',
    'Exit: 0 finished, 3 stopped, 4 failed, 2 it could not start.',
  ],
  async run([target], options, context, rest) {
    if (options.resume !== undefined) {
      if (target !== undefined)
        throw new UsageError('--resume goes on with a run as it was started; leave TARGET out.');
      return resumeAndFollow(options.resume, options.json, context);
    }
    if (target === undefined) throw new UsageError('`train` needs TARGET: a file, FILE#NAME or a *.modelwright.json.');
    const script = await scriptOf(target, options, rest, context);
    if (script) return startScriptAndFollow(script, options.json, context);
    const prepared = await prepareTraining(target, options, context);
    const { err, colours } = context.terminal;
    for (const note of prepared.notes) err(`${colours.err.yellow('note')}: ${note}\n`);
    return startAndFollow({ ...requestOf(prepared, context), eager: options.eager }, options.json, context);
  },
});

function requestOf({ resolved, file, binding }: Preparation, { folder }: Context) {
  const { plan, seed, settings } = resolved;
  return {
    workspace: folder,
    title: `${path.basename(file.name)} · ${binding}`,
    task: 'fit',
    plan: plan as never,
    seed,
    settings,
    source: { file: file.name, binding, hash: createHash('sha256').update(file.text).digest('hex') },
  };
}
