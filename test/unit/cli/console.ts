// Runs the command line in this process with captured output, for its tests.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runCommandLine } from '../../../src/cli/command-line';
import type { Context } from '../../../src/cli/command';
import { colours, type Terminal } from '../../../src/cli/terminal';
import { thisMachine } from '../../../src/runtime';

export interface Spoken {
  code: number;
  out: string;
  err: string;
}

/** A terminal that remembers. */
export function recorder({ live = false, columns = 100 } = {}): Terminal & { said: { out: string; err: string } } {
  const said = { out: '', err: '' };
  return {
    said,
    live,
    columns,
    out: text => void (said.out += text),
    err: text => void (said.err += text),
    colours: { out: colours(false), err: colours(false) },
  };
}

export async function modelwright(args: readonly string[], more: Partial<Context> = {}): Promise<Spoken> {
  const terminal = recorder();
  const environment = { ...thisMachine(null), variables: { MODELWRIGHT_RUNTIME: 'embedded' } };
  const context: Context = {
    terminal,
    environment,
    folder: process.cwd(),
    distFolder: path.resolve('dist'),
    readStdin: async () => new Uint8Array(),
    signal: new AbortController().signal,
    signalAgain: new AbortController().signal,
    ...more,
  };
  const code = await runCommandLine(args, context);
  return { code, ...terminal.said };
}

const folders: string[] = [];

/** A folder with these files; names end with / for empty folders. */
export function folderWith(files: Record<string, string | Uint8Array>): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright ö ')));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    fs.mkdirSync(name.endsWith('/') ? file : path.dirname(file), { recursive: true });
    if (!name.endsWith('/')) fs.writeFileSync(file, content);
  }
  return folder;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
}
