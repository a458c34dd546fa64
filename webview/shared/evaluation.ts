/** What an evaluation found: its metrics, which classes are taken for which, and the examples that went worst. */
import './evaluation.css';
import type { EvaluationFacts } from '../../src/protocol/messages';
import { count, metric, number } from './format';
import { element } from './host';

/** A matrix of more classes than these is shown by its largest confusions. */
const CLASSES = 24;
const CONFUSIONS = 20;

export function evaluationView(facts: EvaluationFacts): HTMLElement {
  return element('div', { className: 'evaluation' }, metrics(facts), confusion(facts), worst(facts));
}

function metrics({ metrics: values }: EvaluationFacts): HTMLElement {
  return element(
    'div',
    { className: 'tiles' },
    ...Object.entries(values).map(([name, value]) =>
      element(
        'div',
        { className: 'tile', attributes: { 'data-metric': name } },
        element('div', { className: 'faint', textContent: NAMES[name] ?? name }),
        element('div', { className: 'big', textContent: metric(SHARES.test(name) ? 'f1' : name, value) }),
      ),
    ),
  );
}

/** Written as percentages, as `f1` is; F1 of each type of entity too. */
const SHARES = /F1$|^f1 |^exactMatch$/;

const NAMES: Readonly<Record<string, string>> = {
  macroF1: 'macro F1',
  microF1: 'micro F1',
  f1: 'F1',
  mcc: 'Matthews correlation',
  exactMatch: 'exact match',
  mse: 'mean squared error',
  mae: 'mean absolute error',
};

function confusion({ confusion: matrix, labels }: EvaluationFacts): HTMLElement | false {
  if (!matrix) return false;
  const total = matrix.reduce((sum, row) => sum + row.reduce((a, b) => a + b, 0), 0);
  if (labels.length > CLASSES) return largest(matrix, labels);
  const most = Math.max(1, ...matrix.flat());
  const head = element(
    'tr',
    {},
    element('th', { className: 'faint', textContent: 'true ↓ predicted →' }),
    ...labels.map(label => element('th', { textContent: label, attributes: { scope: 'col' } })),
    element('th', { className: 'faint number', textContent: 'recall' }),
  );
  const rows = matrix.map((row, truth) => {
    const all = row.reduce((a, b) => a + b, 0);
    const recall = all > 0 ? `${((100 * row[truth]!) / all).toFixed(1)} %` : '–';
    return element(
      'tr',
      {},
      element('th', { textContent: labels[truth] ?? '', attributes: { scope: 'row' } }),
      ...row.map((value, predicted) => {
        const words = `${labels[truth]} taken for ${labels[predicted]}: ${value}`;
        const cell = element('td', { className: truth === predicted ? 'cell right' : 'cell wrong', title: words });
        // The fill tells the share, the number the count: colour alone says nothing.
        const fill = element('div', { className: 'fill' });
        fill.style.opacity = String(value === 0 ? 0 : 0.12 + (0.5 * value) / most);
        cell.append(fill, element('span', { textContent: count(value) }));
        return cell;
      }),
      element('td', { className: 'faint number', textContent: recall }),
    );
  });
  return element(
    'section',
    { className: 'confusion' },
    element('h3', { textContent: `Confusion matrix of ${count(total)}` }),
    element(
      'div',
      { className: 'scroll' },
      element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows)),
    ),
  );
}

function largest(matrix: NonNullable<EvaluationFacts['confusion']>, labels: readonly string[]): HTMLElement {
  const pairs = matrix.flatMap((row, truth) =>
    row.map((value, predicted) => ({ truth, predicted, value })).filter(p => p.value > 0 && p.truth !== p.predicted),
  );
  const rows = pairs
    .sort((a, b) => b.value - a.value)
    .slice(0, CONFUSIONS)
    .map(({ truth, predicted, value }) => [labels[truth] ?? '', labels[predicted] ?? '', count(value)]);
  return element(
    'section',
    { className: 'confusion' },
    element('h3', { textContent: `The largest confusions of ${labels.length} classes` }),
    table(['true', 'predicted', 'examples'], rows),
  );
}

function worst({ worst: examples }: EvaluationFacts): HTMLElement | false {
  const wrong = examples.filter(({ truth, predicted }) => truth !== predicted);
  if (examples.length === 0) return false;
  const pairs = examples.some(({ pair }) => pair !== null);
  const head = ['row', 'text', ...(pairs ? ['second text'] : []), 'true', 'predicted', 'score', 'loss'];
  const rows = examples.map(({ row, text, pair, truth, predicted, score, loss }) => [
    String(row),
    text,
    ...(pairs ? [pair ?? ''] : []),
    truth,
    predicted,
    number(score),
    number(loss),
  ]);
  const title = wrong.length === 0 ? 'The least certain predictions; all of them are right' : 'The worst predictions';
  return element(
    'section',
    { className: 'worst' },
    element('h3', { textContent: title }),
    element('div', { className: 'scroll' }, table(head, rows, examples)),
  );
}

const NUMBERS = ['row', 'score', 'loss', 'examples'];

/** @param scored marks the rows whose prediction is wrong */
function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  scored: EvaluationFacts['worst'] = [],
): HTMLElement {
  const kind = (i: number): string => (NUMBERS.includes(head[i] ?? '') ? 'number' : `text ${head[i] ?? ''}`);
  const heads = head.map((name, i) => element('th', { textContent: name, className: kind(i) }));
  const lines = rows.map((row, r) =>
    element(
      'tr',
      { className: scored[r] && scored[r].truth !== scored[r].predicted ? 'wrong' : '' },
      ...row.map((text, i) => element('td', { textContent: text, className: kind(i) })),
    ),
  );
  return element('table', {}, element('thead', {}, element('tr', {}, ...heads)), element('tbody', {}, ...lines));
}
