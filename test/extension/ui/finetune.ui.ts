// Fine-tuning as a person does it: the lens, the steps, the page before the run, the panel after it, and predictions.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import {
  clickLens,
  isKept,
  openFile,
  openWindow,
  runCommand,
  screenshot,
  until,
  webview,
  type UiWindow,
} from './window';

const FIXTURES = path.resolve(import.meta.dirname, '../fixtures');

/** As much of a canvas as this needs: the tests are compiled without a DOM. */
interface Canvas {
  readonly width: number;
  readonly height: number;
  getContext(kind: '2d'): {
    getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
  };
}

/** How many colours a canvas shows. */
function coloursOf(canvas: Locator): Promise<number> {
  return canvas.evaluate(node => {
    const drawn = node as unknown as Canvas;
    const { data } = drawn.getContext('2d').getImageData(0, 0, drawn.width, drawn.height);
    return new Set(Array.from({ length: data.length / 4 }, (_, i) => data.slice(4 * i, 4 * i + 3).join())).size;
  });
}

describe('fine-tuning in the editor', function () {
  this.timeout(240_000);
  let window: UiWindow;

  before(async () => {
    // As on a machine without a network, and without a cache of its own.
    const cache = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-hub-'));
    // A file named in the window's address would take the place of what was open when the window is reloaded.
    window = await openWindow([], { env: { HF_HUB_OFFLINE: '1', HF_HUB_CACHE: cache } });
    fs.cpSync(FIXTURES, path.join(window.folder, 'fixtures'), { recursive: true });
    await openFile(window.page, 'keras/bert.py');
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

  /** One page at a time. */
  async function closeAll(): Promise<void> {
    await window.page.keyboard.press('Control+K');
    await window.page.keyboard.press('Control+W');
  }

  it('asks four questions, which can be taken back, and offers a way out where a checkpoint cannot be had', async () => {
    await window.page.locator('.codelens-decoration a').filter({ hasText: 'Fine-tune' }).first().waitFor();
    await clickLens(window.page, 'Fine-tune', () => row('tiny-bert').waitFor({ timeout: 30_000 }));
    assert.match(await row('bert-base-uncased').innerText(), /Named in the code/);
    await choose('bert-base-uncased');
    await row('Choose another checkpoint').waitFor({ timeout: 60_000 });
    await screenshot(window.page, 'finetune-offline');
    assert.match(await row('Copy the command').innerText(), /hf download bert-base-uncased/);
    await choose('Choose another checkpoint');
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
    assert.equal(await page().locator('vscode-button[data-action=predict]').isVisible(), true);
  });

  it('evaluates what came out of the run on a file', async () => {
    await closeAll();
    await runCommand(window.page, 'Evaluate Checkpoint');
    await choose('.modelwright');
    await choose('sentences.csv');
    await choose('Continue');
    await page().locator('.confusion td.cell').first().waitFor({ timeout: 90_000 });
    assert.match(await page().locator('h1').innerText(), /on sentences\.csv$/);
    assert.match(await page().locator('.confusion h3').innerText(), /of 96$/);
    await screenshot(window.page, 'evaluation');
  });

  it('predicts while one types, and draws attention', async () => {
    await closeAll();
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
    const colours = await coloursOf(map);
    assert.ok(colours > 20, `only ${colours} colours are drawn`);
  });

  it('comes back with text, head and prediction after the window is reloaded', async () => {
    await until('the state is kept', () => isKept(window.page, /film was good and the plot.*layer\W+1\W+head\W+1/));
    await window.page.reload();
    await page().locator('.took').filter({ hasText: '9 tokens' }).waitFor({ timeout: 120_000 });
    assert.equal(await page().locator('textarea').first().inputValue(), 'the film was good and the plot');
    assert.equal(await page().locator('h1').innerText(), 'tiny-bert');
    await page().locator('canvas[aria-label="Attention of layer 2, head 2, over 9 tokens"]').waitFor();
    assert.equal(await page().locator('.scores tr').count(), 3);
  });
});
