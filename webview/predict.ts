/** The page that predicts while one types: the scores at once, then the attention of every layer and head. */
import './shared/page.css';
import './predict/predict.css';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import type { FromPredict, PredictView, ToPredict } from '../src/protocol/predict-page';
import type { Prediction, PredictorFacts } from '../src/protocol/prediction';
import { AttentionMaps } from './predict/attention';
import { HeatMap, type Choice } from './predict/heat-map';
import { results } from './predict/results';
import { count } from './shared/format';
import { connect, element, setText } from './shared/host';

/** A pause this long asks for the scores; one longer by the second for the attention as well. */
const PAUSE_MS = 150;
const ATTENTION_PAUSE_MS = 350;
/** Longer texts have more values than a page should hold. */
const ATTENTION_TOKENS = 128;

const host = connect<PredictView>();
const send = (message: FromPredict): void => host.postMessage(message);
const view: PredictView = { title: '', checkpoint: '', text: '', pair: '', layer: 0, head: -1, ...host.getState() };
let opened: Pick<PredictView, 'title' | 'checkpoint'> = view;
let choice: Choice = { layer: view.layer, head: view.head };
let about: PredictorFacts | undefined;
let maps: AttentionMaps | undefined;
let tokens: readonly string[] = [];
let asked = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

const title = element('h1', { textContent: 'Predict' });
const facts = element('span', { className: 'faint' });
const other = document.createElement('vscode-button');
other.textContent = 'Another checkpoint …';
other.setAttribute('secondary', '');
other.addEventListener('click', () => send({ type: 'choose' }));
const notices = element('div', { className: 'notices', attributes: { role: 'status', 'aria-live': 'polite' } });
const text = element('textarea', { rows: 3, value: view.text, spellcheck: false });
const pair = element('textarea', { rows: 3, value: view.pair, spellcheck: false });
const textName = element('span', { textContent: 'Text' });
const pairName = element('span', { textContent: 'Second text' });
const textBox = element('label', { className: 'field' }, textName, text);
const pairBox = element('label', { className: 'field' }, pairName, pair);
const output = element('section', {
  className: 'output',
  attributes: { 'aria-live': 'polite', 'aria-label': 'Prediction' },
});
const took = element('p', { className: 'faint took' });
const layers = element('select', { attributes: { 'aria-label': 'Layer' } });
const heads = element('select', { attributes: { 'aria-label': 'Head' } });
const heat = new HeatMap(choose);
const attentionNote = element('p', { className: 'faint' });
const attentionBox = element(
  'section',
  { className: 'attention', hidden: true },
  element(
    'div',
    { className: 'row' },
    element('h2', { textContent: 'Attention' }),
    element('label', { className: 'row faint' }, 'Layer', layers),
    element('label', { className: 'row faint' }, 'Head', heads),
    element('span', { className: 'faint', textContent: 'point at a cell, or move with the arrow keys' }),
  ),
  attentionNote,
  heat.root,
);

document.body.append(
  element('header', { className: 'row' }, title, facts, element('span', { className: 'spring' }), other),
  notices,
  element('div', { className: 'inputs' }, textBox, pairBox),
  output,
  took,
  attentionBox,
);

for (const field of [text, pair]) field.addEventListener('input', () => schedule());
layers.addEventListener('change', () => choose({ ...choice, layer: Number(layers.value) }));
heads.addEventListener('change', () => choose({ ...choice, head: Number(heads.value) }));

function choose(next: Choice): void {
  choice = next;
  layers.value = String(next.layer);
  heads.value = String(next.head);
  keep();
  if (maps) heat.show(maps, tokens, choice);
}

function keep(): void {
  const { title, checkpoint } = opened;
  host.setState({ title, checkpoint, text: text.value, pair: pair.value, ...choice });
}

/** Scores after a short pause, attention after a longer one, so that typing stays quick with large models. */
function schedule(): void {
  keep();
  clearTimeout(timer);
  timer = setTimeout(() => {
    ask(0);
    timer = setTimeout(() => ask(ATTENTION_TOKENS), ATTENTION_PAUSE_MS);
  }, PAUSE_MS);
}

