/** The post-processors of tokenizer.json: where special tokens go, which type each token has, how offsets are trimmed. */
import { append, emptyEncoding, type Encoding } from './encoding';
import type { PartConfig } from './normalizers';
import { spaceCharacter } from './byte-level';
import { unsupported } from './tokenizer-error';
import { SPACE, has } from './unicode';

/** One place of a template: a text, or a special token. */
type Slot = { readonly text: 0 | 1; readonly type: number } | SpecialSlot;
interface SpecialSlot {
  readonly token: string;
  readonly id: number;
  readonly type: number;
}

export interface PostProcessor {
  readonly single: readonly Slot[];
  readonly pair: readonly Slot[];
  /** White space at the ends of byte-level tokens is taken out of their offsets. */
  readonly trim: boolean;
  readonly addPrefixSpace: boolean;
}

const textOnly: PostProcessor = {
  single: [{ text: 0, type: 0 }],
  pair: [
    { text: 0, type: 0 },
    { text: 1, type: 1 },
  ],
  trim: false,
  addPrefixSpace: true,
};

type Named = readonly [string, number];

/** @throws TokenizerError for a type that is not supported */
export function postProcessorOf(config: PartConfig | null | undefined): PostProcessor {
  if (!config) return textOnly;
  switch (config.type) {
    case 'BertProcessing':
      return bertLike(config['cls'] as Named, config['sep'] as Named, false);
    case 'RobertaProcessing':
      return {
        ...bertLike(config['cls'] as Named, config['sep'] as Named, true),
        trim: config['trim_offsets'] !== false,
        addPrefixSpace: config['add_prefix_space'] !== false,
      };
    case 'TemplateProcessing':
      return template(config);
    case 'ByteLevel':
      return {
        ...textOnly,
        trim: config['trim_offsets'] !== false,
        addPrefixSpace: config['add_prefix_space'] !== false,
      };
    case 'Sequence': {
      // Only one of the parts places tokens; a byte-level one trims.
      const parts = (config['processors'] as PartConfig[]).map(postProcessorOf);
      const placing = parts.find(({ single }) => single !== textOnly.single) ?? textOnly;
      const trimming = parts.find(({ trim }) => trim);
      return trimming ? { ...placing, trim: true, addPrefixSpace: trimming.addPrefixSpace } : placing;
    }
    default:
      throw unsupported('post-processor', config.type);
  }
}

/** `[CLS] A [SEP] B [SEP]`; RoBERTa has two separators between the texts and one type for all. */
export function bertLike(cls: Named, sep: Named, roberta: boolean): PostProcessor {
  const special = ([token, id]: Named, type: number): SpecialSlot => ({ token, id, type });
  const single: Slot[] = [special(cls, 0), { text: 0, type: 0 }, special(sep, 0)];
  const second = roberta ? 0 : 1;
  const between = roberta ? [special(sep, 0)] : [];
  const pair: Slot[] = [...single, ...between, { text: 1, type: second }, special(sep, second)];
  return { ...textOnly, single, pair };
}

type TemplateItem =
  { SpecialToken: { id: string; type_id: number } } | { Sequence: { id: 'A' | 'B'; type_id: number } };

function template(config: PartConfig): PostProcessor {
  const tokens = config['special_tokens'] as Record<string, { ids: number[]; tokens: string[] }>;
  const slots = (items: readonly TemplateItem[]): Slot[] =>
    items.flatMap((item): Slot[] => {
      if ('Sequence' in item) return [{ text: item.Sequence.id === 'A' ? 0 : 1, type: item.Sequence.type_id }];
      const { id, type_id } = item.SpecialToken;
      const named = tokens[id];
      return (named?.ids ?? []).map((each, k) => ({ token: named!.tokens[k] ?? id, id: each, type: type_id }));
    });
  return {
    ...textOnly,
    single: slots(config['single'] as TemplateItem[]),
    pair: slots(config['pair'] as TemplateItem[]),
  };
}

export function addedCount(processor: PostProcessor, pair: boolean): number {
  return (pair ? processor.pair : processor.single).filter(slot => !('text' in slot)).length;
}

/** Puts the texts together as the template says. */
export function assemble(
  processor: PostProcessor,
  texts: readonly [Encoding, Encoding | null],
  specialTokens: boolean,
): Encoding {
  const out = emptyEncoding();
  for (const slot of texts[1] ? processor.pair : processor.single) {
    if ('text' in slot) {
      const encoding = texts[slot.text]!;
      encoding.typeIds.fill(slot.type);
      append(out, encoding);
    } else if (specialTokens) {
      pushSpecial(out, slot);
    }
  }
  return out;
}

function pushSpecial(out: Encoding, { token, id, type }: SpecialSlot): void {
  out.ids.push(id);
  out.typeIds.push(type);
  out.attentionMask.push(1);
  out.specialTokensMask.push(1);
  out.offsets.push([0, 0]);
  out.wordIds.push(null);
  out.sequenceIds.push(null);
  out.tokens.push(token);
}

/** Takes the spaces that byte-level tokens carry at their ends out of the offsets, in place. */
export function trimOffsets(encoding: Encoding, addPrefixSpace: boolean): void {
  const { tokens, offsets } = encoding;
  const isSpace = (character: string): boolean => character === spaceCharacter || has(character.codePointAt(0)!, SPACE);
  for (let i = 0; i < tokens.length; i++) {
    const characters = [...tokens[i]!];
    let leading = characters.findIndex(character => !isSpace(character));
    if (leading < 0) leading = characters.length;
    let trailing = 0;
    while (trailing < characters.length && isSpace(characters[characters.length - 1 - trailing]!)) trailing++;
    if (leading === 0 && trailing === 0) continue;
    let [start, end] = offsets[i]!;
    if (leading > 0) {
      // The space that was put before the text is not in it.
      const kept = addPrefixSpace && (i === 0 || start === 0) ? leading - 1 : leading;
      start = Math.min(start + kept, end);
    }
    if (trailing > 0 && end >= trailing) end = Math.max(end - trailing, start);
    offsets[i] = [start, end];
  }
}
