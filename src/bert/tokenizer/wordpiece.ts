/** WordPiece: the longest prefix in the vocabulary, again and again. Source: Devlin et al. 2018, and `tokenizers`. */
import { cached, type Model, type ModelToken } from './model';

export interface WordPieceOptions {
  readonly unknown?: string;
  readonly prefix?: string;
  /** Words of more characters than this become the unknown token. */
  readonly longestWord?: number;
}

export function wordPiece(vocabulary: ReadonlyMap<string, number>, options: WordPieceOptions = {}): Model {
  const { unknown = '[UNK]', prefix = '##', longestWord = 100 } = options;
  const unknownId = vocabulary.get(unknown);
  // Continuations under their bare text, so that no text is put together for each look-up.
  const continuations = new Map<string, number>();
  let longest = 1;
  for (const [token, id] of vocabulary) {
    longest = Math.max(longest, token.length);
    if (token.startsWith(prefix)) continuations.set(token.slice(prefix.length), id);
  }

  const tokenize = (word: string): readonly ModelToken[] => {
    const whole: ModelToken[] = unknownId === undefined ? [] : [{ id: unknownId, start: 0, end: word.length }];
    if (word.length > longestWord && charactersOf(word) > longestWord) return whole;
    const tokens: ModelToken[] = [];
    for (let start = 0; start < word.length;) {
      const pieces = start === 0 ? vocabulary : continuations;
      let end = Math.min(word.length, start + longest);
      let id: number | undefined;
      for (; end > start; end--) {
        id = pieces.get(word.slice(start, end));
        if (id !== undefined) break;
      }
      if (id === undefined) return whole;
      tokens.push({ id, start, end });
      start = end;
    }
    return tokens;
  };
  return { kind: 'WordPiece', vocabulary, unknown, tokenize: cached(tokenize) };
}

function charactersOf(word: string): number {
  let count = 0;
  for (const _ of word) count++;
  return count;
}
