/** Between offsets, in which the engine counts, and lines with characters, in which editors and the command line do. */
import type { Span } from '../ir/span';

/** As in the Language Server Protocol: counted from 0, characters in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** Lines end with `\n`, `\r\n` or `\r`, as in the Language Server Protocol. */
export class LineMap {
  private readonly starts: number[] = [0];

  constructor(readonly text: string) {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === 10 || (code === 13 && text.charCodeAt(i + 1) !== 10)) this.starts.push(i + 1);
    }
  }

  get lineCount(): number {
    return this.starts.length;
  }

  /** Offsets outside the text count as its ends. */
  position(offset: number): Position {
    const wanted = Math.max(0, Math.min(offset, this.text.length));
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle]! <= wanted) low = middle;
      else high = middle - 1;
    }
    return { line: low, character: wanted - this.starts[low]! };
  }

  range({ start, end }: Span): Range {
    return { start: this.position(start), end: this.position(Math.max(start, end)) };
  }

  /** Positions beyond a line's end count as its end. */
  offset({ line, character }: Position): number {
    const start = this.starts[Math.max(0, line)];
    if (start === undefined) return this.text.length;
    return Math.min(start + character, this.starts[line + 1] ?? this.text.length);
  }

  /** Without its line break; empty beyond the text. */
  line(line: number): string {
    const start = this.starts[line];
    if (start === undefined) return '';
    return this.text.slice(start, this.starts[line + 1] ?? this.text.length).replace(/[\r\n]+$/, '');
  }
}
