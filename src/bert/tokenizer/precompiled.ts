/**
 * SentencePiece's precompiled character map: a double-array trie from texts to their replacements, as the models of
 * ALBERT carry it. Source: https://github.com/google/sentencepiece, doc/special_symbols and builder.cc; the trie is Darts.
 */
import { applyChanges, type AlignedText, type Change } from './aligned-text';
import { TokenizerError } from './tokenizer-error';

/**
 * @param base64 the map: the trie's length in bytes, the trie as 32-bit units, then replacements that end in a zero
 * @throws TokenizerError when the map is not whole
 */
export function precompiledNormalizer(base64: string): (text: AlignedText) => AlignedText {
  const bytes = Buffer.from(base64, 'base64');
  const length = bytes.length >= 4 ? bytes.readUInt32LE(0) : -1;
  if (length < 4 || length % 4 !== 0 || 4 + length > bytes.length) {
    throw new TokenizerError(
      'The precompiled character map of tokenizer.json is damaged.',
      'Copy the checkpoint once more.',
    );
  }
  const trie = new Uint32Array(length / 4);
  for (let i = 0; i < trie.length; i++) trie[i] = bytes.readUInt32LE(4 + 4 * i);
  const replacements = bytes.subarray(4 + length);
  const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });

  const known = new Map<string, string | null>();
  /** The replacement of a whole text; where a prefix of it has one, that of the shortest, as Rust looks it up. */
  const replacementOf = (text: string): string | null => {
    let replacement = known.get(text);
    if (replacement === undefined) {
      replacement = lookUp(text);
      if (known.size < 20_000) known.set(text, replacement);
    }
    return replacement;
  };
  const lookUp = (text: string): string | null => {
    const at = firstMatch(trie, Buffer.from(text, 'utf8'));
    if (at === null) return null;
    const end = replacements.indexOf(0, at);
    return replacements.toString('utf8', at, end < 0 ? replacements.length : end);
  };
  // In printable ASCII every character is a cluster of its own.
  const plain = /^[\x20-\x7e]*$/;
  const clustersOf = (text: string): Iterable<string> =>
    plain.test(text) ? text : Array.from(segmenter.segment(text), ({ segment }) => segment);

  return aligned => {
    const changes: Change[] = [];
    let replaced = false;
    const replace = (old: string, replacement: string): void => {
      replaced = true;
      const missing = [...old].length - [...replacement].length;
      let k = 0;
      for (const character of replacement) changes.push([character, k++ < [...old].length ? 0 : 1]);
      // What is dropped goes to the character before it, even one that was inserted.
      const last = changes[changes.length - 1];
      if (missing > 0 && last) changes[changes.length - 1] = [last[0], last[1] - missing];
    };
    for (const segment of clustersOf(aligned.text)) {
      // A cluster longer than any key is taken apart at once.
      const whole = Buffer.byteLength(segment) < 6 ? replacementOf(segment) : null;
      if (whole !== null) {
        replace(segment, whole);
        continue;
      }
      for (const character of segment) {
        const replacement = replacementOf(character);
        if (replacement === null) changes.push([character, 0]);
        else replace(character, replacement);
      }
    }
    return replaced ? applyChanges(aligned, changes) : aligned;
  };
}

/** Walks the trie until a key ends; a unit is base and flags, laid out as Darts-clone does. */
function firstMatch(trie: Uint32Array, key: Uint8Array): number | null {
  const offset = (unit: number): number => (unit >>> 10) << ((unit & (1 << 9)) >>> 6);
  let node = 0;
  let unit = trie[0]!;
  node ^= offset(unit);
  for (const byte of key) {
    if (byte === 0) break;
    node ^= byte;
    if (node >= trie.length) return null;
    unit = trie[node]!;
    if ((unit & ((1 << 31) | 0xff)) >>> 0 !== byte) return null;
    node ^= offset(unit);
    if (((unit >>> 8) & 1) === 1) return trie[node]! & 0x7fffffff;
  }
  return null;
}
