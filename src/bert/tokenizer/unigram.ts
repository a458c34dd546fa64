/** SentencePiece's unigram model: of all ways to cut a word, the one with the best sum of scores. Source: Kudo 2018. */
import { cached, type Model, type ModelToken } from './model';

/** What an unknown character costs beyond the worst score of the vocabulary. */
const UNKNOWN_PENALTY = 10;

interface Node {
  id: number;
  score: number;
  readonly children: Map<string, Node>;
}

/**
 * @param scored tokens with their logarithmic scores; the index is the id
 * @param unknownId the token for characters that none covers; runs of them become one
 */
export function unigram(scored: readonly (readonly [string, number])[], unknownId: number | undefined): Model {
  const vocabulary = new Map(scored.map(([token], id) => [token, id]));
  const root: Node = { id: -1, score: 0, children: new Map() };
  let worst = Infinity;
  scored.forEach(([token, score], id) => {
    worst = Math.min(worst, score);
    let node = root;
    for (const character of token) {
      let child = node.children.get(character);
      if (!child) node.children.set(character, (child = { id: -1, score: 0, children: new Map() }));
      node = child;
    }
    node.id = id;
    node.score = score;
  });
  const unknownScore = worst - UNKNOWN_PENALTY;

  const tokenize = (word: string): readonly ModelToken[] => {
    const cuts = bestCuts(word, root, unknownId ?? -1, unknownScore);
    const tokens: ModelToken[] = [];
    for (const cut of cuts) {
      const last = tokens[tokens.length - 1];
      if (cut.id < 0) continue;
      if (cut.id === unknownId && last?.id === unknownId) tokens[tokens.length - 1] = { ...last, end: cut.end };
      else tokens.push(cut);
    }
    return tokens;
  };
  const unknown = unknownId === undefined ? undefined : scored[unknownId]?.[0];
  return { kind: 'Unigram', vocabulary, unknown, tokenize: cached(tokenize) };
}

/** Viterbi over the positions of the word. Of equal sums the cut found first stays. */
function bestCuts(word: string, root: Node, unknownId: number, unknownScore: number): ModelToken[] {
  const best = new Float64Array(word.length + 1).fill(-Infinity);
  const from = new Int32Array(word.length + 1).fill(-1);
  const ids = new Int32Array(word.length + 1);
  best[0] = 0;
  for (let start = 0; start < word.length;) {
    const width = word.codePointAt(start)! > 0xffff ? 2 : 1;
    const offer = (end: number, id: number, score: number): void => {
      const sum = best[start]! + score;
      if (from[end]! < 0 || sum > best[end]!) {
        best[end] = sum;
        from[end] = start;
        ids[end] = id;
      }
    };
    let single = false;
    let node: Node | undefined = root;
    for (let end = start; node && end < word.length;) {
      const size = word.codePointAt(end)! > 0xffff ? 2 : 1;
      node = node.children.get(word.slice(end, end + size));
      end += size;
      if (node && node.id >= 0) {
        offer(end, node.id, node.score);
        single ||= end - start === width;
      }
    }
    if (!single) offer(start + width, unknownId, unknownScore);
    start += width;
  }
  const cuts: ModelToken[] = [];
  for (let end = word.length; end > 0; end = from[end]!) cuts.push({ id: ids[end]!, start: from[end]!, end });
  return cuts.reverse();
}
