/** The buttons over a run. What is shown follows the run's status alone; a press sends one message and changes nothing here. */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import type { FromPanel } from '../../src/protocol/panel';
import type { RunHead } from '../../src/protocol/run-state';
import { SCRIPT_TASK } from '../../src/protocol/script-plan';
import { element } from '../shared/host';

interface VscodeButton extends HTMLElement {
  secondary: boolean;
  disabled: boolean;
}
interface VscodeTextfield extends HTMLElement {
  value: string;
}

export class Toolbar {
  readonly root: HTMLElement;
  private readonly buttons: Readonly<Record<string, VscodeButton>>;
  private readonly rate = document.createElement('vscode-textfield') as VscodeTextfield;
  private readonly rateBox: HTMLElement;

  constructor(private readonly send: (message: FromPanel) => void) {
    this.buttons = {
      pause: this.button('Pause', () => send({ type: 'pause' }), 'Finish the current step, then wait'),
      resume: this.button('Resume', () => send({ type: 'resume' }), 'Go on with the next step', true),
      stop: this.button(
        'Stop',
        () => send({ type: 'stop', keep: 'last' }),
        'End after this step and keep the weights as they are',
      ),
      keepBest: this.button(
        'Stop, keep best',
        () => send({ type: 'stop', keep: 'best' }),
        'End after this step and go back to the weights of the best epoch',
      ),
      checkpoint: this.button('Checkpoint', () => send({ type: 'checkpoint' }), 'Write a checkpoint after this step'),
      resumeRun: this.button(
        'Resume run',
        () => send({ type: 'resume-run' }),
        'Start again from the last checkpoint',
        true,
      ),
      predict: this.button(
        'Predict',
        () => send({ type: 'predict' }),
        'Type texts and see what the trained checkpoint says of them',
        true,
      ),
      csv: this.button('Export CSV', () => send({ type: 'export-csv' }), 'Save every point of every curve as CSV'),
      folder: this.button('Open folder', () => send({ type: 'open-folder' }), 'Show the files of this run'),
    };
    for (const [name, button] of Object.entries(this.buttons)) button.dataset['action'] = name;
    this.rate.setAttribute('aria-label', 'Learning rate');
    this.rate.classList.add('rate');
    this.rate.addEventListener('change', () => this.sendRate());
    this.rateBox = element('label', { className: 'row faint' }, 'Learning rate', this.rate);
    this.root = element(
      'div',
      { className: 'row toolbar', attributes: { role: 'toolbar', 'aria-label': 'Run' } },
      ...Object.values(this.buttons).slice(0, -2),
      this.rateBox,
      element('span', { className: 'spring' }),
      this.buttons['csv'],
      this.buttons['folder'],
    );
  }

  update(head: RunHead): void {
    const running = head.status === 'running';
    const paused = head.status === 'paused';
    const live = running || paused;
    const dead =
      head.status === 'lost' ||
      head.status === 'failed' ||
      (head.story.end?.kind === 'ended' && head.story.end.reason === 'stopped');
    // A script keeps its weights itself.
    const keeps = live && head.setup.task !== SCRIPT_TASK;
    const shown: Record<string, boolean> = {
      pause: running,
      resume: paused,
      stop: live || head.status === 'starting',
      keepBest: keeps,
      checkpoint: keeps,
      resumeRun: dead && head.story.checkpoints.last !== null,
      // What was pre-trained alone guesses hidden words.
      predict: head.story.end?.kind === 'ended' && ['finetune', 'pretrain'].includes(head.setup.task),
      csv: true,
      folder: true,
    };
    for (const [name, button] of Object.entries(this.buttons)) button.hidden = !shown[name];
    this.buttons['keepBest']!.disabled = head.story.best === null;
    this.rateBox.hidden = !live;
    const typing = document.activeElement === this.rate;
    if (!typing && head.learningRate !== null) this.rate.value = String(Number(head.learningRate.toPrecision(6)));
  }

  private sendRate(): void {
    const value = Number(this.rate.value);
    if (Number.isFinite(value) && value > 0) this.send({ type: 'set', learningRate: value });
  }

  private button(label: string, press: () => void, title: string, primary = false): VscodeButton {
    const button = document.createElement('vscode-button') as VscodeButton;
    button.textContent = label;
    button.title = title;
    button.secondary = !primary;
    button.addEventListener('click', press);
    return button;
  }
}
