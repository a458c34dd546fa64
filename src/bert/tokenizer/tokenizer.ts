/** A tokenizer put together from its parts: text or words in, ids with types, masks and offsets out. */
import { alignedText, originOf, type AlignedText } from './aligned-text';
import { AddedTokens, type AddedToken } from './added-tokens';
import type { Decoder } from './decoders';
import { emptyEncoding, part, tokensRead, truncatedLengths, type Encoding, type TruncationStrategy } from './encoding';
import type { Model } from './model';
import type { Normalizer } from './normalizers';
import type { PreTokenizer } from './pre-tokenizers';
import { addedCount, assemble, trimOffsets, type PostProcessor } from './post-processors';
import { TokenizerError } from './tokenizer-error';

/** A text, or one already split into words, as token classification has it. */
export type Input = string | readonly string[];

export interface EncodeOptions {
  /** Tokens altogether, special ones included; without it nothing is cut off. */
  readonly maxLength?: number;
  /** Default `longest_first`, where `maxLength` is given. */
  readonly truncation?: TruncationStrategy;
  /** Fills up to this many tokens. */
  readonly padTo?: number;
  /** Default true. */
  readonly specialTokens?: boolean;
}

export interface SpecialIds {
  readonly pad: number;
  readonly unk: number;
  readonly cls: number;
  readonly sep: number;
  /** Undefined where the vocabulary has none; masked language modelling needs it. */
  readonly mask: number | undefined;
}

export interface Tokenizer {
  /** One more than the highest id. */
  readonly vocabSize: number;
  readonly special: SpecialIds;
  /** All ids that stand for no text. */
  readonly specialIds: ReadonlySet<number>;
  /** What the checkpoint was trained with; Infinity where it does not say. */
  readonly modelMaxLength: number;
  readonly kind: Model['kind'];
  /** How many special tokens a single text or a pair gets. */
  specialCount: (pair: boolean) => number;
  /** @throws TokenizerError where a strategy cannot cut enough */
  encode: (text: Input, pair?: Input | null, options?: EncodeOptions) => Encoding;
  /**
   * A pair whose second text is cut into overlapping windows of at most `maxLength` tokens in all; `stride` tokens of
   * each come again in the next. For question answering over long contexts.
   */
  encodeWindows: (first: Input, second: Input, maxLength: number, stride: number) => Encoding[];
  decode: (ids: readonly number[], skipSpecial?: boolean) => string;
  tokenOf: (id: number) => string | undefined;
  idOf: (token: string) => number | undefined;
}

export interface Parts {
  readonly normalizer: Normalizer;
  readonly preTokenizer: PreTokenizer;
  /** For words that come already split. */
  readonly wordPreTokenizer: PreTokenizer;
  readonly model: Model;
  readonly postProcessor: PostProcessor;
  readonly decoder: Decoder;
  readonly added: readonly AddedToken[];
  /** Texts of the special tokens by role. */
  readonly specialTokens: Readonly<Record<'pad' | 'unk' | 'cls' | 'sep' | 'mask', string>>;
  readonly modelMaxLength: number;
}

export function tokenizerOf(parts: Parts): Tokenizer {
  return new PipelineTokenizer(parts);
}

class PipelineTokenizer implements Tokenizer {
  readonly vocabSize: number;
  readonly special: SpecialIds;
  readonly specialIds: ReadonlySet<number>;
  readonly modelMaxLength: number;
  readonly kind: Model['kind'];
  private readonly added: AddedTokens;
  private readonly textOf: string[] = [];
  private readonly ids: ReadonlyMap<string, number>;

  constructor(private readonly parts: Parts) {
    const { model, added } = parts;
    const ids = new Map(model.vocabulary);
    for (const token of added) ids.set(token.content, token.id);
    for (const [token, id] of ids) this.textOf[id] = token;
    this.ids = ids;
    this.vocabSize = this.textOf.length;
    this.added = new AddedTokens(added, parts.normalizer);
    this.modelMaxLength = parts.modelMaxLength;
    this.kind = model.kind;
    const id = (role: 'pad' | 'unk' | 'cls' | 'sep'): number => {
      const found = ids.get(parts.specialTokens[role]);
      if (found !== undefined) return found;
      throw new TokenizerError(
        `The vocabulary has no token "${parts.specialTokens[role]}", which the tokenizer needs.`,
        'Name the checkpoint’s own special tokens in tokenizer_config.json, or take its complete vocabulary.',
      );
    };
    this.special = {
      pad: id('pad'),
      unk: id('unk'),
      cls: id('cls'),
      sep: id('sep'),
      mask: ids.get(parts.specialTokens.mask),
    };
    this.specialIds = new Set([
      ...added.filter(token => token.special).map(token => token.id),
      ...(Object.values(this.special) as (number | undefined)[]).filter(each => each !== undefined),
    ]);
  }

