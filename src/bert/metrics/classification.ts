/** Metrics of classes, as scikit-learn defines them. */

export interface ClassificationMetrics {
  readonly accuracy: number;
  /** Of every class alike. */
  readonly macroF1: number;
  /** Of every example alike; with one label each it is the accuracy. */
  readonly microF1: number;
  /** F1 of class 1, where there are two. */
  readonly f1?: number;
  /** Matthews correlation; 0 where all examples or all predictions are of one class. */
  readonly mcc: number;
}

/** Rows are the true classes, columns the predicted ones. */
export function confusionMatrix(truth: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): number[][] {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < truth.length; i++) matrix[truth[i]!]![predicted[i]!]!++;
  return matrix;
}

export function classificationMetrics(matrix: readonly (readonly number[])[]): ClassificationMetrics {
  const classes = matrix.length;
  const truth = matrix.map(row => row.reduce((sum, count) => sum + count, 0));
  const predicted = matrix.map((_, k) => matrix.reduce((sum, row) => sum + row[k]!, 0));
  const total = truth.reduce((sum, count) => sum + count, 0);
  const right = matrix.reduce((sum, row, k) => sum + row[k]!, 0);
  const scores = matrix.map((row, k) => f1(row[k]!, predicted[k]!, truth[k]!));
  // Classes that neither the data nor the predictions have do not count, as scikit-learn leaves them out.
  const seen = scores.filter((_, k) => truth[k]! + predicted[k]! > 0);
  const accuracy = total === 0 ? 0 : right / total;
  return {
    accuracy,
    macroF1: mean(seen),
    microF1: accuracy,
    ...(classes === 2 && { f1: scores[1]! }),
    mcc: matthews(truth, predicted, right, total),
  };
}

/** Source: Gorodkin 2004, the R_K statistic. */
function matthews(truth: readonly number[], predicted: readonly number[], right: number, total: number): number {
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, k) => sum + value * b[k]!, 0);
  const covariance = right * total - dot(truth, predicted);
  const spread = (total * total - dot(predicted, predicted)) * (total * total - dot(truth, truth));
  return spread === 0 ? 0 : covariance / Math.sqrt(spread);
}

export function f1(right: number, predicted: number, truth: number): number {
  return predicted + truth === 0 ? 0 : (2 * right) / (predicted + truth);
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

export interface MultiLabelMetrics {
  /** Share of the examples whose labels are all right. */
  readonly accuracy: number;
  readonly macroF1: number;
  readonly microF1: number;
}

/** @param truth, predicted 0 or 1 for each label of each example */
export function multiLabelMetrics(
  truth: readonly (readonly number[])[],
  predicted: readonly (readonly number[])[],
): MultiLabelMetrics {
  const labels = truth[0]?.length ?? 0;
  const counts = Array.from({ length: labels }, () => ({ right: 0, predicted: 0, truth: 0 }));
  let exact = 0;
  truth.forEach((row, i) => {
    if (row.every((value, k) => value === predicted[i]![k])) exact++;
    row.forEach((value, k) => {
      const count = counts[k]!;
      count.truth += value;
      count.predicted += predicted[i]![k]!;
      count.right += value * predicted[i]![k]!;
    });
  });
  const sum = (key: 'right' | 'predicted' | 'truth'): number => counts.reduce((all, count) => all + count[key], 0);
  return {
    accuracy: truth.length === 0 ? 0 : exact / truth.length,
    macroF1: mean(counts.map(count => f1(count.right, count.predicted, count.truth))),
    microF1: f1(sum('right'), sum('predicted'), sum('truth')),
  };
}
