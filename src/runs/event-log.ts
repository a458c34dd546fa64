/** Reads `events.jsonl` while it grows: whole lines only, so that a half-written last line is never misread. */
import fs from 'node:fs/promises';
import { parseEvent, type TrainEvent } from '../protocol/messages';

const CHUNK = 1 << 20;
const NEWLINE = 10;

export class EventLogReader {
  /** Bytes up to the end of the last complete line. A resumed child may cut off and rewrite what lies behind it. */
  private offset = 0;
  /** Complete lines read so far, those that were no event included: the cursor of the log. */
  lines = 0;

  constructor(private readonly file: string) {}

  /**
   * Hands every complete line from the last position on to `onEvent`. A line that is no event is skipped and counted.
   * A file that does not exist yet is an empty one.
   */
  async read(onEvent: (event: TrainEvent, number: number) => void): Promise<void> {
    let handle: fs.FileHandle;
    try {
      handle = await fs.open(this.file, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    try {
      const buffer = Buffer.allocUnsafe(CHUNK);
      let partial: Buffer = Buffer.alloc(0);
      for (let position = this.offset; ;) {
        const { bytesRead } = await handle.read(buffer, 0, CHUNK, position);
        if (bytesRead === 0) return;
        position += bytesRead;
        const bytes = Buffer.concat([partial, buffer.subarray(0, bytesRead)]);
        const whole = bytes.lastIndexOf(NEWLINE) + 1;
        partial = bytes.subarray(whole);
        this.offset += whole;
        if (whole > 0) this.take(bytes.toString('utf8', 0, whole - 1), onEvent);
      }
    } finally {
      await handle.close();
    }
  }

  private take(text: string, onEvent: (event: TrainEvent, number: number) => void): void {
    for (const line of text.split('\n')) {
      const event = parseEvent(line);
      const number = this.lines++;
      if (event) onEvent(event, number);
    }
  }
}
