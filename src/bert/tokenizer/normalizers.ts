/** The normalizers of tokenizer.json. Source: https://huggingface.co/docs/tokenizers/api/normalizers, and its Rust code. */
import {
  AlignedBuilder,
  applyChanges,
  mapCharacters,
  originOf,
  slice,
  type AlignedText,
  type Change,
} from './aligned-text';
import { precompiledNormalizer } from './precompiled';
import { unsupported } from './tokenizer-error';
import { CJK, COMBINING, CONTROL, NONSPACING, SPACE, decomposition, has, outOfOrder, properties } from './unicode';

export type Normalizer = (text: AlignedText) => AlignedText;

/** One entry of tokenizer.json; the keys depend on the type. */
export interface PartConfig {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** A text among a part's options, or its default where the file has none. */
export function textOption(config: PartConfig, key: string, standard: string): string {
  const value = config[key];
  return typeof value === 'string' ? value : standard;
}

/** @throws TokenizerError for a type that is not supported */
export function normalizerOf(config: PartConfig | null | undefined): Normalizer {
  if (!config) return text => text;
  switch (config.type) {
    case 'Sequence': {
      const parts = (config['normalizers'] as PartConfig[]).map(normalizerOf);
      return text => parts.reduce((normalized, part) => part(normalized), text);
    }
    case 'BertNormalizer':
      return bertNormalizer(config);
    case 'Lowercase':
      return lowercase;
    case 'StripAccents':
      return text => dropCharacters(text, COMBINING);
    case 'NFD':
    case 'NFKD':
      return text => decompose(text, config.type as 'NFD' | 'NFKD');
    case 'NFC':
    case 'NFKC':
      return text => compose(text, config.type as 'NFC' | 'NFKC');
    case 'Strip':
      return text => strip(text, config['strip_left'] !== false, config['strip_right'] !== false);
    case 'Replace':
      return replaceNormalizer(config);
    case 'Prepend':
      return text => prepend(text, textOption(config, 'prepend', ''));
    case 'Precompiled':
      return precompiledNormalizer(textOption(config, 'precompiled_charsmap', ''));
    default:
      throw unsupported('normalizer', config.type);
  }
}

function bertNormalizer(config: PartConfig): Normalizer {
  const cleanText = config['clean_text'] !== false;
  const chinese = config['handle_chinese_chars'] !== false;
  const lower = config['lowercase'] !== false;
  const accents = (config['strip_accents'] as boolean | null | undefined) ?? lower;
  // Printable ASCII is only ever lower-cased, and most texts are nothing else.
  const plain = /^[\x20-\x7e]*$/;
  return aligned => {
    if (plain.test(aligned.text)) return lower ? { ...aligned, text: aligned.text.toLowerCase() } : aligned;
    let text = aligned;
    if (cleanText || chinese) text = cleanAndSpace(text, cleanText, chinese);
    if (accents) text = dropCharacters(decompose(text, 'NFD'), NONSPACING);
    return lower ? lowercase(text) : text;
  };
}

/** Drops control characters, turns white space into spaces, and puts spaces around Chinese characters. */
function cleanAndSpace(text: AlignedText, cleanText: boolean, chinese: boolean): AlignedText {
  const table = properties();
  return mapCharacters(text, (character, codePoint) => {
    const bits = table[codePoint]!;
    if (cleanText && (bits & CONTROL) !== 0) return '';
    if (cleanText && (bits & SPACE) !== 0) return ' ';
    return chinese && (bits & CJK) !== 0 ? ` ${character} ` : character;
  });
}

/** Character by character, as Rust does it: a final sigma stays an ordinary one. */
const lowercase: Normalizer = text => {
  const whole = text.text.toLowerCase();
  if (whole === text.text) return text;
  return mapCharacters(text, character => character.toLowerCase());
};

function dropCharacters(text: AlignedText, property: number): AlignedText {
  const table = properties();
  for (const character of text.text) {
    if ((table[character.codePointAt(0)!]! & property) !== 0) {
      return mapCharacters(text, (kept, codePoint) => ((table[codePoint]! & property) === 0 ? kept : ''));
    }
  }
  return text;
}

/** Canonical or compatibility decomposition; marks are put in canonical order and keep their changes. */
function decompose(text: AlignedText, form: 'NFD' | 'NFKD'): AlignedText {
  if (text.text.normalize(form) === text.text) return text;
  const changes: Change[] = [];
  for (const character of text.text) {
    let change = 0;
    for (const part of character < '\u0080' ? character : decomposition(character, form)) {
      changes.push([part, change]);
      change = 1;
    }
  }
  orderMarks(changes);
  return applyChanges(text, changes);
}

/** A stable sort of each run of marks by combining class; runs are short, so that exchanging neighbours will do. */
function orderMarks(changes: Change[]): void {
  for (let i = 1; i < changes.length; i++) {
    for (let k = i; k > 0 && outOfOrder(changes[k - 1]![0], changes[k]![0]); k--) {
      [changes[k - 1], changes[k]] = [changes[k]!, changes[k - 1]!];
    }
  }
}

/** Marks, and the Korean vowels and consonants that join what stands before them. */
const joining = /[\p{M}\u1160-\u11ff]/u;

/** Composition, one base character with what joins it at a time; all of the result stands where the base stood. */
function compose(text: AlignedText, form: 'NFC' | 'NFKC'): AlignedText {
  if (text.text.normalize(form) === text.text) return text;
  const out = new AlignedBuilder();
  let base = '';
  let place = 0;
  let at = 0;
  const flush = (): void => {
    if (base !== '') out.push(base.normalize(form), place);
  };
  for (const character of text.text) {
    if (base === '' || !joining.test(character)) {
      flush();
      base = '';
      place = originOf(text, at);
    }
    base += character;
    at += character.length;
  }
  flush();
  return out.aligned;
}

function strip(text: AlignedText, left: boolean, right: boolean): AlignedText {
  let start = 0;
  let end = text.text.length;
  // All white space lies in the first plane, so that units are characters here.
  while (left && start < end && has(text.text.charCodeAt(start), SPACE)) start++;
  while (right && end > start && has(text.text.charCodeAt(end - 1), SPACE)) end--;
  return slice(text, start, end);
}

/** What replaces a match stands where the match's last character stood. */
function replaceNormalizer(config: PartConfig): Normalizer {
  const pattern = config['pattern'] as { String?: string; Regex?: string };
  const content = textOption(config, 'content', '');
  const source = pattern.Regex ?? pattern.String!.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const expression = new RegExp(source, 'gu');
  return aligned => {
    const out = new AlignedBuilder();
    let done = 0;
    const copy = (end: number): void => {
      for (let at = done; at < end; at++) out.push(aligned.text[at]!, originOf(aligned, at));
    };
    for (const match of aligned.text.matchAll(expression)) {
      if (match[0] === '') continue;
      copy(match.index);
      done = match.index + match[0].length;
      out.push(content, originOf(aligned, done - 1));
    }
    if (done === 0) return aligned;
    copy(aligned.text.length);
    return out.aligned;
  };
}

/** The new characters stand where the first character of the text stands; an empty text stays empty. */
export function prepend(text: AlignedText, start: string): AlignedText {
  if (text.text === '') return text;
  const origin: number[] = [];
  for (let k = 0; k < start.length; k++) origin.push(originOf(text, 0));
  for (let k = 0; k < text.text.length; k++) origin.push(originOf(text, k));
  return { text: start + text.text, origin, from: 0 };
}
