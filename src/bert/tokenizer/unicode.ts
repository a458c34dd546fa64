/** Properties of characters, and canonical decomposition, exactly as Python `tokenizers` has them in every Node version. */
import { combining, control, letter, nonspacing, number, punctuation, undecomposed } from './unicode-tables';

/** One bit per property in `propertiesOf`. */
export const NONSPACING = 1;
export const COMBINING = 2;
export const CONTROL = 4;
export const PUNCTUATION = 8;
export const LETTER = 16;
export const NUMBER = 32;
export const SPACE = 64;
export const CJK = 128;
const UNDECOMPOSED = 256;

const CHARACTERS = 0x110000;

/** White_Space, as Rust's `char::is_whitespace` and the `\s` of the byte-level pre-tokenizer have it. */
const spaces: readonly (readonly [number, number])[] = [
  [0x9, 0xd],
  [0x20, 0x20],
  [0x85, 0x85],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
];

/** BertNormalizer's Chinese characters; that 0x2b820–0x2b91f is missing is a slip of `tokenizers`, kept by all. */
const chinese: readonly (readonly [number, number])[] = [
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xf900, 0xfaff],
  [0x20000, 0x2a6df],
  [0x2a700, 0x2b81f],
  [0x2b920, 0x2ceaf],
  [0x2f800, 0x2fa1f],
];

/** Ranges written by record_unicode.py: distance from the end of the range before, a dash, further length; base 36. */
function rangesOf(table: string): [number, number][] {
  let end = 0;
  return table
    .trim()
    .split(/\s+/)
    .map(part => {
      const [distance = '', length = '0'] = part.split('-');
      const first = end + parseInt(distance, 36);
      end = first + parseInt(length, 36);
      return [first, end];
    });
}

let table: Uint16Array | undefined;

/** The bits of a code point. The table of 2 MB is made at the first call: an editor that never tokenizes needs none. */
export function properties(): Uint16Array {
  if (table) return table;
  table = new Uint16Array(CHARACTERS);
  const set = (ranges: readonly (readonly [number, number])[], bit: number): void => {
    for (const [first, last] of ranges) for (let c = first; c <= last; c++) table![c]! |= bit;
  };
  set(rangesOf(nonspacing), NONSPACING);
  set(rangesOf(combining), COMBINING);
  set(rangesOf(control), CONTROL);
  set(rangesOf(punctuation), PUNCTUATION);
  set(rangesOf(letter), LETTER);
  set(rangesOf(number), NUMBER);
  set(rangesOf(undecomposed), UNDECOMPOSED);
  set(spaces, SPACE);
  set(chinese, CJK);
  return table;
}

export function has(codePoint: number, property: number): boolean {
  return (properties()[codePoint]! & property) !== 0;
}

/** The decomposition of one character; it does not reorder, since there is nothing to reorder within one. */
export function decomposition(character: string, form: 'NFD' | 'NFKD'): string {
  if (has(character.codePointAt(0)!, UNDECOMPOSED)) return character;
  return character.normalize(form);
}

const mark = /^\p{M}$/u;

/** Whether canonical order puts `second` before `first`: both are marks, of different combining classes. */
export function outOfOrder(first: string, second: string): boolean {
  if (!mark.test(second) || !mark.test(first)) return false;
  const pair = first + second;
  return pair.normalize('NFD') !== pair;
}
