/** The pre-tokenizers of tokenizer.json: normalised text into words that a model then takes apart. */
import { AlignedBuilder, originOf, slice, type AlignedText } from './aligned-text';
import { bytesOf } from './byte-level';
import { prepend, textOption, type PartConfig } from './normalizers';
import { unsupported } from './tokenizer-error';
import { LETTER, NUMBER, PUNCTUATION, SPACE, properties } from './unicode';

export type PreTokenizer = (text: AlignedText) => AlignedText[];

/** @throws TokenizerError for a type that is not supported */
export function preTokenizerOf(config: PartConfig | null | undefined): PreTokenizer {
  if (!config) return text => [text];
  switch (config.type) {
    case 'Sequence': {
      const parts = (config['pretokenizers'] as PartConfig[]).map(preTokenizerOf);
      return text => parts.reduce<AlignedText[]>((pieces, part) => pieces.flatMap(part), [text]);
    }
    case 'BertPreTokenizer':
      return text => splitBySpace(text, true);
    case 'WhitespaceSplit':
      return text => splitBySpace(text, false);
    case 'ByteLevel':
      return byteLevel(config['add_prefix_space'] !== false, config['use_regex'] !== false);
    case 'Metaspace':
      return metaspace(config);
    default:
      throw unsupported('pre-tokenizer', config.type);
  }
}

/** Words between white space; each punctuation character is a word of its own where `punctuation` is set. */
function splitBySpace(text: AlignedText, punctuation: boolean): AlignedText[] {
  const table = properties();
  const out: AlignedText[] = [];
  const isolated = punctuation ? PUNCTUATION : 0;
  let start = 0;
  const { length } = text.text;
  for (let at = 0; at < length;) {
    const codePoint = text.text.codePointAt(at)!;
    const bits = table[codePoint]!;
    const size = codePoint > 0xffff ? 2 : 1;
    if ((bits & (SPACE | isolated)) !== 0) {
      if (at > start) out.push(slice(text, start, at));
      if ((bits & SPACE) === 0) out.push(slice(text, at, at + size));
      start = at + size;
    }
    at += size;
  }
  if (length > start) out.push(slice(text, start, length));
  return out;
}

const contraction = /'(?:s|t|re|ve|m|ll|d)/y;

/** GPT-2's split, then every byte as a character of the byte alphabet. */
function byteLevel(addPrefixSpace: boolean, split: boolean): PreTokenizer {
  return text => {
    const spaced = addPrefixSpace && !text.text.startsWith(' ') ? prepend(text, ' ') : text;
    return (split ? splitLikeGpt2(spaced) : [spaced]).map(toBytes);
  };
}

/**
 * `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+` by hand, since the properties are those
 * of `tokenizers` and not those of Node.
 */
function splitLikeGpt2(text: AlignedText): AlignedText[] {
  const table = properties();
  const { text: s } = text;
  const out: AlignedText[] = [];
  const kindAt = (at: number): number => table[s.codePointAt(at)!]! & (LETTER | NUMBER | SPACE);
  /** The end of the run of characters of this kind from `at` on. */
  const runEnd = (at: number, kind: number): number => {
    let end = at;
    while (end < s.length && kindAt(end) === kind) end += s.codePointAt(end)! > 0xffff ? 2 : 1;
    return end;
  };
  for (let at = 0; at < s.length;) {
    let end: number;
    contraction.lastIndex = at;
    const kind = kindAt(at);
    if (s[at] === "'" && contraction.test(s)) {
      end = contraction.lastIndex;
    } else if (kind !== SPACE) {
      end = runEnd(at, kind);
    } else if (s[at] === ' ' && at + 1 < s.length && kindAt(at + 1) !== SPACE) {
      end = runEnd(at + 1, kindAt(at + 1));
    } else {
      end = runEnd(at, SPACE);
      // A word takes the last space before it along; white space is one unit long each.
      if (end < s.length && end - at > 1) end--;
    }
    out.push(slice(text, at, end));
    at = end;
  }
  return out;
}

function toBytes(text: AlignedText): AlignedText {
  if (/^[\x21-\x7e]*$/.test(text.text)) return text;
  const out = new AlignedBuilder();
  let at = 0;
  for (const character of text.text) {
    out.push(bytesOf(character), originOf(text, at));
    at += character.length;
  }
  return out.aligned;
}

/** SentencePiece's: spaces become "▁", which begins each word. */
function metaspace(config: PartConfig): PreTokenizer {
  const replacement = textOption(config, 'replacement', '▁');
  // Files from before `prepend_scheme` say `add_prefix_space`.
  const scheme = textOption(config, 'prepend_scheme', config['add_prefix_space'] === false ? 'never' : 'always');
  const split = config['split'] !== false;
  return aligned => {
    if (aligned.text === '') return [];
    let text: AlignedText = { ...aligned, text: aligned.text.replaceAll(' ', replacement) };
    if (
      !text.text.startsWith(replacement) &&
      (scheme === 'always' || (scheme === 'first' && originOf(text, 0) === 0))
    ) {
      text = prepend(text, replacement);
    }
    if (!split) return [text];
    const out: AlignedText[] = [];
    let start = 0;
    for (let at = text.text.indexOf(replacement, 1); at > 0; at = text.text.indexOf(replacement, at + 1)) {
      out.push(slice(text, start, at));
      start = at;
    }
    if (text.text.length > start) out.push(slice(text, start, text.text.length));
    return out;
  };
}
