// Analysis of one file, cold and for each keystroke, of a folder of 200 files, and the memory of a long session.
//
//   MODELWRIGHT_PYRIGHT=…/pyright npm run bench -- analysis     also times pyright on the same folder
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
    entryPoints: [path.join(root, 'bench/analysis/measure.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    minify: true,
    logLevel: 'error',
    alias: { 'web-tree-sitter': path.join(root, 'node_modules/web-tree-sitter/web-tree-sitter.cjs') },
  });
  const { status } = spawnSync(process.execPath, ['--expose-gc', outfile, root], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
