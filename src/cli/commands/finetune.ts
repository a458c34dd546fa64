// `modelwright finetune`: trains a BERT-family checkpoint further on a data set, in a process of its own.
import fs from 'node:fs';
import path from 'node:path';
import { FINETUNE_DEFAULTS, type FinetunePlan } from '../../protocol/finetune-plan';
import { defineCommand } from '../command';
import { checkpointOrId, existingFile, freezeOf, outputFolder, settingsOf, withSettings } from '../finetune-request';
import { resumeAndFollow, startAndFollow } from '../follow';
import { shown } from '../files';
import { UsageError } from '../usage-error';

const TASKS = [
  'sequence-classification',
  'regression',
  'multi-label',
  'token-classification',
  'question-answering',
  'masked-lm',
] as const;

export const finetune = defineCommand({
  name: 'finetune',
  summary: 'fine-tunes a BERT-family checkpoint on a data set',
  operands: '',
  count: { least: 0, most: 0 },
  options: {
    checkpoint: {
      kind: 'text',
      value: 'DIR',
      help: 'a folder with config.json and weights, or a model of the hub: owner/name',
    },
    data: { kind: 'text', value: 'FILE', help: 'CSV, TSV, JSONL, Parquet, CoNLL, SQuAD JSON, or text' },
    validation: { kind: 'text', value: 'FILE|SHARE', help: 'a file, or the share to hold back (0.1)' },
    output: { kind: 'text', value: 'DIR', help: "where the trained checkpoint goes (the run's folder)" },
    task: {
      kind: 'text',
      value: 'TASK',
      choices: TASKS,
      help: `what to learn; else told by the data: ${TASKS.join(', ')}`,
    },
    'text-column': { kind: 'text', value: 'NAME', help: 'the column with the text' },
    'pair-column': { kind: 'text', value: 'NAME', help: 'the column with the second text; "" for none' },
    'label-column': { kind: 'text', value: 'NAME', help: 'the column with the label; several by commas' },
    epochs: { kind: 'integer', value: 'N', least: 1, help: 'how often to go through the data (3)' },
    'batch-size': { kind: 'integer', value: 'N', least: 1, help: 'examples per batch (16)' },
    'max-length': { kind: 'integer', value: 'N', least: 4, help: 'tokens of an example (128; questions 384)' },
    'learning-rate': { kind: 'number', value: 'X', least: 0, help: 'largest learning rate (5e-5)' },
    'weight-decay': { kind: 'number', value: 'X', least: 0, help: 'decoupled, of matrices alone (0.01)' },
    warmup: { kind: 'number', value: 'X', least: 0, help: 'below 1 a share of the updates, else their number (0.1)' },
    dropout: { kind: 'number', value: 'X', least: 0, help: "for all places (the checkpoint's own)" },
    seed: { kind: 'integer', value: 'N', least: 0, help: 'of the split, the order, new weights and dropout (42)' },
    freeze: { kind: 'text', value: 'PARTS', help: 'embeddings, a number of first layers, or both: embeddings,4' },
    lora: { kind: 'integer', value: 'RANK', least: 1, help: 'train matrices of this rank beside the encoder' },
    set: { kind: 'text', value: 'KEY=VALUE', many: true, help: 'any other setting: schedule=cosine, accumulation=4' },
    eager: { kind: 'flag', help: 'never compile the training step into one graph' },
    resume: { kind: 'text', value: 'ID', help: 'go on from the last checkpoint of a run, or "latest"' },
    json: { kind: 'flag', help: 'one event a line as JSON; the last is "ended" or "failed"' },
  },
  notes: [
    'The output is a checkpoint that Python reads with from_pretrained. The best epoch is kept where some data is',
    'held back. Settings for --set: accumulation, schedule (linear, constant, cosine), clipNorm, labelSmoothing,',
    'classWeights (balanced, or numbers), loraAlpha, loraTargets (attention, all), patience, maskShare.',
    '',
    'Exit: 0 finished, 3 stopped, 4 failed, 2 it could not start.',
  ],
  async run(_operands, options, context) {
    const { folder } = context;
    if (options.resume !== undefined) return resumeAndFollow(options.resume, options.json, context);
    if (options.checkpoint === undefined) throw new UsageError('`finetune` needs --checkpoint DIR.');
    if (options.data === undefined) throw new UsageError('`finetune` needs --data FILE.');
    const checkpoint = checkpointOrId(options.checkpoint, folder);
    const output = outputFolder(options.output, folder);
    if (output !== undefined && fs.existsSync(output) && path.relative(output, checkpoint) === '') {
      throw new UsageError('--output is the checkpoint itself; name another folder.');
    }
    const given = {
      validation: validationOf(options.validation, folder),
      output,
      task: options.task,
      textColumn: options['text-column'],
      pairColumn: options['pair-column'],
      labelColumn: options['label-column'],
      epochs: options.epochs,
      batchSize: options['batch-size'],
      maxLength: options['max-length'],
      learningRate: options['learning-rate'],
      weightDecay: options['weight-decay'],
      warmup: options.warmup,
      dropout: options.dropout,
      loraRank: options.lora,
      ...freezeOf(options.freeze),
    };
    const chosen = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const data = existingFile(options.data, folder, '--data');
    const plan: FinetunePlan = withSettings({ ...FINETUNE_DEFAULTS, ...chosen, checkpoint, data }, options.set);
    const request = {
      title: `${path.basename(checkpoint)} · ${path.basename(data)}`,
      task: 'finetune',
      plan: plan as never,
      seed: options.seed ?? 42,
      settings: settingsOf(plan),
      source: { file: shown(data, folder), binding: null, hash: null },
      eager: options.eager,
    };
    return startAndFollow(request, options.json, context);
  },
});

function validationOf(text: string | undefined, folder: string): string | number | undefined {
  if (text === undefined) return undefined;
  const share = Number(text);
  if (!Number.isFinite(share)) return existingFile(text, folder, '--validation');
  if (share >= 0 && share < 1) return share;
  throw new UsageError(`--validation is a file or a share from 0 to below 1, not ${text}.`);
}
