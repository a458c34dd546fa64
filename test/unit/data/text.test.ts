/** Text cut into windows for language models. */
import assert from 'node:assert/strict';
import { vocabularyOf, tokensOf } from '../../../src/data/text';
import { describeData, loadData } from '../../../src/data/readers';
import { fails, scratch } from './files';

describe('text', () => {
  const files = scratch();

  it('cuts windows of characters and the characters that follow', async () => {
    files.write('abc.txt', 'abcabd');
    const { train } = await loadData({ reader: 'text', file: 'abc.txt', sequenceLength: 3 }, files.context());
    assert.deepEqual(train.vocabulary, ['a', 'b', 'c', 'd']);
    assert.deepEqual(train.x, { dtype: 'int32', shape: [3, 3], data: Int32Array.from([0, 1, 2, 1, 2, 0, 2, 0, 1]) });
    assert.deepEqual(train.y, { dtype: 'int32', shape: [3], data: Int32Array.from([0, 1, 3]) });
    const sequences = { reader: 'text', file: 'abc.txt', sequenceLength: 3, step: 2, target: 'sequence' };
    const whole = (await loadData(sequences, files.context())).train;
    assert.deepEqual([...whole.x.data], [0, 1, 2, 2, 0, 1]);
    assert.deepEqual([...whole.y!.data], [1, 2, 0, 0, 1, 3]);
  });

  it('makes one-hot rows of the width asked for, labels stay indices', async () => {
    files.write('abc.txt', 'abcabd');
    const config = { reader: 'text', file: 'abc.txt', sequenceLength: 2, oneHot: true, vocabularySize: 5 };
    const { train } = await loadData(config, files.context());
    assert.deepEqual(train.x.shape, [4, 2, 5]);
    assert.deepEqual([...train.x.data.subarray(0, 10)], [1, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
    assert.deepEqual(train.y!.shape, [4]);
    const description = await describeData(config, files.context());
    assert.deepEqual(
      [description.x, description.y!.shape, description.y!.maximum],
      [{ shape: [4, 2, 5], dtype: 'uint8' }, [4], 3],
    );
  });

  it('limits the vocabulary to the most frequent tokens, index 0 for the rest', () => {
    assert.deepEqual(vocabularyOf([...'aaabbcd'], 3), ['[UNK]', 'a', 'b']);
    assert.deepEqual(vocabularyOf([...'ba'], 3), ['a', 'b']);
    assert.deepEqual(tokensOf('It’s 3.5, ok?\nYes', 'word'), ['It’s', '3', '.', '5', ',', 'ok', '?', '\n', 'Yes']);
    assert.deepEqual(tokensOf('a😀', 'character'), ['a', '😀']);
  });

  it('reads a validation text with the vocabulary of the training text', async () => {
    files.write('a.txt', 'abababab');
    files.write('b.txt', 'babaz');
    const config = { reader: 'text', file: 'a.txt', sequenceLength: 2 };
    await fails(
      loadData({ ...config, validation: { file: 'b.txt' } }, files.context()),
      'b.txt',
      /"z" does not occur in the training text/,
    );
    files.write('c.txt', 'baba');
    const { validation } = await loadData({ ...config, validation: { file: 'c.txt' } }, files.context());
    assert.deepEqual([...validation!.x.data], [1, 0, 0, 1]);
  });

  it('keeps the last part of the text for validation, in order', async () => {
    files.write('long.txt', Array.from({ length: 200 }, (_, i) => String.fromCharCode(97 + (i % 26))).join(''));
    const { train, validation } = await loadData(
      { reader: 'text', file: 'long.txt', sequenceLength: 10, validation: 0.1 },
      files.context(),
    );
    assert.deepEqual([train.x.shape[0], validation!.x.shape[0]], [171, 19]);
    assert.equal(validation!.x.data[0], 171 % 26);
  });

  it('refuses what cannot be a text, or is too short or too big', async () => {
    const read = (content: string, options = {}, memoryLimit = 2 ** 30): Promise<unknown> => {
      files.write('t.txt', content);
      return loadData({ reader: 'text', file: 't.txt', ...options }, { ...files.context(), memoryLimit });
    };
    await fails(read('abc'), 't.txt', /3 characters, a window of 40/);
    await fails(read('ab\0c'), 't.txt', /binary/, { offset: 2 });
    await fails(read(' \n '), 't.txt', /white space/);
    await fails(
      read('ab '.repeat(2000), { oneHot: true, vocabularySize: 100 }, 2 ** 20),
      't.txt',
      /5960 windows of 40×100 would take 22\.7 MB.*Embedding/,
    );
  });
});
