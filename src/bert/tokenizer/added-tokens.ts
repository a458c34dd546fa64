/** Tokens that are found in a text before any model sees it: the special ones, and what a user added. */
import { alignedText, slice, type AlignedText, type Piece } from './aligned-text';
import type { Normalizer } from './normalizers';
import { SPACE, has } from './unicode';

/** As in tokenizer.json. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Only where no letter or digit touches it. */
  readonly single_word: boolean;
  /** Takes the white space before or after it along. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Looked for in the normalised text instead of the text as it was written. */
  readonly normalized: boolean;
  readonly special: boolean;
}

const wordCharacter = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;

/** Finds added tokens in text as written, normalises what is between them, and finds the others in that. */
export class AddedTokens {
  private readonly written: Matcher;
  private readonly normalized: Matcher;

  constructor(
    readonly tokens: readonly AddedToken[],
    private readonly normalize: Normalizer,
  ) {
    this.written = new Matcher(tokens.filter(token => !token.normalized).map(token => [token.content, token]));
    this.normalized = new Matcher(
      tokens.filter(token => token.normalized).map(token => [normalize(alignedText(token.content)).text, token]),
    );
  }

  split(text: AlignedText): Piece[] {
    const out: Piece[] = [];
    for (const piece of this.written.split(text)) {
      if (piece.token === undefined) out.push(...this.normalized.split(this.normalize(piece)));
      else out.push(piece);
    }
    return out;
  }
}

class Matcher {
  private readonly byContent: ReadonlyMap<string, AddedToken>;
  /** All contents, the longest first, so that the leftmost match is the longest one there. */
  private readonly expression: RegExp | null;

  constructor(entries: readonly (readonly [string, AddedToken])[]) {
    const sound = entries.filter(([content]) => content !== '');
    this.byContent = new Map(sound);
    const contents = [...this.byContent.keys()].sort((a, b) => b.length - a.length);
    const escaped = contents.map(content => content.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
    this.expression = contents.length === 0 ? null : new RegExp(escaped.join('|'), 'gu');
  }

  split(text: AlignedText): Piece[] {
    const { text: s } = text;
    if (s === '') return [];
    if (this.expression === null) return [text];
    const out: Piece[] = [];
    let done = 0;
    for (const match of s.matchAll(this.expression)) {
      const token = this.byContent.get(match[0])!;
      let start = match.index;
      let end = start + match[0].length;
      if (token.single_word && (endsWithWord(s, start) || startsWithWord(s, end))) continue;
      if (token.lstrip) while (start > done && has(s.charCodeAt(start - 1), SPACE)) start--;
      if (token.rstrip) while (end < s.length && has(s.charCodeAt(end), SPACE)) end++;
      if (start > done) out.push(slice(text, done, start));
      out.push({ ...slice(text, start, end), token: token.id });
      done = end;
    }
    if (done < s.length) out.push(slice(text, done, s.length));
    return out;
  }
}

function endsWithWord(text: string, end: number): boolean {
  const last = [...text.slice(Math.max(0, end - 2), end)].pop();
  return last !== undefined && wordCharacter.test(last);
}

function startsWithWord(text: string, start: number): boolean {
  const codePoint = text.codePointAt(start);
  return codePoint !== undefined && wordCharacter.test(String.fromCodePoint(codePoint));
}
