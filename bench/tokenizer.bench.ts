// Tokens a second of the tokenizers, on prose and on hard texts; beside Python's where MODELWRIGHT_PYTHON is set.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-bench-'));
try {
  // Bundled as it ships: without the names that a loader keeps for every function.
  const outfile = path.join(folder, 'measure.cjs');
  buildSync({
    entryPoints: [path.join(root, 'bench/tokenizer/measure.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    minify: true,
    logLevel: 'error',
  });
  const { status } = spawnSync(process.execPath, [outfile, root], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
