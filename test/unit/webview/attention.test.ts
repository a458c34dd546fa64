// Attention as it comes from the child, its colours, and entities put together from labelled words.
import assert from 'node:assert/strict';
import { AttentionMaps, parseColor, pixels } from '../../../webview/predict/attention';

describe('attention maps', () => {
  // One layer of two heads over two tokens.
  const numbers = [65535, 0, 32768, 32767, 0, 65535, 65535, 0];
  const bytes = Buffer.alloc(16);
  numbers.forEach((value, i) => bytes.writeUInt16LE(value, 2 * i));
  const maps = new AttentionMaps({ layers: 1, heads: 2, tokens: 2, values: bytes.toString('base64') });
  const rounded = (map: Float32Array): number[] => Array.from(map, value => Number(value.toFixed(3)));

  it('of one head, and the mean of all', () => {
    assert.deepEqual(rounded(maps.map(0, 0)), [1, 0, 0.5, 0.5]);
    assert.deepEqual(rounded(maps.map(0, 1)), [0, 1, 1, 0]);
    assert.deepEqual(rounded(maps.map(0, -1)), [0.5, 0.5, 0.75, 0.25]);
  });

  it('are drawn from the background to the ink', () => {
    const image = pixels(new Float32Array([0, 1, 0.25]), [0, 0, 0], [200, 100, 50]);
    assert.deepEqual([...image], [0, 0, 0, 255, 200, 100, 50, 255, 100, 50, 25, 255]);
  });

  it('take the colours that a theme writes', () => {
    assert.deepEqual(parseColor('#1a85ff'), [26, 133, 255]);
    assert.deepEqual(parseColor('#fff'), [255, 255, 255]);
    assert.deepEqual(parseColor('rgba(1, 2, 3, 0.5)'), [1, 2, 3]);
    assert.deepEqual(parseColor('red'), [128, 128, 128]);
  });
});
