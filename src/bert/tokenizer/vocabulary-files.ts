/** vocab.txt, vocab.json and merges.txt: what a checkpoint without tokenizer.json has. */
import { TokenizerError } from './tokenizer-error';

/** One token a line; the line is the id. Of a token that stands twice the later line counts, as in Python. */
export function parseVocabularyText(text: string): Map<string, number> {
  const lines = text.split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  const vocabulary = new Map<string, number>();
  lines.forEach((line, id) => vocabulary.set(line.replace(/\r$/, ''), id));
  if (vocabulary.size === 0) throw new TokenizerError('vocab.txt is empty.', 'Copy the checkpoint once more.');
  return vocabulary;
}

export function parseVocabularyJson(text: string): Map<string, number> {
  try {
    const value = JSON.parse(text) as Record<string, number>;
    const entries = Object.entries(value);
    if (entries.length > 0 && entries.every(([, id]) => Number.isInteger(id) && id >= 0)) return new Map(entries);
  } catch {
    // Said below, for every kind of damage.
  }
  throw new TokenizerError(
    'vocab.json is not an object of tokens and their ids.',
    'Copy the checkpoint once more; the file may be cut off.',
  );
}

/** One pair a line, apart by a space, the most important first; a first line with the version is no pair. */
export function parseMerges(text: string): [string, string][] {
  return text
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#version'))
    .map((line, index) => {
      const parts = line.replace(/\r$/, '').split(' ');
      if (parts.length === 2) return parts as [string, string];
      throw new TokenizerError(
        `Pair ${index + 1} of merges.txt, "${line}", is not two tokens.`,
        'Copy the checkpoint once more.',
      );
    });
}
