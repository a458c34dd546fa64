/**
 * Seeded random numbers and permutations. The same (seed, epoch) gives the same order on every machine: exact resume
 * needs it.
 */

/** 32 well-mixed bits of one integer (the finaliser of MurmurHash3 by Austin Appleby). */
export function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * A stream of uniform 32-bit integers: sfc32 of Chris Doty-Humphrey's PractRand, 2^32 or more numbers before it
 * repeats.
 */
export function randomBits(seed: number, stream = 0): () => number {
  let a = mix(seed);
  let b = mix(stream ^ 0x9e3779b9);
  let c = mix(a ^ b);
  let counter = 1;
  const next = (): number => {
    const out = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + out;
    c |= 0;
    return out >>> 0;
  };
  // The first outputs still show the seed; PractRand discards twelve.
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** Uniform in [0, 1). */
export function uniform(bits: () => number): () => number {
  return () => bits() / 2 ** 32;
}

/**
 * Shuffles in place (Fisher and Yates), without the bias of `%`: numbers of the incomplete last cycle are drawn again.
 */
export function shuffle(indices: Uint32Array, bits: () => number): Uint32Array {
  for (let last = indices.length - 1; last > 0; last--) {
    const bound = last + 1;
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let draw = bits();
    while (draw >= limit) draw = bits();
    const other = draw % bound;
    const held = indices[last]!;
    indices[last] = indices[other]!;
    indices[other] = held;
  }
  return indices;
}

/** The numbers 0 … length-1 in order. */
export function inOrder(length: number): Uint32Array {
  const indices = new Uint32Array(length);
  for (let i = 0; i < length; i++) indices[i] = i;
  return indices;
}

/** The order of the samples in one epoch. A pure function: a resumed run asks again and gets the same answer. */
export function permutation(length: number, seed: number, epoch: number): Uint32Array {
  return shuffle(inOrder(length), randomBits(seed, epoch + 1));
}
