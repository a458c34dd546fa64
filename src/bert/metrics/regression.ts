/** Metrics of numbers: errors and correlations, as scikit-learn and SciPy define them. */
import { mean } from './classification';

export interface RegressionMetrics {
  readonly mse: number;
  readonly mae: number;
  /** NaN where the truth or the predictions are all alike. */
  readonly pearson: number;
  readonly spearman: number;
}

export function regressionMetrics(truth: readonly number[], predicted: readonly number[]): RegressionMetrics {
  const errors = truth.map((value, i) => predicted[i]! - value);
  return {
    mse: mean(errors.map(error => error * error)),
    mae: mean(errors.map(Math.abs)),
    pearson: pearson(truth, predicted),
    spearman: pearson(ranks(truth), ranks(predicted)),
  };
}

export function pearson(a: readonly number[], b: readonly number[]): number {
  const [centerA, centerB] = [mean(a), mean(b)];
  let [product, squareA, squareB] = [0, 0, 0];
  a.forEach((value, i) => {
    const [x, y] = [value - centerA, b[i]! - centerB];
    product += x * y;
    squareA += x * x;
    squareB += y * y;
  });
  return squareA === 0 || squareB === 0 ? NaN : product / Math.sqrt(squareA) / Math.sqrt(squareB);
}

/** From 1; equal values share the mean of their ranks. */
export function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const out = new Array<number>(values.length);
  for (let start = 0; start < order.length;) {
    let end = start;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let k = start; k < end; k++) out[order[k]!] = (start + end + 1) / 2;
    start = end;
  }
  return out;
}
