/**
 * One curve of the run: the raw values faint, their smoothed line on top, validation as dots and line. It draws what
 * fits the pixels of the current view; zooming looks the points up anew, so nothing is thinned for good.
 */
import uPlot from 'uplot';
import { envelope, Smoothed } from '../shared/decimate';
import { number } from '../shared/format';
import { cssColor, element, setText } from '../shared/host';

/** Everything a chart draws; x ascends in both, and rows of one array belong together. */
export interface Curve {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly validationX: Float64Array;
  readonly validationY: Float64Array;
}

export interface ChartView {
  readonly logX: boolean;
  readonly logY: boolean;
  readonly smoothing: number;
  readonly horizontal: string;
}

const HEIGHT = 220;
const SYNC = uPlot.sync('run');

export class MetricChart {
  readonly root: HTMLElement;
  private readonly plotBox = element('div', { className: 'plot', attributes: { role: 'img' } });
  private readonly caption = element('span', { className: 'faint' });
  private plot: uPlot | undefined;
  private view: ChartView | undefined;
  private smoothed = new Smoothed(0);
  private curve: Curve | undefined;
  /** The zoomed range, or undefined while the whole run is shown. */
  private range: readonly [number, number] | undefined;

  constructor(
    readonly metric: string,
    private readonly onZoom: (range: readonly [number, number] | undefined) => void,
  ) {
    this.root = element(
      'section',
      { className: 'chart', attributes: { 'data-metric': metric } },
      element('div', { className: 'row' }, element('h2', { textContent: metric }), this.caption),
      this.plotBox,
    );
  }

  draw(curve: Curve, view: ChartView): void {
    this.curve = curve;
    if (
      !this.view ||
      this.view.logX !== view.logX ||
      this.view.logY !== view.logY ||
      this.view.horizontal !== view.horizontal
    ) {
      this.plot?.destroy();
      this.plot = undefined;
    }
    if (this.smoothed.factor !== view.smoothing) this.smoothed = new Smoothed(view.smoothing);
    this.view = view;
    this.plot ??= this.create(view);
    this.refresh();
    const last = curve.y.at(-1);
    const lastValidation = curve.validationY.at(-1);
    const words = `${number(last)}${lastValidation === undefined ? '' : ` · validation ${number(lastValidation)}`}`;
    setText(this.caption, words);
    this.plotBox.setAttribute('aria-label', `${this.metric} over ${curve.y.length} points, now ${words}`);
  }

  /** Shows a range of x on this chart; undefined shows all. */
  zoom(range: readonly [number, number] | undefined): void {
    this.range = range;
    if (this.plot) this.refresh();
  }

  /** Theme or width changed: colours and sizes are read again. */
  recreate(): void {
    this.plot?.destroy();
    this.plot = undefined;
    if (this.curve && this.view) this.draw(this.curve, this.view);
  }

  private width(): number {
    return Math.max(240, this.plotBox.clientWidth || this.root.clientWidth || 480);
  }

  private refresh(): void {
    const { plot, curve, view } = this;
    if (!plot || !curve || !view) return;
    const ends = [curve.x[0], curve.validationX[0], curve.x.at(-1), curve.validationX.at(-1)].filter(
      v => v !== undefined,
    );
    if (ends.length === 0) {
      plot.setData([[], [], [], []]);
      return;
    }
    const least = view.logX ? Math.max(1e-3, Math.min(...ends)) : Math.min(...ends);
    const [from, to] = this.range ?? [least, Math.max(...ends)];
    const columns = Math.round(this.width());
    const raw = envelope(curve.x, positive(curve.y, view.logY), from, to, columns);
    const smooth =
      view.smoothing > 0
        ? envelope(curve.x, positive(this.smoothed.of(curve.y), view.logY), from, to, columns)
        : { x: new Float64Array(0), y: new Float64Array(0) };
    const validation = envelope(curve.validationX, positive(curve.validationY, view.logY), from, to, columns);
    const joined = uPlot.join([
      [Array.from(raw.x), Array.from(raw.y)],
      [Array.from(smooth.x), Array.from(smooth.y)],
      [Array.from(validation.x), Array.from(validation.y)],
    ]);
    plot.batch(() => {
      plot.setData(joined, false);
      plot.setScale('x', { min: from, max: to > from ? to : from + 1 });
      plot.setScale('y', { min: null as unknown as number, max: null as unknown as number });
    });
  }

  private create(view: ChartView): uPlot {
    const ink = cssColor('--vscode-foreground', '#888');
    const grid = { stroke: withAlpha(ink, 0.12), width: 1 };
    const ticks = { stroke: withAlpha(ink, 0.3), width: 1 };
    const blue = cssColor('--vscode-charts-blue', '#1a85ff');
    // Themes give their orange as the see-through mark of a search.
    const orange = withAlpha(cssColor('--vscode-charts-orange', '#d18616'), 1);
    const font = `11px ${cssColor('--vscode-font-family', 'sans-serif')}`;
    const axis = { stroke: ink, grid, ticks, font };
    const faint = view.smoothing > 0;
    const contrast = document.body.classList.contains('vscode-high-contrast');
    return new uPlot(
      {
        width: this.width(),
        height: HEIGHT,
        legend: { show: true, live: true },
        cursor: { sync: { key: SYNC.key }, drag: { x: true, y: false, setScale: false } },
        scales: { x: { time: false, distr: view.logX ? 3 : 1 }, y: { distr: view.logY ? 3 : 1 } },
        axes: [
          {
            ...axis,
            label: view.horizontal === 'time' ? 'minutes' : view.horizontal,
            labelFont: font,
            labelSize: 18,
            size: 34,
          },
          { ...axis, size: 62, values: (_, splits) => splits.map(v => (v === null ? '' : number(v))) },
        ],
        series: [
          { label: view.horizontal, value: (_, v) => number(v) },
          {
            label: this.metric,
            stroke: faint ? withAlpha(blue, contrast ? 0.7 : 0.35) : blue,
            width: faint ? 1 : 1.5,
            spanGaps: true,
            points: { show: false },
            value: (_, v) => number(v),
          },
          {
            label: 'smoothed',
            stroke: blue,
            width: 2,
            spanGaps: true,
            points: { show: false },
            show: faint,
            value: (_, v) => number(v),
          },
          {
            label: 'validation',
            stroke: orange,
            width: 1.5,
            spanGaps: true,
            points: { show: true, size: 7, fill: orange },
            value: (_, v) => number(v),
          },
        ],
        hooks: {
          setSelect: [
            plot => {
              const { left, width } = plot.select;
              if (width < 4) return;
              this.onZoom([plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')]);
              plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            },
          ],
          ready: [plot => plot.over.addEventListener('dblclick', () => this.onZoom(undefined))],
        },
      },
      [[], [], [], []],
      this.plotBox,
    );
  }
}

/** On a logarithmic axis values at or below zero have no place: they become gaps. */
function positive(y: Float64Array, log: boolean): Float64Array {
  return log ? y.map(v => (v > 0 ? v : NaN)) : y;
}

/** `#rrggbb` or `rgb(…)` with an opacity; other notations are used as they are. */
function withAlpha(color: string, alpha: number): string {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(color);
  if (hex)
    return `rgba(${hex
      .slice(1, 4)
      .map(h => parseInt(h, 16))
      .join(', ')}, ${alpha})`;
  const rgb = /^rgba?\((\d+),\s*(\d+),\s*(\d+)/.exec(color);
  return rgb ? `rgba(${rgb[1]}, ${rgb[2]}, ${rgb[3]}, ${alpha})` : color;
}
