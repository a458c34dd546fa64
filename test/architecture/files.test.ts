// What every file owes its reader: a name that says something, a sentence at its head, lines that fit.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const EMPTY_NAMES = /^(utils?|common|helpers?|services?|manager|core|misc)$/;

/** Keras's own name of a family of layers. */
const KERAS_NAMES = ['src/catalogue/layers/core.ts', 'src/train/build/core.ts'];
const CODE = /\.(ts|mts|mjs|cjs|js)$/;

/** Prettier lays code out in 120 columns; sentences and patterns, which it does not break, may be a little longer. */
const MAX_LINE = 200;

/** Code below the folders, without fixtures, which may be anything. */
function codeFiles(...folders: string[]): string[] {
  return folders
    .filter(folder => fs.existsSync(path.join(ROOT, folder)))
    .flatMap(folder =>
      fs
        .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .map(file => `${folder}/${file.split(path.sep).join('/')}`)
        .filter(file => CODE.test(file) && !/(^|\/)(fixtures|node_modules)\//.test(file)),
    );
}

const text = (file: string): string => fs.readFileSync(path.join(ROOT, file), 'utf8');

/** The first line that is neither a shebang nor a directive such as `'use strict'`. */
function firstLine(file: string): string {
  return (
    text(file)
      .split('\n')
      .find(line => line !== '' && !line.startsWith('#!')) ?? ''
  );
}

describe('every file', () => {
  it('has a name that says what is inside', () => {
    const files = codeFiles('src', 'webview', 'scripts', 'test', 'bench');
    const empty = (file: string): boolean => file.split('/').some(part => EMPTY_NAMES.test(part.replace(/\..*$/, '')));
    assert.deepEqual(
      files.filter(file => empty(file) && !KERAS_NAMES.includes(file)),
      [],
    );
    assert.ok(files.length > 0);
  });

  it('begins with a comment that says what it is for', () => {
    const files = codeFiles('src', 'webview', 'scripts', 'test', 'bench');
    assert.deepEqual(
      files.filter(file => !/^(\/\/ ?\S|\/\*)/.test(firstLine(file))),
      [],
    );
  });

  it(`has lines of at most ${MAX_LINE} characters`, () => {
    const long = codeFiles('src', 'webview', 'scripts', 'test', 'bench').flatMap(file =>
      text(file)
        .split('\n')
        .flatMap((line, index) =>
          // A line that a link makes long cannot be broken.
          line.length > MAX_LINE && !line.includes('https://') ? [`${file}:${index + 1}`] : [],
        ),
    );
    assert.deepEqual(long, []);
  });

  it('names no path of one particular machine', () => {
    const files = codeFiles('src', 'webview', 'scripts', 'test', 'bench', 'examples', 'docs');
    const machine = /["'`\s](\/(work|home|root|Users)\/[a-z])/i;
    assert.deepEqual(
      files.filter(file => machine.test(text(file))),
      [],
    );
  });
});
