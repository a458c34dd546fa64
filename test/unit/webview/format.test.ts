/** What the panel writes is read at a glance: no NaN, no long tails, shares as percentages. */
import assert from 'node:assert/strict';
import { duration, metric, number } from '../../../webview/shared/format';

describe('panel formats', () => {
  it('writes numbers with four significant digits', () => {
    const table: [number | null, string][] = [
      [0, '0'],
      [0.123456, '0.1235'],
      [12.3456, '12.35'],
      [1234.5, '1,235'],
      [1e-5, '1.00e-5'],
      [2.5e7, '2.50e7'],
      [NaN, '–'],
      [Infinity, '–'],
      [null, '–'],
      [-0.5, '-0.5'],
    ];
    for (const [value, text] of table) assert.equal(number(value), text);
  });

  it('writes shares as percentages and leaves losses alone', () => {
    assert.equal(metric('accuracy', 0.98765), '98.77 %');
    assert.equal(metric('val_acc', 1), '100.00 %');
    assert.equal(metric('loss', 0.98765), '0.9877');
    assert.equal(metric('accuracy', undefined), '–');
  });

  it('writes durations in the two units that matter', () => {
    assert.deepEqual([0, 59.4, 60, 3599, 3600, 7620, null].map(duration), [
      '0 s',
      '59 s',
      '1 min 00 s',
      '59 min 59 s',
      '1 h 00 min',
      '2 h 07 min',
      '–',
    ]);
  });
});
