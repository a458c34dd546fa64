/**
 * Attention over the tokens: one large map with a cursor that the pointer or the arrow keys move, and a small one for
 * every head of every layer to choose from.
 */
import { cssColor, element, setText } from '../shared/host';
import { AttentionMaps, parseColor, pixels, type Color } from './attention';

export interface Choice {
  readonly layer: number;
  /** -1: the mean of all heads. */
  readonly head: number;
}

const LABELS = 90;
const LARGEST_CELL = 26;

export class HeatMap {
  readonly root = element('div', { className: 'heat' });
  private readonly canvas = element('canvas', {
    tabIndex: 0,
    attributes: { role: 'application', 'aria-roledescription': 'heat map' },
  });
  private readonly readout = element('div', {
    className: 'readout',
    attributes: { role: 'status', 'aria-live': 'polite' },
  });
  private readonly overview = element('div', { className: 'overview', attributes: { role: 'group' } });
  private maps: AttentionMaps | undefined;
  private tokens: readonly string[] = [];
  private choice: Choice = { layer: 0, head: -1 };
  private map: Float32Array = new Float32Array(0);
  private cursor = { from: 0, to: 0 };
  private cell = 10;

  constructor(private readonly onChoose: (choice: Choice) => void) {
    this.overview.setAttribute('aria-label', 'All layers and heads');
    this.root.append(element('div', { className: 'large' }, this.canvas, this.readout), this.overview);
    this.canvas.addEventListener('pointermove', event => this.point(event));
    this.canvas.addEventListener('keydown', event => this.key(event));
  }

  show(maps: AttentionMaps, tokens: readonly string[], choice: Choice): void {
    const other =
      this.maps?.attention.layers !== maps.attention.layers || this.maps.attention.heads !== maps.attention.heads;
    this.maps = maps;
    this.tokens = tokens;
    this.choice = choice;
    const last = tokens.length - 1;
    this.cursor = { from: Math.min(this.cursor.from, last), to: Math.min(this.cursor.to, last) };
    if (other) this.fillOverview();
    this.redraw();
  }

  /** Draws all anew: after new values, another head, another theme or width. */
  redraw(): void {
    const { maps, choice } = this;
    if (!maps) return;
    this.map = maps.map(choice.layer, choice.head);
    this.drawLarge();
    for (const button of this.overview.querySelectorAll('button')) {
      const { layer = '', head = '' } = button.dataset;
      const chosen = Number(layer) === choice.layer && Number(head) === choice.head;
      button.setAttribute('aria-pressed', String(chosen));
      this.drawSmall(button.querySelector('canvas')!, maps.map(Number(layer), Number(head)));
    }
    this.say();
  }

  private colours(): { background: Color; ink: Color; text: string } {
    const text = cssColor('--vscode-foreground', '#888');
    const contrast = document.body.classList.contains('vscode-high-contrast');
    const blue = cssColor('--vscode-charts-blue', '#1a85ff');
    return {
      background: parseColor(cssColor('--vscode-editor-background', '#fff')),
      ink: parseColor(contrast ? text : blue),
      text,
    };
  }

  /** One pixel for each pair of tokens, enlarged without smoothing. */
  private image(map: Float32Array): HTMLCanvasElement {
    const { background, ink } = this.colours();
    const side = Math.max(1, Math.round(Math.sqrt(map.length)));
    const small = element('canvas', { width: side, height: side });
    if (map.length > 0) {
      small.getContext('2d')!.putImageData(new ImageData(pixels(map, background, ink), side, side), 0, 0);
    }
    return small;
  }

