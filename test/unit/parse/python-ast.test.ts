// Python is read as its own ast module reads it, as recorded.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { parserOf } from './parsers';
import { print } from './print';

const recorded = JSON.parse(fs.readFileSync(path.join(__dirname, '../../oracle/parse/snippets.json'), 'utf8')) as {
  readonly rows: readonly { readonly source: string; readonly printed: string }[];
};

describe('Python as its own `ast` reads it', () => {
  for (const { source, printed } of recorded.rows) {
    it(source, async () => {
      const program = (await parserOf('python')).parse(source);
      assert.equal(print(program), printed);
      assert.deepEqual(program.syntaxErrors, []);
    });
  }
});
