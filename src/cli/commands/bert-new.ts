// `modelwright bert new`: a fresh small checkpoint from a corpus, pre-trained if wanted, in a process of its own.
import path from 'node:path';
import { CHECKPOINT_SIZES, PRETRAIN_DEFAULTS, type PretrainPlan } from '../../protocol/pretrain-plan';
import { defineCommand } from '../command';
import { existingFile, outputFolder, settingsOf } from '../finetune-request';
import { resumeAndFollow, startAndFollow } from '../follow';
import { choice, integer, number, type SettingTable, settingsFrom, share, yesOrNo } from '../settings';
import { UsageError } from '../usage-error';

const SIZES = Object.keys(CHECKPOINT_SIZES);

const count = (least = 1) => ({ read: integer(least), wants: `a whole number from ${least} on` });
const amount = { read: number(0), wants: 'a number from 0 on' };
const part = { read: share(), wants: 'a number from 0 to below 1' };

/** Every key of the plan but the files; the configuration's own names of Python's transformers are taken as well. */
const SETTINGS: SettingTable = {
  size: { read: choice(...SIZES), wants: SIZES.join(', ') },
  layers: count(),
  hiddenSize: count(),
  heads: count(),
  intermediateSize: count(),
  positions: count(8),
  vocabularySize: count(100),
  minFrequency: count(),
  lowercase: { read: yesOrNo(), wants: 'true or false' },
  dropout: part,
  epochs: count(0),
  batchSize: count(),
  accumulation: count(),
  maxLength: count(8),
  maskShare: part,
  validation: part,
  learningRate: amount,
  weightDecay: amount,
  warmup: amount,
  schedule: { read: choice('linear', 'constant', 'cosine'), wants: 'linear, constant or cosine' },
  clipNorm: amount,
};

const PYTHON_NAMES: Readonly<Record<string, string>> = {
  num_hidden_layers: 'layers',
  hidden_size: 'hiddenSize',
  num_attention_heads: 'heads',
  intermediate_size: 'intermediateSize',
  max_position_embeddings: 'positions',
  vocab_size: 'vocabularySize',
  hidden_dropout_prob: 'dropout',
  mlm_probability: 'maskShare',
};

export const bertNew = defineCommand({
  name: 'bert new',
  summary: 'makes a fresh small checkpoint from text, pre-trained if wanted',
  operands: '',
  count: { least: 0, most: 0 },
  options: {
    corpus: {
      kind: 'text',
      value: 'FILE',
      many: true,
      help: 'text, one sentence or paragraph a line; or CSV, TSV, JSONL, Parquet; or a folder of .txt and .md files',
    },
    output: { kind: 'text', value: 'DIR', help: "where the checkpoint goes (the run's folder)" },
    size: { kind: 'text', value: 'SIZE', choices: SIZES, help: `layers × width: ${sizesText()}; default mini` },
    'vocabulary-size': { kind: 'integer', value: 'N', least: 100, help: 'tokens at most (30522)' },
    'text-column': { kind: 'text', value: 'NAME', help: 'the column with the text, of tables' },
    epochs: { kind: 'integer', value: 'N', least: 0, help: 'of pre-training by masked language modelling (0: none)' },
    'batch-size': { kind: 'integer', value: 'N', least: 1, help: 'examples per batch (32)' },
    'max-length': { kind: 'integer', value: 'N', least: 8, help: 'tokens of an example (128)' },
    'learning-rate': { kind: 'number', value: 'X', least: 0, help: 'largest learning rate (5e-4)' },
    seed: { kind: 'integer', value: 'N', least: 0, help: 'of the weights, the order, the masks and dropout (42)' },
    set: { kind: 'text', value: 'KEY=VALUE', many: true, help: 'any other setting: layers=3, lowercase=false' },
    eager: { kind: 'flag', help: 'never compile the training step into one graph' },
    resume: { kind: 'text', value: 'ID', help: 'go on from the last checkpoint of a run, or "latest"' },
    json: { kind: 'flag', help: 'one event a line as JSON; the last is "ended" or "failed"' },
  },
  notes: [
    'The output has config.json, model.safetensors and the tokenizer; Python reads it with from_pretrained, and',
    '`modelwright finetune --checkpoint DIR` trains it further. Other settings for --set: layers, hiddenSize, heads,',
    'intermediateSize, positions (512), minFrequency (2), lowercase (true), dropout (0.1), accumulation, maskShare',
    '(0.15), validation (0.05), weightDecay (0.01), warmup (0.1), schedule (linear, constant, cosine), clipNorm (1).',
    '',
    'Exit: 0 finished, 3 stopped, 4 failed, 2 it could not start.',
  ],
  async run(_operands, options, context) {
    const { folder } = context;
    if (options.resume !== undefined) return resumeAndFollow(options.resume, options.json, context);
    if (options.corpus.length === 0) throw new UsageError('`bert new` needs --corpus FILE.');
    const corpus = options.corpus.map(file => existingFile(file, folder, '--corpus'));
    const given = {
      output: outputFolder(options.output, folder),
      size: options.size,
      textColumn: options['text-column'],
      vocabularySize: options['vocabulary-size'],
      epochs: options.epochs,
      batchSize: options['batch-size'],
      maxLength: options['max-length'],
      learningRate: options['learning-rate'],
    };
    const chosen = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const set = settingsFrom(SETTINGS, options.set.map(inOurNames));
    const plan: PretrainPlan = { ...PRETRAIN_DEFAULTS, ...chosen, ...set, corpus };
    const request = {
      title: `BERT ${plan.size} · ${path.basename(corpus[0]!)}`,
      task: 'pretrain',
      plan: plan as never,
      seed: options.seed ?? 42,
      settings: settingsOf(plan),
      eager: options.eager,
    };
    return startAndFollow(request, options.json, context);
  },
});

function sizesText(): string {
  return Object.entries(CHECKPOINT_SIZES)
    .map(([name, { layers, hiddenSize }]) => `${name} ${layers} × ${hiddenSize}`)
    .join(', ');
}

function inOurNames(setting: string): string {
  const at = setting.indexOf('=');
  const name = PYTHON_NAMES[setting.slice(0, at)];
  return at < 0 || name === undefined ? setting : name + setting.slice(at);
}
