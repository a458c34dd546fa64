/** The generator of the example digits: its files, its determinism, and that the digits are a real task. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadedData } from '../../../src/data/readers';
import { loadData } from '../../../src/data/readers';

const program = fileURLToPath(new URL('../../../examples/data/make-digits.mjs', import.meta.url));

describe('examples/data/make-digits.mjs', () => {
  let folder = '';
  let fromIdx: LoadedData;
  before(async function () {
    this.timeout(60_000);
    folder = mkdtempSync(join(tmpdir(), 'modelwright-digits-'));
    execFileSync(process.execPath, [program, '--output', folder, '--train', '2000', '--test', '500']);
    fromIdx = await loadData(
      {
        reader: 'idx',
        x: 'train-images.idx',
        y: 'train-labels.idx',
        validation: { x: 'test-images.idx', y: 'test-labels.idx' },
      },
      { folder },
    );
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('writes the same digits as IDX and as mnist.npz, which the keras reader finds', async () => {
    const fromKeras = await loadData({ reader: 'keras', dataset: 'mnist' }, { folder });
    assert.deepEqual(fromKeras.train.x, fromIdx.train.x);
    assert.deepEqual(fromKeras.train.y, fromIdx.train.y);
    assert.deepEqual(fromKeras.validation!.x, fromIdx.validation!.x);
    assert.deepEqual(fromIdx.train.x.shape, [2000, 28, 28]);
    assert.deepEqual(fromKeras.train.classes, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });

  it('is deterministic by seed, and --gz writes the same bytes compressed', async () => {
    const other = join(folder, 'again');
    const make = (...options: string[]): void => {
      execFileSync(process.execPath, [
        program,
        '--output',
        other,
        '--train',
        '50',
        '--test',
        '50',
        '--no-npz',
        ...options,
      ]);
    };
    make('--seed', '3');
    const first = readFileSync(join(other, 'train-images.idx'));
    make('--seed', '3', '--gz');
    const zipped = await loadData(
      { reader: 'idx', x: 'train-images.idx.gz', y: 'train-labels.idx.gz' },
      { folder: other },
    );
    assert.deepEqual(Buffer.from(zipped.train.x.data as Uint8Array), first.subarray(16));
    make('--seed', '4');
    assert.notDeepEqual(readFileSync(join(other, 'train-images.idx')), first);
  });

  it('makes digits like MNIST: all ten often, dark background, ink in the middle, no two alike', () => {
    const { x, y } = fromIdx.train;
    const counts = Array<number>(10).fill(0);
    for (const label of y!.data) counts[label]!++;
    assert.ok(
      counts.every(count => count > 140 && count < 260),
      String(counts),
    );
    const images = new Set<string>();
    let ink = 0;
    let middle = 0;
    for (let i = 0; i < 2000; i++) {
      const image = x.data.subarray(i * 784, (i + 1) * 784);
      images.add(Buffer.from(image as Uint8Array).toString('base64'));
      image.forEach((value, at) => {
        ink += value;
        const [row, column] = [Math.floor(at / 28), at % 28];
        if (row >= 4 && row < 24 && column >= 4 && column < 24) middle += value;
      });
    }
    assert.equal(images.size, 2000);
    assert.ok(middle / ink > 0.85, `${middle / ink} of the ink`);
    // MNIST's mean grey level is 33 of 255.
    assert.ok(ink / x.data.length > 15 && ink / x.data.length < 50, String(ink / x.data.length));
  });

  it('is learnable but not by memorising: nearest neighbours of other writers read most digits, not all', () => {
    const { train, validation } = fromIdx;
    const count = 200;
    let right = 0;
    for (let i = 0; i < count; i++) {
      const image = validation!.x.data.subarray(i * 784, (i + 1) * 784);
      let best = Infinity;
      let label = -1;
      for (let j = 0; j < 2000; j++) {
        let distance = 0;
        for (let k = 0; k < 784 && distance < best; k++) distance += (image[k]! - train.x.data[j * 784 + k]!) ** 2;
        if (distance < best) [best, label] = [distance, train.y!.data[j]!];
      }
      if (label === validation!.y!.data[i]) right++;
    }
    assert.ok(right / count > 0.75 && right / count < 0.99, `${right} of ${count}`);
  }).timeout(20_000);

  it('refuses options it does not know', () => {
    for (const bad of [['--trian', '5'], ['--train', 'many'], ['--train', '0'], ['--seed']]) {
      const { status, stderr } = spawnSync(process.execPath, [program, '--output', folder, ...bad], {
        encoding: 'utf8',
      });
      assert.equal(status, 2);
      assert.match(stderr, /^(Unknown|--train)/);
    }
  });
});
