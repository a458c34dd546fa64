/** How the data look: examples by label, and by length in tokens with the place where longer ones are cut. */
import type { FinetunePreview } from '../../src/protocol/inspection';
import { count, number } from '../shared/format';
import { element } from '../shared/host';

/** More labels than these are named by their number alone. */
const LABELS = 20;

export function balance({ balance: labels, range, task }: FinetunePreview): HTMLElement | false {
  if (range) {
    const words = `from ${number(range.minimum)} to ${number(range.maximum)}, ${number(range.mean)} on average`;
    return element('section', {}, element('h2', { textContent: 'Values' }), element('p', { textContent: words }));
  }
  if (labels.length === 0) return false;
  const most = Math.max(1, ...labels.map(label => label.count));
  const total = labels.reduce((sum, label) => sum + label.count, 0);
  const shown = [...labels].sort((a, b) => b.count - a.count).slice(0, LABELS);
  const what = task === 'token-classification' ? 'Words by label' : 'Training examples by label';
  return element(
    'section',
    { className: 'balance' },
    element('h2', { textContent: what }),
    element(
      'table',
      {},
      element(
        'tbody',
        {},
        ...shown.map(label => {
          const bar = element('div', { className: 'share' });
          bar.style.width = `${(label.count / most) * 100}%`;
          return element(
            'tr',
            {},
            element('th', { textContent: label.label, attributes: { scope: 'row' } }),
            element('td', { className: 'bar-cell' }, bar),
            element('td', { className: 'number', textContent: count(label.count) }),
            element('td', { className: 'number faint', textContent: `${((100 * label.count) / total).toFixed(1)} %` }),
          );
        }),
      ),
    ),
    labels.length > LABELS &&
      element('p', { className: 'faint', textContent: `and ${count(labels.length - LABELS)} labels more` }),
  );
}

export function histogram({ histogram: bars, task, maxLength, sampled, examples }: FinetunePreview): HTMLElement {
  const most = Math.max(1, ...bars.map(bar => bar.count));
  const first = bars.findIndex(bar => bar.count > 0);
  const shown = bars.slice(Math.max(0, first));
  const of = sampled < examples.train ? ` (${count(sampled)} of ${count(examples.train)} looked at)` : '';
  const beyond = task === 'question-answering' ? 'read in windows' : 'cut off';
  const range = ({ from, to }: (typeof bars)[number]): string => (to - from === 1 ? String(from) : `${from}–${to - 1}`);
  return element(
    'section',
    {},
    element('h2', { textContent: `Examples by length in tokens${of}` }),
    element(
      'div',
      {
        className: 'histogram',
        attributes: { role: 'img', 'aria-label': shown.map(bar => `${range(bar)} tokens: ${bar.count}`).join(', ') },
      },
      ...shown.map(bar => {
        const column = element('div', { className: bar.from >= maxLength ? 'column cut' : 'column' });
        column.style.height = `${(bar.count / most) * 100}%`;
        const words = `${range(bar)} tokens: ${count(bar.count)} examples${bar.from >= maxLength ? `, ${beyond}` : ''}`;
        return element(
          'div',
          { className: 'slot', title: words },
          element('div', { className: 'room' }, column),
          element('div', { className: 'faint', textContent: String(bar.from) }),
        );
      }),
    ),
  );
}
