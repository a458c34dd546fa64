/** The script's standard output and error, line by line, in the run's log; every byte of it lies in `child.log` as well. */
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Emit } from '../session';

/** A script that prints without end must not fill the event log: from here on only `child.log` has its lines. */
const MOST_LINES = 20_000;
const LONGEST_LINE = 2000;

export class Output {
  private lines = 0;
  /** The newest lines of standard error, for the words about a script that died without an error of its own. */
  readonly lastErrors: string[] = [];

  constructor(private readonly emit: Emit) {}

  follow(stream: Readable, from: 'stdout' | 'stderr'): void {
    const decoder = new StringDecoder('utf8');
    let text = '';
    stream.on('data', (bytes: Buffer) => {
      process.stdout.write(bytes);
      const lines = (text + decoder.write(bytes)).split('\n');
      text = lines.pop()!;
      for (const line of lines) this.take(line, from);
      // A progress bar writes no end of line at all.
      if (text.length > LONGEST_LINE) text = text.slice(text.lastIndexOf('\r') + 1).slice(-LONGEST_LINE);
    });
    stream.on('end', () => {
      if (text !== '') this.take(text, from);
    });
  }

  private take(raw: string, from: 'stdout' | 'stderr'): void {
    const line = raw.replace(/\r$/, '');
    const message = line.slice(line.lastIndexOf('\r') + 1).slice(0, LONGEST_LINE);
    if (from === 'stderr' && message.trim() !== '') {
      this.lastErrors.push(message);
      if (this.lastErrors.length > 5) this.lastErrors.shift();
    }
    this.lines++;
    if (this.lines > MOST_LINES) return;
    this.emit({ type: 'log', level: from === 'stdout' ? 'info' : 'warning', message, from });
    if (this.lines === MOST_LINES) {
      const rest = 'The script prints very much; the rest of it is in child.log of the run’s folder alone.';
      this.emit({ type: 'log', level: 'warning', message: rest });
    }
  }
}
