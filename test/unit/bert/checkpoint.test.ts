// Checkpoints in every layout of weights are read alike; damaged and hostile ones are refused with one sentence.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { checkpointFiles, openCheckpoint, readWeights, type Weights } from '../../../src/bert/checkpoint';
import { CheckpointError } from '../../../src/bert/checkpoint-error';
import { parametersOf } from '../../../src/bert/parameters';
import { decodeSafetensors, encodeSafetensors } from '../../../src/data/safetensors';

const RECORDED = path.resolve('test/oracle/bert/recorded');
const MODEL = path.join(RECORDED, 'models/bert-sequence-classification');
const TASK = 'sequence-classification';

async function weightsOf(folder: string): Promise<Weights> {
  const checkpoint = await openCheckpoint(folder);
  const { weights, missing } = readWeights(checkpoint, parametersOf(checkpoint.config, TASK, 3));
  assert.deepEqual(missing, []);
  return weights;
}

function distance(a: Weights, b: Weights): number {
  assert.deepEqual(Object.keys(a), Object.keys(b));
  let largest = 0;
  for (const [name, { data }] of Object.entries(a)) {
    data.forEach((value, i) => (largest = Math.max(largest, Math.abs(value - b[name]!.data[i]!))));
  }
  return largest;
}

/** A copy of the model in which a test may break something. */
async function broken(change: (folder: string) => void): Promise<CheckpointError> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-checkpoint-'));
  try {
    for (const file of ['config.json', 'model.safetensors']) {
      fs.copyFileSync(path.join(MODEL, file), path.join(folder, file));
    }
    change(folder);
    const error = await weightsOf(folder).then(
      () => null,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof CheckpointError, `not refused as a checkpoint: ${String(error)}`);
    assert.match(error.message, /^[^\n]*\.$/);
    assert.match(error.hint, /\.$/);
    return error;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Rewrites the header of the safetensors file, which stays of the same length where the text allows it. */
function header(folder: string, change: (header: Record<string, { shape: number[]; data_offsets: number[] }>) => void) {
  const file = path.join(folder, 'model.safetensors');
  const bytes = fs.readFileSync(file);
  const length = Number(bytes.readBigUInt64LE());
  const parsed = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Parameters<typeof change>[0];
  change(parsed);
  const text = Buffer.from(JSON.stringify(parsed));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  fs.writeFileSync(file, Buffer.concat([size, text, bytes.subarray(8 + length)]));
}

function config(folder: string, change: (config: Record<string, unknown>) => void): void {
  const file = path.join(folder, 'config.json');
  const parsed = JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>;
  change(parsed);
  fs.writeFileSync(file, JSON.stringify(parsed));
}

const WORDS = 'bert.embeddings.word_embeddings.weight';

describe('checkpoints', () => {
  for (const [layout, tolerance] of Object.entries({
    'gamma-beta': 0,
    'no-prefix': 0,
    sharded: 0,
    torch: 0,
    'torch-legacy': 0,
    'torch-views': 0,
    f16: 6e-4,
    'torch-half': 6e-4,
    bf16: 5e-3,
  })) {
    it(`reads the layout "${layout}"`, async () => {
      const [found, wanted] = [await weightsOf(path.join(RECORDED, 'files', layout)), await weightsOf(MODEL)];
      const apart = distance(found, wanted);
      assert.ok(apart <= tolerance, `${apart}`);
    });
  }

  it('writes what it has read, under the names of the file', async () => {
    const source = await openCheckpoint(MODEL);
    const files = checkpointFiles(source, TASK, ['a', 'b', 'c'], await weightsOf(MODEL));
    const written = decodeSafetensors(files['model.safetensors'] as Uint8Array);
    const original = decodeSafetensors(fs.readFileSync(path.join(MODEL, 'model.safetensors')));
    assert.deepEqual(Object.keys(written).sort(), Object.keys(original).sort());
    for (const [name, { shape, data }] of Object.entries(original)) {
      assert.deepEqual(written[name]!.shape, shape, name);
      assert.deepEqual(written[name]!.data, data, name);
    }
    const described = JSON.parse(files['config.json'] as string) as Record<string, unknown>;
    assert.deepEqual(described.id2label, { 0: 'a', 1: 'b', 2: 'c' });
    assert.deepEqual(described.label2id, { a: 0, b: 1, c: 2 });
    assert.equal(described.model_type, 'bert');
    assert.deepEqual(described.architectures, ['BertForSequenceClassification']);
  });

  it('starts a head afresh that is missing or for other classes, and nothing else', async () => {
    const checkpoint = await openCheckpoint(MODEL);
    const names = readWeights(checkpoint, parametersOf(checkpoint.config, TASK, 5)).missing.map(({ name }) => name);
    assert.deepEqual(names, ['head/classifier/kernel', 'head/classifier/bias']);
  });

  for (const name of ['malicious', 'malicious-legacy']) {
    it(`refuses a pickle that would run a command (${name}), and runs nothing`, async () => {
      const error = await openCheckpoint(path.join(RECORDED, 'files', name)).catch((reason: unknown) => reason);
      assert.ok(error instanceof CheckpointError);
      assert.match(error.message, /refused: it wants to call "posix\.system"/);
      assert.equal(fs.existsSync('PICKLE_WAS_RUN'), false);
    });
  }

  it('refuses a pickle cut off at any byte, without hanging or crashing', async () => {
    const source = path.join(RECORDED, 'files/torch-legacy');
    const whole = fs.readFileSync(path.join(source, 'pytorch_model.bin'));
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-checkpoint-'));
    fs.copyFileSync(path.join(source, 'config.json'), path.join(folder, 'config.json'));
    try {
      for (let length = 1; length < whole.length; length += 211) {
        fs.writeFileSync(path.join(folder, 'pytorch_model.bin'), whole.subarray(0, length));
        const error = await weightsOf(folder).catch((reason: unknown) => reason);
        assert.ok(error instanceof CheckpointError, `${length} bytes: ${String(error)}`);
      }
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });

  describe('refuses', () => {
    const cases: Record<string, [(folder: string) => void, RegExp]> = {
      'a folder without weights': [f => fs.rmSync(path.join(f, 'model.safetensors')), /has no model\.safetensors/],
      'a folder without config.json': [f => fs.rmSync(path.join(f, 'config.json')), /has no config\.json/],
      'a config.json that is no JSON': [f => fs.writeFileSync(path.join(f, 'config.json'), '{'), /is no JSON/],
      'another family, by name': [f => config(f, c => (c.model_type = 'deberta-v2')), /family "deberta-v2"/],
      'relative positions': [
        f => config(f, c => (c.position_embedding_type = 'relative_key')),
        /"relative_key" cannot be used/,
      ],
      'an unknown activation': [f => config(f, c => (c.hidden_act = 'mish')), /activation "mish"/],
      'a decoder': [f => config(f, c => (c.is_decoder = true)), /describes a decoder/],
      'heads that do not divide the width': [f => config(f, c => (c.num_attention_heads = 3)), /no multiple of the 3/],
      'a width that is no number': [f => config(f, c => (c.hidden_size = 'wide')), /"hidden_size" is "wide"/],
      'a vocabulary of another size': [
        f => config(f, c => (c.vocab_size = 61)),
        /word_embeddings\.weight" has the shape \[60, 16\], where config\.json asks for \[61, 16\]/,
      ],
      'a file of three bytes': [f => fs.writeFileSync(path.join(f, 'model.safetensors'), 'abc'), /3 bytes, too few/],
      'a file that is cut off': [
        f => fs.truncateSync(path.join(f, 'model.safetensors'), 9000),
        /lies at bytes \d+ to \d+ of \d+/,
      ],
      'a header that lies about its length': [
        f => {
          const file = path.join(f, 'model.safetensors');
          const bytes = fs.readFileSync(file);
          bytes.writeBigUInt64LE(1n << 40n);
          fs.writeFileSync(file, bytes);
        },
        /promises a header of 1099511627776 bytes/,
      ],
      'a header that is no JSON': [
        f => {
          const file = path.join(f, 'model.safetensors');
          const bytes = fs.readFileSync(file);
          bytes[9] = 0x7d;
          fs.writeFileSync(file, bytes);
        },
        /header of model\.safetensors is no JSON/,
      ],
      'tensors that overlap': [
        f => header(f, h => (h[WORDS]!.data_offsets = h[WORDS]!.data_offsets.map(at => at - 4))),
        /overlap/,
      ],
      'a shape that does not fit its bytes': [
        f => header(f, h => (h[WORDS]!.shape = [60, 17])),
        /3840 bytes for the shape \[60, 17\]/,
      ],
      'offsets beyond the file': [f => header(f, h => (h[WORDS]!.data_offsets = [0, 1e15])), /lies at bytes 0 to/],
      'a missing weight': [f => header(f, h => delete h[WORDS]), /lacks the weight "bert\.embeddings\.word_embeddings/],
      'weights of integers': [
        f => {
          const file = path.join(f, 'model.safetensors');
          const tensors = decodeSafetensors(fs.readFileSync(file));
          const { shape } = tensors[WORDS]!;
          tensors[WORDS] = { shape, dtype: 'int32', data: new Int32Array(960) };
          fs.writeFileSync(file, encodeSafetensors(tensors));
        },
        /type I32, which holds no weights/,
      ],
      'an index that names a part outside the folder': [
        f => {
          fs.rmSync(path.join(f, 'model.safetensors'));
          const index = JSON.stringify({ weight_map: { [WORDS]: '../model.safetensors' } });
          fs.writeFileSync(path.join(f, 'model.safetensors.index.json'), index);
        },
        /names the part "\.\.\/model\.safetensors"/,
      ],
      'an index that names a part that is not there': [
        f => {
          fs.rmSync(path.join(f, 'model.safetensors'));
          const index = JSON.stringify({ weight_map: { [WORDS]: 'model-00001.safetensors' } });
          fs.writeFileSync(path.join(f, 'model.safetensors.index.json'), index);
        },
        /names model-00001\.safetensors, which is not there/,
      ],
    };
    for (const [name, [change, message]] of Object.entries(cases)) {
      it(name, async () => {
        const error = await broken(change);
        assert.match(error.message, message);
      });
    }
  });
});
