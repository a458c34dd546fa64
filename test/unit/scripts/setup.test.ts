// The scripts behind `npm start` and `npm test`: nothing they start outlives them, and no crash counts as a pass.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const urlOf = (file: string): string => pathToFileURL(path.join(ROOT, file)).href;

/** Arguments that make Node run the text as an ES module. */
const script = (text: string): string[] => ['--input-type=module', '--eval', text];

/** What an ES module prints as JSON. */
function answerOf(text: string, cwd = ROOT): unknown {
  const { stdout, stderr } = spawnSync(process.execPath, script(text), { cwd, encoding: 'utf8' });
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout) as unknown;
}

/** A zombie has ended: it only waits for its parent to be told. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('processes started by a script', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`end with it on ${signal}, even those that have detached themselves`, async function () {
      if (process.platform !== 'linux') this.skip();
      const sleeper = `
        const { spawn } = require('child_process');
        const idle = ['-e', 'setInterval(() => {}, 1000)'];
        const child = spawn(process.execPath, idle, { detached: true, stdio: 'ignore' });
        console.log(process.pid, child.pid);
        setInterval(() => {}, 1000);
      `;
      const outer = spawn(
        process.execPath,
        script(`
        import { endWithSignals, run } from '${urlOf('scripts/setup/processes.mjs')}';
        endWithSignals();
        await run(process.execPath, ['-e', ${JSON.stringify(sleeper)}], { output: 'inherit' });
      `),
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      const [line] = (await once(outer.stdout, 'data')) as [Buffer];
      const pids = line.toString().trim().split(' ').map(Number);
      assert.deepEqual(pids.map(isAlive), [true, true]);

      outer.kill(signal);
      const [code] = (await once(outer, 'exit')) as [number];
      assert.equal(code, signal === 'SIGINT' ? 130 : 143);
      assert.deepEqual(pids.map(isAlive), [false, false]);
    });
  }
});

describe('the counts of a stage', () => {
  const counted = (work: string): unknown =>
    answerOf(`
    import fs from 'node:fs';
    import { counted } from '${urlOf('test/stages/mocha.mjs')}';
    console.log(JSON.stringify(await counted(${work})));
  `);

  it('are a failure when the tests ended without any', () => {
    assert.deepEqual(counted('async () => 0'), {
      passed: 0,
      failed: 1,
      skipped: 0,
      reason: 'the tests ended early (exit 0)',
    });
  });

  it('are a failure when all passed and the process did not', () => {
    const work = `async file => { fs.writeFileSync(file, '{"passed":3,"failed":0,"skipped":1}'); return 7; }`;
    assert.deepEqual(counted(work), { passed: 3, failed: 1, skipped: 1, reason: 'the tests ended with exit 7' });
  });
});

describe('installed dependencies', () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-setup-'));
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const isCurrent = (): unknown =>
    answerOf(
      `
    import { dependenciesAreCurrent } from '${urlOf('scripts/setup/dependencies.mjs')}';
    console.log(JSON.stringify(dependenciesAreCurrent()));
  `,
      folder,
    );
  const lock = (file: string, packages: Record<string, { version: string; optional?: boolean }>): void => {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), JSON.stringify({ packages: { '': { version: '1.0.0' }, ...packages } }));
  };

  it('are current when every package of the lockfile is there in its version', () => {
    const optional = { version: '2.0.0', optional: true };
    lock('package-lock.json', { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': optional });
    lock('node_modules/.package-lock.json', { 'node_modules/a': { version: '1.0.0' } });
    fs.mkdirSync(path.join(folder, 'node_modules/a'));
    assert.equal(isCurrent(), true);
  });

  it('are not when one has another version, is missing, or nothing was ever installed', () => {
    lock('package-lock.json', { 'node_modules/a': { version: '1.0.1' } });
    assert.equal(isCurrent(), false);
    lock('node_modules/.package-lock.json', { 'node_modules/a': { version: '1.0.0' } });
    assert.equal(isCurrent(), false);
    lock('node_modules/.package-lock.json', { 'node_modules/a': { version: '1.0.1' } });
    assert.equal(isCurrent(), false);
  });
});
