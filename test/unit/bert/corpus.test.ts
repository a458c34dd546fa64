// A corpus as documents, examples put together from their lines, and the files of a fresh checkpoint.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { packed, readCorpus } from '../../../src/bert/corpus';
import { newCheckpointFiles, shapeOf } from '../../../src/bert/new-checkpoint';
import { tokenizerFrom } from '../../../src/bert/tokenizer/load';
import { PRETRAIN_DEFAULTS, type PretrainPlan } from '../../../src/protocol/pretrain-plan';

const PLAN: PretrainPlan = { ...PRETRAIN_DEFAULTS, corpus: [], size: 'tiny', layers: 1, hiddenSize: 8, positions: 32 };
const DOCUMENTS = [
  ['one two three four', 'five six', 'seven eight nine'],
  ['one two three four five six seven eight nine one two three'],
];

describe('a corpus', () => {
  let folder: string;
  before(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-corpus-'))));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  function file(name: string, text: string | Buffer): string {
    const place = path.join(folder, name);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.writeFileSync(place, text);
    return place;
  }

  it('is divided into documents by empty lines', async () => {
    const text = file('a.txt', '\ufeffone\r\ntwo\r\n\r\n \nthree\n\n\n');
    assert.deepEqual(await readCorpus([text], null), [['one', 'two'], ['three']]);
  });

  it('is a column of a table, a document a row', async () => {
    const table = file('b.csv', 'id,review\n1,"a good film"\n2,"bad"\n');
    assert.deepEqual(await readCorpus([table], 'review'), [['a good film'], ['bad']]);
  });

  it('is the texts of a folder, by name', async () => {
    for (const [name, text] of Object.entries({ 'z.md': 'last', 'inner/a.txt': 'first', 'x.png': 'no' })) {
      file(`tree/${name}`, text);
    }
    file('tree/.hidden/b.txt', 'no');
    assert.deepEqual(await readCorpus([path.join(folder, 'tree')], null), [['first'], ['last']]);
  });

  for (const [name, make, message] of [
    ['nothing but blanks', () => file('c.txt', '  \n\n '), /there is no text/],
    ['no text', () => file('d.txt', Buffer.from([1, 0, 2])), /the file is not text/],
    ['a folder without texts', () => path.dirname(file('none/a.png', 'x')), /no \.txt or \.md files/],
    ['a file that is not there', () => path.join(folder, 'nowhere.txt'), /there is no such file/],
  ] as const) {
    it(`is refused with words where it is ${name}`, () => assert.rejects(readCorpus([make()], null), message));
  }

  it('makes examples of neighbouring lines, none across two documents', () => {
    const files = newCheckpointFiles(DOCUMENTS, PLAN, 1);
    const tokenizer = tokenizerFrom({ 'vocab.txt': files['vocab.txt'] as string });
    const texts = packed(DOCUMENTS, tokenizer, 8).map(({ ids }) => tokenizer.decode(ids));
    assert.ok(packed(DOCUMENTS, tokenizer, 8).every(({ ids }) => ids.length <= 8));
    assert.equal(texts[0], 'one two three four five six');
    assert.deepEqual(texts.slice(1), [
      'seven eight nine',
      'one two three four five six',
      'seven eight nine one two three',
    ]);
  });

  it('gives the same checkpoint with the same seed, and another with another', () => {
    const weights = (seed: number) => newCheckpointFiles(DOCUMENTS, PLAN, seed)['model.safetensors'] as Uint8Array;
    assert.ok(Buffer.from(weights(1)).equals(weights(1)));
    assert.ok(!Buffer.from(weights(1)).equals(weights(2)));
  });
});

describe('the sizes of a fresh checkpoint', () => {
  it('are those of the name, but for what is said otherwise', () => {
    const { layers: _l, hiddenSize: _h, ...plan } = PLAN;
    const sized = { ...plan, layers: null, hiddenSize: null, positions: 512 };
    assert.deepEqual(shapeOf({ ...sized, size: 'small' }), {
      layers: 4,
      hiddenSize: 512,
      heads: 8,
      intermediateSize: 2048,
      maxLength: 128,
    });
    assert.deepEqual(shapeOf({ ...sized, size: 'mini', layers: 2 }), {
      layers: 2,
      hiddenSize: 256,
      heads: 4,
      intermediateSize: 1024,
      maxLength: 128,
    });
  });

  it('are refused where they do not fit to each other', () => {
    assert.throws(() => shapeOf({ ...PLAN, heads: 3 }), /hidden size 8 is no multiple of the 3 attention heads/);
    assert.equal(shapeOf(PLAN).maxLength, 32);
    assert.throws(() => shapeOf({ ...PLAN, maxLength: 33 }), /33 tokens do not fit into 32 positions/);
  });
});
