/** What encoding a text gives, and how it is cut to a length and filled up to one. */
import { TokenizerError } from './tokenizer-error';

/** `[start, end)`; `[0, 0]` for special tokens and padding. */
export type Offsets = readonly [number, number];

export interface Encoding {
  readonly ids: number[];
  /** 0 for the first text, 1 for the second, where the checkpoint tells them apart. */
  readonly typeIds: number[];
  /** 1 for tokens, 0 for padding. */
  readonly attentionMask: number[];
  /** 1 for tokens that no text stands behind. */
  readonly specialTokensMask: number[];
  /** In code points of the text the token came from, as Python counts; `utf16Offsets` turns them into JavaScript's. */
  readonly offsets: Offsets[];
  /** Which word of its text a token belongs to, counted from 0; null for special tokens and padding. */
  readonly wordIds: (number | null)[];
  /** Which text a token came from, 0 or 1; null for special tokens and padding. */
  readonly sequenceIds: (0 | 1 | null)[];
  readonly tokens: string[];
}

export type TruncationStrategy = 'longest_first' | 'only_first' | 'only_second' | 'none';

const lists = [
  'ids',
  'typeIds',
  'attentionMask',
  'specialTokensMask',
  'offsets',
  'wordIds',
  'sequenceIds',
  'tokens',
] as const;

export function emptyEncoding(): Encoding {
  return {
    ids: [],
    typeIds: [],
    attentionMask: [],
    specialTokensMask: [],
    offsets: [],
    wordIds: [],
    sequenceIds: [],
    tokens: [],
  };
}

/** The tokens `[start, end)`. */
export function part(encoding: Encoding, start: number, end: number): Encoding {
  const cut = Object.fromEntries(lists.map(list => [list, encoding[list].slice(start, end)]));
  return cut as unknown as Encoding;
}

export function append(encoding: Encoding, other: Encoding): void {
  for (const list of lists) {
    const into = encoding[list] as unknown[];
    for (const item of other[list]) into.push(item);
  }
}

/**
 * How many tokens of each text stay when both together may have `maximum`, special tokens not counted.
 * @throws TokenizerError where the strategy cuts one text alone and that one is too short
 */
export function truncatedLengths(
  first: number,
  second: number | null,
  maximum: number,
  strategy: TruncationStrategy,
): [number, number] {
  const total = first + (second ?? 0);
  if (strategy === 'none' || total <= maximum) return [first, second ?? 0];
  if (maximum <= 0) return [0, 0];
  const remove = total - maximum;
  if (strategy === 'longest_first') {
    if (second === null) return [maximum, 0];
    let [short, long] = first > second ? [second, first] : [first, second];
    long = short > maximum ? short : Math.max(short, maximum - short);
    if (short + long > maximum) {
      short = Math.floor(maximum / 2);
      long = short + (maximum % 2);
    }
    return first > second ? [long, short] : [short, long];
  }
  if (strategy === 'only_second' && second === null) {
    throw new TokenizerError('There is no second text to truncate.', 'Give a pair, or truncate "only_first".');
  }
  const target = strategy === 'only_first' ? first : second!;
  if (target <= remove) {
    throw new TokenizerError(
      `The ${strategy === 'only_first' ? 'first' : 'second'} text has ${target} tokens, too few to remove ${remove}.`,
      'Truncate "longest_first", or raise the maximum length.',
    );
  }
  return strategy === 'only_first' ? [first - remove, second ?? 0] : [first, second! - remove];
}

/**
 * How many tokens count when two texts are compared for `longest_first`: since version 0.23 Python reads no word
 * beyond the one that reaches `maximum`, so that of two very long texts neither need be the longer one.
 */
export function tokensRead({ ids, wordIds }: Encoding, maximum: number): number {
  if (ids.length <= maximum || maximum <= 0) return ids.length;
  let end = maximum;
  while (end < ids.length && wordIds[end] === wordIds[end - 1]) end++;
  return end;
}

/** Offsets in UTF-16 units, as JavaScript's `slice` takes them, from offsets in code points of the same text. */
export function utf16Offsets(text: string, offsets: readonly Offsets[]): Offsets[] {
  if (!/[\ud800-\udfff]/.test(text)) return [...offsets];
  const units: number[] = [];
  let at = 0;
  for (const character of text) {
    units.push(at);
    at += character.length;
  }
  units.push(at);
  return offsets.map(([start, end]) => [units[start] ?? at, units[end] ?? at]);
}
