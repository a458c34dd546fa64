// Every rule against its own examples, and the registry against the folder.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { diagnose, RULES } from '../../../src/rules';
import type { Diagnostic } from '../../../src/rules/rule';
import { interpret } from '../../../src/infer/interpret';
import { applyEdits } from '../../../src/ir/span';
import { parserOf } from '../parse/parsers';

const FOLDER = path.join(__dirname, '../../../src/rules');
/** Files of the room that are no rules. */
const OTHERS = new Set(['rule', 'words', 'fixes', 'outputs', 'index', 'suppress', 'dialect', 'scripts']);

async function check(text: string, grammar: 'python' | 'javascript' = 'python'): Promise<Diagnostic[]> {
  const program = (await parserOf(grammar)).parse(text);
  assert.deepEqual(program.syntaxErrors, [], `the example does not parse:\n${text}`);
  return diagnose({ text, language: program.language, program, facts: interpret(program) });
}

const told = (found: readonly Diagnostic[]): string[] => found.map(d => `${d.code}: ${d.message}`);

describe('rules', () => {
  it('are exactly the files of the room', () => {
    const files = fs
      .readdirSync(FOLDER)
      .map(f => path.basename(f, '.ts'))
      .filter(f => !OTHERS.has(f))
      .sort();
    assert.deepEqual(RULES.map(r => r.id).sort(), files);
  });

  it('write strings into the code in the quotes that it uses', async () => {
    const program = (quote: string): string =>
      "import keras\nfrom keras import layers\nmodel = keras.Sequential([keras.Input((2, 2, 1)), layers.Conv2D(4, 3, name='c')])\n".replaceAll(
        "'",
        quote,
      );
    for (const quote of ['"', "'"]) {
      const [found] = await check(program(quote));
      const fix = found?.fixes?.find(f => f.title.includes('padding'));
      assert.ok(fix, JSON.stringify(found));
      assert.match(applyEdits(program(quote), fix.edits), new RegExp(`padding=${quote}same${quote}`));
    }
  });

  for (const rule of RULES) {
    describe(rule.id, () => {
      rule.bad.forEach((text, i) =>
        it(`reports bad example ${i + 1} once`, async () => {
          const found = await check(text);
          assert.deepEqual(
            found.map(d => d.code),
            [rule.id],
            told(found).join('\n'),
          );
          assert.equal(found[0]!.severity, rule.severity);
          assert.match(found[0]!.message, /^\S.*[.?]$/s, 'a message is a sentence');
          assert.ok(found[0]!.span.end > found[0]!.span.start, 'a diagnostic stands somewhere');
        }),
      );
      rule.good.forEach((text, i) =>
        it(`is silent on good example ${i + 1}`, async () => {
          assert.deepEqual(told(await check(text)), []);
        }),
      );
      rule.bad.forEach((text, i) =>
        it(`has fixes that help for bad example ${i + 1}`, async () => {
          const [diagnostic] = await check(text);
          for (const fix of diagnostic?.fixes ?? []) {
            const fixed = await check(applyEdits(text, fix.edits));
            assert.ok(
              !fixed.some(d => d.severity === 'error' && d.code === rule.id),
              `after "${fix.title}":\n${told(fixed).join('\n')}`,
            );
          }
        }),
      );
      const script = rule.javascript ?? { bad: [], good: [] };
      it('has an example of what it reports', () => {
        assert.ok(rule.bad.length + script.bad.length > 0);
      });
      script.bad.forEach((text, i) =>
        it(`reports bad script ${i + 1} once, and its fixes leave nothing to report`, async () => {
          const found = await check(text, 'javascript');
          assert.deepEqual(
            found.map(d => d.code),
            [rule.id],
            told(found).join('\n'),
          );
          assert.match(found[0]!.message, /^\S.*[.?]$/s, 'a message is a sentence');
          if (rule.id !== 'option-ignored')
            assert.doesNotMatch(
              found[0]!.message,
              /\bNone\b|\bKeras\b|\bTrue\b|\b[a-z]+_(shape|size|rate)\b/,
              'Python in JavaScript',
            );
          assert.ok(found[0]!.span.end > found[0]!.span.start, 'a diagnostic stands somewhere');
          for (const fix of found[0]!.fixes) {
            const fixed = applyEdits(text, fix.edits);
            assert.deepEqual(told(await check(fixed, 'javascript')), [], `after "${fix.title}":\n${fixed}`);
          }
        }),
      );
      script.good.forEach((text, i) =>
        it(`is silent on good script ${i + 1}`, async () => {
          assert.deepEqual(told(await check(text, 'javascript')), []);
        }),
      );
    });
  }
});
