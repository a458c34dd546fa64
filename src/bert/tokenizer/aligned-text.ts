/**
 * Text on its way through normalisation that remembers where each part came from. Normalising never merges what it
 * remembers: each unit of the new text comes from exactly one character of the original.
 */

export interface AlignedText {
  readonly text: string;
  /**
   * For every UTF-16 unit of `text`, counted from `from`, the index of the code point of the original it came from.
   * Null: unit i is code point `from + i`, which holds for text without surrogates that nothing changed.
   */
  readonly origin: readonly number[] | null;
  readonly from: number;
}

/** A word, or a part of a text that is an added token and needs no further look. */
export interface Piece extends AlignedText {
  /** The added token's id. */
  readonly token?: number;
}

const surrogate = /[\ud800-\udfff]/;

export function alignedText(text: string): AlignedText {
  if (!surrogate.test(text)) return { text, origin: null, from: 0 };
  const origin: number[] = [];
  let index = 0;
  for (const character of text) {
    for (let k = 0; k < character.length; k++) origin.push(index);
    index++;
  }
  return { text, origin, from: 0 };
}

/** The code point of the original that unit `at` came from. */
export function originOf(aligned: AlignedText, at: number): number {
  return aligned.origin === null ? aligned.from + at : aligned.origin[aligned.from + at]!;
}

export function slice(aligned: AlignedText, start: number, end: number): AlignedText {
  if (start === 0 && end === aligned.text.length) return aligned;
  return { text: aligned.text.slice(start, end), origin: aligned.origin, from: aligned.from + start };
}

/** Collects a new text character by character. */
export class AlignedBuilder {
  private text = '';
  private readonly origin: number[] = [];

  push(characters: string, origin: number): void {
    this.text += characters;
    for (let k = 0; k < characters.length; k++) this.origin.push(origin);
  }

  get aligned(): AlignedText {
    return { text: this.text, origin: this.origin, from: 0 };
  }
}

/** A character of a new text: 0 takes the place of the next old one, −n takes n more along, 1 is inserted. */
export type Change = readonly [character: string, change: number];

/** The new text, placed as the Rust code of `tokenizers` places it: an inserted character shares the place before it. */
export function applyChanges(aligned: AlignedText, changes: readonly Change[]): AlignedText {
  const places: number[] = [];
  let at = 0;
  for (const character of aligned.text) {
    places.push(originOf(aligned, at));
    at += character.length;
  }
  const out = new AlignedBuilder();
  let taken = 0;
  for (const [character, change] of changes) {
    const place = change > 0 ? taken - 1 : taken;
    out.push(character, places[Math.min(Math.max(0, place), places.length - 1)]!);
    if (change <= 0) taken += 1 - change;
  }
  return out.aligned;
}

/** Every character of `aligned` replaced by what `replace` gives, which may be empty. */
export function mapCharacters(
  aligned: AlignedText,
  replace: (character: string, codePoint: number) => string,
): AlignedText {
  const out = new AlignedBuilder();
  const { text } = aligned;
  for (let at = 0; at < text.length;) {
    const codePoint = text.codePointAt(at)!;
    const character = codePoint > 0xffff ? text.slice(at, at + 2) : text[at]!;
    const replacement = replace(character, codePoint);
    if (replacement !== '') out.push(replacement, originOf(aligned, at));
    at += character.length;
  }
  return out.aligned;
}