  private drawLarge(): void {
    const { tokens, canvas } = this;
    const room = Math.max(240, this.root.clientWidth || 600) - LABELS;
    this.cell = Math.max(5, Math.min(LARGEST_CELL, Math.floor(Math.min(room, 560) / tokens.length)));
    const side = this.cell * tokens.length;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round((side + LABELS) * ratio);
    canvas.height = Math.round((side + LABELS) * ratio);
    canvas.style.width = canvas.style.height = `${side + LABELS}px`;
    const context = canvas.getContext('2d')!;
    const { text } = this.colours();
    context.scale(ratio, ratio);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.image(this.map), LABELS, LABELS, side, side);
    context.strokeStyle = text;
    context.globalAlpha = 0.25;
    context.strokeRect(LABELS - 0.5, LABELS - 0.5, side + 1, side + 1);
    context.globalAlpha = 1;
    context.fillStyle = text;
    context.font = `${Math.max(8, Math.min(12, this.cell))}px ${cssColor('--vscode-font-family', 'sans-serif')}`;
    context.textBaseline = 'middle';
    tokens.forEach((token, i) => {
      const middle = LABELS + (i + 0.5) * this.cell;
      context.textAlign = 'right';
      context.fillText(shortened(token), LABELS - 5, middle, LABELS - 8);
      context.save();
      context.translate(middle, LABELS - 5);
      context.rotate(-Math.PI / 2);
      context.textAlign = 'left';
      context.fillText(shortened(token), 0, 0, LABELS - 8);
      context.restore();
    });
    const { from, to } = this.cursor;
    context.strokeStyle = cssColor('--vscode-focusBorder', text);
    context.lineWidth = 2;
    context.strokeRect(LABELS + to * this.cell, LABELS + from * this.cell, this.cell, this.cell);
    const { layer, head } = this.choice;
    const which = head < 0 ? 'the mean of all heads' : `head ${head + 1}`;
    canvas.setAttribute('aria-label', `Attention of layer ${layer + 1}, ${which}, over ${tokens.length} tokens`);
  }

  private drawSmall(canvas: HTMLCanvasElement, map: Float32Array): void {
    const context = canvas.getContext('2d')!;
    context.imageSmoothingEnabled = false;
    context.drawImage(this.image(map), 0, 0, canvas.width, canvas.height);
  }

  private fillOverview(): void {
    const { layers, heads } = this.maps!.attention;
    const rows: HTMLElement[] = [];
    for (let layer = 0; layer < layers; layer++) {
      const buttons = Array.from({ length: heads }, (_, head) => {
        const button = element(
          'button',
          {
            title: `Layer ${layer + 1}, head ${head + 1}`,
            attributes: { 'aria-label': `Layer ${layer + 1}, head ${head + 1}` },
          },
          element('canvas', { width: 96, height: 96 }),
        );
        button.dataset['layer'] = String(layer);
        button.dataset['head'] = String(head);
        button.addEventListener('click', () => this.onChoose({ layer, head }));
        return button;
      });
      rows.push(
        element(
          'div',
          { className: 'row' },
          element('span', { className: 'faint', textContent: String(layer + 1) }),
          ...buttons,
        ),
      );
    }
    this.overview.replaceChildren(element('h3', { textContent: 'All layers and heads' }), ...rows);
  }

  private point(event: PointerEvent): void {
    const box = this.canvas.getBoundingClientRect();
    const to = Math.floor((event.clientX - box.left - LABELS) / this.cell);
    const from = Math.floor((event.clientY - box.top - LABELS) / this.cell);
    this.move(from, to);
  }

  private key(event: KeyboardEvent): void {
    const { from, to } = this.cursor;
    const last = this.tokens.length - 1;
    const places: Readonly<Record<string, readonly [number, number]>> = {
      ArrowUp: [from - 1, to],
      ArrowDown: [from + 1, to],
      ArrowLeft: [from, to - 1],
      ArrowRight: [from, to + 1],
      Home: [from, 0],
      End: [from, last],
      PageUp: [0, to],
      PageDown: [last, to],
    };
    const place = places[event.key];
    if (!place) return;
    event.preventDefault();
    this.move(...place);
  }

  private move(from: number, to: number): void {
    const { tokens, cursor } = this;
    if (from < 0 || to < 0 || from >= tokens.length || to >= tokens.length) return;
    if (from === cursor.from && to === cursor.to) return;
    this.cursor = { from, to };
    this.drawLarge();
    this.say();
  }

  private say(): void {
    const { from, to } = this.cursor;
    const value = this.map[from * this.tokens.length + to] ?? 0;
    const words = `“${this.tokens[from] ?? ''}” looks at “${this.tokens[to] ?? ''}”: ${(100 * value).toFixed(1)} %`;
    setText(this.readout, words);
  }
}

function shortened(token: string): string {
  return token.length > 14 ? `${token.slice(0, 13)}…` : token;
}
