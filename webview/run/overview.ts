/** The head of the panel: what runs, how far it is, what was measured last, and what a person should know. */
import '@vscode-elements/elements/dist/vscode-badge/index.js';
import { isLive, progress, secondsLeft, totalSteps, type RunState } from '../../src/protocol/run-state';
import { count, duration, metric, number } from '../shared/format';
import { element, setText } from '../shared/host';

const STATUS: Readonly<Record<string, string>> = {
  starting: 'Starting',
  running: 'Training',
  paused: 'Paused',
  ended: 'Finished',
  failed: 'Failed',
  lost: 'Interrupted',
};
const ENDINGS: Readonly<Record<string, string>> = {
  finished: 'Finished',
  stopped: 'Stopped',
  'early-stopping': 'Stopped early: no more improvement',
  'stop-keep-best': 'Stopped, best weights kept',
};

export class Overview {
  readonly root: HTMLElement;
  private readonly title = element('h1');
  private readonly status = document.createElement('vscode-badge');
  private readonly execution = document.createElement('vscode-badge');
  private readonly facts = element('span', { className: 'faint' });
  private readonly bar = element('div', { className: 'bar-fill' });
  private readonly barBox = element(
    'div',
    { className: 'bar', attributes: { role: 'progressbar', 'aria-valuemin': '0', 'aria-valuemax': '100' } },
    this.bar,
  );
  private readonly where = element('span');
  private readonly timing = element('span', { className: 'faint' });
  private readonly tiles = element('div', { className: 'tiles' });
  private readonly notices = element('div', {
    className: 'notices',
    attributes: { role: 'status', 'aria-live': 'polite' },
  });

  constructor() {
    this.root = element(
      'header',
      {},
      element('div', { className: 'row' }, this.title, this.status, this.execution, this.facts),
      this.notices,
      this.barBox,
      element('div', { className: 'row' }, this.where, element('span', { className: 'spring' }), this.timing),
      this.tiles,
    );
  }

  setTitle(title: string): void {
    setText(this.title, title);
    document.title = title;
  }

  update(state: RunState, now: number, refused: string | undefined): void {
    const ending = state.story.end?.kind === 'ended' ? ENDINGS[state.story.end.reason] : undefined;
    setText(this.status, ending ?? STATUS[state.status] ?? state.status);
    this.status.dataset['status'] = state.status;
    const { execution, backend } = state.setup;
    setText(
      this.execution,
      execution ? (execution.mode === 'compiled' ? 'compiled' : `eager: ${execution.because}`) : '',
    );
    this.execution.hidden = execution === null;
    setText(
      this.facts,
      [
        state.setup.params > 0 && `${count(state.setup.params)} parameters`,
        state.setup.samples > 0 && `${count(state.setup.samples)} examples`,
        backend &&
          (backend.kind === 'native'
            ? `TensorFlow ${backend.versions['tensorflow'] ?? ''}`
            : `${backend.name} back end (slow)`),
      ]
        .filter(Boolean)
        .join(' · '),
    );
    const share = progress(state);
    this.bar.style.width = `${share * 100}%`;
    this.barBox.setAttribute('aria-valuenow', String(Math.round(share * 100)));
    setText(this.where, where(state));
    const sinceLast =
      state.status === 'running' && state.lastEventAt !== null ? Math.max(0, now - state.lastEventAt) : 0;
    setText(
      this.timing,
      [
        state.samplesPerSecond !== null && `${count(Math.round(state.samplesPerSecond))} examples/s`,
        `${duration((state.active + sinceLast) / 1000)} trained`,
        isLive(state) && `${duration(secondsLeft(state))} left`,
      ]
        .filter(Boolean)
        .join(' · '),
    );
    this.updateTiles(state);
    this.updateNotices(state, refused);
  }

  private updateTiles(state: RunState): void {
    const rows = state.setup.metrics.map(name => ({
      name,
      now: state.latest[name],
      epoch: state.story.latestEpoch[name],
      validation: state.story.latestEpoch[`val_${name}`],
    }));
    this.tiles.replaceChildren(
      ...rows.map(row =>
        element(
          'div',
          { className: 'tile' },
          element('div', { className: 'faint', textContent: row.name }),
          element('div', { className: 'big', textContent: metric(row.name, row.now ?? row.epoch) }),
          element('div', {
            className: 'faint',
            textContent:
              row.validation === undefined
                ? `epoch ${metric(row.name, row.epoch)}`
                : `validation ${metric(row.name, row.validation)}`,
          }),
        ),
      ),
      element(
        'div',
        { className: 'tile' },
        element('div', { className: 'faint', textContent: `best ${state.setup.monitor.metric}` }),
        element('div', { className: 'big', textContent: metric(state.setup.monitor.metric, state.story.best?.value) }),
        element('div', {
          className: 'faint',
          textContent: state.story.best ? `epoch ${state.story.best.epoch}` : 'after the first epoch',
        }),
      ),
      element(
        'div',
        { className: 'tile' },
        element('div', { className: 'faint', textContent: 'learning rate' }),
        element('div', { className: 'big', textContent: number(state.learningRate) }),
        element('div', { className: 'faint', textContent: `batch ${state.setup.batchSize || '–'}` }),
      ),
    );
  }

  private updateNotices(state: RunState, refused: string | undefined): void {
    const notices: { kind: string; text: string }[] = [];
    if (refused) notices.push({ kind: 'error', text: refused });
    if (state.story.end?.kind === 'failed')
      notices.push({ kind: 'error', text: `${state.story.end.message} ${state.story.end.hint}` });
    if (state.story.end?.kind === 'lost') notices.push({ kind: 'error', text: state.story.end.message });
    if (state.setup.backend?.kind === 'embedded') {
      notices.push({
        kind: 'warning',
        text:
          `Running on the embedded JavaScript back end, which is ` +
          `slow${state.setup.backend.because ? `: ${state.setup.backend.because}` : ''}. “Modelwright: Set Up Training Runtime” installs TensorFlow.`,
      });
    }
    for (const alert of state.story.alerts.slice(-4))
      notices.push({ kind: alert.severity, text: `${alert.message} ${alert.hint}` });
    const key = JSON.stringify(notices);
    if (this.notices.dataset['key'] === key) return;
    this.notices.dataset['key'] = key;
    this.notices.replaceChildren(
      ...notices.map(n => element('div', { className: `notice ${n.kind}`, textContent: n.text })),
    );
  }
}

/** How far the training is; of several within one run, the one under way. */
function where(state: RunState): string {
  const { epochs, part } = state.setup;
  const of = part && part.number > 1 ? `${part.name} · ` : '';
  const [epochsBefore, stepsBefore] = [part?.epoch ?? 0, part?.step ?? 0];
  const total = totalSteps(state);
  const step = state.step - stepsBefore;
  if (total > 0) {
    const epoch = Math.min(epochs, state.epoch + (state.status === 'ended' ? 0 : 1)) - epochsBefore;
    return `${of}Epoch ${epoch} of ${epochs - epochsBefore} · step ${count(step)} of ${count(total)}`;
  }
  return state.step > 0 ? `${of}Step ${count(step)}` : 'Preparing model and data …';
}
