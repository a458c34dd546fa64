/** GPT-2's alphabet: every byte as one printable character, so that a vocabulary of texts can hold any bytes. */

/** Printable bytes stand for themselves; the others follow from U+0100 on, in order. */
const characterOfByte: readonly string[] = (() => {
  const out: string[] = [];
  let next = 256;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    out.push(String.fromCharCode(printable ? byte : next++));
  }
  return out;
})();

const byteOfCharacter = new Map(characterOfByte.map((character, byte) => [character, byte]));

/** What the space is written as: "Ġ". */
export const spaceCharacter = characterOfByte[0x20]!;

const encoder = new TextEncoder();
const cache = new Map<string, string>();

/** A character of a text as one to four characters of the alphabet. */
export function bytesOf(character: string): string {
  if (character.length === 1 && character < '\u0080') return characterOfByte[character.charCodeAt(0)]!;
  let text = cache.get(character);
  if (text === undefined) {
    text = [...encoder.encode(character)].map(byte => characterOfByte[byte]!).join('');
    if (cache.size < 10_000) cache.set(character, text);
  }
  return text;
}

/** The text that tokens of the alphabet stand for; bytes that are no UTF-8 become U+FFFD. */
export function textOfBytes(tokens: string): string {
  const bytes: number[] = [];
  for (const character of tokens) {
    const byte = byteOfCharacter.get(character);
    if (byte === undefined) bytes.push(...encoder.encode(character));
    else bytes.push(byte);
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes));
}

/** The 256 characters, in the order of the characters: where the vocabulary of a byte-level BPE begins. */
export const byteAlphabet: readonly string[] = [...characterOfByte].sort();
