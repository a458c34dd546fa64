/** The summary page: the table of `model.summary()` with FLOPs,
  and the graph of the layers; both lead to the source. */
import './shared/page.css';
import './summary/summary.css';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import type { LayerFacts, ModelFacts } from '../src/ir/model';
import type { FromSummary, ToSummary } from '../src/protocol/summary-page';
import { count } from './shared/format';
import { connect, element } from './shared/host';
import { drawGraph } from './summary/graph';
import { outputText } from './summary/layout';

const host = connect<undefined>();
const send = (message: FromSummary): void => host.postMessage(message);
const body = element('main');
document.body.append(body);

window.addEventListener('message', (event: MessageEvent<ToSummary<ModelFacts>>) => {
  const message = event.data;
  if (message.type === 'model') show(message);
  else body.prepend(element('div', { className: 'gap-note', textContent: message.message }));
});

function show({ file, model, memory }: Extract<ToSummary<ModelFacts>, { type: 'model' }>): void {
  document.title = model.binding;
  const train = document.createElement('vscode-button');
  train.textContent = 'Train';
  train.addEventListener('click', () => send({ type: 'train' }));
  body.replaceChildren(
    element(
      'div',
      { className: 'row' },
      element('h1', { textContent: model.binding }),
      element('span', { className: 'faint', textContent: `${model.className} “${model.name}” in ${file}` }),
      element('span', { className: 'spring' }),
      train,
    ),
    element('p', { className: 'totals', textContent: totals(model, memory) }),
    ...model.gaps.map(gap => element('div', { className: 'gap-note', textContent: gap })),
    element('div', { className: 'table-box' }, table(model)),
    drawGraph(model, choose),
  );
}

function totals(model: ModelFacts, memory: readonly { readonly name: string; readonly bytes: number }[]): string {
  const { total, trainable, nonTrainable } = model.params;
  return [
    `${known(total)} parameters`,
    `${known(trainable)} trainable`,
    `${known(nonTrainable)} not`,
    model.flops !== null && `${short(model.flops)}FLOPs an example`,
    ...memory.map(m => `${m.name} ${short(m.bytes)}B`),
  ]
    .filter(Boolean)
    .join(' · ');
}

function table(model: ModelFacts): HTMLElement {
  const largest = Math.max(1, ...model.layers.map(l => l.params ?? 0));
  const head = ['Layer', 'Class', 'Output shape', 'Parameters', '', 'FLOPs', 'Connected to'];
  return element(
    'table',
    {},
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        ...head.map((h, i) => element('th', { textContent: h, className: i === 3 || i === 5 ? 'number' : '' })),
      ),
    ),
    element('tbody', {}, ...model.layers.map((layer, i) => row(model, layer, i, largest))),
  );
}

function row(model: ModelFacts, layer: LayerFacts, index: number, largest: number): HTMLElement {
  const share = element('div', { className: 'share' });
  share.style.width = `${((layer.params ?? 0) / largest) * 100}%`;
  const from = layer.calls.flatMap(c => c.inputs.map(ref => model.layers[ref.layer]?.name ?? '?'));
  const line = element(
    'tr',
    { attributes: { 'data-layer': String(index), tabindex: '0' } },
    element('td', { textContent: layer.name }),
    element('td', { className: 'faint', textContent: layer.className }),
    element('td', { textContent: outputText(layer) }),
    element('td', { className: 'number', textContent: known(layer.params) }),
    element('td', { className: 'bar-cell' }, (layer.params ?? 0) > 0 && share),
    element('td', { className: 'number', textContent: layer.flops ? short(layer.flops) : '' }),
    element('td', { className: 'faint', textContent: [...new Set(from)].join(', ') }),
  );
  line.addEventListener('click', () => choose(index));
  line.addEventListener('keydown', event => {
    if (event.key === 'Enter') choose(index);
  });
  return line;
}

/** Marks a layer in the table and the graph and shows its line in the editor. */
function choose(layer: number): void {
  for (const node of body.querySelectorAll('[data-layer]')) {
    node.classList.toggle('chosen', node.getAttribute('data-layer') === String(layer));
  }
  send({ type: 'reveal', layer });
}

function known(value: number | null): string {
  return value === null ? '?' : count(value);
}

/** `1.2 M` for 1,234,567. */
function short(value: number): string {
  const units = ['', 'k', 'M', 'G', 'T', 'P'];
  let unit = 0;
  let rest = value;
  while (rest >= 1000 && unit < units.length - 1) {
    rest /= 1000;
    unit++;
  }
  return `${Number(rest.toPrecision(3))} ${units[unit]}`;
}

send({ type: 'ready' });
