// Checkpoints and data that cannot be used: one sentence and exit 2, no run is left, nothing is written over.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../runs';
import { native } from '../tensorflow';
import { eventsOf, labelled, modelwright } from './cli';
import { RECORDED } from './recorded';

type Change = (checkpoint: string) => void;

function rewriteHeader(change: (header: Record<string, { shape: number[]; data_offsets: number[] }>) => void): Change {
  return checkpoint => {
    const file = path.join(checkpoint, 'model.safetensors');
    const bytes = fs.readFileSync(file);
    const end = 8 + Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.toString('utf8', 8, end)) as Parameters<typeof change>[0];
    change(header);
    const text = Buffer.from(JSON.stringify(header));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(text.length));
    fs.writeFileSync(file, Buffer.concat([size, text, bytes.subarray(end)]));
  };
}

const rewriteConfig =
  (changes: Record<string, unknown>): Change =>
  checkpoint => {
    const file = path.join(checkpoint, 'config.json');
    const config = JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>;
    fs.writeFileSync(file, JSON.stringify({ ...config, ...changes }));
  };

const cutOff: Change = checkpoint => {
  const file = path.join(checkpoint, 'model.safetensors');
  fs.truncateSync(file, Math.floor(fs.statSync(file).size / 2));
};

const WORDS = 'bert.embeddings.word_embeddings.weight';

