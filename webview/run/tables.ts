/** The numbers behind the curves as a table of epochs, and the log: for the keyboard,
  the screen reader and the doubtful. */
import { cell, type RunState } from '../../src/protocol/run-state';
import { evaluationView } from '../shared/evaluation';
import { duration, metric, number } from '../shared/format';
import { element, setText } from '../shared/host';

const ROWS = 500;

export class EpochTable {
  readonly root = element('div', { className: 'epochs' });
  private drawn = '';

  update(state: RunState): void {
    const { epochTable } = state;
    const key = `${state.generation}/${epochTable.rows}/${epochTable.names.join()}`;
    if (key === this.drawn) return;
    this.drawn = key;
    const names = epochTable.names.filter(n => !['epoch', 'step', 'time', 'learningRate', 'seconds'].includes(n));
    const head = element(
      'tr',
      {},
      ...['epoch', ...names, 'learning rate', 'time'].map(n => element('th', { textContent: n, className: 'number' })),
    );
    const rows: HTMLElement[] = [];
    for (let row = epochTable.rows - 1; row >= Math.max(0, epochTable.rows - ROWS); row--) {
      const number_ = (text: string): HTMLElement => element('td', { className: 'number', textContent: text });
      const epoch = cell(epochTable, 'epoch', row);
      rows.push(
        element(
          'tr',
          { className: state.story.best?.epoch === epoch ? 'best' : '' },
          number_(String(epoch)),
          ...names.map(n => number_(metric(n.replace(/^val_/, ''), cell(epochTable, n, row)))),
          number_(number(cell(epochTable, 'learningRate', row))),
          number_(duration(cell(epochTable, 'seconds', row))),
        ),
      );
    }
    this.root.replaceChildren(
      rows.length > 0
        ? element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows))
        : element('p', { className: 'faint', textContent: 'The first epoch is not complete yet.' }),
    );
  }
}

export class Log {
  private readonly lines = element('pre', { className: 'log' });
  readonly root = element('details', {}, element('summary', { textContent: 'Log' }), this.lines);

  update(state: RunState): void {
    setText(
      this.lines,
      state.story.log
        .map(l => `${new Date(l.time).toISOString().slice(11, 19)} ${l.level.padEnd(7)} ${l.message}`)
        .join('\n'),
    );
  }
}

/** The validation of the best epoch once the run has ended, the latest one until then. */
export class Evaluations {
  private readonly title = element('summary');
  private readonly box = element('div');
  readonly root = element('details', { open: true, hidden: true, className: 'validation' }, this.title, this.box);
  private drawn: unknown;

  update({ story }: RunState): void {
    const shown = story.end?.kind === 'ended' ? (story.bestEvaluation ?? story.evaluation) : story.evaluation;
    this.root.hidden = shown === null;
    if (!shown) return;
    const best = shown.epoch === story.best?.epoch ? ', the best one' : '';
    setText(this.title, `Validation after epoch ${shown.epoch}${best}`);
    // Every update brings the story anew; what it holds is the same until the next epoch.
    const key = JSON.stringify(shown);
    if (key === this.drawn) return;
    this.drawn = key;
    this.box.replaceChildren(evaluationView(shown));
  }
}
