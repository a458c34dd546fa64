/** Scratch files for the reader tests, and the shared way to expect a DataError. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '../../../src/data/data-error';
import type { Place } from '../../../src/data/data-error';
import type { ReadContext } from '../../../src/data/reader';

/** A folder that lives as long as the enclosing `describe`. */
export function scratch(): {
  folder: () => string;
  write: (name: string, content: string | Uint8Array) => string;
  context: () => ReadContext;
} {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'modelwright-data-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder: () => folder,
    write: (name, content) => {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    },
    context: () => ({ folder }),
  };
}

/** The error must name the file, match the text, point at the place, and say what to do. */
export async function fails(work: Promise<unknown>, file: string, text: RegExp, place: Place = {}): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert.ok(error instanceof DataError, `not a DataError: ${String(error)}`);
    assert.ok(error.message.includes(file), `"${error.message}" does not name ${file}`);
    assert.match(error.message, text);
    for (const [key, value] of Object.entries(place))
      assert.equal(error.place[key as keyof Place], value, `${key} in "${error.message}"`);
    assert.ok(
      (error.hint.length > 5 && error.hint.endsWith('.')) || error.hint.endsWith('?'),
      `no way out in "${error.message}"`,
    );
    return true;
  });
}
