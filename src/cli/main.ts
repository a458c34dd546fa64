// The command line's entry: `node dist/cli.js`, installed as `modelwright`.
import path from 'node:path';
import { thisMachine } from '../runtime';
import { runCommandLine } from './command-line';
import { processTerminal } from './terminal';

const distFolder = __dirname;
const [first, second] = [new AbortController(), new AbortController()];
let interrupts = 0;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interrupts++;
    if (interrupts === 1) first.abort();
    else if (interrupts === 2) second.abort();
    else process.exit(130);
  });
}

void runCommandLine(process.argv.slice(2), {
  terminal: processTerminal(),
  folder: process.cwd(),
  environment: thisMachine(path.join(distFolder, 'runtime-kit')),
  distFolder,
  readStdin: async () => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks);
  },
  signal: first.signal,
  signalAgain: second.signal,
}).then(code => {
  process.exitCode = code;
});
