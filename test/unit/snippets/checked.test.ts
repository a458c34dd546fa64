/** Snippets before our own checker: no finding in any of them, and the same models as real Keras made of them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { interpret } from '../../../src/infer/interpret';
import { diagnose } from '../../../src/rules';
import { parserOf } from '../parse/parsers';
import type { SnippetLanguage } from './programs';
import { programOf, snippetsOf } from './programs';

const file = fileURLToPath(new URL('../../oracle/snippets/recorded.json', import.meta.url));
const recorded = (JSON.parse(readFileSync(file, 'utf8')) as {
  snippets: Record<string, { outputs?: (number | null)[][]; params?: number }>;
}).snippets;

describe('snippets before the checker', () => {
  for (const language of ['python', 'javascript', 'typescript'] as SnippetLanguage[]) {
    for (const snippet of snippetsOf(language)) {
      it(`${snippet.prefix} (${language})`, async () => {
        const text = programOf(snippet, language);
        const program = (await parserOf(language)).parse(text);
        assert.deepEqual(program.syntaxErrors, []);
        const facts = interpret(program, {});
        assert.deepEqual(diagnose({ text, language, program, facts }).map(({ message }) => message), []);
        const real = language === 'python' ? recorded[snippet.prefix] : undefined;
        if (!real?.outputs) return;
        const model = facts.models.map((bound) => bound.facts).find(({ binding }) => binding === 'model');
        assert.deepEqual(model?.outputShapes, real.outputs);
        assert.equal(model?.params.total, real.params);
      });
    }
  }
});
