/** Entities in labels of words, and their precision, recall and F1, as seqeval counts by default (as conlleval does). */
import { f1, mean } from './classification';

export interface Entity {
  readonly type: string;
  /** Words `[start, end)`. */
  readonly start: number;
  readonly end: number;
}

/**
 * Reads B, I, E, S and O leniently: an I without a B before it begins an entity all the same.
 * Source: the perl script of CoNLL-2000, whose rules seqeval's default mode follows.
 */
export function entitiesOf(tags: readonly string[]): Entity[] {
  const entities: Entity[] = [];
  let [previous, previousType] = ['O', ''];
  let start = 0;
  for (let i = 0; i <= tags.length; i++) {
    const [prefix, type] = partsOf(tags[i] ?? 'O');
    if (ends(previous, prefix, previousType, type)) entities.push({ type: previousType, start, end: i });
    if (starts(previous, prefix, previousType, type)) start = i;
    [previous, previousType] = [prefix, type];
  }
  return entities;
}

/** "B-PER" → B and PER. Without a dash the first letter is the prefix all the same, as seqeval has it. */
function partsOf(tag: string): [string, string] {
  const rest = tag.slice(1);
  return [tag[0] ?? 'O', (rest.includes('-') ? rest.slice(rest.indexOf('-') + 1) : rest) || '_'];
}

function ends(previous: string, prefix: string, previousType: string, type: string): boolean {
  if (previous === 'E' || previous === 'S') return true;
  if ((previous === 'B' || previous === 'I') && (prefix === 'B' || prefix === 'S' || prefix === 'O')) return true;
  return previous !== 'O' && previous !== '.' && previousType !== type;
}

function starts(previous: string, prefix: string, previousType: string, type: string): boolean {
  if (prefix === 'B' || prefix === 'S') return true;
  const outside = previous === 'E' || previous === 'S' || previous === 'O';
  if (outside && (prefix === 'E' || prefix === 'I')) return true;
  return prefix !== 'O' && prefix !== '.' && previousType !== type;
}

export interface EntityScore {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Entities in the truth. */
  readonly support: number;
}

export interface EntityMetrics extends EntityScore {
  /** Of words, not of entities. */
  readonly accuracy: number;
  readonly macroF1: number;
  readonly byType: Readonly<Record<string, EntityScore>>;
}

/** @param truth, predicted labels of the words of each sentence, alike in length */
export function entityMetrics(
  truth: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
): EntityMetrics {
  const counts = new Map<string, { right: number; predicted: number; truth: number }>();
  const count = (type: string): { right: number; predicted: number; truth: number } => {
    let found = counts.get(type);
    if (!found) counts.set(type, (found = { right: 0, predicted: 0, truth: 0 }));
    return found;
  };
  const key = ({ type, start, end }: Entity): string => `${start} ${end} ${type}`;
  let [words, right] = [0, 0];
  truth.forEach((tags, i) => {
    const guess = predicted[i]!;
    words += tags.length;
    right += tags.filter((tag, k) => tag === guess[k]).length;
    const wanted = entitiesOf(tags);
    const keys = new Set(wanted.map(key));
    for (const { type } of wanted) count(type).truth++;
    for (const entity of entitiesOf(guess)) {
      count(entity.type).predicted++;
      if (keys.has(key(entity))) count(entity.type).right++;
    }
  });
  const types = [...counts.keys()].sort();
  const byType = Object.fromEntries(types.map(type => [type, score(counts.get(type)!)]));
  const all = { right: 0, predicted: 0, truth: 0 };
  for (const each of counts.values()) {
    all.right += each.right;
    all.predicted += each.predicted;
    all.truth += each.truth;
  }
  return {
    ...score(all),
    accuracy: words === 0 ? 0 : right / words,
    macroF1: mean(types.map(type => byType[type]!.f1)),
    byType,
  };
}

function score(count: { right: number; predicted: number; truth: number }): EntityScore {
  return {
    precision: count.predicted === 0 ? 0 : count.right / count.predicted,
    recall: count.truth === 0 ? 0 : count.right / count.truth,
    f1: f1(count.right, count.predicted, count.truth),
    support: count.truth,
  };
}
