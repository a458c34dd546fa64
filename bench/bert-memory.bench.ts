// The memory that a fine-tuning is said to take before it starts, against the largest resident size it had: a process for
// each size, batch and length. The estimate is to be right to a quarter.
//
//   BENCH_SIZES=tiny,small,base npm run bench -- bert-memory
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { bytesText } from '../src/data/data-error';
import type { MemoryEstimate } from '../src/bert/memory';

const SIZES: Readonly<Record<string, readonly [layers: number, width: number]>> = {
  tiny: [2, 128],
  small: [4, 512],
  base: [12, 768],
};
const SHAPES = [
  [8, 64],
  [8, 128],
  [16, 128],
  [32, 128],
  [8, 256],
] as const;
const sizes = (process.env.BENCH_SIZES ?? 'tiny,small,base').split(',');

interface Measured {
  readonly fixed: number;
  readonly peak: number;
  readonly estimate: MemoryEstimate;
}

/** As it ships: a loader of TypeScript would take memory of its own. */
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-bench-'));
const program = path.join(folder, 'measure.cjs');
buildSync({
  entryPoints: ['bench/bert-memory/measure.ts'],
  outfile: program,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  external: ['@tensorflow/*'],
  logLevel: 'error',
  define: { 'import.meta.url': '__import_meta_url' },
  banner: { js: 'const __import_meta_url = require("node:url").pathToFileURL(__filename).href;' },
});

const right = (text: string, width: number): string => text.padStart(width);

console.log(
  `${'model'.padEnd(14)}${right('batch', 8)}${right('before', 11)}${right('peak', 11)}${right('estimate', 11)}   ratio`,
);
for (const size of sizes) {
  const [layers, width] = SIZES[size] ?? [];
  for (const [batch, length] of size === 'base' ? SHAPES.slice(0, 2) : SHAPES) {
    for (const lora of batch === 16 ? [false, true] : [false]) {
      const words = [layers, width, batch, length, ...(lora ? ['lora'] : [])].map(String);
      const done = spawnSync(process.execPath, [program, ...words], { encoding: 'utf8' });
      const name = `${size}${lora ? ' (LoRA)' : ''}`.padEnd(14);
      if (done.status !== 0) {
        console.log(`${name}${right(`${batch}×${length}`, 8)}   ${done.stderr.trim().split('\n').at(-1) ?? ''}`);
        continue;
      }
      const { fixed, peak, estimate } = JSON.parse(done.stdout.trim().split('\n').at(-1)!) as Measured;
      const cells = [fixed, peak, estimate.total].map(bytes => right(bytesText(bytes), 11)).join('');
      const ratio = (estimate.total / peak).toFixed(2);
      console.log(`${name}${right(`${batch}×${length}`, 8)}${cells}   ${ratio}`);
    }
  }
}
fs.rmSync(folder, { recursive: true, force: true });
