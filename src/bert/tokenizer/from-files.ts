/** From the texts of a checkpoint's tokenizer files to a tokenizer, with the choices Python transformers makes. */
import { bytePair } from './byte-pair';
import { decoderOf } from './decoders';
import type { AddedToken } from './added-tokens';
import type { Model } from './model';
import { normalizerOf, textOption, type PartConfig } from './normalizers';
import { postProcessorOf } from './post-processors';
import { preTokenizerOf } from './pre-tokenizers';
import { bertPipeline, robertaPipeline, type Pipeline } from './standard-pipelines';
import { TokenizerError, unsupported } from './tokenizer-error';
import { tokenizerOf, type Parts, type Tokenizer } from './tokenizer';
import { unigram } from './unigram';
import { parseMerges, parseVocabularyJson, parseVocabularyText } from './vocabulary-files';
import { wordPiece } from './wordpiece';

/** The files of a checkpoint that say how to tokenize; `config.json` names the model type. */
export const tokenizerFileNames = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.txt',
  'vocab.json',
  'merges.txt',
  'spiece.model',
] as const;

export type TokenizerFiles = Partial<Record<(typeof tokenizerFileNames)[number] | 'config.json', string>>;

/** @throws TokenizerError */
export function tokenizerFrom(files: TokenizerFiles): Tokenizer {
  const config = settings(files);
  const pipeline = pipelineOf(files, config);
  asTransformersWould(pipeline, config);
  const model = modelOf(pipeline.model);
  const added = addedTokens(pipeline, config, model);
  const parts: Parts = {
    normalizer: normalizerOf(pipeline.normalizer),
    preTokenizer: preTokenizerOf(pipeline.pre_tokenizer),
    wordPreTokenizer: preTokenizerOf(withPrefixSpace(pipeline.pre_tokenizer)),
    model,
    postProcessor: postProcessorOf(pipeline.post_processor),
    decoder: decoderOf(pipeline.decoder),
    added,
    specialTokens: config.special(model),
    modelMaxLength: config.modelMaxLength,
  };
  return tokenizerOf(parts);
}

interface Settings {
  readonly values: Readonly<Record<string, unknown>>;
  /** Null where neither tokenizer_config.json nor config.json says of what family the checkpoint is. */
  readonly className: string | null;
  readonly modelMaxLength: number;
  special: (model: Model) => Parts['specialTokens'];
}

const defaultSpecial: Record<Model['kind'], Parts['specialTokens']> = {
  WordPiece: { pad: '[PAD]', unk: '[UNK]', cls: '[CLS]', sep: '[SEP]', mask: '[MASK]' },
  BPE: { pad: '<pad>', unk: '<unk>', cls: '<s>', sep: '</s>', mask: '<mask>' },
  Unigram: { pad: '<pad>', unk: '<unk>', cls: '[CLS]', sep: '[SEP]', mask: '[MASK]' },
};

function settings(files: TokenizerFiles): Settings {
  const values = files['tokenizer_config.json'] ? parseObject(files, 'tokenizer_config.json') : {};
  const map = files['special_tokens_map.json'] ? parseObject(files, 'special_tokens_map.json') : {};
  const model = files['config.json'] ? parseObject(files, 'config.json') : {};
  const contentOf = (value: unknown): string | undefined =>
    typeof value === 'string' ? value : (value as { content?: string } | null | undefined)?.content;
  const role = (name: string): string | undefined =>
    contentOf(values[`${name}_token`]) ?? contentOf(map[`${name}_token`]);
  const longest = Number(values['model_max_length'] ?? Infinity);
  const named = values['tokenizer_class'] ?? model['model_type'];
  return {
    values,
    className: typeof named === 'string' ? named : null,
    // Python writes 1e30 where no length is known.
    modelMaxLength: longest > 0 && longest < 1e9 ? longest : Infinity,
    special: ({ kind }) => ({
      pad: role('pad') ?? defaultSpecial[kind].pad,
      unk: role('unk') ?? defaultSpecial[kind].unk,
      cls: role('cls') ?? defaultSpecial[kind].cls,
      sep: role('sep') ?? defaultSpecial[kind].sep,
      mask: role('mask') ?? defaultSpecial[kind].mask,
    }),
  };
}

function parseObject(files: TokenizerFiles, name: keyof TokenizerFiles): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(files[name]!);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below, for every kind of damage.
  }
  throw new TokenizerError(`${name} is not a JSON object.`, 'Copy the checkpoint once more; the file may be cut off.');
}

