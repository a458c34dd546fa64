// The command line's entry: `node dist/cli.js`, installed as `modelwright`.
import path from 'node:path';
import { thisMachine } from '../runtime';
import { runCommandLine } from './command-line';
import { processTerminal } from './terminal';

const distFolder = __dirname;
const cancel = new AbortController();
process.once('SIGINT', () => cancel.abort());
process.once('SIGTERM', () => cancel.abort());

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
  signal: cancel.signal,
}).then(code => {
  process.exitCode = code;
});
