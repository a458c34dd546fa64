// The lock and the one rename: what two processes, a killed one, or a failing step can do to an installation.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { replaceFolder, withLock } from '../../../src/runtime/staging';
import { removeTemporaryFolders, temporaryFolder, write } from './fake-machine';

describe("an installation's lock", () => {
  after(removeTemporaryFolders);

  it('lets one at a time in', async () => {
    const folder = temporaryFolder();
    const order: string[] = [];
    const waited: number[] = [];
    const work = (name: string) =>
      withLock(folder, { onWait: holder => waited.push(holder) }, async () => {
        order.push(`${name} in`);
        await new Promise(resolve => setTimeout(resolve, 30));
        order.push(`${name} out`);
      });
    await Promise.all([work('a'), work('b'), work('c')]);
    for (let index = 0; index < order.length; index += 2) {
      assert.equal(order[index]?.replace(' in', ' out'), order[index + 1], order.join());
    }
    assert.ok(waited.includes(process.pid));
    assert.deepEqual(fs.readdirSync(folder), []);
  });

  const stale: [string, () => string, Date][] = [
    ['of a process that is gone', () => JSON.stringify({ pid: endedProcess(), host: os.hostname() }), new Date()],
    [
      'that nobody has touched for long',
      () => JSON.stringify({ pid: process.pid, host: 'another machine' }),
      new Date(Date.now() - 3_600_000),
    ],
    ['that was never written and is old', () => '', new Date(Date.now() - 3_600_000)],
  ];
  for (const [name, content, time] of stale) {
    it(`takes over one ${name}`, async () => {
      const folder = temporaryFolder();
      const lock = path.join(folder, 'runtime.lock');
      write(lock, content());
      fs.utimesSync(lock, time, time);
      assert.equal(await withLock(folder, {}, () => Promise.resolve('done')), 'done');
      assert.deepEqual(fs.readdirSync(folder), []);
    });
  }

  it('can be waited for in vain', async () => {
    const folder = temporaryFolder();
    write(path.join(folder, 'runtime.lock'), JSON.stringify({ pid: process.pid, host: os.hostname() }));
    const cancel = new AbortController();
    const waiting = withLock(folder, { signal: cancel.signal, onWait: () => cancel.abort() }, () =>
      assert.fail('the lock is held'),
    );
    await assert.rejects(waiting, { code: 'cancelled' });
  });
});

describe('replacing a folder', () => {
  after(removeTemporaryFolders);

  it('sweeps what killed installations have left, and nothing else', async () => {
    const folder = temporaryFolder();
    for (const name of ['runtime.partial-1-x/a', 'runtime.old-2-y/b', 'runtime/c', 'downloads/d'])
      write(path.join(folder, name), '');
    await replaceFolder(path.join(folder, 'runtime'), async partial => write(path.join(partial, 'new'), ''));
    assert.deepEqual(fs.readdirSync(folder).sort(), ['downloads', 'runtime']);
    assert.deepEqual(fs.readdirSync(path.join(folder, 'runtime')), ['new']);
  });

  it('names a full disk', async () => {
    const folder = temporaryFolder();
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    await assert.rejects(
      replaceFolder(path.join(folder, 'runtime'), () => Promise.reject(full)),
      (error: Error) => error.message === `The disk that holds ${folder} is full.`,
    );
    assert.deepEqual(fs.readdirSync(folder), []);
  });
});

function endedProcess(): number {
  return spawnSync(process.execPath, ['-e', '0']).pid;
}
