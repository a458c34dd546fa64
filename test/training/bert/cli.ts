// The built command line in a folder of its own, for the tests of `bert new`, `finetune`, `predict` and `export`.
import { spawn } from 'node:child_process';
import path from 'node:path';
import type { TrainEvent } from '../../../src/protocol/messages';

const CLI = path.resolve('dist/cli.js');

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export function modelwright(folder: string, args: readonly string[]): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.once('error', reject);
    child.once('close', code => resolve({ code, out, err }));
  });
}

/** Of a command that was given --json. */
export const eventsOf = ({ out }: Finished): TrainEvent[] =>
  out
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as TrainEvent);

/** The same sentences at each call: a word of two kinds among others, which tells the label. */
export function labelled(rows: number): string {
  const words = ['the', 'film', 'was', 'story', 'plot', 'in', 'it', 'very'];
  const [good, bad] = [
    ['good', 'lovely', 'great'],
    ['bad', 'awful', 'dull'],
  ];
  const lines = Array.from({ length: rows }, (_, i) => {
    const text = Array.from({ length: 3 + (i % 4) }, (__, k) => words[(i * 5 + k * 3) % words.length]!);
    text.splice(i % text.length, 0, (i % 2 === 0 ? good : bad)[(i >> 1) % 3]!);
    return `${text.join(' ')},${i % 2 === 0 ? 'positive' : 'negative'}`;
  });
  return `text,label\n${lines.join('\n')}\n`;
}
