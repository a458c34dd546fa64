// Any text is read: nothing throws, spans stay inside, the same text gives the same program.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { GrammarName, SourceParser } from '../../../src/parse/grammar';
import { parserOf } from './parsers';
import { JAVASCRIPT, PYTHON, TYPESCRIPT } from './sources';
import { assertSpansNested } from './spans';

const SOURCES: Readonly<Record<GrammarName, string>> = {
  python: PYTHON,
  javascript: JAVASCRIPT,
  typescript: TYPESCRIPT,
  tsx: TYPESCRIPT.replace('<any>', ''),
};
const GRAMMARS = Object.keys(SOURCES) as GrammarName[];

/** What a text can be made of when it is no program: tokens, brackets, odd characters, half surrogates. */
const SHRED = fc.constantFrom(
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '"',
  "'",
  '`',
  '"""',
  '\\',
  '\n',
  '\r\n',
  '\r',
  '\f',
  '\t',
  '  ',
  '    ',
  '\0',
  '\ufeff',
  '\ud83d',
  '\u2028',
  '😀',
  'é',
  '=',
  '==',
  '+=',
  ':=',
  '=>',
  '...',
  '.',
  '?.',
  ',',
  ':',
  ';',
  '@',
  '#',
  '//',
  '/*',
  '*/',
  '*',
  '**',
  '-',
  '!',
  '<',
  '>',
  '${',
  '_',
  '$',
  'def',
  'class',
  'if',
  'else',
  'for',
  'in',
  'of',
  'return',
  'lambda',
  'yield',
  'await',
  'async',
  'import',
  'from',
  'export',
  'const',
  'function',
  'print',
  'exec',
  'match',
  'case',
  'with',
  'as',
  'not',
  'f"{',
  'x',
  'Dense',
  '10',
  '1.',
  '0x',
  '1e',
  '3j',
  '5n',
  'enum',
  'new',
  'static',
  'get',
);

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(30),
  insert: fc.array(SHRED, { maxLength: 4 }),
  /** Where whole lines go instead; what they said was read before, at another place. */
  linesTo: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 2 }),
});
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

function applied(text: string, { at, length, insert, linesTo }: Edit): string {
  if (linesTo !== null) {
    const lines = text.split('\n');
    const moved = lines.splice(Math.floor(at * lines.length), 1 + (length % 5));
    lines.splice(Math.floor(linesTo * lines.length), 0, ...moved);
    return lines.join('\n');
  }
  const start = Math.floor(at * text.length);
  return text.slice(0, start) + insert.join('') + text.slice(start + length);
}

function readsWell(parser: SourceParser, text: string): void {
  const program = parser.parse(text);
  assertSpansNested(program, text.length);
  assert.deepEqual(parser.parse(text), program);
}

describe('any text', () => {
  for (const grammar of GRAMMARS) {
    it(`made of pieces of ${grammar} is read without an exception, with nested spans`, async () => {
      const parser = await parserOf(grammar);
      fc.assert(
        fc.property(fc.array(SHRED, { maxLength: 60 }), shreds => readsWell(parser, shreds.join(''))),
        { numRuns: 50 },
      );
      fc.assert(
        fc.property(fc.array(SHRED, { maxLength: 40 }), shreds => readsWell(parser, shreds.join(' '))),
        { numRuns: 40 },
      );
      fc.assert(
        fc.property(fc.string({ unit: 'binary', maxLength: 40 }), text => readsWell(parser, text)),
        { numRuns: 30 },
      );
    }).timeout(120_000);

    it(`made of a program in ${grammar} by edits is read as if it had always been so`, async () => {
      const parser = await parserOf(grammar);
      assert.deepEqual(parser.parse(SOURCES[grammar]).syntaxErrors, []);
      fc.assert(
        fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), edits => {
          const document = parser.open();
          try {
            let text = SOURCES[grammar];
            document.update(text);
            for (const each of edits) {
              text = applied(text, each);
              const program = document.update(text);
              assertSpansNested(program, text.length);
              assert.deepEqual(program, parser.parse(text));
            }
          } finally {
            document.close();
          }
        }),
        { numRuns: 12 },
      );
    }).timeout(120_000);
  }
});
