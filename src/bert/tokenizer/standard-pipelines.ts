/** The tokenizer.json that Python writes for a BERT and for a RoBERTa vocabulary. */
import type { AddedToken } from './added-tokens';
import type { PartConfig } from './normalizers';

/** The parts of tokenizer.json that are used here. */
export interface Pipeline {
  version?: string;
  truncation?: null;
  padding?: null;
  added_tokens?: readonly AddedToken[];
  normalizer?: PartConfig | null;
  pre_tokenizer?: PartConfig | null;
  post_processor?: PartConfig | null;
  decoder?: PartConfig | null;
  model: PartConfig;
}

export const bertSpecialTokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;

function specialToken(content: string, id: number, lstrip = false): AddedToken {
  return { id, content, single_word: false, lstrip, rstrip: false, normalized: false, special: true };
}

export function bertPipeline(vocabulary: ReadonlyMap<string, number>, lowercase: boolean): Pipeline {
  const idOf = (token: string): number => vocabulary.get(token) ?? 0;
  const special = (token: string): unknown => ({ id: token, ids: [idOf(token)], tokens: [token] });
  const place = (id: string, type_id: number): unknown => ({ SpecialToken: { id, type_id } });
  const text = (id: 'A' | 'B', type_id: number): unknown => ({ Sequence: { id, type_id } });
  const single = [place('[CLS]', 0), text('A', 0), place('[SEP]', 0)];
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: bertSpecialTokens
      .filter(token => vocabulary.has(token))
      .map(token => specialToken(token, idOf(token)))
      .sort((a, b) => a.id - b.id),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single,
      pair: [...single, text('B', 1), place('[SEP]', 1)],
      special_tokens: { '[CLS]': special('[CLS]'), '[SEP]': special('[SEP]') },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries([...vocabulary].sort((a, b) => a[1] - b[1])),
    },
  };
}

export function robertaPipeline(
  vocabulary: ReadonlyMap<string, number>,
  merges: readonly (readonly [string, string])[],
  addPrefixSpace: boolean,
): Pipeline {
  const named = (token: string): [string, number] => [token, vocabulary.get(token) ?? 0];
  return {
    added_tokens: ['<s>', '<pad>', '</s>', '<unk>', '<mask>']
      .filter(token => vocabulary.has(token))
      .map(token => specialToken(token, vocabulary.get(token)!, token === '<mask>')),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: addPrefixSpace, use_regex: true },
    post_processor: {
      type: 'RobertaProcessing',
      cls: named('<s>'),
      sep: named('</s>'),
      trim_offsets: true,
      add_prefix_space: addPrefixSpace,
    },
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', unk_token: null, vocab: Object.fromEntries(vocabulary), merges },
  };
}
