// The beginning of a file of data that a program reads: enough for its header, and all of it where it is small.
import fs from 'node:fs';

/** A table of this size is read whole, so that its rows can be counted. */
const LONGEST = 512 * 1024;

export interface FileHead {
  readonly text: string;
  readonly isWhole: boolean;
}

/** Undefined for what is no regular file, cannot be read, or is no text in UTF-8. */
export function readFileHead(file: string): FileHead | undefined {
  let descriptor: number | undefined;
  try {
    // Pipes and devices wait for somebody, so they are not even opened.
    if (!fs.statSync(file).isFile()) return undefined;
    descriptor = fs.openSync(file, 'r');
    const bytes = Buffer.alloc(LONGEST);
    let length = 0;
    for (let read = -1; read !== 0 && length < LONGEST; length += read)
      read = fs.readSync(descriptor, bytes, length, LONGEST - length, null);
    const isWhole = length < LONGEST;
    // `stream` lets a character that is cut off at the end be.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length), { stream: !isWhole });
    return { text, isWhole };
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

/**
 * The file that a program means by a path that can be two: the one that is there; undefined where both are there and
 * differ, because it is not known from which folder the program is started.
 */
export function onlyHead(
  places: readonly string[],
  read: (place: string) => FileHead | undefined,
): FileHead | undefined {
  const found = places.flatMap(place => read(place) ?? []);
  return found.every(head => head.text === found[0]!.text) ? found[0] : undefined;
}
