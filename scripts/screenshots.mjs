// Takes the pictures of README and guide in the real VS Code, dark and light, into docs/images/.
//   node scripts/screenshots.mjs [dark|light|both] [editor,panel,…]   (after npm test or npm start, which set everything up)
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { launch } from '../test/host/launch.mjs';

const root = path.resolve(import.meta.dirname, '..');
const images = path.join(root, 'docs/images');
const [theme = 'both', names] = process.argv.slice(2);
const themes = theme === 'both' ? ['dark', 'light'] : [theme];
/** Only these are written. */
const wanted = names?.split(',');
const THEME = { dark: 'Default Dark Modern', light: 'Default Light Modern' };

const wants = (...pictures) => !wanted || pictures.some(name => wanted.includes(name));
const ofBert = wants('finetune', 'predict');

const reviews = ofBert ? fineTuned() : undefined;
try {
  for (const theme of themes) await pictures(theme);
} finally {
  if (reviews) fs.rmSync(reviews, { recursive: true, force: true });
}

/** A folder with made reviews, a small checkpoint that has read them, and one that was fine-tuned on them. */
function fineTuned() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-reviews-'));
  const run = (...args) => execFileSync(process.execPath, args, { cwd: folder, stdio: 'ignore' });
  const modelwright = (...args) => run(path.join(root, 'dist/cli.js'), ...args);
  run(path.join(root, 'examples/data/make-reviews.mjs'), '--output', 'reviews.csv');
  const corpus = ['--corpus', 'reviews.csv', '--text-column', 'text', '--vocabulary-size', '400'];
  modelwright('bert', 'new', ...corpus, '--size', 'tiny', '--epochs', '5', '--set', 'positions=64', '--output', 'tiny');
  const rate = ['--learning-rate', '5e-4', '--epochs', '3'];
  modelwright('finetune', '--checkpoint', 'tiny', '--data', 'reviews.csv', ...rate, '--output', 'praise');
  fs.rmSync(path.join(folder, '.modelwright'), { recursive: true, force: true });
  return folder;
}

