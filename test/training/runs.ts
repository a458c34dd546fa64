/** Starts real training children for tests, from a bundle made of the sources as they are now. */
import fs from 'node:fs';
import { buildSync } from 'esbuild';
import os from 'node:os';
import path from 'node:path';
import type { ModelFacts } from '../../src/ir/model';
import type { FitPlan } from '../../src/protocol/fit-plan';
import type { Json } from '../../src/protocol/messages';
import { runtimeFolder } from './tensorflow';
import { startRun, type ChildProgram, type ChildRuntime, type StartedRun } from '../../src/runs/start';

let bundle: string | undefined;

/** A bundle starts in a tenth of the time that the sources would take. */
export function program(): ChildProgram {
  bundle ??= path.resolve('dist/test/child.js');
  if (!built) {
    buildSync({
      entryPoints: ['src/train/child.ts'],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      external: ['@tensorflow/*'],
      logLevel: 'error',
      define: { 'import.meta.url': '__import_meta_url' },
      banner: { js: 'const __import_meta_url = require("node:url").pathToFileURL(__filename).href;' },
    });
    built = true;
  }
  return { script: bundle };
}

let built = false;

export async function runtime(embedded = false): Promise<ChildRuntime> {
  return { node: process.execPath, env: {}, tfjsNodeFolder: embedded ? null : await runtimeFolder() };
}

export function temporaryFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-test-'));
}

export function plan(facts: ModelFacts, dataFolder: string, changes: Partial<FitPlan> = {}): FitPlan {
  return {
    model: facts as unknown as Json,
    args: {},
    data: { reader: 'idx', x: 'images.idx', y: 'labels.idx', scale: 1 / 255, validation: 0.2 },
    dataFolder,
    workspace: [],
    optimizer: { class: 'Adam', config: { learning_rate: 0.003 } },
    loss: { class: 'sparse_categorical_crossentropy', config: {} },
    lossWeights: null,
    metrics: [{ class: 'accuracy', config: {} }],
    fit: { epochs: 2, batchSize: 32, shuffle: true, classWeight: null },
    callbacks: [],
    ...changes,
  };
}

export async function start(
  workspace: string,
  fitPlan: FitPlan,
  extra: { seed?: number; eager?: boolean; embedded?: boolean } = {},
): Promise<StartedRun> {
  return startRun({
    workspace,
    program: program(),
    runtime: await runtime(extra.embedded),
    title: 'test',
    task: 'fit',
    plan: fitPlan as unknown as Json,
    seed: extra.seed ?? 7,
    eager: extra.eager,
  });
}
