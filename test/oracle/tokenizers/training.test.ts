/** Holds the training of WordPiece vocabularies against Python's, token by token, and what is written against reading. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { tokenizerFilesOf, tokenizerFrom, trainWordPiece } from '../../../src/bert/tokenizer/index';

interface Recorded {
  lines: string[];
  cases: {
    lowercase: boolean;
    size: number;
    frequency: number;
    alphabet: number;
    special: string[];
    vocabulary: string[];
  }[];
}

const recorded = JSON.parse(
  gunzipSync(fs.readFileSync(path.join(import.meta.dirname, 'trained.json.gz'))).toString(),
) as Recorded;

describe('a WordPiece vocabulary', () => {
  for (const { lowercase, size, frequency, alphabet, special, vocabulary } of recorded.cases) {
    it(`of at most ${size} tokens is Python’s (${lowercase ? 'lower case' : 'cased'})`, () => {
      const trained = trainWordPiece(recorded.lines, {
        vocabularySize: size,
        minFrequency: frequency,
        alphabet,
        specialTokens: special,
        lowercase,
      });
      assert.deepEqual([...trained.keys()], vocabulary);
      assert.deepEqual(
        [...trained.values()],
        vocabulary.map((_, id) => id),
      );
    });
  }

  it('is the same each time, and in each of the files that are written', () => {
    const options = { vocabularySize: 500, lowercase: true };
    const vocabulary = trainWordPiece(recorded.lines, options);
    assert.deepEqual([...trainWordPiece(recorded.lines, options)], [...vocabulary]);
    const { 'vocab.txt': text, ...others } = tokenizerFilesOf(vocabulary, { lowercase: true, maxLength: 64 });
    const [a, b] = [tokenizerFrom({ 'vocab.txt': text }), tokenizerFrom(others)];
    assert.equal(b.modelMaxLength, 64);
    assert.equal(b.vocabSize, vocabulary.size);
    for (const line of recorded.lines.slice(0, 200)) {
      const encoding = a.encode(line, '[MASK] banana');
      assert.deepEqual(b.encode(line, '[MASK] banana'), encoding);
      assert.ok(encoding.ids.includes(a.special.mask!));
    }
  });

  it('tells how far it is', () => {
    const seen: number[] = [];
    trainWordPiece(recorded.lines, { vocabularySize: 1600, onProgress: tokens => seen.push(tokens) });
    assert.ok(seen.length > 0 && seen.every((tokens, i) => i === 0 || tokens > seen[i - 1]!));
  });
});