async function pictures(theme) {
  const folder = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-pictures-')), 'examples');
  fs.cpSync(path.join(root, 'examples'), folder, { recursive: true });
  if (!fs.existsSync(path.join(folder, 'data/train-images.idx'))) {
    execFileSync(process.execPath, [path.join(folder, 'data/make-digits.mjs')], { stdio: 'ignore' });
  }
  if (reviews) fs.cpSync(reviews, path.join(folder, 'reviews'), { recursive: true });
  const window = await launch({
    folder,
    file: path.join(folder, 'keras/cnn.py'),
    extensionDevelopmentPath: root,
    viewport: { width: 1280, height: 800 },
    settings: { 'workbench.colorTheme': THEME[theme], 'workbench.sideBar.location': 'left' },
  });
  const { page } = window;
  const shoot = async name => {
    if (name === 'failed' || wants(name)) await page.screenshot({ path: path.join(images, `${name}-${theme}.png`) });
  };
  /** Presses until the list is there: a window that is still drawing swallows keys. */
  const type = async (key, text) => {
    for (let attempt = 0; ; attempt++) {
      await page.keyboard.press(key);
      try {
        await page.locator('.quick-input-widget .quick-input-box input').fill(text, { timeout: 5000 });
        return;
      } catch (error) {
        if (attempt === 5) throw error;
        await page.keyboard.press('Escape');
      }
    }
  };
  const open = async file => {
    await type('Control+P', file);
    await page.locator('.quick-input-list .monaco-list-row').filter({ hasText: file }).first().click();
  };
  const page_ = () => page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  async function ofModels() {
    const layer = page.locator('.view-line').filter({ hasText: 'Conv2D(64' }).getByText('Conv2D');
    await layer.hover();
    await page.locator('.monaco-hover-content').first().waitFor();
    await page.waitForTimeout(800);
    await shoot('editor');

    await open('broken_cnn.py');
    await page.locator('.squiggly-error').first().waitFor();
    await page.keyboard.press('Control+Shift+M');
    await page.locator('.markers-panel .monaco-list-row').first().waitFor();
    await page.waitForTimeout(800);
    await shoot('errors');
    await page.keyboard.press('Control+Shift+M');

    await open('cnn.py');
    await page.locator('.codelens-decoration a').filter({ hasText: 'Summary' }).first().click();
    await page_().locator('.graph svg').waitFor({ timeout: 60_000 });
    await page.waitForTimeout(800);
    await shoot('summary');
    await page.keyboard.press('Control+2');
    await page.keyboard.press('Control+W');

    await page.keyboard.press('Control+1');
    await page.locator('.codelens-decoration a').filter({ hasText: 'Train' }).first().click();
    await trained(260);
    await shoot('panel');
    await page_().locator('vscode-button[data-action=stop]').click();
    await page.waitForTimeout(3000);
  }

  /** Waits until the panel's loss has so many points. */
  async function trained(steps) {
    const chart = page_().locator('.chart[data-metric=loss] .plot');
    await chart.waitFor({ timeout: 120_000 });
    for (let i = 0; i < 600; i++) {
      const points = /over (\d+) points/.exec((await chart.getAttribute('aria-label')) ?? '');
      if (Number(points?.[1] ?? 0) > steps) break;
      await page.waitForTimeout(500);
    }
  }

  async function ofScripts() {
    await page.keyboard.press('Control+1');
    await type('Control+P', 'tfjs/cnn.ts:48');
    await page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'cnn.ts' }).first().waitFor();
    await page.keyboard.press('Enter');
    const lens = page.locator('.codelens-decoration a').filter({ hasText: 'Train this file' }).first();
    await lens.waitFor({ timeout: 60_000 });
    await page.waitForTimeout(1500);
    await lens.click();
    await trained(200);
    await shoot('script');
    await page_().locator('vscode-button[data-action=stop]').click();
    await page.waitForTimeout(3000);
  }

  async function ofCheckpoints() {
    const row = text => page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text }).first();
    const closeAll = async () => {
      await page.keyboard.press('Control+K');
      await page.keyboard.press('Control+W');
    };
    await open('bert.py');
    const lens = page.locator('.codelens-decoration a').filter({ hasText: 'Fine-tune' }).first();
    await lens.waitFor({ timeout: 60_000 });
    await page.waitForTimeout(1500);
    await lens.click();
    for (const answer of ['reviews/tiny', 'reviews.csv', 'Continue', 'Continue']) {
      await row(answer).waitFor({ timeout: 60_000 });
      await row(answer).click();
    }
    await page_().locator('.histogram').waitFor({ timeout: 60_000 });
    await page.waitForTimeout(800);
    await shoot('finetune');
    await closeAll();

    await type('F1', '>Predict with Fine-tuned');
    await row('Predict with Fine-tuned').click();
    await row('reviews/praise').waitFor({ timeout: 60_000 });
    await row('reviews/praise').click();
    await page_().locator('h1').filter({ hasText: 'praise' }).waitFor({ timeout: 90_000 });
    await page_().locator('textarea').first().fill('to be fair , the cast is funny yet the ending is awful .');
    await page_().locator('.overview button').nth(2).waitFor({ timeout: 60_000 });
    await page_().locator('.overview button').nth(2).click();
    await page_().locator('canvas[aria-label*="layer 2, head 1"]').waitFor({ timeout: 60_000 });
    await page.waitForTimeout(800);
    await shoot('predict');
  }

  try {
    await page.locator('.view-lines').getByText('(None, 26, 26, 32)').first().waitFor({ timeout: 120_000 });
    await page.keyboard.press('Control+B'); // The side bar only takes room.
    if (wants('editor', 'errors', 'summary', 'panel')) await ofModels();
    if (wants('script')) await ofScripts();
    if (ofBert) await ofCheckpoints();
  } catch (error) {
    await shoot('failed');
    throw error;
  } finally {
    await window.close();
    fs.rmSync(path.dirname(folder), { recursive: true, force: true });
  }
}
