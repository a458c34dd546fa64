// Gives every property test the same seed in every run, so that a red test is red again; mocha loads this first.
//
// MODELWRIGHT_SEED=123 chooses another seed, MODELWRIGHT_SEED=random a new one each time; fast-check names the seed when
// a property fails.
import fc from 'fast-check';

const wanted = process.env.MODELWRIGHT_SEED ?? '20240229';
const seed = wanted === 'random' ? Math.trunc(Math.random() * 0x7fffffff) : Number(wanted);
if (!Number.isInteger(seed)) throw new Error(`MODELWRIGHT_SEED is "${wanted}"; it must be an integer or "random".`);
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
