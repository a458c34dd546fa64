// `modelwright export`: a trained model, or a fine-tuned checkpoint, in another program's format.
import fs from 'node:fs';
import path from 'node:path';
import { exportFormats, exportModel, ExportError, readRun } from '../../runs';
import { exportCheckpoint } from '../checkpoint-export';
import { defineCommand, type Context } from '../command';
import { checkpointOrId } from '../finetune-request';
import { shown } from '../files';
import { EXIT, UsageError } from '../usage-error';
import { findRunOf } from './runs';

export const exportCommand = defineCommand({
  name: 'export',
  summary: "writes a trained model or a fine-tuned checkpoint in another program's format",
  operands: 'RUN_OR_MODEL',
  count: { least: 1, most: 1 },
  options: {
    to: { kind: 'text', value: 'FORMAT', choices: exportFormats, help: 'what to write' },
    output: { kind: 'text', value: 'PATH', help: 'the file or folder to write' },
    name: { kind: 'text', value: 'NAME', help: 'of the package, for a checkpoint to tfjs (the name of the folder)' },
    json: { kind: 'flag', help: 'the files as JSON' },
  },
  notes: [
    'RUN_OR_MODEL is a run (its name, a part of it, or "latest"), a model folder, or a fine-tuned checkpoint.',
    'A model goes to Keras (.npz of weights), to TensorFlow.js (a folder for tf.loadLayersModel), or to safetensors.',
    'A checkpoint goes to tfjs as a package with tokenizer, weights and a `predict` function, for browsers and Node;',
    'to safetensors as a folder that Python reads with from_pretrained.',
    '',
    'Exit: 0 written, 2 it could not be.',
  ],
  async run([wanted = ''], options, context) {
    const { folder, terminal } = context;
    const { to } = options;
    if (to === undefined) throw new UsageError(`\`export\` needs --to, one of ${exportFormats.join(', ')}.`);
    if (options.output === undefined) throw new UsageError('`export` needs --output PATH.');
    const output = path.resolve(folder, options.output);
    const source = await sourceOf(wanted, context);
    const { files, usage } = source.isCheckpoint
      ? await exportCheckpoint(source.place, to, output, options.name, context)
      : await modelOf(source.place, to as (typeof exportFormats)[number], output);
    if (options.json) terminal.out(`${JSON.stringify({ files, usage })}\n`);
    else terminal.out(`Wrote ${files.map(file => shown(file, folder)).join(', ')}\n${usage}\n`);
    return EXIT.ok;
  },
});

type Source = { readonly place: string; readonly isCheckpoint: boolean };

/** A folder by its path, else a run by its name, else a model of the hub. */
async function sourceOf(wanted: string, context: Context): Promise<Source> {
  const place = path.resolve(context.folder, wanted);
  if (fs.existsSync(place)) return { place, isCheckpoint: fs.existsSync(path.join(place, 'config.json')) };
  if (wanted.includes('/')) return { place: checkpointOrId(wanted, context.folder), isCheckpoint: true };
  const run = await findRunOf(wanted, context);
  const { end } = (await readRun(run.folder)).story;
  const model = path.resolve(run.folder, end?.kind === 'ended' && end.output !== '' ? end.output : 'model');
  if (fs.existsSync(path.join(model, 'config.json'))) return { place: model, isCheckpoint: true };
  if (run.record.task !== 'fit') {
    throw new UsageError(`The run ${run.id} has written no checkpoint. Let it end, or resume it: --resume ${run.id}.`);
  }
  return { place: run.folder, isCheckpoint: false };
}

async function modelOf(place: string, to: (typeof exportFormats)[number], output: string) {
  return exportModel(place, to, output).catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof ExportError || code !== undefined) throw new UsageError(message);
    throw error;
  });
}
