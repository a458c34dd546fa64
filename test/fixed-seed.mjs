// Gives every property test the same seed in every run, so that a red test is red again; mocha loads this first.
//
// MODELWRIGHT_SEED=123 chooses another seed, MODELWRIGHT_SEED=random a new one each time; fast-check names the seed when
// a property fails.
import { createRequire } from 'node:module';
import imported from 'fast-check';

const wanted = process.env.MODELWRIGHT_SEED ?? '20240229';
const seed = wanted === 'random' ? Math.trunc(Math.random() * 0x7fffffff) : Number(wanted);
if (!Number.isInteger(seed)) throw new Error(`MODELWRIGHT_SEED is "${wanted}"; it must be an integer or "random".`);
// The tests are loaded as CommonJS or as modules, and fast-check is another copy in each.
for (const fc of [imported, createRequire(import.meta.url)('fast-check')]) {
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
}
