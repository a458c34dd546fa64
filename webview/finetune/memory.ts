/** The memory a fine-tuning will take against what is free, and what would make it fit. */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import type { FinetunePreview, Suggestion } from '../../src/protocol/inspection';
import { element } from '../shared/host';

const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB'];

export function bytes(value: number): string {
  let unit = 0;
  let rest = value;
  while (rest >= 1024 && unit < UNITS.length - 1) {
    rest /= 1024;
    unit++;
  }
  return `${Number(rest.toPrecision(3))} ${UNITS[unit]}`;
}

export function memory(
  { memory: parts, suggestions }: FinetunePreview,
  apply: (changes: Suggestion['changes']) => void,
): HTMLElement {
  const { weights, gradients, optimizer, activations, total, free } = parts;
  const fixed = total - weights - gradients - optimizer - activations;
  const shares: [string, number][] = [
    ['weights', weights],
    ['gradients', gradients],
    ['optimiser', optimizer],
    ['activations', activations],
    ['TensorFlow and Node', fixed],
  ];
  const room = Math.max(total, free);
  const fits = total <= free;
  const segments = shares.map(([name, size], i) => {
    const segment = element('div', { className: `segment part-${i}`, title: `${name}: ${bytes(size)}` });
    segment.style.width = `${(size / room) * 100}%`;
    return segment;
  });
  const limit = element('div', { className: 'limit', title: `${bytes(free)} are free` });
  limit.style.left = `${(free / room) * 100}%`;
  return element(
    'section',
    { className: 'memory' },
    element('h2', { textContent: `Memory: about ${bytes(total)} of ${bytes(free)} free` }),
    element(
      'div',
      {
        className: 'stack',
        attributes: { role: 'img', 'aria-label': shares.map(([n, s]) => `${n} ${bytes(s)}`).join(', ') },
      },
      ...segments,
      limit,
    ),
    element(
      'ul',
      { className: 'legend' },
      ...shares.map(([name, size], i) =>
        element('li', {}, element('span', { className: `swatch part-${i}` }), `${name} ${bytes(size)}`),
      ),
    ),
    !fits &&
      element('div', { className: 'notice error', textContent: 'That is more than is free. What would make it fit:' }),
    suggestions.length > 0 &&
      element(
        'ul',
        { className: 'suggestions' },
        ...suggestions.map(({ words, changes }) => {
          const possible = Object.keys(changes).length > 0;
          const button = document.createElement('vscode-button');
          button.textContent = 'Apply';
          button.setAttribute('secondary', '');
          button.setAttribute('aria-label', `Apply: ${words}`);
          button.addEventListener('click', () => apply(changes));
          return element('li', { className: 'row' }, element('span', { textContent: words }), possible && button);
        }),
      ),
  );
}
