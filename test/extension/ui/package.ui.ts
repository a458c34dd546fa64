// The package a user installs: it is made as for a release, installed into an empty profile, and works from there.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openWindow, screenshot, type UiWindow } from './window';

const ROOT = path.resolve(import.meta.dirname, '../../..');

describe('the package', function () {
  this.timeout(240_000);
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-package-'));
  const extensionsDir = path.join(profile, 'extensions');
  let window: UiWindow | undefined;
  after(async () => {
    await window?.close();
    fs.rmSync(profile, { recursive: true, force: true });
  });

  it('installs', () => {
    const vsix = path.join(profile, 'modelwright.vsix');
    execFileSync(process.execPath, ['scripts/package.mjs', '--out', vsix], { cwd: ROOT, stdio: 'pipe' });
    const code = (...args: string[]): string =>
      execFileSync(path.join(ROOT, 'test/host/code.mjs'), [...args, '--extensions-dir', extensionsDir], {
        encoding: 'utf8',
      });
    code('--install-extension', vsix);
    assert.match(code('--list-extensions'), /^modelwright\.modelwright$/m);
  });

  it('shows hints in a window like any other', async () => {
    window = await openWindow(['keras/rnn.py'], { testDriver: false, extensionsDir });
    const hint = window.page.locator('.view-lines').getByText('(None, sequence_length, 128)').first();
    await hint.waitFor({ timeout: 90_000 });
    await screenshot(window.page, 'package');
    assert.equal(await hint.isVisible(), true);
  });
});
