// What keeps a command from running at all: one line on stderr that names the thing and the way out, exit 2.

/** Exit codes, the same for every command (docs: "Command line"). */
export const EXIT = {
  ok: 0,
  /** `check` found errors. */
  findings: 1,
  /** Wrong usage, a missing file, unreadable data: nothing was done. */
  cannotRun: 2,
  stopped: 3,
  failed: 4,
  /** `doctor`: no native runtime, the embedded one works. */
  fallbackOnly: 5,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * The known word nearest to a mistyped one, by edits with swapped neighbours counted once (Damerau–Levenshtein);
 * undefined where none is near.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const most = Math.max(1, Math.floor(word.length / 3));
  const ranked = known
    .map(name => ({ name, distance: name.startsWith(word) && word.length > 1 ? 0.5 : editDistance(word, name) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.name;
}

function editDistance(a: string, b: string): number {
  const row = (length: number) => Array.from({ length }, (_, index) => index);
  let [before, last] = [row(b.length + 1), row(b.length + 1)];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min((last[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      next.push(best);
    }
    [before, last] = [last, next];
  }
  return last[b.length] ?? 0;
}

/** ` Did you mean "x"?`, or nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const name = nearest(word, known);
  return name === undefined ? '' : ` Did you mean ${name}?`;
}