function pipelineOf(files: TokenizerFiles, config: Settings): Pipeline {
  if (files['tokenizer.json'] !== undefined) {
    const pipeline = parseObject(files, 'tokenizer.json') as unknown as Pipeline;
    if (typeof pipeline.model === 'object' && pipeline.model !== null) return pipeline;
    throw new TokenizerError('tokenizer.json has no model.', 'Copy the checkpoint once more; the file may be cut off.');
  }
  if (files['vocab.json'] !== undefined && files['merges.txt'] !== undefined) {
    const vocabulary = parseVocabularyJson(files['vocab.json']);
    return robertaPipeline(vocabulary, parseMerges(files['merges.txt']), config.values['add_prefix_space'] === true);
  }
  if (files['vocab.txt'] !== undefined) {
    // Without a word about it Python lower-cases, even with the vocabulary of a cased model.
    return bertPipeline(parseVocabularyText(files['vocab.txt']), config.values['do_lower_case'] !== false);
  }
  if (files['spiece.model'] !== undefined) {
    throw new TokenizerError(
      'The checkpoint has a SentencePiece model (spiece.model) but no tokenizer.json.',
      'Write one in Python: AutoTokenizer.from_pretrained(folder).save_pretrained(folder).',
    );
  }
  throw new TokenizerError(
    'The checkpoint has no tokenizer: none of tokenizer.json, vocab.txt, or vocab.json with merges.txt is there.',
    'Copy the tokenizer files of the checkpoint into its folder.',
  );
}

const generic = /^(PreTrainedTokenizerFast|TokenizersBackend)$/;

/** For the classes of the BERT family tokenizer_config.json has the last word, and its defaults count as said. */
function asTransformersWould(pipeline: Pipeline, { values, className }: Settings): void {
  if (className === null || generic.test(className)) return;
  const { normalizer, pre_tokenizer: pre, post_processor: post } = pipeline;
  if (normalizer?.type === 'BertNormalizer' && pipeline.model.type === 'WordPiece') {
    pipeline.normalizer = {
      ...normalizer,
      lowercase: values['do_lower_case'] !== false,
      strip_accents: values['strip_accents'] ?? null,
      handle_chinese_chars: values['tokenize_chinese_chars'] !== false,
    };
  }
  if (pre?.type === 'ByteLevel' && typeof values['add_prefix_space'] === 'boolean') {
    const prefix = { add_prefix_space: values['add_prefix_space'] };
    pipeline.pre_tokenizer = { ...pre, ...prefix };
    if (post?.type === 'RobertaProcessing') pipeline.post_processor = { ...post, ...prefix };
  }
}

/** Words that come already split each begin with a space for a byte-level model, as they do inside a sentence. */
function withPrefixSpace(config: PartConfig | null | undefined): PartConfig | null | undefined {
  return config?.type === 'ByteLevel' ? { ...config, add_prefix_space: true } : config;
}

function modelOf(config: PartConfig): Model {
  const vocabulary = (): Map<string, number> => {
    const entries = config['vocab'] as Record<string, number> | undefined;
    if (typeof entries === 'object' && entries !== null) return new Map(Object.entries(entries));
    throw new TokenizerError('The model in tokenizer.json has no vocabulary.', 'Copy the checkpoint once more.');
  };
  // Files from before version 0.9 of `tokenizers` do not name the type; only these keys tell.
  const type = config.type ?? (config['merges'] ? 'BPE' : 'WordPiece');
  switch (type) {
    case 'WordPiece':
      return wordPiece(vocabulary(), {
        unknown: textOption(config, 'unk_token', '[UNK]'),
        prefix: textOption(config, 'continuing_subword_prefix', '##'),
        longestWord: Number(config['max_input_chars_per_word'] ?? 100),
      });
    case 'BPE': {
      const strange = ['continuing_subword_prefix', 'end_of_word_suffix'].filter(key => config[key]);
      if (strange.length > 0 || config['byte_fallback'] === true)
        throw unsupported('BPE option', strange[0] ?? 'byte_fallback');
      const merges = (config['merges'] as (string | [string, string])[]).map(merge =>
        typeof merge === 'string' ? (merge.split(' ') as [string, string]) : merge,
      );
      return bytePair(vocabulary(), merges, (config['unk_token'] as string | null) ?? undefined);
    }
    case 'Unigram':
      if (config['byte_fallback'] === true) throw unsupported('Unigram option', 'byte_fallback');
      return unigram(config['vocab'] as [string, number][], (config['unk_id'] as number | null) ?? undefined);
    default:
      throw unsupported('model', type);
  }
}

/** Those of tokenizer.json, then those that tokenizer_config.json alone knows. */
function addedTokens(pipeline: Pipeline, { values }: Settings, model: Model): AddedToken[] {
  const out = [...(pipeline.added_tokens ?? [])];
  const decoder = (values['added_tokens_decoder'] ?? {}) as Record<string, Omit<AddedToken, 'id'>>;
  for (const [id, token] of Object.entries(decoder)) {
    if (out.some(({ content }) => content === token.content)) continue;
    const known = model.vocabulary.get(token.content);
    out.push({ ...token, id: known ?? Number(id) });
  }
  return out;
}
