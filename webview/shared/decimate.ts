/**
 * Many points onto few pixels without losing a spike: each pixel column keeps its least and greatest value, in the
 * order they came. Pure, so that it is tested without a browser.
 */

export interface Points {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** First index whose value is ≥ `limit`; `sorted` ascends. */
export function lowerIndex(sorted: ArrayLike<number>, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The points of `[from, to]` (one more on each side, so that lines leave the view), at most about two a column. `y` may
 * hold NaN, which is a gap and is never drawn. With fewer points than twice the columns all of them are given back.
 */
export function envelope(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  from: number,
  to: number,
  columns: number,
): Points {
  const start = Math.max(0, lowerIndex(x, from) - 1);
  const end = Math.min(x.length, lowerIndex(x, to) + 1);
  const outX: number[] = [];
  const outY: number[] = [];
  const keep = (i: number): void => {
    outX.push(x[i]!);
    outY.push(y[i]!);
  };
  if (end - start <= columns * 2) {
    for (let i = start; i < end; i++) if (!Number.isNaN(y[i]!)) keep(i);
  } else {
    for (let column = 0; column < columns; column++) {
      const first = start + Math.floor(((end - start) * column) / columns);
      const last = start + Math.floor(((end - start) * (column + 1)) / columns);
      let least = -1;
      let greatest = -1;
      for (let i = first; i < last; i++) {
        if (Number.isNaN(y[i]!)) continue;
        if (least < 0 || y[i]! < y[least]!) least = i;
        if (greatest < 0 || y[i]! > y[greatest]!) greatest = i;
      }
      if (least < 0) continue;
      keep(Math.min(least, greatest));
      if (least !== greatest) keep(Math.max(least, greatest));
    }
  }
  return { x: Float64Array.from(outX), y: Float64Array.from(outY) };
}

/**
 * An exponential moving average that starts without bias (Adam's correction, Kingma and Ba 2015), kept incrementally:
 * a curve of a million points is smoothed once, not at every redraw. Gaps (NaN) are passed over.
 */
export class Smoothed {
  private values = new Float64Array(0);
  private done = 0;
  private mean = 0;
  private weight = 0;

  constructor(readonly factor: number) {}

  /** The smoothed values of all of `y`; only what was added since the last call is computed. */
  of(y: Float64Array): Float64Array {
    if (y.length < this.done) this.reset();
    if (y.length > this.values.length) {
      const grown = new Float64Array(Math.max(64, y.length * 2));
      grown.set(this.values.subarray(0, this.done));
      this.values = grown;
    }
    for (let i = this.done; i < y.length; i++) {
      const value = y[i]!;
      if (!Number.isNaN(value)) {
        this.mean = this.factor * this.mean + (1 - this.factor) * value;
        this.weight = this.factor * this.weight + (1 - this.factor);
      }
      this.values[i] = Number.isNaN(value) ? NaN : this.mean / this.weight;
    }
    this.done = y.length;
    return this.values.subarray(0, y.length);
  }

  private reset(): void {
    this.done = 0;
    this.mean = 0;
    this.weight = 0;
  }
}
