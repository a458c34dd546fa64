/** Holds the tokenizers against what Python `tokenizers` made of the same texts: ids, types, masks, words and offsets. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { tokenizerFrom } from '../../../src/bert/tokenizer/index';
import { part } from '../../../src/bert/tokenizer/encoding';
import type { Encoding, Tokenizer, TruncationStrategy } from '../../../src/bert/tokenizer/index';

/** Ids; distances and lengths of offsets; word of each token, -1 for none. */
type Flat = [number[], number[], number[]];
type Full = [...Flat, number[], number[], number[]];

interface RecordedModel {
  json: string;
  texts: Flat[];
  words: Flat[];
  decoded: string[];
  /** Maximum length; without truncation, then one per strategy, null where Python refused. */
  pairs: [number, (Full | null)[]][];
  /** Of the 80 longest texts: windows of 33 tokens, 6 of them common with the one before. */
  windows: Flat[][];
}

interface Recorded {
  texts: string[];
  pairs: [string, string][];
  words: string[][];
  models: Record<string, RecordedModel>;
}

const recorded = JSON.parse(
  gunzipSync(fs.readFileSync(path.join(import.meta.dirname, 'recorded.json.gz'))).toString(),
) as Recorded;

const strategies: readonly TruncationStrategy[] = ['longest_first', 'only_first', 'only_second'];

function flat({ ids, offsets, wordIds }: Encoding): Flat {
  let last = 0;
  const deltas = offsets.flatMap(([start, end]) => {
    const pair = [start - last, end - start];
    last = end;
    return pair;
  });
  return [ids, deltas, wordIds.map(word => word ?? -1)];
}

function full(encoding: Encoding): Full {
  return [...flat(encoding), encoding.typeIds, encoding.attentionMask, encoding.specialTokensMask];
}

function ofSecondText(encoding: Encoding): Flat {
  const start = encoding.sequenceIds.indexOf(1);
  return start < 0 ? [[], [], []] : flat(part(encoding, start, encoding.sequenceIds.lastIndexOf(1) + 1));
}

/** The first few differences, each with its input, so that a failure can be read. */
function differences<T>(inputs: readonly T[], expected: readonly unknown[], actual: (input: T) => unknown): unknown[] {
  const out: unknown[] = [];
  inputs.forEach((input, i) => {
    const [got, wanted] = [actual(input), expected[i]].map(value => JSON.stringify(value));
    if (got !== wanted) out.push({ input, got, expected: wanted });
  });
  return out;
}

describe('tokenizers', function () {
  this.timeout(60_000);

  it('are held against at least 3,000 texts and 300 pairs', () => {
    assert.ok(recorded.texts.length >= 3000);
    assert.equal(recorded.pairs.length, 300);
  });

  for (const [name, model] of Object.entries(recorded.models)) {
    describe(name, () => {
      let tokenizer: Tokenizer;
      before(() => {
        tokenizer = tokenizerFrom({ 'tokenizer.json': model.json });
      });

      const none = (found: unknown[], of: number): void =>
        assert.deepEqual(found.slice(0, 3), [], `${found.length} of ${of} differ`);

      it('gives ids, offsets and words of all texts', () => {
        none(
          differences(recorded.texts, model.texts, text => flat(tokenizer.encode(text))),
          recorded.texts.length,
        );
      });

      it('gives the same for words that come already split', () => {
        none(
          differences(recorded.words, model.words, words => flat(tokenizer.encode(words))),
          recorded.words.length,
        );
      });

      it('decodes', () => {
        none(
          differences(recorded.texts.slice(0, model.decoded.length), model.decoded, text =>
            tokenizer.decode(tokenizer.encode(text).ids),
          ),
          model.decoded.length,
        );
      });

      it('encodes pairs, whole', () => {
        none(
          differences(
            recorded.pairs,
            model.pairs.map(([, rows]) => rows[0]),
            ([a, b]) => full(tokenizer.encode(a, b)),
          ),
          recorded.pairs.length,
        );
      });

      strategies.forEach((truncation, k) => {
        it(`truncates pairs ${truncation}`, () => {
          const inputs = recorded.pairs.map(([a, b], i) => ({ a, b, maxLength: model.pairs[i]![0] }));
          none(
            differences(
              inputs,
              model.pairs.map(([, rows]) => rows[k + 1]),
              ({ a, b, maxLength }) => {
                try {
                  return full(tokenizer.encode(a, b, { maxLength, truncation }));
                } catch {
                  return null;
                }
              },
            ),
            inputs.length,
          );
        });
      });

      it('cuts long second texts into overlapping windows', () => {
        // By the length in characters, as Python counts them; both sorts are stable.
        const longest = recorded.texts
          .map(text => ({ text, length: [...text].length }))
          .sort((a, b) => a.length - b.length)
          .slice(-model.windows.length)
          .map(({ text }) => text);
        const question = tokenizer.encode('a', null, { specialTokens: false }).ids.length;
        none(
          differences(longest, model.windows, text =>
            tokenizer.encodeWindows('a', text, 33 + question + tokenizer.specialCount(true), 6).map(ofSecondText),
          ),
          model.windows.length,
        );
      });
    });
  }
});
