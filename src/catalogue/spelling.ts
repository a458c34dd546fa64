/** Names: Keras's own snake case, and the nearest of several spellings for a suggestion. */

/**
 * Keras's `to_snake_case` (keras/src/utils/naming.py), which makes the automatic layer names: `Conv2DTranspose` →
 * `conv2d_transpose`.
 */
export function snakeName(className: string): string {
  let snake = SNAKES.get(className);
  if (snake === undefined) {
    snake = toSnakeCase(className);
    // Programs have few classes; the bound only keeps a long session from growing.
    if (SNAKES.size > 2000) SNAKES.clear();
    SNAKES.set(className, snake);
  }
  return snake;
}

const SNAKES = new Map<string, string>();

function toSnakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/** TensorFlow.js's key for a Keras argument: `kernel_size` → `kernelSize`. */
export function camelName(name: string): string {
  return name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The candidate that a typing mistake or another case would lead away from; undefined where none is near. */
export function closest(given: string, candidates: readonly string[]): string | undefined {
  const plain = (s: string): string => s.toLowerCase().replace(/[_\s-]/g, '');
  const wanted = plain(given);
  let best: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, plain(candidate), least);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** Damerau–Levenshtein (adjacent letters swapped count one), given up at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      let cost = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      next.push(cost);
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}
