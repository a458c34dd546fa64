// The generator of the example reviews: the same seed, the same file; both labels alike; words alone do not decide.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadTaskData } from '../../../src/bert/tasks';

const program = path.resolve('examples/data/make-reviews.mjs');

describe('examples/data/make-reviews.mjs', () => {
  let folder = '';

  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-reviews-'));
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  function made(name: string, ...more: string[]): string {
    const file = path.join(folder, name);
    execFileSync(process.execPath, [program, '--output', file, '--rows', '400', ...more]);
    return file;
  }

  it('writes the same file for the same seed', () => {
    const [a, b, c] = [made('a.csv'), made('b.csv'), made('c.csv', '--seed', '2')].map(file =>
      fs.readFileSync(file, 'utf8'),
    );
    assert.equal(a, b);
    assert.notEqual(a, c);
  });

  it('has both labels alike, and most words on both sides', async () => {
    const data = await loadTaskData({ data: made('reviews.csv'), validation: 0 });
    assert.equal(data.task, 'sequence-classification');
    assert.deepEqual(data.labels, ['complaint', 'praise']);
    const words = [0, 1].map(label => {
      const texts = data.train.filter(({ target }) => target === label).map(({ text }) => text as string);
      assert.equal(texts.length, 200);
      return new Set(texts.flatMap(text => text.split(' ')));
    });
    const both = [...words[0]!].filter(word => words[1]!.has(word));
    assert.ok(both.includes('dull') && both.includes('great'));
    assert.ok(both.length > 0.6 * words[0]!.size, `${both.length} of ${words[0]!.size}`);
  });
});
