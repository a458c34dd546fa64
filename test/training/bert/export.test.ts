// A fine-tuned checkpoint exported as a package for JavaScript: in a fresh Node with TensorFlow.js alone it gives the
// logits of `predict`; and what cannot be exported is refused with words.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkpointFiles, openCheckpoint, readWeights } from '../../../src/bert/checkpoint';
import { outputsOf, parametersOf } from '../../../src/bert/parameters';
import type { Task } from '../../../src/bert/config';
import type { Prediction, PredictionInput } from '../../../src/protocol/prediction';
import { temporaryFolder } from '../runs';
import { native } from '../tensorflow';
import { modelwright } from './cli';
import { distance, RECORDED } from './recorded';

/** Every family once, and every kind of task. */
const MODELS: readonly (readonly [string, Task, PredictionInput[]])[] = [
  ['bert', 'sequence-classification', [{ text: 'w1 w2 w3' }, { text: 'w9' }, { text: 'w4 w5', pair: 'w6 w7 w8' }]],
  ['distilbert', 'token-classification', [{ text: 'w1 w2 w3' }, { text: 'w5 w6' }]],
  ['electra', 'question-answering', [{ text: 'w1 w2', pair: 'w3 w4 w5 w6' }]],
  ['albert', 'sequence-classification', [{ text: 'w1 w2 w3 w4 w5' }]],
  ['roberta', 'masked-lm', [{ text: 'w1 [MASK] w3' }]],
];

const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];

/** Runs in a Node of its own, from the project's folder, where plain TensorFlow.js is installed. */
const PROGRAM = `
import * as tf from '@tensorflow/tfjs';
const [place, inputs, from] = process.argv.slice(1);
const { load } = await import(place);
await tf.setBackend('cpu');
const model = await load(tf, from ? { from } : {});
const before = tf.memory().numTensors;
const made = await model.predict(JSON.parse(inputs));
const one = await model.predict(JSON.parse(inputs)[0]);
const left = tf.memory().numTensors - before;
model.dispose();
console.log(JSON.stringify({ task: model.task, labels: model.labels, made, one, left, tensors: tf.memory().numTensors }));
`;

interface Answer {
  readonly task: string;
  readonly labels: string[];
  readonly made: Prediction[];
  readonly one: Prediction;
  readonly left: number;
  readonly tensors: number;
}

function inFreshNode(place: string, inputs: readonly PredictionInput[], from = ''): Answer {
  const args = ['--input-type=module', '-e', PROGRAM, place, JSON.stringify(inputs), from];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const line = stdout.trim().split('\n').at(-1) ?? '';
  assert.ok(line.startsWith('{'), stderr);
  return JSON.parse(line) as Answer;
}

