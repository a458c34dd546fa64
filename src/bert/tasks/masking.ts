/** Masked language modelling: which tokens are hidden. Source: Devlin et al. 2018, section 3.1. */
import { randomBits, uniform } from '../../data/random';
import type { Tokenizer } from '../tokenizer/index';
import { IGNORED } from './features';

export interface Masked {
  readonly ids: number[];
  /** The hidden token where one is hidden, else IGNORED. */
  readonly labels: number[];
}

/**
 * Of the tokens that stand for text each is chosen with `probability`; 80 % of those become the mask, 10 % any token,
 * 10 % stay. The same seed and position give the same choice, so that a resumed run repeats it.
 * @param position counts features over all epochs, or anything else that names one drawing
 */
export function maskTokens(
  ids: readonly number[],
  tokenizer: Tokenizer,
  seed: number,
  position: number,
  probability = 0.15,
): Masked {
  const next = uniform(randomBits(seed, position));
  const mask = tokenizer.special.mask ?? tokenizer.special.unk;
  const out = [...ids];
  const labels: number[] = ids.map(() => IGNORED);
  let candidates = 0;
  ids.forEach((id, i) => {
    if (tokenizer.specialIds.has(id)) return;
    candidates++;
    if (next() >= probability) return;
    labels[i] = id;
    const how = next();
    if (how < 0.8) out[i] = mask;
    else if (how < 0.9) out[i] = Math.floor(next() * tokenizer.vocabSize);
  });
  // A short text may have nothing hidden; a batch of such would have no loss.
  if (candidates > 0 && !labels.some(label => label !== IGNORED)) {
    const chosen = ids.map((id, i) => ({ id, i })).filter(({ id }) => !tokenizer.specialIds.has(id));
    const { id, i } = chosen[Math.floor(next() * chosen.length)]!;
    labels[i] = id;
    out[i] = mask;
  }
  return { ids: out, labels };
}
