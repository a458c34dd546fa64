/** What a checkpoint says of a text, in the form of its task: scores as bars, labelled words, or the answer in its context. */
import type { Prediction } from '../../src/protocol/prediction';
import { number } from '../shared/format';
import { element } from '../shared/host';

export function results(task: string, prediction: Prediction): HTMLElement {
  switch (task) {
    case 'regression':
      return numbers(prediction);
    case 'token-classification':
      return words(prediction);
    case 'question-answering':
      return answer(prediction);
    case 'masked-lm':
      return prediction.label === ''
        ? element('p', { className: 'faint', textContent: 'Hide a word behind the mask token to have it guessed.' })
        : scores(prediction, false);
    default:
      return scores(prediction, task === 'multi-label');
  }
}

/** One bar a label, in the checkpoint's own order, so that nothing jumps while one types. */
function scores({ scores: shares, label }: Prediction, several: boolean): HTMLElement {
  const rows = Object.entries(shares).map(([name, share]) => {
    const bar = element('div', { className: 'share' });
    bar.style.width = `${100 * share}%`;
    const best = several ? share > 0.5 : name === label;
    return element(
      'tr',
      { className: best ? 'best' : '', attributes: { 'data-label': name } },
      element('th', { textContent: name, attributes: { scope: 'row' } }),
      element('td', { className: 'bar-cell' }, bar),
      element('td', { className: 'number', textContent: `${(100 * share).toFixed(1)} %` }),
    );
  });
  return element('table', { className: 'scores' }, element('tbody', {}, ...rows));
}

function numbers({ scores: values }: Prediction): HTMLElement {
  return element(
    'div',
    { className: 'numbers' },
    ...Object.entries(values).map(([name, value]) =>
      element(
        'div',
        { className: 'tile' },
        element('div', { className: 'faint', textContent: name }),
        element('div', { className: 'big', textContent: number(value) }),
      ),
    ),
  );
}

/** `B-PER` and `I-PER` are one entity; `O` is none. */
export interface Entity {
  readonly type: string;
  readonly words: readonly { readonly word: string; readonly score: number }[];
}

/** Words that follow each other and belong to one entity, put together. */
export function entities(labelled: NonNullable<Prediction['words']>): Entity[] {
  const found: { type: string; words: { word: string; score: number }[] }[] = [];
  let before = '';
  for (const { word, label, score } of labelled) {
    const [, prefix = '', type = label] = /^([BIESLU])-(.+)$/.exec(label) ?? [];
    const last = found.at(-1);
    const goes = last !== undefined && last.type === type && (prefix === '' ? type === 'O' : !/[BSU]/.test(prefix));
    if (goes && before !== 'end') last.words.push({ word, score });
    else found.push({ type, words: [{ word, score }] });
    // In schemes that mark the end of an entity the next word begins another one.
    before = /[ELSU]/.test(prefix) ? 'end' : '';
  }
  return found;
}

const COLOURS = 6;

function words({ words: labelled = [] }: Prediction): HTMLElement {
  const spans = entities(labelled);
  const types = [...new Set(spans.map(({ type }) => type))].filter(type => type !== 'O').sort();
  return element(
    'p',
    { className: 'entities' },
    ...spans.flatMap(({ type, words: members }) => {
      const text = members.map(({ word }) => word).join(' ');
      if (type === 'O') return [`${text} `];
      const least = Math.min(...members.map(({ score }) => score));
      const kind = `entity kind-${types.indexOf(type) % COLOURS}`;
      return [
        element(
          'mark',
          { className: kind, title: `${type}, ${(100 * least).toFixed(1)} % at least` },
          text,
          element('span', { className: 'type', textContent: type }),
        ),
        ' ',
      ];
    }),
  );
}

function answer({ label, score, pair = '', span }: Prediction): HTMLElement {
  if (!span || label === '') return element('p', { className: 'faint', textContent: 'The context has no answer.' });
  const characters = [...pair];
  const part = (from: number, to?: number): string => characters.slice(from, to).join('');
  return element(
    'div',
    {},
    element('p', { className: 'big', textContent: label }),
    element('p', { className: 'faint', textContent: `${(100 * score).toFixed(1)} %` }),
    element(
      'p',
      { className: 'context' },
      part(0, span.start),
      element('mark', { className: 'entity kind-0', textContent: part(span.start, span.end) }),
      part(span.end),
    ),
  );
}
