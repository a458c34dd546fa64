/** Which scripts are looked at, and why others are not. */
import assert from 'node:assert/strict';
import { leftOutBecause } from '../../../src/ide/left-out';

describe('a script', () => {
  const line = 'const model = tf.sequential();\n';

  for (const [name, text, expected] of [
    ['of some lines is looked at', line.repeat(20), undefined],
    ['of many lines is looked at', line.repeat(10_000), undefined],
    ['in one short line is looked at', line.trim().repeat(100), undefined],
    ['in one long line is minified', line.trim().repeat(1_000), 'it is minified'],
    ['of a megabyte is a bundle', line.repeat(33_000), 'it has 1023 kB, which looks like a bundle'],
  ] as const) {
    it(name, () => assert.equal(leftOutBecause(text), expected));
  }
});
