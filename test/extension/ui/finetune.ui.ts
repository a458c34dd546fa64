// Fine-tuning as a person does it: the lens, the steps, the page before the run, the panel after it, and predictions.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { clickLens, openWindow, runCommand, screenshot, webview, type UiWindow } from './window';

const FIXTURES = path.resolve(import.meta.dirname, '../fixtures');

/** Runs in the page: how many colours a canvas shows. */
const COUNT_COLOURS = `canvas => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return new Set(Array.from({ length: data.length / 4 }, (_, i) => data.slice(4 * i, 4 * i + 3).join())).size;
}`;

describe('fine-tuning in the editor', function () {
  this.timeout(240_000);
  let window: UiWindow;

  before(async () => {
    window = await openWindow(['keras/bert.py']);
    fs.cpSync(FIXTURES, path.join(window.folder, 'fixtures'), { recursive: true });
  });
  after(async () => {
    await window?.close();
  });

  /** A line of the list that is open. */
  const row = (text: string): Locator =>
    window.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text }).first();
  const page = (): FrameLocator => webview(window.page);

  async function choose(text: string): Promise<void> {
    await row(text).waitFor({ timeout: 60_000 });
    await row(text).click();
  }

  it('asks four questions, which can be taken back', async () => {
    await window.page.locator('.codelens-decoration a').filter({ hasText: 'Fine-tune' }).first().waitFor();
    await clickLens(window.page, 'Fine-tune', () => row('tiny-bert').waitFor({ timeout: 30_000 }));
    assert.match(await row('bert-base-uncased').innerText(), /Named in the code/);
    await choose('tiny-bert');
    await choose('sentences.csv');
    await row('Continue').waitFor();
    assert.match(await row('Continue').innerText(), /text classification/);
    await window.page.locator('.quick-input-titlebar .codicon-quick-input-back').click();
    await choose('sentences.csv');
    await choose('Continue');
    await choose('Learning rate');
    const input = window.page.locator('.quick-input-widget .quick-input-box input');
    await input.fill('fast');
    await window.page.locator('.quick-input-message').filter({ hasText: 'Type a number' }).waitFor();
    await input.fill('5e-3');
    await window.page.keyboard.press('Enter');
    await row('Epochs').waitFor();
    assert.match(await row('Learning rate').innerText(), /0\.005/);
    await choose('Continue');
  });

  it('shows rows, labels, lengths and memory before anything runs', async () => {
    await page().locator('.histogram').waitFor({ timeout: 60_000 });
    await screenshot(window.page, 'finetune-preview');
    assert.match(await page().locator('.tile').first().innerText(), /86/);
    assert.match(await page().locator('.balance').innerText(), /negative[\s\S]*43[\s\S]*positive/);
    assert.match(await page().locator('.memory h2').innerText(), /about \d+ MB of/);
    assert.equal(fs.existsSync(path.join(window.folder, '.modelwright')), false);
  });

  it('starts a run whose panel ends with the confusion matrix and the worst examples', async () => {
    await page().locator('vscode-button[data-action=start]').click();
    await page().locator('.chart[data-metric=loss] canvas').waitFor({ timeout: 90_000 });
    await page().locator('vscode-badge[data-status=ended]').waitFor({ timeout: 120_000 });
    await page().locator('.confusion td.cell').first().waitFor();
    await page().locator('.evaluation').scrollIntoViewIfNeeded();
    await screenshot(window.page, 'finetune-panel');
    assert.equal(await page().locator('.confusion td.cell').count(), 4);
    assert.ok((await page().locator('.worst tbody tr').count()) > 0);
  });

  it('predicts while one types, and draws attention', async () => {
    await window.page.keyboard.press('Control+K');
    await window.page.keyboard.press('Control+W'); // One page at a time.
    await runCommand(window.page, 'Predict with Fine-tuned');
    await choose('fixtures/tiny-bert');
    await page().locator('h1').filter({ hasText: 'tiny-bert' }).waitFor({ timeout: 90_000 });
    const text = page().locator('textarea').first();
    await text.fill('the film was good');
    await page().locator('.scores tr').first().waitFor({ timeout: 60_000 });
    assert.equal(await page().locator('.scores tr').count(), 3);
    await page().locator('.overview button').nth(3).waitFor({ timeout: 60_000 });
    assert.equal(await page().locator('.overview button').count(), 4);
    await text.fill('the film was good and the plot');
    await page().locator('.took').filter({ hasText: '9 tokens' }).waitFor({ timeout: 60_000 });
    await page().locator('canvas[aria-label*="over 9 tokens"]').waitFor({ timeout: 60_000 });
    await page().locator('.overview button').nth(3).click();
    const map = page().locator('canvas[aria-label="Attention of layer 2, head 2, over 9 tokens"]');
    await map.focus();
    await window.page.keyboard.press('ArrowDown');
    await window.page.keyboard.press('End');
    const readout = page().locator('.readout').filter({ hasText: '“the” looks at “[SEP]”' });
    await readout.waitFor();
    assert.match(await readout.innerText(), /: \d+\.\d %$/);
    await screenshot(window.page, 'predict');
    const colours = Number(await map.evaluate(COUNT_COLOURS));
    assert.ok(colours > 20, `only ${colours} colours are drawn`);
  });
});
