/** Reads a package's files wherever it lies: from the disk in Node, over the network in a browser. */

/** A URL, or in Node the path of a folder. */
export type Place = string | URL;

export interface PlaceReader {
  text(name: string): Promise<string>;
  bytes(name: string): Promise<Uint8Array>;
}

/** The name is kept from bundlers for browsers, which would look for the module there. */
const FILES = 'node:fs/promises';

interface Files {
  readonly readFile: (path: string | URL) => Promise<Uint8Array>;
}

export function readerOf(place: Place): PlaceReader {
  const inNode =
    typeof (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node === 'string';
  const url = place instanceof URL ? place : /^[a-z]+:\/\//i.test(place) ? new URL(withSlash(place)) : null;
  const isFile = url === null ? inNode : url.protocol === 'file:';
  async function bytes(name: string): Promise<Uint8Array> {
    if (isFile) {
      const { readFile } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ FILES)) as Files;
      return readFile(url === null ? `${withSlash(String(place))}${name}` : new URL(name, url));
    }
    const from = url === null ? `${withSlash(String(place))}${name}` : new URL(name, url);
    const response = await fetch(from);
    if (!response.ok)
      throw new Error(`${String(from)} was not found (${response.status}); is "from" the right folder?`);
    return new Uint8Array(await response.arrayBuffer());
  }
  return { bytes, text: async name => new TextDecoder().decode(await bytes(name)) };
}

const withSlash = (place: string): string => (place.endsWith('/') ? place : `${place}/`);
