/** Which files decide what, as Python transformers decides it, and one sentence for files that cannot be used. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { bertPipeline } from '../../../src/bert/tokenizer/standard-pipelines';
import {
  loadTokenizer,
  TokenizerError,
  tokenizerFrom,
  utf16Offsets,
  type TokenizerFiles,
} from '../../../src/bert/tokenizer/index';
import { smallTokenizer } from './vocabulary';

const words = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'hello', 'Hello', 'é', 'e', 'caf', '##é', '##e', 'Caf'];
const vocabulary = new Map(words.map((word, id) => [word, id]));

function files(jsonLower: boolean | null, config: object | null, text: boolean): TokenizerFiles {
  return {
    'config.json': '{"model_type":"bert"}',
    ...(jsonLower !== null && { 'tokenizer.json': JSON.stringify(bertPipeline(vocabulary, jsonLower)) }),
    ...(config !== null && { 'tokenizer_config.json': JSON.stringify(config) }),
    ...(text && { 'vocab.txt': words.join('\n') }),
  };
}

const tokensOf = (given: TokenizerFiles): string[] => tokenizerFrom(given).encode('Hello café').tokens.slice(1, -1);

describe('loading a tokenizer', () => {
  // Each row as AutoTokenizer of transformers 5.18 answers it for a checkpoint of the model type "bert".
  const cased = ['Hello', 'caf', '##é'];
  const uncased = ['hello', 'caf', '##e'];
  const decisions: [boolean | null, object | null, string[]][] = [
    [null, null, uncased],
    [null, {}, uncased],
    [null, { do_lower_case: true }, uncased],
    [null, { do_lower_case: false }, cased],
    [true, null, uncased],
    [true, { do_lower_case: false }, cased],
    [true, { tokenizer_class: 'BertTokenizerFast', strip_accents: false }, ['hello', 'caf', '##é']],
    [false, null, uncased],
    [false, { do_lower_case: true }, uncased],
    [false, { do_lower_case: false, tokenizer_class: 'BertTokenizer' }, cased],
    [false, { tokenizer_class: 'PreTrainedTokenizerFast' }, cased],
  ];
  for (const [json, config, expected] of decisions) {
    const name = json === null ? 'vocab.txt alone' : `a tokenizer.json that says lowercase ${json}`;
    it(`${name} with ${config === null ? 'no tokenizer_config.json' : JSON.stringify(config)} gives ${expected[0]}`, () => {
      assert.deepEqual(tokensOf(files(json, config, json === null)), expected);
    });
  }

  it('takes tokenizer.json as it is where nothing says of what family it is', () => {
    assert.deepEqual(tokensOf({ 'tokenizer.json': JSON.stringify(bertPipeline(vocabulary, false)) }), cased);
  });

  it('knows lengths and special tokens from tokenizer_config.json', () => {
    const config = { model_max_length: 512, mask_token: { content: 'hello' }, do_lower_case: true };
    const tokenizer = tokenizerFrom(files(null, config, true));
    assert.equal(tokenizer.modelMaxLength, 512);
    assert.equal(tokenizer.special.mask, 5);
    assert.equal(tokenizerFrom(files(null, { model_max_length: 1e30 }, true)).modelMaxLength, Infinity);
  });

  it('adds tokens that tokenizer_config.json alone knows', () => {
    const token = {
      content: '[E1]',
      special: true,
      lstrip: false,
      rstrip: false,
      single_word: false,
      normalized: false,
    };
    const tokenizer = tokenizerFrom(files(true, { added_tokens_decoder: { '13': token } }, false));
    assert.equal(tokenizer.vocabSize, 14);
    assert.deepEqual(tokenizer.encode('hello[E1]').ids, [2, 5, 13, 3]);
  });

  it('reads vocab.json and merges.txt', () => {
    const tokens = ['<s>', '<pad>', '</s>', '<unk>', 'h', 'i', 'Ġ', 'hi', 'Ġhi', '<mask>'];
    const tokenizer = tokenizerFrom({
      'vocab.json': JSON.stringify(Object.fromEntries(tokens.map((token, id) => [token, id]))),
      'merges.txt': '#version: 0.2\nh i\nĠ hi\n',
    });
    assert.deepEqual(tokenizer.encode('hi hi <mask>').ids, [0, 7, 8, 9, 2]);
    // Words that come already split are written as inside a sentence.
    assert.deepEqual(tokenizer.encode(['hi', 'hi']).ids, [0, 8, 8, 2]);
    assert.deepEqual(tokenizer.encode('hi', 'hi').typeIds, [0, 0, 0, 0, 0, 0]);
  });

  describe('refuses in one sentence', () => {
    const refuses = (given: TokenizerFiles, message: RegExp): void =>
      assert.throws(
        () => tokenizerFrom(given),
        (error: unknown) =>
          error instanceof TokenizerError &&
          message.test(error.problem) &&
          error.hint.endsWith('.') &&
          error.hint !== '',
      );
    const json = (change: object): TokenizerFiles => ({
      'tokenizer.json': JSON.stringify({ ...bertPipeline(vocabulary, true), ...change }),
    });

    it('a folder without a tokenizer', async () => {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-tokenizer-'));
      try {
        await assert.rejects(loadTokenizer(folder), (error: unknown) => {
          assert.ok(error instanceof TokenizerError);
          assert.ok(error.problem.startsWith(folder));
          assert.match(error.problem, /no tokenizer: none of tokenizer\.json, vocab\.txt/);
          return true;
        });
      } finally {
        fs.rmSync(folder, { recursive: true });
      }
    });

    it('a SentencePiece model alone', () => refuses({ 'spiece.model': '' }, /SentencePiece model.*no tokenizer\.json/));
    it('a file that is cut off', () =>
      refuses({ 'tokenizer.json': '{"model": {"ty' }, /tokenizer\.json is not a JSON/));
    it('an unknown normalizer', () => refuses(json({ normalizer: { type: 'Mystery' } }), /normalizer "Mystery"/));
    it('an unknown model', () => refuses(json({ model: { type: 'WordLevel', vocab: {} } }), /model "WordLevel"/));
    it('a vocabulary without special tokens', () => refuses({ 'vocab.txt': 'a\nb\n' }, /no token "\[PAD\]"/));
    it('an empty vocabulary', () => refuses({ 'vocab.txt': '' }, /vocab\.txt is empty/));
    it('merges of another vocabulary', () =>
      refuses({ 'vocab.json': '{"a":0}', 'merges.txt': 'a b\n' }, /merge 1, "a b", needs a token/));
    it('merges that are no pairs', () => refuses({ 'vocab.json': '{"a":0}', 'merges.txt': 'a\n' }, /Pair 1 of merges/));
    it('a vocabulary that is no object of ids', () =>
      refuses({ 'vocab.json': '["a"]', 'merges.txt': '' }, /vocab\.json is not an object/));
  });
});

describe('encoding', () => {
  const tokenizer = smallTokenizer();

  it('counts offsets in code points, and turns them into UTF-16', () => {
    const text = '😀 film 😀film';
    const { offsets, tokens } = tokenizer.encode(text, null, { specialTokens: false });
    assert.deepEqual(tokens, ['[UNK]', 'film', '[UNK]']);
    assert.deepEqual(offsets, [
      [0, 1],
      [2, 6],
      [7, 12],
    ]);
    assert.deepEqual(
      utf16Offsets(text, offsets).map(([start, end]) => text.slice(start, end)),
      ['😀', 'film', '😀film'],
    );
  });

  it('of any two texts never exceeds the length, and keeps the special tokens', () => {
    const text = fc
      .array(fc.constantFrom('film', 'lovely', 'x', '😀', 'xx', '.'), { maxLength: 30 })
      .map(all => all.join(' '));
    fc.assert(
      fc.property(text, fc.option(text), fc.integer({ min: 3, max: 40 }), (a, b, maxLength) => {
        const whole = tokenizer.encode(a, b);
        const cut = tokenizer.encode(a, b, { maxLength, padTo: 50 });
        const length = cut.attentionMask.reduce((sum, value) => sum + value, 0);
        assert.equal(length, Math.min(whole.ids.length, maxLength));
        assert.equal(cut.ids.length, 50);
        assert.equal(cut.ids[0], tokenizer.special.cls);
        assert.equal(cut.ids[length - 1], tokenizer.special.sep);
        for (const list of [
          cut.typeIds,
          cut.offsets,
          cut.wordIds,
          cut.specialTokensMask,
          cut.sequenceIds,
          cut.tokens,
        ]) {
          assert.equal(list.length, 50);
        }
      }),
    );
  });

  it('says when a strategy cannot cut enough', () => {
    const encode = (truncation: 'only_first' | 'only_second', b: string | null): unknown =>
      tokenizer.encode('x x x', b, { maxLength: 5, truncation });
    assert.throws(() => encode('only_first', 'x x x x'), /first text has 3 tokens, too few to remove 5/);
    assert.throws(
      () => tokenizer.encode('x x x x', null, { maxLength: 4, truncation: 'only_second' }),
      /no second text/,
    );
  });

  it('covers a long text by windows, each token at least once', () => {
    const text = Array.from({ length: 100 }, (_, i) => (i % 3 === 0 ? 'film' : 'x')).join(' ');
    const windows = tokenizer.encodeWindows('good', text, 20, 4);
    const seen = new Set(
      windows.flatMap(window => window.offsets.filter((_, i) => window.sequenceIds[i] === 1).map(([start]) => start)),
    );
    assert.equal(seen.size, 100);
    assert.ok(windows.every(window => window.ids.length <= 20));
    assert.throws(() => tokenizer.encodeWindows('good', text, 8, 4), /are left for the second text/);
  });
});
