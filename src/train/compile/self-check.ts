// Decides whether a compiled run gave what the eager run of the same step gave, beyond rounding.

/** A named result of both runs. */
export interface Pair {
  name: string;
  eager: ArrayLike<number>;
  compiled: ArrayLike<number>;
}

/** A disagreement: the largest difference in `name`, and the size of the numbers there. */
export interface Disagreement {
  name: string;
  difference: number;
  scale: number;
}

/** Differences up to this share of the largest magnitude in a tensor are rounding (float32 has 6e-8). */
const RELATIVE = 2e-6;
/** Below this everything is noise, whatever its scale. */
const ABSOLUTE = 1e-9;
/** How much more than the measured effect of rounding the two ways may differ. */
const SLACK = 16;

/** The pairs that differ by more than rounding. NaN agrees with NaN alone, an infinity with itself. */
export function disagreements(pairs: Iterable<Pair>): Pair[] {
  const found: Pair[] = [];
  for (const pair of pairs) if (differs(pair, 0)) found.push(pair);
  return found;
}

/**
 * The first of these pairs that differs by more than rounding explains, for steps that magnify rounding: Adam moves
 * a weight
 * whose true gradient is zero by a full step in the direction of a rounding error.
 * @param noise the largest change of each named result when the state before the step changes by as much as rounding
 * does;
 *   what this shows to be uncertain is allowed, 16 times over
 */
export function disagreementBeyondNoise(
  pairs: readonly Pair[],
  noise: ReadonlyMap<string, number>,
): Disagreement | undefined {
  for (const pair of pairs) {
    const found = differs(pair, SLACK * (noise.get(pair.name) ?? 0));
    if (found) return { name: pair.name, ...found };
  }
  return undefined;
}

/** The largest difference of two results of the same name. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return compare(a, b).difference;
}

function differs({ eager, compiled }: Pair, allowed: number): { difference: number; scale: number } | undefined {
  const found = compare(eager, compiled);
  return found.difference > found.scale * RELATIVE + ABSOLUTE + allowed ? found : undefined;
}

function compare(a: ArrayLike<number>, b: ArrayLike<number>): { difference: number; scale: number } {
  if (a.length !== b.length) return { difference: Infinity, scale: 0 };
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!;
    const y = b[i]!;
    if (Object.is(x, y)) continue;
    const distance = Math.abs(x - y);
    if (!(distance <= difference)) difference = Number.isNaN(distance) ? Infinity : distance;
    if (difference === Infinity) return { difference, scale };
  }
  for (let i = 0; i < a.length; i++) {
    const magnitude = Math.abs(a[i]!);
    if (magnitude > scale && magnitude !== Infinity) scale = magnitude;
  }
  return { difference, scale };
}