  specialCount(pair: boolean): number {
    return addedCount(this.parts.postProcessor, pair);
  }

  encode(text: Input, pair: Input | null = null, options: EncodeOptions = {}): Encoding {
    const { maxLength, truncation = 'longest_first', padTo, specialTokens = true } = options;
    let first = this.tokens(text, 0);
    let second = pair === null ? null : this.tokens(pair, 1);
    if (maxLength !== undefined) {
      const room = maxLength - (specialTokens ? this.specialCount(second !== null) : 0);
      const read = truncation === 'longest_first' ? maxLength : Infinity;
      const [a, b] = truncatedLengths(
        tokensRead(first, read),
        second && tokensRead(second, read),
        Math.max(0, room),
        truncation,
      );
      if (a < first.ids.length) first = part(first, 0, a);
      if (second && b < second.ids.length) second = part(second, 0, b);
    }
    const encoding = this.assemble(first, second, specialTokens);
    if (padTo !== undefined) this.pad(encoding, padTo);
    return encoding;
  }

  encodeWindows(first: Input, second: Input, maxLength: number, stride: number): Encoding[] {
    const head = this.tokens(first, 0);
    const body = this.tokens(second, 1);
    const room = maxLength - this.specialCount(true) - head.ids.length;
    if (room <= 0 || room <= stride) {
      throw new TokenizerError(
        `Of ${maxLength} tokens ${Math.max(0, room)} are left for the second text, with a stride of ${stride}.`,
        'Raise the maximum length, or lower the stride.',
      );
    }
    const out: Encoding[] = [];
    for (let start = 0; ; start += room - stride) {
      const end = Math.min(start + room, body.ids.length);
      out.push(this.assemble(part(head, 0, head.ids.length), part(body, start, end), true));
      if (end === body.ids.length) return out;
    }
  }

  decode(ids: readonly number[], skipSpecial = true): string {
    const tokens = ids
      .filter(id => !(skipSpecial && this.specialIds.has(id)))
      .map(id => this.textOf[id])
      .filter(token => token !== undefined);
    return this.parts.decoder(tokens);
  }

  tokenOf(id: number): string | undefined {
    return this.textOf[id];
  }

  idOf(token: string): number | undefined {
    return this.ids.get(token);
  }

  private assemble(first: Encoding, second: Encoding | null, specialTokens: boolean): Encoding {
    const { postProcessor } = this.parts;
    if (postProcessor.trim) {
      trimOffsets(first, postProcessor.addPrefixSpace);
      if (second) trimOffsets(second, postProcessor.addPrefixSpace);
    }
    return assemble(postProcessor, [first, second], specialTokens);
  }

  private pad(encoding: Encoding, length: number): void {
    for (let i = encoding.ids.length; i < length; i++) {
      encoding.ids.push(this.special.pad);
      encoding.typeIds.push(0);
      encoding.attentionMask.push(0);
      encoding.specialTokensMask.push(1);
      encoding.offsets.push([0, 0]);
      encoding.wordIds.push(null);
      encoding.sequenceIds.push(null);
      encoding.tokens.push(this.textOf[this.special.pad]!);
    }
  }

  /** The tokens of one text without special ones around them. */
  private tokens(input: Input, sequence: 0 | 1): Encoding {
    const out = emptyEncoding();
    if (typeof input === 'string') this.pushTokens(out, alignedText(input), sequence, null);
    else input.forEach((word, index) => this.pushTokens(out, alignedText(word), sequence, index));
    return out;
  }

  private pushTokens(out: Encoding, text: AlignedText, sequence: 0 | 1, wordIndex: number | null): void {
    const { model } = this.parts;
    const preTokenizer = wordIndex === null ? this.parts.preTokenizer : this.parts.wordPreTokenizer;
    let index = 0;
    const push = (id: number, word: AlignedText, start: number, end: number, token = this.textOf[id]!): void => {
      out.ids.push(id);
      out.typeIds.push(sequence);
      out.attentionMask.push(1);
      out.specialTokensMask.push(0);
      out.offsets.push(end > start ? [originOf(word, start), originOf(word, end - 1) + 1] : [0, 0]);
      out.wordIds.push(wordIndex ?? index);
      out.sequenceIds.push(sequence);
      out.tokens.push(token);
    };
    for (const piece of this.added.split(text)) {
      if (piece.token !== undefined) {
        push(piece.token, piece, 0, piece.text.length, piece.text);
        index++;
        continue;
      }
      for (const word of preTokenizer(piece)) {
        for (const { id, start, end } of model.tokenize(word.text)) push(id, word, start, end);
        index++;
      }
    }
  }
}
