// TypeScript is read as its own parser reads it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { GrammarName } from '../../../src/parse/grammar';
import { parserOf } from './parsers';
import { print } from './print';
import { JAVASCRIPT, TYPESCRIPT } from './sources';
import { printTypeScript } from './typescript-print';

const root = path.join(__dirname, '../../..');
const snippets = fs
  .readFileSync(path.join(__dirname, 'snippets.ts.txt'), 'utf8')
  .split('\n----\n')
  .map(each => each.trim());
const ENDING: Readonly<Record<GrammarName, string>> = {
  python: '.py',
  javascript: '.js',
  typescript: '.ts',
  tsx: '.tsx',
};

async function assertSame(source: string, grammar: GrammarName): Promise<void> {
  const program = (await parserOf(grammar)).parse(source);
  assert.equal(print(program), printTypeScript(source, `x${ENDING[grammar]}`));
  assert.deepEqual(program.syntaxErrors, []);
}

function* sourceFiles(folder: string): Generator<string> {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* sourceFiles(file);
    else if (/\.ts$/.test(entry.name)) yield file;
  }
}

describe('TypeScript as its own parser reads it', () => {
  for (const source of snippets) it(source, () => assertSame(source, 'typescript'));
  it('the test programs', async () => {
    await assertSame(JAVASCRIPT, 'javascript');
    await assertSame(TYPESCRIPT, 'typescript');
  });
  it("the parser's own source", async () => {
    for (const file of sourceFiles(path.join(root, 'src/parse')))
      await assertSame(fs.readFileSync(file, 'utf8'), 'typescript');
  });
});
