/** The metrics of each task from logits and targets, with the confusion matrix and the examples that went worst. */
import type { Task } from '../config';
import { classificationMetrics, confusionMatrix, multiLabelMetrics } from './classification';
import { entityMetrics } from './entities';
import { regressionMetrics } from './regression';

export interface Scored {
  /** Index of the example in its data set. */
  readonly example: number;
  readonly loss: number;
  readonly predicted: string;
  readonly truth: string;
  /** Probability of the predicted label, or the predicted number. */
  readonly score: number;
}

export interface Evaluation {
  /** Names as the contracts and the panel show them. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Rows are true, columns predicted. Of classes alone. */
  readonly confusion?: readonly (readonly number[])[];
  /** The examples with the highest loss, the worst first. */
  readonly worst: readonly Scored[];
}

const WORST = 20;

/**
 * @param logits one row per example, C numbers each @param truth the class of each
 */
export function evaluateClasses(
  logits: readonly ArrayLike<number>[],
  truth: readonly number[],
  labels: readonly string[],
): Evaluation {
  const predicted = logits.map(argMax);
  const confusion = confusionMatrix(truth, predicted, labels.length);
  const scored = logits.map((row, i): Scored => {
    const probabilities = softmax(row);
    return {
      example: i,
      loss: -Math.log(Math.max(Number.MIN_VALUE, probabilities[truth[i]!]!)),
      predicted: labels[predicted[i]!]!,
      truth: labels[truth[i]!]!,
      score: probabilities[predicted[i]!]!,
    };
  });
  return { metrics: { ...classificationMetrics(confusion) }, confusion, worst: worstOf(scored) };
}

/** @param truth, logits one number per example */
export function evaluateNumbers(logits: readonly number[], truth: readonly number[]): Evaluation {
  const scored = logits.map((value, i): Scored => ({
    example: i,
    loss: (value - truth[i]!) ** 2,
    predicted: value.toPrecision(4),
    truth: String(truth[i]!),
    score: value,
  }));
  return { metrics: { ...regressionMetrics(truth, logits) }, worst: worstOf(scored) };
}

/** A label is predicted where its probability is above one half. */
export function evaluateLabelSets(
  logits: readonly ArrayLike<number>[],
  truth: readonly (readonly number[])[],
  labels: readonly string[],
): Evaluation {
  const predicted = logits.map(row => Array.from(row, logit => (logit > 0 ? 1 : 0)));
  const named = (on: readonly number[]): string => labels.filter((_, k) => on[k] === 1).join(', ');
  const scored = logits.map((row, i): Scored => {
    const each = Array.from(
      row,
      (logit, k) => Math.max(logit, 0) - logit * truth[i]![k]! + Math.log1p(Math.exp(-Math.abs(logit))),
    );
    const loss = each.reduce((sum, value) => sum + value, 0) / each.length;
    return { example: i, loss, predicted: named(predicted[i]!), truth: named(truth[i]!), score: Math.exp(-loss) };
  });
  return { metrics: { ...multiLabelMetrics(truth, predicted) }, worst: worstOf(scored) };
}

/** @param predicted, truth labels of the words of each sentence @param losses of each sentence, for the worst ones */
export function evaluateEntities(
  predicted: readonly (readonly string[])[],
  truth: readonly (readonly string[])[],
  labels: readonly string[],
  losses: readonly number[],
): Evaluation {
  const index = new Map(labels.map((label, i) => [label, i]));
  const confusion = confusionMatrix(
    truth.flat().map(tag => index.get(tag)!),
    predicted.flat().map(tag => index.get(tag)!),
    labels.length,
  );
  const { precision, recall, f1, accuracy, macroF1, byType } = entityMetrics(truth, predicted);
  const each = Object.fromEntries(Object.entries(byType).map(([type, score]) => [`f1 ${type}`, score.f1]));
  const scored = losses.map((loss, i): Scored => ({
    example: i,
    loss,
    predicted: predicted[i]!.join(' '),
    truth: truth[i]!.join(' '),
    score: Math.exp(-loss),
  }));
  return { metrics: { f1, precision, recall, accuracy, macroF1, ...each }, confusion, worst: worstOf(scored) };
}

/** The metric that says which checkpoint is best, and whether more of it is better. */
export function bestMetricOf(task: Task): { readonly name: string; readonly higher: boolean } {
  switch (task) {
    case 'regression':
      return { name: 'pearson', higher: true };
    case 'multi-label':
      return { name: 'microF1', higher: true };
    case 'token-classification':
    case 'question-answering':
      return { name: 'f1', higher: true };
    case 'masked-lm':
      return { name: 'loss', higher: false };
    default:
      return { name: 'accuracy', higher: true };
  }
}

export function argMax(row: ArrayLike<number>): number {
  let best = 0;
  for (let k = 1; k < row.length; k++) if (row[k]! > row[best]!) best = k;
  return best;
}

export function softmax(row: ArrayLike<number>): number[] {
  const values = Array.from(row);
  const most = Math.max(...values);
  const powers = values.map(value => Math.exp(value - most));
  const sum = powers.reduce((all, power) => all + power, 0);
  return powers.map(power => power / sum);
}

/** NaN is the worst of all: a model that gives it has gone wrong. */
export function worstOf(scored: readonly Scored[]): Scored[] {
  const rank = ({ loss }: Scored): number => (Number.isNaN(loss) ? Infinity : loss);
  return [...scored].sort((a, b) => rank(b) - rank(a)).slice(0, WORST);
}
