/** Byte-pair encoding: neighbours are merged in the order in which training merged them. Source: Sennrich et al. 2016. */
import { Heap } from './heap';
import { cached, type Model, type ModelToken } from './model';
import { TokenizerError } from './tokenizer-error';

/** A part of a word while it is merged, in a list linked both ways by index. */
interface Part {
  id: number;
  start: number;
  end: number;
  previous: number;
  next: number;
}

/**
 * @param merges pairs of tokens, the first the most important
 * @throws TokenizerError when a merge names a token that the vocabulary lacks
 */
export function bytePair(
  vocabulary: ReadonlyMap<string, number>,
  merges: readonly (readonly [string, string])[],
  unknown?: string,
): Model {
  let size = 1;
  for (const id of vocabulary.values()) size = Math.max(size, id + 1);
  /** Pair of ids as one number → rank and what it becomes. */
  const ranks = new Map<number, { rank: number; id: number }>();
  merges.forEach(([left, right], rank) => {
    const ids = [left, right, left + right].map(token => vocabulary.get(token));
    if (ids.includes(undefined)) {
      throw new TokenizerError(
        `The merge ${rank + 1}, "${left} ${right}", needs a token that the vocabulary does not have.`,
        'The vocabulary and the merges are of two different tokenizers; copy both from one checkpoint.',
      );
    }
    ranks.set(ids[0]! * size + ids[1]!, { rank, id: ids[2]! });
  });
  const unknownId = unknown === undefined ? undefined : vocabulary.get(unknown);

  const tokenize = (word: string): readonly ModelToken[] => {
    const parts: Part[] = [];
    let at = 0;
    for (const character of word) {
      const id = vocabulary.get(character) ?? unknownId;
      const start = at;
      at += character.length;
      // A character without a token and without an unknown token is left out, as `tokenizers` does.
      if (id !== undefined) parts.push({ id, start, end: at, previous: parts.length - 1, next: parts.length + 1 });
    }
    if (parts.length === 0) return [];
    parts[parts.length - 1]!.next = -1;
    mergeAll(parts, ranks, size);
    const tokens: ModelToken[] = [];
    for (let k = 0; k >= 0; k = parts[k]!.next) tokens.push(parts[k]!);
    return tokens.map(({ id, start, end }) => ({ id, start, end }));
  };
  return { kind: 'BPE', vocabulary, unknown, tokenize: cached(tokenize) };
}

/** Merges in place; the part at index 0 is never taken away. Of equal ranks the leftmost goes first. */
function mergeAll(parts: Part[], ranks: ReadonlyMap<number, { rank: number; id: number }>, size: number): void {
  const queue = new Heap<Merge>(before);
  const offer = (k: number): void => {
    const part = parts[k]!;
    if (part.next < 0) return;
    const merge = ranks.get(part.id * size + parts[part.next]!.id);
    if (merge) queue.push({ rank: merge.rank, position: k, id: merge.id });
  };
  for (let k = 0; k < parts.length; k++) offer(k);
  for (let top = queue.pop(); top; top = queue.pop()) {
    const part = parts[top.position]!;
    // What was offered before a neighbour changed is out of date.
    if (part.end < 0 || part.next < 0) continue;
    const other = parts[part.next]!;
    const merge = ranks.get(part.id * size + other.id);
    if (merge?.id !== top.id) continue;
    part.id = merge.id;
    part.end = other.end;
    other.end = -1;
    part.next = other.next;
    if (part.next >= 0) parts[part.next]!.previous = top.position;
    if (part.previous >= 0) offer(part.previous);
    offer(top.position);
  }
}

interface Merge {
  readonly rank: number;
  readonly position: number;
  readonly id: number;
}

/** The lowest rank first; of equal ranks the leftmost position. */
function before(a: Merge, b: Merge): boolean {
  return a.rank !== b.rank ? a.rank < b.rank : a.position < b.position;
}
