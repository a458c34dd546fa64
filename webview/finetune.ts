/** The page before a fine-tuning: what will be trained on what, how the data look, and whether it fits into memory. */
import './shared/page.css';
import './finetune/finetune.css';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import type { FinetuneStep, FromFinetune, PlanLine, ToFinetune } from '../src/protocol/finetune-page';
import type { FinetunePlan } from '../src/protocol/finetune-plan';
import type { FinetunePreview } from '../src/protocol/inspection';
import { balance, histogram } from './finetune/data-charts';
import { memory } from './finetune/memory';
import { count } from './shared/format';
import { connect, element } from './shared/host';

const host = connect<undefined>();
const send = (message: FromFinetune): void => host.postMessage(message);

const title = element('h1', { textContent: 'Fine-tune' });
const status = element('div', { className: 'status', attributes: { role: 'status', 'aria-live': 'polite' } });
const body = element('main', { className: 'columns' });
const start = button('Start fine-tuning', () => send({ type: 'start' }), true);
start.dataset['action'] = 'start';
document.body.append(
  element('header', { className: 'row' }, title, element('span', { className: 'spring' }), start),
  status,
  body,
);
setBusy('Reading checkpoint and data …');

interface VscodeButton extends HTMLElement {
  secondary: boolean;
  disabled: boolean;
}

function button(label: string, press: () => void, primary = false): VscodeButton {
  const made = document.createElement('vscode-button') as VscodeButton;
  made.textContent = label;
  made.secondary = !primary;
  made.addEventListener('click', press);
  return made;
}

function setBusy(words: string | undefined): void {
  document.body.classList.toggle('busy', words !== undefined);
  start.disabled = words !== undefined;
  status.replaceChildren(...(words === undefined ? [] : [element('p', { className: 'faint', textContent: words })]));
}

const SECTIONS: Readonly<Record<FinetuneStep, string>> = {
  checkpoint: 'Checkpoint',
  data: 'Data',
  columns: 'Task and columns',
  settings: 'Settings',
};

function section(step: FinetuneStep, lines: readonly PlanLine[]): HTMLElement {
  const change = button('Change …', () => send({ type: 'change', step }));
  change.dataset['step'] = step;
  change.setAttribute('aria-label', `Change ${SECTIONS[step].toLowerCase()}`);
  return element(
    'section',
    { className: 'card' },
    element(
      'div',
      { className: 'row' },
      element('h2', { textContent: SECTIONS[step] }),
      element('span', { className: 'spring' }),
      change,
    ),
    element(
      'dl',
      {},
      ...lines.flatMap(({ label, value }) => [
        element('dt', { className: 'faint', textContent: label }),
        element('dd', { textContent: value }),
      ]),
    ),
  );
}

function facts(preview: FinetunePreview, { epochs, batchSize, accumulation }: FinetunePlan): HTMLElement {
  const { examples, updates, trainableParams, checkpoint } = preview;
  const share = Math.min(1, trainableParams / checkpoint.parameters);
  const held = examples.validation > 0 ? `${count(examples.validation)} held back` : 'none held back';
  const tiles: [string, string, string][] = [
    ['training examples', count(examples.train), [windowsText(preview), held].filter(Boolean).join(', ')],
    ['updates', count(updates), `${epochs} epochs of batches of ${batchSize * accumulation}`],
    [
      'trained parameters',
      count(trainableParams),
      share < 0.995 ? `${(share * 100).toFixed(1)} % of all` : 'all of them',
    ],
    ['longest text', `${count(preview.longest)} tokens`, cut(preview)],
  ];
  return element(
    'div',
    { className: 'tiles' },
    ...tiles.map(([name, value, more]) =>
      element(
        'div',
        { className: 'tile' },
        element('div', { className: 'faint', textContent: name }),
        element('div', { className: 'big', textContent: value }),
        element('div', { className: 'faint', textContent: more }),
      ),
    ),
  );
}

function windowsText({ windows, sampled, examples }: FinetunePreview): string {
  if (windows === null) return '';
  return `${sampled < examples.train ? 'about ' : ''}${count(windows)} windows`;
}

function cut({ task, truncatedShare, maxLength }: FinetunePreview): string {
  const windows = task === 'question-answering';
  if (truncatedShare === 0) return windows ? `all fit into ${maxLength}` : `none is cut off at ${maxLength}`;
  return `${(truncatedShare * 100).toFixed(1)} % are ${windows ? 'longer than' : 'cut off at'} ${maxLength}`;
}

function draw({ title: words, lines, plan, preview }: Extract<ToFinetune, { type: 'preview' }>): void {
  title.textContent = `Fine-tune ${words}`;
  document.title = title.textContent;
  const steps: FinetuneStep[] = ['checkpoint', 'data', 'columns', 'settings'];
  body.replaceChildren(
    element('div', { className: 'plan' }, ...steps.map(step => section(step, lines[step]))),
    element(
      'div',
      { className: 'preview' },
      facts(preview, plan),
      preview.notes.length > 0 &&
        element(
          'div',
          { className: 'notices' },
          ...preview.notes.map(note => element('div', { className: 'notice warning', textContent: note })),
        ),
      memory(preview, changes => send({ type: 'apply', changes })),
      balance(preview),
      histogram(preview),
    ),
  );
}

window.addEventListener('message', (event: MessageEvent<ToFinetune>) => {
  const message = event.data;
  switch (message.type) {
    case 'busy':
      setBusy(message.words);
      break;
    case 'failed':
      setBusy(undefined);
      start.disabled = true;
      status.replaceChildren(
        element('div', { className: 'notice error', textContent: `${message.message} ${message.hint}` }),
        element(
          'div',
          { className: 'row ways-out' },
          ...(Object.keys(SECTIONS) as FinetuneStep[]).map(step =>
            button(`Change ${SECTIONS[step].toLowerCase()} …`, () => send({ type: 'change', step })),
          ),
        ),
      );
      break;
    case 'preview':
      setBusy(undefined);
      draw(message);
      break;
  }
});

send({ type: 'ready' });
