// One line on stderr that is redrawn while something takes its time; where it cannot be redrawn, one line per change.
import { displayWidth, type Terminal } from './terminal';

const BAR_WIDTH = 24;

/** Eighths of a character, so that a slow bar is seen to move. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** `fraction` between 0 and 1. */
export function bar(fraction: number, width = BAR_WIDTH): string {
  const eighths = Math.round(Math.max(0, Math.min(1, fraction)) * width * 8);
  const text = '█'.repeat(eighths >> 3) + (EIGHTHS[eighths & 7] ?? '');
  return text.padEnd(width, '░').slice(0, width);
}

export class ProgressLine {
  #shown = '';
  #words = '';
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  show(words: string, fraction: number | null): void {
    const { live, columns, err, colours } = this.#terminal;
    if (!live) {
      // Numbers that change are no news in a log; the words around them are.
      const news = words.replace(/\d+/g, '');
      if (news !== this.#words) err(`${words}\n`);
      this.#words = news;
      return;
    }
    const percent = fraction === null ? '' : ` ${String(Math.floor(fraction * 100)).padStart(3)} %`;
    const text = fraction === null ? words : `${bar(fraction)}${percent}  ${words}`;
    if (text === this.#shown) return;
    this.#shown = text;
    err(`\r\u001b[2K${colours.err.dim(clipped(text, columns - 1))}`);
  }

  /** Takes the line away; what comes next stands in its place. */
  end(): void {
    if (this.#terminal.live && this.#shown !== '') this.#terminal.err('\r\u001b[2K');
    this.#shown = '';
  }
}

function clipped(text: string, columns: number): string {
  return displayWidth(text) <= columns ? text : `${[...text].slice(0, Math.max(0, columns - 1)).join('')}…`;
}
