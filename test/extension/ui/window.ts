// What UI checks share: a window on a copy of the examples with this extension, and the gestures they are made of.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { launch, type LaunchOptions, type Window } from '../../host/launch.mjs';

const ROOT = path.resolve(import.meta.dirname, '../../..');

/** The extension under test. */
const EXTENSION = process.env.MODELWRIGHT_TEST_EXTENSION ?? ROOT;

export interface UiWindow extends Window {
  /** The workspace: a temporary copy of examples/, which the check may edit. */
  folder: string;
}

/** Opens VS Code on a copy of examples/, with one of its files open. */
export async function openWindow([file]: string[] = [], options: LaunchOptions = {}): Promise<UiWindow> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-ui-'));
  const examples = path.join(ROOT, 'examples');
  const filter = (file: string): boolean => path.basename(file) !== '.modelwright';
  fs.cpSync(examples, folder, { recursive: true, filter });
  const window = await launch({
    folder,
    ...(file === undefined ? {} : { file: path.join(folder, file) }),
    ...(options.testDriver === false ? {} : { extensionDevelopmentPath: EXTENSION }),
    ...options,
  });
  await window.page.locator('.monaco-workbench .statusbar-item').first().waitFor({ timeout: 60_000 });
  const close = async () => {
    await window.close();
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
  return { ...window, folder, close };
}

/** Opens a file of the workspace by its path, as a person does: Ctrl+P, path, Enter. */
export async function openFile(page: Page, file: string): Promise<void> {
  await choose(page, 'Control+P', file, path.basename(file));
  await page.getByRole('tab', { name: path.basename(file) }).waitFor();
}

/** Runs a command by its title, as a person does: palette, title, Enter. */
export async function runCommand(page: Page, title: string): Promise<void> {
  await choose(page, 'F1', `>${title}`, title);
}

/**
 * Opens a list by its key, types, and clicks the line. An extension that is still starting up has no commands yet, and a
 * window that is still drawing swallows keys.
 */
async function choose(page: Page, key: string, text: string, line: string): Promise<void> {
  const row = page.locator('.quick-input-list .monaco-list-row').filter({ hasText: line });
  for (let attempt = 0; ; attempt++) {
    await page.keyboard.press(key);
    try {
      await page.locator('.quick-input-widget .quick-input-box input').fill(text, { timeout: 5000 });
      await row.first().waitFor({ timeout: 5000 });
      break;
    } catch (error) {
      if (attempt === 5) throw error;
      await page.keyboard.press('Escape');
    }
  }
  await row.first().click();
}

/**
 * Clicks a lens until what it brings about is there: lenses are drawn anew when a file's facts change or a banner moves
 * the editor, and a click on the old drawing is lost.
 */
export async function clickLens(page: Page, title: string, outcome: () => Promise<void>): Promise<void> {
  const lens = page.locator('.codelens-decoration a').filter({ hasText: title }).first();
  for (let attempt = 0; ; attempt++) {
    await lens.click();
    try {
      await outcome();
      return;
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

/** The document inside the webview whose outer frame matches `outer` (VS Code nests two frames). */
export function webview(page: Page, outer = 'iframe.webview.ready'): FrameLocator {
  return page.frameLocator(outer).frameLocator('iframe#active-frame');
}

/** Asks until the answer is true. */
export async function until(what: string, ask: () => boolean | Promise<boolean>, seconds = 60): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await wait(100)) if (await ask()) return;
  throw new Error(`${what}: not within ${seconds} s`);
}

/**
 * Whether the window has written down what its pages keep: a browser's window does so every few seconds, and what is
 * newer is lost with a reload.
 */
export async function isKept(page: Page, pattern: RegExp): Promise<boolean> {
  const values = await page.evaluate<string[]>(`(async () => {
    const asked = request => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const values = [];
    for (const { name } of await indexedDB.databases()) {
      if (!name.startsWith('vscode-web-state-db')) continue;
      const database = await asked(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        values.push(...await asked(database.transaction(store).objectStore(store).getAll()));
      }
      database.close();
    }
    return values.filter(value => typeof value === 'string');
  })()`);
  return values.some(value => pattern.test(value));
}

/** Opens the list of notifications (toasts do not show in a driven window) and returns it. */
export async function notifications(page: Page): Promise<Locator> {
  const list = page.locator('.notifications-center');
  if (!(await list.isVisible())) await page.locator('.statusbar-item[id="status.notifications"]').click();
  return list;
}

/** Where screenshots of checks lie; CI may keep the folder. */
export async function screenshot(page: Page, name: string): Promise<string> {
  const file = path.join(ROOT, '.vscode-test/screenshots', `${name}.png`);
  await page.screenshot({ path: file });
  return file;
}
