// What a person sees on opening a model: the hints in the line, the squiggle, the words of the hover.
import assert from 'node:assert/strict';
import { openFile, openWindow, screenshot, type UiWindow } from './window';

describe('the editor', () => {
  let window: UiWindow;
  before(async () => {
    window = await openWindow(['keras/cnn.py']);
  });
  after(async () => {
    await window?.close();
  });

  it('draws the shape after a layer', async () => {
    const { page } = window;
    const hint = page.locator('.view-lines').getByText('(None, 26, 26, 32)').first();
    await hint.waitFor({ timeout: 60_000 });
    await screenshot(page, 'editor-hints');
    assert.equal(await hint.isVisible(), true);
  });

  it('draws the lenses above the model', async () => {
    const lens = window.page.locator('.codelens-decoration a').filter({ hasText: 'Train' }).first();
    await lens.waitFor();
    assert.equal(await lens.isVisible(), true);
  });

  it('underlines the mistake and says what clashes on hover', async () => {
    const { page } = window;
    await openFile(page, 'keras/broken_cnn.py');
    const squiggle = page.locator('.squiggly-error').first();
    await squiggle.waitFor({ timeout: 60_000 });
    const hover = page
      .locator('.monaco-hover-content')
      .filter({ hasText: /modelwright/i })
      .first();
    // Lenses and hints that arrive late push the lines down under a resting pointer, so it may take a second look.
    for (let attempt = 0; attempt < 5 && !(await hover.isVisible()); attempt++) {
      await page.mouse.move(0, 0);
      await squiggle.hover({ force: true });
      await hover.waitFor({ timeout: 5000 }).catch(() => undefined);
    }
    await screenshot(page, 'editor-error');
    assert.match(await hover.innerText(), /Conv2D|MaxPooling2D|Dense|Reshape/);
  });
});