const CHECKPOINTS: Readonly<Record<string, readonly [Change, RegExp]>> = {
  'a file that is cut off': [cutOff, /lies at bytes/],
  'a header that lies about its length': [
    f => {
      const bytes = fs.readFileSync(path.join(f, 'model.safetensors'));
      bytes.writeBigUInt64LE(1n << 33n);
      fs.writeFileSync(path.join(f, 'model.safetensors'), bytes);
    },
    /promises a header of 8589934592 bytes/,
  ],
  'tensors that overlap': [
    rewriteHeader(header => (header[WORDS]!.data_offsets = header[WORDS]!.data_offsets.map(at => at - 4))),
    /overlap/,
  ],
  'a shape that config.json contradicts': [
    rewriteConfig({ intermediate_size: 96 }),
    /has the shape \[.*asks for \[96,/,
  ],
  'a missing tensor': [rewriteHeader(header => delete header[WORDS]), /lacks the weight "bert\.embeddings\.word/],
  'an unknown activation': [rewriteConfig({ hidden_act: 'mish' }), /activation "mish"/],
  'a pickle that would run a command': [
    f => {
      fs.rmSync(path.join(f, 'model.safetensors'));
      fs.copyFileSync(path.join(RECORDED, 'files/malicious/pytorch_model.bin'), path.join(f, 'pytorch_model.bin'));
    },
    /refused: it wants to call "posix\.system"/,
  ],
  'a vocabulary of another size': [
    f => {
      fs.rmSync(path.join(f, 'tokenizer.json'));
      fs.appendFileSync(path.join(f, 'vocab.txt'), 'one\nmore\n');
    },
    /The tokenizer of .* has \d+ tokens, the model \d+/,
  ],
  'no tokenizer': [
    f => ['tokenizer.json', 'vocab.txt'].forEach(name => fs.rmSync(path.join(f, name))),
    /The checkpoint has no tokenizer/,
  ],
};

const DATA: Readonly<Record<string, readonly [string, readonly string[], RegExp]>> = {
  'a missing column': [labelled(8), ['--label-column', 'stars'], /there is no column "stars"/],
  'an empty text': [labelled(8).replace('\n', '\n ,positive\n'), [], /row 2, column "text": the text is empty/],
  'a missing label': [labelled(8).replace('\n', '\ngood,\n'), [], /row 2, column "label": the label is missing/],
  'a label that only the validation has': [
    labelled(8),
    ['--validation', 'other.csv'],
    /row 2, column "label": the label "maybe" does not occur in the training data/,
  ],
  'an unfinished quotation': [`${labelled(8)}"never closed,positive\n`, [], /quot/],
  'a file of nothing': ['', [], /the file is empty/],
  'too long a maximum': [labelled(8), ['--max-length', '65'], /takes 64 tokens at most, not 65/],
};

describe('input that cannot be used', function () {
  this.timeout(300_000);
  let folder: string;
  const inFolder = (name: string): string => path.join(folder, name);

  before(async function () {
    await native(this);
    folder = temporaryFolder();
    fs.writeFileSync(inFolder('good.csv'), labelled(40));
    fs.writeFileSync(inFolder('other.csv'), 'text,label\nit was,maybe\n');
    const shape = ['size=tiny', 'hidden_size=16', 'num_hidden_layers=1', 'positions=64'];
    const args = ['bert', 'new', '--corpus', 'good.csv', '--output', 'whole', ...shape.flatMap(one => ['--set', one])];
    const made = await modelwright(folder, args);
    assert.equal(made.code, 0, made.err + made.out);
    fs.rmSync(inFolder('.modelwright'), { recursive: true });
  });

  after(() => {
    if (folder) fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** Runs a command that must be refused; the folder is the same after it. */
  async function refused(args: readonly string[], message: RegExp): Promise<void> {
    const before = fs.readdirSync(folder, { recursive: true }).sort();
    const done = await modelwright(folder, args);
    assert.equal(done.code, 2, done.err + done.out);
    assert.match(done.err, message);
    assert.match(done.err, /^error: [^\n]*\.\n$/);
    assert.deepEqual(fs.readdirSync(folder, { recursive: true }).sort(), before);
    assert.equal(fs.existsSync('PICKLE_WAS_RUN') || fs.existsSync(inFolder('PICKLE_WAS_RUN')), false);
    if (args.includes('--json')) {
      const last = eventsOf(done).at(-1)!;
      assert.ok(last.type === 'failed' && last.because === 'input' && last.hint !== '', done.out);
    }
  }

  for (const [name, [change, message]] of Object.entries(CHECKPOINTS)) {
    it(`of a checkpoint: ${name}`, async () => {
      fs.cpSync(inFolder('whole'), inFolder('broken'), { recursive: true });
      change(inFolder('broken'));
      try {
        const args = ['finetune', '--checkpoint', 'broken', '--data', 'good.csv', '--output', 'trained', '--json'];
        await refused(args, message);
      } finally {
        fs.rmSync(inFolder('broken'), { recursive: true });
      }
    });
  }

  for (const [name, [text, flags, message]] of Object.entries(DATA)) {
    it(`of data: ${name}`, async () => {
      fs.writeFileSync(inFolder('bad.csv'), text);
      // What the output folder holds from an earlier run stays as it is.
      fs.cpSync(inFolder('whole'), inFolder('earlier'), { recursive: true });
      const weights = fs.readFileSync(inFolder('earlier/model.safetensors'));
      try {
        const args = ['finetune', '--checkpoint', 'whole', '--data', 'bad.csv', '--output', 'earlier', ...flags];
        await refused(args, message);
        assert.ok(fs.readFileSync(inFolder('earlier/model.safetensors')).equals(weights));
      } finally {
        for (const made of ['bad.csv', 'earlier']) fs.rmSync(inFolder(made), { recursive: true });
      }
    });
  }

  it('of predict: a checkpoint that was not fine-tuned, a damaged one, a missing column', async () => {
    fs.cpSync(inFolder('whole'), inFolder('bare'), { recursive: true });
    rewriteConfig({ architectures: ['BertModel'] })(inFolder('bare'));
    fs.cpSync(inFolder('whole'), inFolder('cut'), { recursive: true });
    cutOff(inFolder('cut'));
    try {
      await refused(['predict', '--checkpoint', 'bare', '--text', 'it was'], /has no trained head/);
      await refused(['predict', '--checkpoint', 'cut', '--text', 'it was'], /lies at bytes/);
      const column = ['predict', '--checkpoint', 'whole', '--data', 'good.csv', '--text-column', 'review'];
      await refused(column, /there is no column "review"/);
    } finally {
      for (const made of ['bare', 'cut']) fs.rmSync(inFolder(made), { recursive: true });
    }
  });

  it('is not a text of 100,000 tokens: it is cut, in training and in predicting', async () => {
    const long = Array.from({ length: 100_000 }, (_, i) => (i % 3 === 0 ? 'film' : 'it')).join(' ');
    fs.writeFileSync(inFolder('long.csv'), `${labelled(12)}${long},positive\n`);
    const flags = ['--output', 'long', '--epochs', '1', '--validation', '0', '--json'];
    const trained = await modelwright(folder, ['finetune', '--checkpoint', 'whole', '--data', 'long.csv', ...flags]);
    assert.equal(trained.code, 0, trained.err);
    const said = eventsOf(trained).flatMap(event => (event.type === 'log' ? [event.message] : []));
    assert.ok(
      said.some(message => /^7\.7 % of the texts are cut off/.test(message)),
      said.join('\n'),
    );
    const made = await modelwright(folder, ['predict', '--checkpoint', 'long', '--data', 'long.csv', '--json']);
    assert.equal(made.code, 0, made.err);
    const tokens = made.out
      .trim()
      .split('\n')
      .map(line => (JSON.parse(line) as { tokens: string[] }).tokens.length);
    assert.equal(tokens.length, 13);
    assert.equal(tokens.at(-1), 64);
  });
});
