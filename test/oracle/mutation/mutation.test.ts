/** Mutants of correct programs: real Keras's verdict on each was recorded; ours must agree, with no false alarm. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Analyzer } from '../../../src/ide/analysis';
import { ENGINE_FILE } from '../../../src/parse/grammar';
import { detection, judge, type Judged } from './compare';

const modules = path.join(__dirname, '../../../node_modules');

describe('mutants of correct programs', () => {
  let judged: readonly Judged[];
  /** Programs that were written after the checks; nothing was fitted to them before they were measured. */
  let unseen: readonly Judged[];
  /** Those whose misses nobody looked at. */
  let fresh: readonly Judged[];

  before(async function () {
    this.timeout(120_000);
    const analyzer = new Analyzer(file => {
      const folder = file === ENGINE_FILE ? 'web-tree-sitter' : '@vscode/tree-sitter-wasm/wasm';
      return fs.promises.readFile(path.join(modules, folder, file));
    });
    judged = await judge(analyzer, __dirname);
    unseen = await judge(analyzer, path.join(__dirname, 'held-out'));
    fresh = await judge(analyzer, path.join(__dirname, 'fresh'));
  });

  it('that run give no error', () => {
    const alarms = [...judged, ...unseen, ...fresh].filter(j => j.outcome === 'false alarm');
    assert.deepEqual(
      alarms.map(j => `${j.program}: ${j.line}: ${j.told.join(' | ')}`),
      [],
    );
  });

  it('that Keras refuses are found on the right statement, at least 95 in 100', () => {
    assert.ok(judged.some(j => j.verdict !== null));
    assert.ok(detection(judged) >= 0.95, `${(detection(judged) * 100).toFixed(1)} %`);
  });

  it('that Keras refuses are found in programs of other kinds too, at least 90 in 100', () => {
    for (const programs of [unseen, fresh]) {
      assert.ok(programs.some(j => j.verdict !== null));
      assert.ok(detection(programs) >= 0.9, `${(detection(programs) * 100).toFixed(1)} %`);
    }
  });
});
