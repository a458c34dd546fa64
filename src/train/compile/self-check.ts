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

/** The first pair that differs by more than rounding. NaN agrees with NaN alone, an infinity with itself. */
export function disagreement(pairs: Iterable<Pair>): Disagreement | undefined {
  for (const { name, eager, compiled } of pairs) {
    const found = compare(eager, compiled);
    if (found.difference > found.scale * RELATIVE + ABSOLUTE) return { name, ...found };
  }
  return undefined;
}

/**
 * The same question for steps that magnify rounding: Adam moves a weight whose true gradient is zero by a full step in the
 * direction of a rounding error. `perturbed` are eager runs from a state changed by as much as rounding does; what they show
 * to be uncertain is allowed, 16 times over.
 */
export function disagreementBeyondNoise(
  pairs: readonly Pair[], perturbed: readonly ReadonlyMap<string, ArrayLike<number>>[],
): Disagreement | undefined {
  for (const { name, eager, compiled } of pairs) {
    const found = compare(eager, compiled);
    let noise = 0;
    for (const run of perturbed) {
      const values = run.get(name);
      if (values) noise = Math.max(noise, compare(eager, values).difference);
    }
    if (found.difference > found.scale * RELATIVE + ABSOLUTE + SLACK * noise) return { name, ...found };
  }
  return undefined;
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