function ask(attention: number): void {
  if (!about) return;
  const needsPair = about.task === 'question-answering';
  if (text.value.trim() === '' || (needsPair && pair.value.trim() === '')) {
    asked++;
    output.replaceChildren(element('p', { className: 'faint', textContent: hintOf(about) }));
    setText(took, '');
    attentionBox.hidden = true;
    return;
  }
  const second = pair.value.trim() === '' || pairBox.hidden ? {} : { pair: pair.value };
  send({ type: 'predict', number: ++asked, text: text.value, ...second, attention });
}

function hintOf({ task, mask }: PredictorFacts): string {
  if (task === 'question-answering') return 'Type a question and a context.';
  return task === 'masked-lm' ? `Type a text with ${mask ?? 'the mask token'} in it.` : 'Type a text.';
}

function open(name: string, checkpoint: string): void {
  opened = { title: name, checkpoint };
  keep();
  setText(title, name);
  document.title = `Predict: ${name}`;
}

function describe(known: PredictorFacts): void {
  about = known;
  const { task, family, parameters } = known;
  const size = `${known.layers} layers of ${known.heads} heads · ${count(parameters)} parameters`;
  setText(facts, `${family} · ${task.replaceAll('-', ' ')} · ${size}`);
  const question = task === 'question-answering';
  setText(textName, question ? 'Question' : 'Text');
  setText(pairName, question ? 'Context' : 'Second text, for pairs');
  pairBox.hidden = task === 'token-classification' || task === 'masked-lm';
  text.placeholder = hintOf(known);
  notices.replaceChildren();
  text.focus();
  ask(ATTENTION_TOKENS);
}

function show(prediction: Prediction, milliseconds: number): void {
  if (!about) return;
  notices.replaceChildren();
  output.replaceChildren(results(about.task, prediction));
  const length = prediction.tokens.length;
  const full = length >= about.maxTokens ? ', all that this checkpoint takes: what is longer was cut off' : '';
  setText(took, `${count(length)} tokens${full} · ${Math.max(1, Math.round(milliseconds))} ms`);
  attentionBox.hidden = false;
  if (!prediction.attention) {
    const long = length > ATTENTION_TOKENS;
    heat.root.hidden = long;
    setText(attentionNote, long ? `Attention is shown of texts up to ${ATTENTION_TOKENS} tokens.` : '');
    return;
  }
  heat.root.hidden = false;
  setText(attentionNote, '');
  maps = new AttentionMaps(prediction.attention);
  tokens = prediction.tokens;
  fill(layers, maps.attention.layers, []);
  fill(heads, maps.attention.heads, [['-1', 'mean of all']]);
  const layer = Math.min(choice.layer, maps.attention.layers - 1);
  choose({ layer, head: Math.min(choice.head, maps.attention.heads - 1) });
}

function fill(select: HTMLSelectElement, size: number, first: readonly (readonly [string, string])[]): void {
  if (select.options.length === size + first.length) return;
  const numbered = Array.from({ length: size }, (_, i) => [String(i), String(i + 1)] as const);
  select.replaceChildren(
    ...[...first, ...numbered].map(([value, textContent]) => element('option', { value, textContent })),
  );
}

window.addEventListener('message', (event: MessageEvent<ToPredict>) => {
  const message = event.data;
  switch (message.type) {
    case 'opened':
      open(message.title, message.checkpoint);
      break;
    case 'checkpoint':
      describe(message.about);
      break;
    case 'answer':
      // An older answer only passes over what was typed since.
      if (message.number === asked || !message.prediction.attention) show(message.prediction, message.milliseconds);
      break;
    case 'busy':
      notices.replaceChildren(element('p', { className: 'faint', textContent: message.words }));
      break;
    case 'failed':
      notices.replaceChildren(
        element('div', { className: 'notice error', textContent: `${message.message} ${message.hint}` }),
      );
      break;
  }
});

new MutationObserver(() => heat.redraw()).observe(document.body, {
  attributes: true,
  attributeFilter: ['class', 'data-vscode-theme-kind'],
});
new ResizeObserver(() => heat.redraw()).observe(document.documentElement);

send({ type: 'ready' });
