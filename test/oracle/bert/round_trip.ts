/**
 * Makes a checkpoint from text, fine-tunes it by our own step, and writes both for record_round_trip.py, which opens
 * them in Python: MODELWRIGHT_RUNTIME=<folder with tfjs-node> npx tsx test/oracle/bert/round_trip.ts
 */
import fs from 'node:fs';
import path from 'node:path';
import { checkpointFiles, openCheckpoint, readWeights } from '../../../src/bert/checkpoint';
import { BertModel } from '../../../src/bert/model';
import { newCheckpointFiles } from '../../../src/bert/new-checkpoint';
import { parametersOf } from '../../../src/bert/parameters';
import { openTokenizer } from '../../../src/bert/prepare';
import { Trainer } from '../../../src/bert/trainer';
import { PRETRAIN_DEFAULTS } from '../../../src/protocol/pretrain-plan';
import { loadBackend } from '../../../src/train/backend';
import { createCompiler } from '../../../src/train/compile';
import { RECORDED } from '../../training/bert/recorded';
import { batchTensors, type RoundTrip, STEP } from '../../training/bert/round-trip';

const FOLDER = path.join(RECORDED, 'round-trip');

const SENTENCES = [
  'A lovely film, warm and funny.',
  'The plot is dull and far too long.',
  'Ein schöner Film – ganz ohne Längen!',
  'Nothing happens, and it happens slowly.',
  'Great acting; the music is great as well.',
  'An awful script: neither funny nor sad.',
  'It was fine, I suppose.',
  'The worst two hours of the year.',
];
const LABELS = ['no', 'perhaps', 'yes'];
const CLASSES = [2, 0, 2, 0, 2, 0, 1, 0];

/** Where tokenizers differ, if they do. */
const TEXTS: RoundTrip['texts'] = [
  ['A lovely film.', null],
  ['THE PLOT – dull?', 'And far too long…'],
  ['naïve café Ångström ﬁlm', null],
  ['電影 very good 🎬👍🏽 ​zero', null],
  ['[MASK] is [SEP] text ##s', null],
  [' \t tabs\nand\r\nlines ', null],
  ['film '.repeat(60).trim(), null],
  ['long '.repeat(20).trim(), 'plot '.repeat(25).trim()],
  ['', null],
];

async function main(): Promise<void> {
  const { tf } = await loadBackend(process.env.MODELWRIGHT_RUNTIME ?? null);
  fs.rmSync(FOLDER, { recursive: true, force: true });
  const plan = {
    ...PRETRAIN_DEFAULTS,
    corpus: [],
    layers: 2,
    hiddenSize: 16,
    heads: 2,
    positions: 32,
    minFrequency: 1,
  };
  write('start', newCheckpointFiles([SENTENCES], { ...plan, vocabularySize: 160 }, 3));
  const batches = Array.from({ length: 20 }, (_, step) => {
    const rows = [0, 1, 2, 3].map(i => (step * 3 + i * (1 + (step % 2))) % SENTENCES.length);
    return { texts: rows.map(row => SENTENCES[row]!), labels: rows.map(row => CLASSES[row]!) };
  });
  const trip: RoundTrip = { labels: LABELS, texts: TEXTS, batches };
  fs.writeFileSync(path.join(FOLDER, 'trip.json'), `${JSON.stringify(trip, null, 1)}\n`);

  const start = await openCheckpoint(path.join(FOLDER, 'start'));
  const tokenizer = await openTokenizer(start);
  const task = 'sequence-classification';
  const { weights } = readWeights(start, parametersOf(start.config, task, LABELS.length));
  const bert = new BertModel(tf, { config: start.config, task, labels: LABELS.length, weights, seed: 7 });
  const trainer = new Trainer(tf, bert, createCompiler(tf, { seed: 1 }), STEP);
  batches.forEach((batch, update) => {
    const { loss } = trainer.step([batchTensors(tf, tokenizer, batch)], { update, learningRate: 1e-3 });
    console.log(`step ${update + 1}  loss ${loss.toFixed(4)}`);
  });
  write('here', checkpointFiles(start, task, LABELS, bert.merged()));
}

function write(name: string, files: Record<string, string | Uint8Array>): void {
  fs.mkdirSync(path.join(FOLDER, name), { recursive: true });
  for (const [file, bytes] of Object.entries(files)) fs.writeFileSync(path.join(FOLDER, name, file), bytes);
}

void main();
