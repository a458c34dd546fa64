// Writes the body of a response to a file as it comes.
import fs from 'node:fs/promises';
import type http from 'node:http';

/** Chunks that wait for the disk; above this much the connection has to wait too. */
const WAITING_BYTES = 8_000_000;

/**
 * Writes what comes, and every byte that came before an error too: those are what a resumed download need not fetch
 * again, and a stream pipeline would drop them.
 */
export async function store(
  response: http.IncomingMessage,
  part: string,
  start: number,
  onChunk: (bytes: number) => void,
): Promise<void> {
  let waiting = 0;
  let file: fs.FileHandle | undefined;
  let written = (async () => {
    file = await fs.open(part, start > 0 ? 'a' : 'w');
  })();
  try {
    await new Promise<void>((resolve, reject) => {
      written.catch(reject);
      response.on('data', (chunk: Buffer) => {
        waiting += chunk.length;
        onChunk(chunk.length);
        if (waiting > WAITING_BYTES) response.pause();
        written = written.then(async () => {
          await file?.writeFile(chunk);
          waiting -= chunk.length;
          if (waiting <= WAITING_BYTES / 2) response.resume();
        });
        written.catch(reject);
      });
      response.once('end', resolve);
      response.once('error', reject);
    });
    await written;
  } finally {
    response.destroy();
    await written.catch(() => {});
    await file?.close();
  }
}
