// A workspace that is not trusted: its models are checked, nothing of it is run, and a person is told why.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { clickLens, notifications, openWindow, type UiWindow } from './window';

describe('an untrusted workspace', () => {
  let window: UiWindow;
  before(async () => {
    window = await openWindow(['keras/cnn.py'], {
      workspaceTrust: true,
      settings: { 'security.workspace.trust.startupPrompt': 'never' },
    });
  });
  after(async () => {
    await window?.close();
  });

  it('shows shapes all the same', async () => {
    const hint = window.page.locator('.view-lines').getByText('(None, 26, 26, 32)').first();
    await hint.waitFor({ timeout: 60_000 });
    assert.equal(await hint.isVisible(), true);
  });

  it('refuses to train, with the reason', async () => {
    const { page, folder } = window;
    await clickLens(page, 'Train', async () => {
      const list = await notifications(page);
      await list.getByText('This workspace is not trusted').first().waitFor({ timeout: 15_000 });
    });
    assert.equal(fs.existsSync(path.join(folder, '.modelwright')), false, 'something was started');
  });
});