describe('an exported checkpoint', function () {
  this.timeout(240_000);
  let folder: string;

  before(async function () {
    await native(this);
    folder = temporaryFolder();
  });

  after(() => {
    if (folder) fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** A recorded model with a vocabulary of words, as a fine-tuning would write it. */
  async function trained(family: string, task: Task): Promise<string> {
    const name = `${family}-${task}`;
    const source = await openCheckpoint(path.join(RECORDED, 'models', name));
    const labels = source.config.labels ?? [];
    const { weights } = readWeights(source, parametersOf(source.config, task, outputsOf(task, labels.length)));
    fs.mkdirSync(path.join(folder, name));
    for (const [file, data] of Object.entries(checkpointFiles(source, task, labels, weights))) {
      fs.writeFileSync(path.join(folder, name, file), data);
    }
    const { vocabSize, padId } = source.config;
    const words = Array.from({ length: vocabSize - SPECIAL.length }, (_, i) => `w${i}`);
    words.splice(padId, 0, ...(padId === 0 ? SPECIAL : []));
    const vocabulary = padId === 0 ? words : [words[0]!, ...SPECIAL, ...words.slice(1)];
    fs.writeFileSync(path.join(folder, name, 'vocab.txt'), `${vocabulary.join('\n')}\n`);
    const settings = { tokenizer_class: 'BertTokenizer', model_max_length: 20 };
    fs.writeFileSync(path.join(folder, name, 'tokenizer_config.json'), JSON.stringify(settings));
    return name;
  }

  for (const [family, task, inputs] of MODELS) {
    it(`of ${family} for ${task} predicts the same with plain TensorFlow.js`, async () => {
      const checkpoint = await trained(family, task);
      const output = `package ${family}`;
      const written = await modelwright(folder, ['export', checkpoint, '--to', 'tfjs', '--output', output, '--json']);
      assert.equal(written.code, 0, written.err);
      const { files } = JSON.parse(written.out) as { files: string[] };
      for (const name of ['package.json', 'README.md', 'index.js', 'index.d.ts', 'config.json', 'model.safetensors']) {
        assert.ok(
          files.includes(path.join(folder, output, name)) && fs.existsSync(path.join(folder, output, name)),
          name,
        );
      }
      const described = JSON.parse(fs.readFileSync(path.join(folder, output, 'package.json'), 'utf8')) as {
        name: string;
      };
      assert.equal(described.name, `package-${family}`);

      const texts = path.join(folder, `${family}.jsonl`);
      fs.writeFileSync(texts, inputs.map(({ text, pair = '' }) => JSON.stringify({ text, pair })).join('\n'));
      const flags = inputs.flatMap(({ text }) => ['--text', text]);
      const pair = inputs[0]!.pair === undefined ? [] : ['--pair', inputs[0]!.pair];
      const native = await modelwright(folder, ['predict', '--checkpoint', checkpoint, ...flags, ...pair, '--json']);
      assert.equal(native.code, 0, native.err);
      const wanted = native.out
        .trim()
        .split('\n')
        .map(line => JSON.parse(line) as Prediction);
      const same = inputs.map(({ text }) => ({ text, ...(pair[1] !== undefined && { pair: pair[1] }) }));
      const got = inFreshNode(pathToFileURL(path.join(folder, output, 'index.js')).href, same);
      assert.equal(got.task, task);
      assert.equal(got.made.length, inputs.length);
      got.made.forEach((prediction, i) => {
        assert.deepEqual(prediction.tokens, wanted[i]!.tokens);
        assert.equal(prediction.label, wanted[i]!.label);
        const apart = distance(prediction.logits.flat(), wanted[i]!.logits.flat());
        assert.ok(apart <= 1e-5, `${apart}`);
        assert.deepEqual(Object.keys(prediction.scores), Object.keys(wanted[i]!.scores));
      });
      assert.equal(got.one.label, got.made[0]!.label);
      assert.deepEqual([got.left, got.tensors], [0, 0], 'tensors are left over');
    });
  }

  it('says where its files are when they lie elsewhere', () => {
    const moved = path.join(folder, 'moved.mjs');
    fs.copyFileSync(path.join(folder, 'package bert/index.js'), moved);
    const got = inFreshNode(pathToFileURL(moved).href, [{ text: 'w1' }], path.join(folder, 'package bert'));
    assert.equal(got.made.length, 1);
  });

  it('as safetensors is a checkpoint in one file, whatever it was before', async () => {
    fs.cpSync(path.join(folder, 'bert-sequence-classification'), path.join(folder, 'pickled'), { recursive: true });
    fs.rmSync(path.join(folder, 'pickled/model.safetensors'));
    const pickle = path.join(RECORDED, 'files/torch/pytorch_model.bin');
    fs.copyFileSync(pickle, path.join(folder, 'pickled/pytorch_model.bin'));
    const done = await modelwright(folder, ['export', 'pickled', '--to', 'safetensors', '--output', 'one']);
    assert.equal(done.code, 0, done.err);
    const [a, b] = await Promise.all(
      ['one', 'bert-sequence-classification'].map(name => openCheckpoint(path.join(folder, name))),
    );
    assert.deepEqual([...a!.tensors.keys()].sort(), [...b!.tensors.keys()].sort());
    for (const [name, tensor] of a!.tensors) assert.deepEqual(tensor.read(), b!.tensors.get(name)!.read(), name);
  });

  for (const [name, args, message] of [
    ['no format', ['export', 'one', '--output', 'x'], /needs --to, one of keras, tfjs, safetensors/],
    ['a format of other models', ['export', 'one', '--to', 'keras', '--output', 'x'], /to tfjs or safetensors, not to/],
    ['a folder of other files', ['export', 'one', '--to', 'tfjs', '--output', '.'], /has other files in it/],
    ['the checkpoint itself', ['export', 'one', '--to', 'tfjs', '--output', 'one'], /is the checkpoint itself/],
    ['an unknown run', ['export', 'nothing', '--to', 'tfjs', '--output', 'x'], /no run/],
    [
      'a bad name',
      ['export', 'one', '--to', 'tfjs', '--output', 'x', '--name', 'A B'],
      /cannot be the name of a package/,
    ],
  ] as const) {
    it(`is refused with words: ${name}`, async () => {
      const done = await modelwright(folder, args);
      assert.equal(done.code, 2, done.out);
      assert.match(done.err, message);
      assert.equal(fs.existsSync(path.join(folder, 'x')), false);
    });
  }
});
