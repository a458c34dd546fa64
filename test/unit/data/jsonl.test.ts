/** JSON lines as tables and as arrays, and what is wrong named by line. */
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { describeData, loadData, suggestConfig } from '../../../src/data/readers';
import { fails, scratch } from './files';

describe('JSON lines', () => {
  const files = scratch();
  const load = async (content: string | Uint8Array, options: Record<string, unknown> = {}) => {
    files.write('any.jsonl', content);
    return (await loadData({ reader: 'jsonl', file: 'any.jsonl', ...options }, files.context())).train;
  };

  it('reads objects as rows of a table', async () => {
    const set = await load(
      '{"a": 1.5, "ok": true, "color": "red", "label": "x"}\n\n{"a": 2, "ok": false, "color": "blue", "label": "y"}',
    );
    assert.deepEqual(set.features, ['a', 'ok', 'color']);
    assert.deepEqual([...set.x.data], [1.5, 1, 1, 2, 0, 0]);
    assert.deepEqual([...set.y!.data], [0, 1]);
    assert.deepEqual(set.classes, ['x', 'y']);
  });

  it('reads a nested list of numbers as the sample', async () => {
    const content =
      '{"values": [[1, 2, 3], [4, 5, 6]], "activity": "walk"}\n' +
      '{"values": [[7, 8, 9], [0, 0, 0]], "activity": "run"}\n';
    const set = await load(gzipSync(content), { x: 'values', label: 'activity' });
    assert.deepEqual(set.x, {
      dtype: 'float32',
      shape: [2, 2, 3],
      data: Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0]),
    });
    assert.deepEqual([...set.y!.data], [1, 0]);
    const path = files.write('s.jsonl', content);
    assert.deepEqual(await suggestConfig(path), { reader: 'jsonl', file: path, x: 'values', label: 'activity' });
    const description = await describeData(
      { reader: 'jsonl', file: 's.jsonl', x: 'values', label: 'activity' },
      files.context(),
    );
    assert.deepEqual(
      [description.x.shape, description.y!.shape, description.classes],
      [[2, 2, 3], [2], ['run', 'walk']],
    );
  });

  it('joins lines that are cut by its read buffer, and estimates the number of lines of a big file', async () => {
    const lines = Array.from({ length: 30000 }, (_, i) => JSON.stringify({ a: i, b: 'ü'.repeat(10), y: i % 3 }));
    const set = await load(lines.join('\n'), { ignore: ['b'] });
    assert.equal(set.x.shape[0], 30000);
    assert.ok(set.x.data.every((value, i) => value === i));
    const description = await describeData({ reader: 'jsonl', file: 'any.jsonl', categorical: ['b'] }, files.context());
    assert.ok(Math.abs(description.samples! - 30000) < 2000, String(description.samples));
  });

  it('names the line of everything that is wrong', async () => {
    await fails(load('{"a": 1, "y": 2}\n{"a": 1,'), 'any.jsonl', /not JSON/, { row: 2 });
    await fails(load('[\n{"a": 1}\n]'), 'any.jsonl', /one JSON document over many lines/, { row: 1 });
    await fails(load('{"a": 1, "y": 2}\n\n7'), 'any.jsonl', /not a JSON object/, { row: 3 });
    await fails(load('{"a": 1, "y": 2}\n{"y": 2}'), 'any.jsonl', /missing/, { row: 2, column: 'a' });
    await fails(
      load('{"a": [1, 2], "y": 2}\n{"a": [1], "y": 2}', { x: 'a', label: 'y' }),
      'any.jsonl',
      /shape \(1,\), the first line has \(2,\)/,
      { row: 2, column: 'a' },
    );
    await fails(load('{"a": [[1, 2], [3]], "y": 2}', { x: 'a', label: 'y' }), 'any.jsonl', /different shapes/, {
      row: 1,
    });
    await fails(load('{"a": [1, "2"], "y": 2}', { x: 'a', label: 'y' }), 'any.jsonl', /is not a number/, { row: 1 });
    await fails(
      load('{"a": [1], "y": "b"}', { x: 'a', label: 'y', classes: ['c'] }),
      'any.jsonl',
      /none of the known classes/,
    );
  });
});
