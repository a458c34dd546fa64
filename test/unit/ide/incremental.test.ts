// A file that is edited is analysed as if it had always been as it is now: nothing is left of what it was before.
//
//   MODELWRIGHT_EDIT_RUNS=500 npx mocha test/unit/ide/incremental.test.ts     many more edits than a usual run
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { type Analysis, Analyzer } from '../../../src/ide/analysis';
import { codeLenses } from '../../../src/ide/code-lens';
import { inlayHints } from '../../../src/ide/inlay-hints';
import { ENGINE_FILE } from '../../../src/parse/grammar';
import { JAVASCRIPT_LINES, PROGRAMS, PYTHON_LINES } from './edited-programs';

const root = path.join(__dirname, '../../..');
const RUNS = Number(process.env['MODELWRIGHT_EDIT_RUNS'] ?? 4);

const readWasm = (file: string): Promise<Uint8Array> =>
  fs.promises.readFile(
    path.join(root, 'node_modules', file === ENGINE_FILE ? 'web-tree-sitter' : '@vscode/tree-sitter-wasm/wasm', file),
  );

const place = fc.double({ min: 0, max: 1, noNaN: true });
const EDIT = fc.record({
  kind: fc.constantFrom('number', 'line', 'line', 'cut', 'move', 'copy', 'take out', 'undo', 'letter'),
  at: place,
  to: place,
  count: fc.integer({ min: 1, max: 4 }),
});
type Edit = typeof EDIT extends fc.Arbitrary<infer T> ? T : never;

const SIZES = [1, 2, 3, 8, 10, 16, 64];

function edited(
  text: string,
  { kind, at, to, count }: Edit,
  lines: readonly string[],
  before: readonly string[],
): string {
  const pick = <T>(all: readonly T[], share: number): T | undefined => all[Math.floor(share * (all.length - 0.001))];
  const all = text.split('\n');
  const from = Math.floor(at * all.length);
  const target = Math.floor(to * all.length);
  const offset = Math.floor(at * text.length);
  switch (kind) {
    case 'number': {
      const found = pick([...text.matchAll(/\b\d+\b/g)], at);
      if (!found) return text;
      return text.slice(0, found.index) + String(pick(SIZES, to)) + text.slice(found.index + found[0].length);
    }
    case 'line': {
      const indent = /^\s*/.exec(all[from] ?? '')![0];
      all.splice(from, 0, indent + pick(lines, to)!);
      return all.join('\n');
    }
    case 'cut':
      all.splice(from, count);
      return all.join('\n');
    case 'move':
      all.splice(target, 0, ...all.splice(from, count));
      return all.join('\n');
    case 'copy':
      all.splice(target, 0, ...all.slice(from, from + count));
      return all.join('\n');
    case 'take out':
      return text.slice(0, offset) + text.slice(offset + count);
    case 'letter':
      return text.slice(0, offset) + pick(['x', '(', ')', ' ', '=', ',', '"', '\n'], to)! + text.slice(offset);
    case 'undo':
      return pick(before, at) ?? text;
  }
}

/** Everything anybody may ask of an analysis, as text. */
function everythingOf({ facts, diagnostics, program }: Analysis): Record<string, string> {
  const { models, layerCalls, faults, gaps, compiles, fits, unbound } = facts;
  return {
    program: written(program),
    faults: written(faults),
    calls: written(
      layerCalls.map(c => {
        const { kind, place, made, name, className, inputs, outputs, params, weights, why } = c;
        return { kind, place, made, name, className, inputs, outputs, params, weights, why, lines: c.explain() };
      }),
    ),
    models: written(
      models.map(m => {
        const { facts, binding, name, className, layerCount, nameSpan, statement, boundBy, symbols } = m;
        return { facts, binding, name, className, layerCount, nameSpan, statement, boundBy, symbols };
      }),
    ),
    others: written({ gaps, compiles, fits, unbound }),
    diagnostics: written(diagnostics),
    shown: written([inlayHints(facts).map(({ offset, text }) => [offset, text]), codeLenses(facts)]),
  };
}

const written = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, inner: unknown) => {
      if (inner instanceof Map || inner instanceof Set) return [...(inner as Iterable<unknown>)];
      return inner === undefined ? 'undefined' : inner;
    },
    1,
  );

describe('a file that is edited is analysed as if it had always been so', () => {
  const analyzer = new Analyzer(readWasm);
  const examples = ['keras/cnn.py', 'keras/broken_cnn.py', 'keras/rnn.py'].map(file => `examples/${file}`);
  const files = [
    ...PROGRAMS,
    ...examples.map(file => ({ name: file, file, text: fs.readFileSync(path.join(root, file), 'utf8') })),
  ];
  for (const { name, file, text: original } of files) {
    it(name, async () => {
      const lines = file.endsWith('.py') ? PYTHON_LINES : JAVASCRIPT_LINES;
      await fc.assert(
        fc.asyncProperty(fc.array(EDIT, { minLength: 3, maxLength: 14 }), async edits => {
          const document = (await analyzer.open(file))!;
          try {
            const before = [original];
            document.update(original);
            for (const edit of edits) {
              const text = edited(before.at(-1)!, edit, lines, before);
              before.push(text);
              const now = everythingOf(document.update(text));
              assert.deepEqual(now, everythingOf((await analyzer.analyze(file, text))!), text);
            }
          } finally {
            document.close();
          }
        }),
        { numRuns: RUNS },
      );
    }).timeout(60_000 + RUNS * 10_000);
  }
});
