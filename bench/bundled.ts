// Runs a benchmark's measuring program as it ships: bundled and minified, without the names that a loader keeps for every
// function, in a process of its own.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');

/** The exit code of `measure`, a file below bench/, which is started with the project's folder as its argument. */
export function runBundled(
  measure: string,
  { external = [], flags = [] }: { external?: readonly string[]; flags?: readonly string[] } = {},
): number {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-bench-'));
  try {
    const outfile = path.join(folder, 'measure.cjs');
    buildSync({
      entryPoints: [path.join(root, 'bench', measure)],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      minify: true,
      logLevel: 'error',
      external: [...external],
      alias: { 'web-tree-sitter': path.join(root, 'node_modules/web-tree-sitter/web-tree-sitter.cjs') },
    });
    const { status } = spawnSync(process.execPath, [...flags, outfile, root], {
      stdio: 'inherit',
      env: { ...process.env, NODE_PATH: path.join(root, 'node_modules') },
    });
    return status ?? 1;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
