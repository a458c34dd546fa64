/** What the three kinds of tokenizer models have in common: a word goes in, tokens with their places in it come out. */

export interface ModelToken {
  readonly id: number;
  /** UTF-16 units of the word. */
  readonly start: number;
  readonly end: number;
}

export interface Model {
  readonly kind: 'WordPiece' | 'BPE' | 'Unigram';
  readonly vocabulary: ReadonlyMap<string, number>;
  /** The token for what the vocabulary cannot spell; undefined where there is none. */
  readonly unknown: string | undefined;
  /** The tokens of one word as the pre-tokenizer gave it. */
  tokenize: (word: string) => readonly ModelToken[];
}

/** Words repeat; the tokens of the most recent ones are kept. */
export function cached(tokenize: Model['tokenize'], capacity = 20_000): Model['tokenize'] {
  const cache = new Map<string, readonly ModelToken[]>();
  return word => {
    const known = cache.get(word);
    if (known !== undefined) return known;
    const tokens = tokenize(word);
    if (word.length > 64) return tokens;
    if (cache.size >= capacity) cache.clear();
    cache.set(word, tokens);
    return tokens;
  };
}
