// The examples of every rule that speaks in JavaScript, run by the real TensorFlow.js: what is reported as an error
// throws, what is reported as a warning runs, what is good runs, and what a quick fix leaves behind runs.
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { interpret } from '../../../src/infer/interpret';
import { applyEdits } from '../../../src/ir/span';
import type { SourceParser } from '../../../src/parse/grammar';
import { diagnose, RULES } from '../../../src/rules';
import type { Diagnostic } from '../../../src/rules/rule';
import { parserOf } from '../../unit/parse/parsers';

type Run = (tf: unknown, console: { log(): void }) => Promise<void>;
const AsyncFunction = (async () => {}).constructor as new (...source: string[]) => Run;

/** Why the program throws; undefined where it runs to its end. */
async function thrown(text: string): Promise<string | undefined> {
  const body = text.replace(/^import .*$/gm, '').replace(/^const tf = require.*$/gm, '');
  tf.engine().startScope();
  try {
    await new AsyncFunction('tf', 'console', body)(tf, { log: () => undefined });
    return undefined;
  } catch (error) {
    return String(error);
  } finally {
    tf.engine().endScope();
  }
}

describe('rules in JavaScript against TensorFlow.js itself', function () {
  this.timeout(120_000);
  let parser: SourceParser;
  before(async () => {
    parser = await parserOf('javascript');
    await tf.setBackend('cpu');
  });

  const diagnosticsOf = (text: string): Diagnostic[] => {
    const program = parser.parse(text);
    return diagnose({ text, language: program.language, program, facts: interpret(program) });
  };

  for (const rule of RULES) {
    rule.javascript?.bad.forEach((text, i) => {
      it(`${rule.id}: bad script ${i + 1}`, async () => {
        const [found] = diagnosticsOf(text);
        const why = await thrown(text);
        assert.equal(
          why !== undefined,
          found?.severity === 'error',
          `${found?.severity}, but ${why ?? 'it runs'}\n${text}`,
        );
        for (const fix of found?.fixes ?? []) {
          const fixed = applyEdits(text, fix.edits);
          assert.equal(await thrown(fixed), undefined, `after "${fix.title}"\n${fixed}`);
        }
      });
    });
    rule.javascript?.good.forEach((text, i) => {
      it(`${rule.id}: good script ${i + 1}`, async () => {
        assert.equal(await thrown(text), undefined, text);
      });
    });
  }
});
