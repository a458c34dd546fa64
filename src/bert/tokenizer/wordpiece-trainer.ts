/**
 * Trains a WordPiece vocabulary as Python's BertWordPieceTrainer does: the most frequent pair of neighbours becomes a
 * token, again and again. Python gives equally frequent pairs in an order that changes from run to run, since it comes
 * from a hash table; here characters are ordered by code point, so that the same corpus gives the same vocabulary.
 */
import { alignedText } from './aligned-text';
import { Heap } from './heap';
import { normalizerOf } from './normalizers';
import { preTokenizerOf } from './pre-tokenizers';
import { bertPipeline, bertSpecialTokens } from './standard-pipelines';

export interface WordPieceTraining {
  /** Default 30,000. Smaller corpora give fewer. */
  readonly vocabularySize?: number;
  /** Pairs that occur less often stay apart; default 2. */
  readonly minFrequency?: number;
  /** How many different characters get a token, the most frequent first; default 1000. */
  readonly alphabet?: number;
  readonly specialTokens?: readonly string[];
  readonly lowercase?: boolean;
  /** Called now and then with the number of tokens so far. */
  readonly onProgress?: (tokens: number, wanted: number) => void;
}

const PREFIX = '##';
/** Two ids in one number. */
const SHIFT = 2 ** 26;

/** @param lines of the corpus @returns the vocabulary in the order of its ids */
export function trainWordPiece(lines: Iterable<string>, options: WordPieceTraining = {}): Map<string, number> {
  const { vocabularySize = 30_000, minFrequency = 2, specialTokens = bertSpecialTokens } = options;
  const counts = countWords(lines, options.lowercase ?? true);
  const vocabulary = new Map<string, number>();
  const tokens: string[] = [];
  const add = (token: string): number => {
    let id = vocabulary.get(token);
    if (id === undefined) {
      id = tokens.push(token) - 1;
      vocabulary.set(token, id);
    }
    return id;
  };
  for (const token of specialTokens) add(token);
  const alphabet = alphabetOf(counts, options.alphabet ?? 1000);
  for (const character of alphabet) add(character);
  const words = splitWords(counts.keys(), new Set(alphabet), add);
  const merging = new Merging(words, [...counts.values()]);
  let told = 0;
  while (tokens.length < vocabularySize) {
    const pair = merging.mostFrequent(minFrequency);
    if (pair === null) break;
    const right = tokens[pair.right]!;
    const id = add(tokens[pair.left]! + (right.startsWith(PREFIX) ? right.slice(PREFIX.length) : right));
    merging.merge(pair, id);
    if (tokens.length >= told + 500) options.onProgress?.((told = tokens.length), vocabularySize);
  }
  return vocabulary;
}

function countWords(lines: Iterable<string>, lowercase: boolean): Map<string, number> {
  const { normalizer, pre_tokenizer: pre } = bertPipeline(new Map(), lowercase);
  const normalize = normalizerOf(normalizer);
  const split = preTokenizerOf(pre);
  const counts = new Map<string, number>();
  for (const line of lines) {
    for (const { text } of split(normalize(alignedText(line)))) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}

/** The most frequent characters, then in the order of their code points. */
function alphabetOf(words: ReadonlyMap<string, number>, limit: number): string[] {
  const counts = new Map<string, number>();
  for (const [word, count] of words) {
    for (const character of word) counts.set(character, (counts.get(character) ?? 0) + count);
  }
  const byCodePoint = (a: string, b: string): number => a.codePointAt(0)! - b.codePointAt(0)!;
  return [...counts]
    .sort((a, b) => b[1] - a[1] || byCodePoint(a[0], b[0]))
    .slice(0, limit)
    .map(([character]) => character)
    .sort(byCodePoint);
}

/** Words as ids of characters; those that are not in the alphabet are left out. */
function splitWords(
  words: Iterable<string>,
  alphabet: ReadonlySet<string>,
  add: (token: string) => number,
): number[][] {
  const split = Array.from(words, word =>
    [...word].map((character, i) => ({ character, first: i === 0 })).filter(({ character }) => alphabet.has(character)),
  );
  const inside = new Set(split.flatMap(word => word.filter(({ first }) => !first).map(({ character }) => character)));
  // In the order of the alphabet, which is sorted.
  for (const character of alphabet) if (inside.has(character)) add(PREFIX + character);
  return split.map(word => word.map(({ character, first }) => add(first ? character : PREFIX + character)));
}

interface Pair {
  readonly left: number;
  readonly right: number;
  count: number;
  /** The words in which this pair was seen when it was offered. */
  readonly words: readonly number[];
}

/** The words of the corpus while pairs in them are merged, with the frequency of every pair kept up to date. */
class Merging {
  private readonly frequency = new Map<number, number>();
  private readonly queue = new Heap<Pair>(
    (a, b) => a.count > b.count || (a.count === b.count && keyOf(a.left, a.right) < keyOf(b.left, b.right)),
  );

  constructor(
    private readonly words: number[][],
    private readonly counts: readonly number[],
  ) {
    const places = new Map<number, Set<number>>();
    words.forEach((word, index) => {
      for (let i = 0; i + 1 < word.length; i++) this.change(places, keyOf(word[i]!, word[i + 1]!), 1, index);
    });
    this.offer(places);
  }

  /** Null when the rest is too rare. */
  mostFrequent(minimum: number): Pair | null {
    for (let top = this.queue.pop(); top; top = this.queue.pop()) {
      const now = this.frequency.get(keyOf(top.left, top.right))!;
      if (top.count === now) return now < 1 || now < minimum ? null : top;
      // Its frequency fell while it waited.
      this.queue.push({ ...top, count: now });
    }
    return null;
  }

  merge({ left, right, words }: Pair, id: number): void {
    const places = new Map<number, Set<number>>();
    for (const index of words) {
      const word = this.words[index]!;
      for (let i = 0; i + 1 < word.length; i++) {
        if (word[i] !== left || word[i + 1] !== right) continue;
        word.splice(i, 2, id);
        if (i > 0) {
          this.change(places, keyOf(word[i - 1]!, left), -1, index);
          this.change(places, keyOf(word[i - 1]!, id), 1, index);
        }
        if (i + 1 < word.length) {
          this.change(places, keyOf(right, word[i + 1]!), -1, index);
          this.change(places, keyOf(id, word[i + 1]!), 1, index);
        }
      }
    }
    this.offer(places);
  }

  private change(places: Map<number, Set<number>>, key: number, by: 1 | -1, index: number): void {
    this.frequency.set(key, (this.frequency.get(key) ?? 0) + by * this.counts[index]!);
    if (by < 0) return;
    const known = places.get(key);
    if (known) known.add(index);
    else places.set(key, new Set([index]));
  }

  private offer(places: ReadonlyMap<number, ReadonlySet<number>>): void {
    for (const [key, words] of places) {
      const count = this.frequency.get(key)!;
      if (count > 0) this.queue.push({ left: Math.floor(key / SHIFT), right: key % SHIFT, count, words: [...words] });
    }
  }
}

function keyOf(left: number, right: number): number {
  return left * SHIFT + right;
}
