/**
 * The training panel's page. It holds a `RunState` that grows by deltas, draws it at most ten times a second, and keeps
 * only the view (smoothing, axes) across reloads: the data always comes from the extension, from its cursor on.
 */
import 'uplot/dist/uPlot.min.css';
import './shared/page.css';
import './run/run.css';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import '@vscode-elements/elements/dist/vscode-option/index.js';
import type { FromPanel, PanelView, ToPanel } from '../src/protocol/panel';
import {
  applyDelta,
  column,
  cursorOf,
  initialRunState,
  isLive,
  startCursor,
  type Cursor,
  type RunState,
} from '../src/protocol/run-state';
import { MetricChart, type Curve } from './run/chart';
import { Overview } from './run/overview';
import { EpochTable, Evaluations, Log } from './run/tables';
import { Toolbar } from './run/toolbar';
import { connect, element } from './shared/host';

const REDRAW_MS = 100;

const host = connect<PanelView>();
const defaults: PanelView = { runId: '', smoothing: 0.9, horizontal: 'step', logX: false, logY: false, table: false };
let view: PanelView = { ...defaults, ...host.getState() };
let state: RunState = initialRunState;
let refused: string | undefined;
/** Extension's clock minus the page's. */
let skew = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

const send = (message: FromPanel): void => host.postMessage(message);
const overview = new Overview();
const toolbar = new Toolbar(message => {
  refused = undefined;
  send(message);
});
const epochs = new EpochTable();
const evaluations = new Evaluations();
const log = new Log();
const charts = new Map<string, MetricChart>();
const chartBox = element('div', { className: 'charts' });
const tableBox = element(
  'details',
  { open: view.table },
  element('summary', { textContent: 'Epochs as a table' }),
  epochs.root,
);
tableBox.addEventListener('toggle', () => setView({ table: tableBox.open }));

document.body.append(overview.root, toolbar.root, controls(), chartBox, evaluations.root, tableBox, log.root);

function setView(change: Partial<PanelView>): void {
  view = { ...view, ...change };
  host.setState(view);
  schedule();
}

function controls(): HTMLElement {
  const smoothing = element('input', {
    type: 'range',
    min: '0',
    max: '0.99',
    step: '0.01',
    value: String(view.smoothing),
  });
  smoothing.addEventListener('input', () => setView({ smoothing: Number(smoothing.value) }));
  const horizontal = document.createElement('vscode-single-select') as HTMLElement & { value: string };
  for (const name of ['step', 'epoch', 'time']) {
    const option = document.createElement('vscode-option');
    option.textContent = name;
    option.setAttribute('value', name);
    if (name === view.horizontal) option.setAttribute('selected', '');
    horizontal.append(option);
  }
  horizontal.setAttribute('aria-label', 'Horizontal axis');
  horizontal.addEventListener('change', () => {
    zoomAll(undefined);
    setView({ horizontal: horizontal.value as PanelView['horizontal'] });
  });
  return element(
    'div',
    { className: 'row controls' },
    element('label', { className: 'row faint' }, 'Smoothing', smoothing),
    element('label', { className: 'row faint' }, 'Horizontal', horizontal),
    check('log x', 'logX'),
    check('log y', 'logY'),
    element('span', { className: 'faint', textContent: 'drag to zoom, double-click for all' }),
  );
}

function check(label: string, key: 'logX' | 'logY'): HTMLElement {
  const box = document.createElement('vscode-checkbox') as HTMLElement & { checked: boolean };
  box.setAttribute('label', label);
  if (view[key]) box.setAttribute('checked', '');
  box.addEventListener('change', () => setView({ [key]: box.checked }));
  return box;
}

function zoomAll(range: readonly [number, number] | undefined): void {
  for (const chart of charts.values()) chart.zoom(range);
}

/** The x of every step and every epoch, in the unit the view asks for. */
function horizontals(): { steps: Float64Array; epochs: Float64Array } {
  const steps = column(state.stepTable, 'step');
  const atEpoch = column(state.epochTable, 'step');
  switch (view.horizontal) {
    case 'step':
      return { steps, epochs: atEpoch };
    case 'epoch': {
      if (state.story.parts.length > 1) return { steps: epochsOfSteps(), epochs: column(state.epochTable, 'epoch') };
      const each = Math.max(1, state.setup.stepsPerEpoch);
      return { steps: steps.map(s => s / each), epochs: column(state.epochTable, 'epoch') };
    }
    case 'time': {
      const start = state.setup.startedAt ?? 0;
      const minutes = (t: number): number => (t - start) / 60_000;
      return {
        steps: column(state.stepTable, 'time').map(minutes),
        epochs: column(state.epochTable, 'time').map(minutes),
      };
    }
  }
}

/** Where the trainings of one run have epochs of different lengths: each step's share of its own epoch. */
function epochsOfSteps(): Float64Array {
  const epochs = column(state.stepTable, 'epoch');
  const x = new Float64Array(epochs.length);
  for (let from = 0, to = 0; from < epochs.length; from = to) {
    while (to < epochs.length && epochs[to] === epochs[from]) to++;
    for (let row = from; row < to; row++) x[row] = epochs[row]! - 1 + (row - from + 1) / (to - from);
  }
  return x;
}

function curveOf(name: string, x: { steps: Float64Array; epochs: Float64Array }): Curve {
  const perStep = column(state.stepTable, name);
  const validationY = column(state.epochTable, `val_${name}`);
  // A metric that is only known per epoch is drawn per epoch.
  const [xs, ys] = perStep.length > 0 ? [x.steps, perStep] : [x.epochs, column(state.epochTable, name)];
  return { x: xs, y: ys, validationX: validationY.length > 0 ? x.epochs : new Float64Array(0), validationY };
}

function draw(): void {
  timer = undefined;
  overview.update(state, Date.now() + skew, refused);
  toolbar.update(state);
  if (tableBox.open) epochs.update(state);
  evaluations.update(state);
  log.update(state);
  const x = horizontals();
  addCharts();
  for (const [name, chart] of charts) chart.draw(curveOf(name, x), view);
  send({ type: 'drawn', cursor: cursorOf(state) });
}

/** All of them are in their places before one is drawn: each one more changes the width of the others. */
function addCharts(): void {
  const added = state.setup.metrics.filter(name => !charts.has(name));
  for (const name of added) {
    const chart = new MetricChart(name, zoomAll);
    charts.set(name, chart);
    chartBox.append(chart.root);
  }
  if (added.length > 0) charts.forEach(chart => chart.recreate());
}

function schedule(): void {
  timer ??= setTimeout(draw, REDRAW_MS);
}

window.addEventListener('message', (event: MessageEvent<ToPanel>) => {
  const message = event.data;
  switch (message.type) {
    case 'run':
      if (message.run.id !== view.runId) {
        state = initialRunState;
        setView({ runId: message.run.id });
      }
      overview.setTitle(message.run.title);
      break;
    case 'delta':
      state = applyDelta(state, message.delta);
      skew = message.now - Date.now();
      schedule();
      break;
    case 'refused':
      refused = message.message;
      schedule();
      break;
  }
});

// The clock of a live run moves on between events.
setInterval(() => {
  if (isLive(state)) overview.update(state, Date.now() + skew, refused);
}, 1000);

new ResizeObserver(() => charts.forEach(chart => chart.recreate())).observe(chartBox);
new MutationObserver(() => charts.forEach(chart => chart.recreate())).observe(document.body, {
  attributes: true,
  attributeFilter: ['class', 'data-vscode-theme-kind'],
});

const cursor: Cursor = startCursor;
send({ type: 'ready', cursor });
