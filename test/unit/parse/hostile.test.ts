// Texts made to hurt a parser: deep nesting, one endless line, stray bytes.
import assert from 'node:assert/strict';
import type { GrammarName } from '../../../src/parse/grammar';
import { parserOf } from './parsers';
import { print } from './print';
import { assertSpansNested } from './spans';

const DEEP = 10_000;

const HOSTILE: readonly (readonly [name: string, grammar: GrammarName, text: string])[] = [
  ['10,000 brackets', 'python', `x = ${'['.repeat(DEEP)}1${']'.repeat(DEEP)}\n`],
  ['10,000 open brackets', 'python', `x = ${'('.repeat(DEEP)}\ny = 1\n`],
  ['10,000 closing brackets', 'python', `x = ${')'.repeat(DEEP)}\ny = 1\n`],
  ['10,000 attributes in a row', 'python', `x${'.a'.repeat(DEEP)}\n`],
  ['10,000 calls in a row', 'javascript', `x${'.a()'.repeat(DEEP)};`],
  ['10,000 additions', 'python', `x = 1${' + 1'.repeat(DEEP)}\n`],
  ['10,000 branches', 'python', `if a: b\n${'elif a: b\n'.repeat(DEEP)}`],
  ['1,000 nested blocks', 'python', Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}if x:\n`).join('')],
  ['10,000 arrow functions', 'javascript', `x = ${'a => '.repeat(DEEP)}1;`],
  ['10,000 braces', 'typescript', '{'.repeat(DEEP)],
  ['10,000 `else if`', 'javascript', `if (a) b;${' else if (a) b;'.repeat(DEEP)}`],
  ['one line of 1 MB', 'python', `x = [${'123, '.repeat(200_000)}]\n`],
  ['one line of 200 kB without meaning', 'javascript', '%$ "'.repeat(50_000)],
  ['5 MB', 'python', 'x = 1\n'.repeat(900_000)],
  ['null bytes', 'python', 'x = 1\0\ny\0 = 2\n\0'],
  ['lone surrogates', 'python', 'x = "\ud800"\n\udc00 = 1\ny = 2\n'],
  ['a byte order mark', 'python', '\ufeffx = 1\n'],
  ['carriage returns', 'python', 'if x:\r\n    y = 1\r\n    z = "a\\\r\nb"\r\n'],
  ['form feeds', 'python', 'x = 1\n\f\ny = 2\n'],
  ['tabs and spaces mixed', 'python', 'if x:\n\ty = 1\n        z = 2\n'],
  ['only comments', 'javascript', '// a\n/* b */'],
  ['nothing', 'typescript', ''],
];

describe('a hostile text', () => {
  for (const [name, grammar, text] of HOSTILE) {
    it(`of ${name} (${grammar}) is read whole, with nested spans`, async () => {
      const program = (await parserOf(grammar)).parse(text);
      assertSpansNested(program, text.length);
      JSON.stringify(program);
    }).timeout(60_000);
  }

  it('nested too deeply says so in the middle, not at the top', async () => {
    const program = (await parserOf('python')).parse(`x = ${'['.repeat(DEEP)}1${']'.repeat(DEEP)}\ny = 2\n`);
    const printed = print(program);
    assert.match(printed, /^x = \[+<the code is nested too deeply>\]+\ny = 2$/);
  });

  it('with null bytes, a byte order mark, carriage returns or form feeds means the same as without', async () => {
    const parser = await parserOf('python');
    assert.equal(print(parser.parse('\ufeffx = 1\0\r\n\fif x:\r\n\ty = "a\\\r\nb"\r\n')), 'x = 1\nif x:\n  y = "ab"');
  });

  it('gives spans in UTF-16 units', async () => {
    const text = 's = "😀é"; t = s\n';
    const [, second] = (await parserOf('python')).parse(text).body;
    assert.equal(text.slice(second?.span.start, second?.span.end), 't = s');
  });
});
