/** Holds the metrics against scikit-learn, SciPy, and the rules of seqeval and SQuAD as recorded. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { answerMetrics, normalizeAnswer } from '../../../src/bert/metrics/answers';
import {
  classificationMetrics,
  confusionMatrix,
  entitiesOf,
  entityMetrics,
  multiLabelMetrics,
  regressionMetrics,
} from '../../../src/bert/metrics/index';

interface Recorded {
  classes: {
    classes: number;
    truth: number[];
    predicted: number[];
    confusion: number[][];
    accuracy: number;
    macroF1: number;
    microF1: number;
    mcc: number;
  }[];
  labels: { truth: number[][]; predicted: number[][]; accuracy: number; macroF1: number; microF1: number }[];
  numbers: { truth: number[]; predicted: number[]; mse: number; mae: number; pearson: number; spearman: number }[];
  entities: {
    truth: string[][];
    predicted: string[][];
    precision: number;
    recall: number;
    f1: number;
    first: [string, number, number][];
    types: Record<string, number>;
  }[];
  answers: { text: string; answers: string[]; normal: string; exact: number; f1: number }[];
}

const recorded = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, 'metrics.json'), 'utf8')) as Recorded;

function near(actual: number, expected: number, what: string): void {
  assert.ok(Math.abs(actual - expected) < 1e-12, `${what}: ${actual} instead of ${expected}`);
}

describe('metrics of tasks', () => {
  it('of classes are scikit-learn’s', () => {
    for (const { classes, truth, predicted, confusion, ...expected } of recorded.classes) {
      const matrix = confusionMatrix(truth, predicted, classes);
      assert.deepEqual(matrix, confusion);
      const actual = classificationMetrics(matrix);
      for (const key of ['accuracy', 'macroF1', 'microF1', 'mcc'] as const) near(actual[key], expected[key], key);
    }
  });

  it('of several labels are scikit-learn’s', () => {
    for (const { truth, predicted, ...expected } of recorded.labels) {
      const actual = multiLabelMetrics(truth, predicted);
      for (const key of ['accuracy', 'macroF1', 'microF1'] as const) near(actual[key], expected[key], key);
    }
  });

  it('of numbers are SciPy’s', () => {
    for (const { truth, predicted, ...expected } of recorded.numbers) {
      const actual = regressionMetrics(truth, predicted);
      for (const key of ['mse', 'mae', 'pearson', 'spearman'] as const) near(actual[key], expected[key], key);
    }
  });

  it('of entities follow seqeval’s rules in IOB1, IOB2, IOBES, BILOU and without prefixes', () => {
    for (const { truth, predicted, first, types, ...expected } of recorded.entities) {
      assert.deepEqual(
        entitiesOf(truth[0]!).map(({ type, start, end }) => [type, start, end]),
        first,
      );
      const actual = entityMetrics(truth, predicted);
      for (const key of ['precision', 'recall', 'f1'] as const) near(actual[key], expected[key], key);
      assert.deepEqual(Object.keys(actual.byType), Object.keys(types));
      for (const [type, f1] of Object.entries(types)) near(actual.byType[type]!.f1, f1, type);
    }
  });

  it('of answers are those of SQuAD’s script', () => {
    for (const { text, answers, normal, exact, f1 } of recorded.answers) {
      assert.equal(normalizeAnswer(text), normal);
      const actual = answerMetrics([text], [answers]);
      near(actual.exactMatch, exact, `exact match of "${text}"`);
      near(actual.f1, f1, `F1 of "${text}"`);
    }
  });
});
