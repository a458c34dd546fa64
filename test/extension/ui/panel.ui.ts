// The training panel as a person uses it: start, pause, reload the window, a killed child, resume, stop, close the
// window.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { clickLens, openWindow, screenshot, until, webview, type UiWindow } from './window';

const CODE = `import keras
from keras import layers

model = keras.Sequential([
    keras.Input(shape=(4,)),
    layers.Dense(8, activation="relu"),
    layers.Dense(3, activation="softmax"),
])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
`;

/** Trains until it is stopped. */
const SCRIPT = `import * as tf from '@tensorflow/tfjs';

const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
await model.fit(tf.ones([64, 2]), tf.ones([64, 1]), { epochs: 100_000, batchSize: 16, verbose: 0 });
`;

/** Three clouds of points that a small network can tell apart. */
function table(rows: number): string {
  const lines = ['a,b,c,d,kind'];
  for (let i = 0; i < rows; i++) {
    const kind = i % 3;
    const noise = (k: number): number => Math.sin(i * 12.9898 + k * 78.233);
    lines.push([0, 1, 2, 3].map(k => (kind * (k + 1) + noise(k)).toFixed(4)).join(',') + `,${'xyz'[kind]}`);
  }
  return `${lines.join('\n')}\n`;
}

function writeProject(folder: string, epochs: number): void {
  const project = path.join(folder, 'small');
  fs.mkdirSync(project, { recursive: true });
  fs.writeFileSync(path.join(project, 'small.py'), CODE);
  fs.writeFileSync(path.join(project, 'points.csv'), table(300));
  fs.writeFileSync(
    path.join(project, 'small.modelwright.json'),
    JSON.stringify({
      model: 'small.py#model',
      data: { reader: 'csv', file: 'points.csv', label: 'kind', validation: 0.2 },
      fit: { epochs, batchSize: 16, seed: 1 },
    }),
  );
}

const runsOf = (folder: string): string[] => {
  const runs = path.join(folder, '.modelwright/runs');
  return fs.existsSync(runs) ? fs.readdirSync(runs).map(id => path.join(runs, id)) : [];
};
const events = (run: string): { type: string; step?: number }[] =>
  fs
    .readFileSync(path.join(run, 'events.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as { type: string });
const steps = (run: string): number => events(run).filter(e => e.type === 'step').length;

describe('the training panel', function () {
  this.timeout(240_000);
  let window: UiWindow;
  let run = '';

  before(async () => {
    window = await openWindow();
    writeProject(window.folder, 100_000);
    await openFile('small.py');
  });
  after(async () => {
    await window?.close();
  });

  async function openFile(name: string): Promise<void> {
    const { page } = window;
    await page.keyboard.press('Control+P');
    await page.locator('.quick-input-widget .quick-input-box input').fill(name);
    await page.locator('.quick-input-list .monaco-list-row').filter({ hasText: name }).first().click();
  }

  const train = async (): Promise<void> => {
    const lens = window.page.locator('.codelens-decoration a').filter({ hasText: 'Train' }).first();
    await lens.waitFor({ timeout: 60_000 });
    await lens.click();
  };
  const panel = () => webview(window.page);
  const status = () => panel().locator('vscode-badge').first();
  const button = (action: string) => panel().locator(`vscode-button[data-action=${action}]`);
  /** Points the chart of the loss has, as its description says. */
  const drawn = async (): Promise<number> =>
    Number(
      /over (\d+) points/.exec(
        (await panel().locator('.chart[data-metric=loss] .plot').getAttribute('aria-label')) ?? '',
      )?.[1] ?? 0,
    );

  it('opens on Train and follows every step', async () => {
    await train();
    await panel().locator('.chart[data-metric=loss] canvas').waitFor({ timeout: 90_000 });
    await until('a hundred points', async () => (await drawn()) > 100);
    [run = ''] = runsOf(window.folder);
    assert.ok(run, 'no run folder');
    assert.equal(await status().innerText(), 'Training');
    await screenshot(window.page, 'panel-running');
  });

  it('pauses: no step is taken until it goes on', async () => {
    await button('pause').click();
    await until('paused', async () => (await status().innerText()) === 'Paused');
    await wait(1200); // The log is flushed once a second.
    const before = steps(run);
    await wait(1500);
    assert.equal(steps(run), before);
    assert.equal(await drawn(), before);
  });

  it('comes back with every point after the window is reloaded', async () => {
    const { page } = window;
    await page.reload();
    await page.locator('.monaco-workbench .statusbar-item').first().waitFor({ timeout: 60_000 });
    await until('the panel again', async () => (await drawn().catch(() => 0)) === steps(run), 90);
    assert.equal(await status().innerText(), 'Paused');
    await button('resume').click();
    const before = steps(run);
    await until('further steps', () => steps(run) > before + 50);
  });

  it('says so when the child is killed, keeps a valid log, and goes on from the last checkpoint', async () => {
    await button('checkpoint').click();
    await until('a checkpoint', () => events(run).some(e => e.type === 'checkpoint'));
    const { pid } = JSON.parse(fs.readFileSync(path.join(run, 'child.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    await until('the interruption', async () => (await status().innerText()) === 'Interrupted');
    await screenshot(window.page, 'panel-interrupted');
    assert.ok(events(run).length > 0); // Every complete line is valid JSON.
    await button('resumeRun').click();
    await until('training again', async () => (await status().innerText()) === 'Training', 90);
    await until('a second start in the log', () => events(run).filter(e => e.type === 'started').length === 2);
  });

  it('stops and keeps the best weights', async () => {
    await button('keepBest').click();
    await until('the end', async () => (await status().innerText()).startsWith('Stopped'));
    assert.equal(events(run).at(-1)?.type, 'ended');
    await screenshot(window.page, 'panel-stopped');
  });

  it('follows a script of one’s own, as it is, with the buttons that work there', async () => {
    fs.writeFileSync(path.join(window.folder, 'small', 'own.mjs'), SCRIPT);
    await openFile('own.mjs');
    await clickLens(window.page, 'Train this file', () =>
      panel().locator('h1').filter({ hasText: 'own.mjs' }).waitFor({ timeout: 60_000 }),
    );
    await until('thirty points', async () => (await drawn().catch(() => 0)) > 30, 90);
    assert.equal(await button('pause').isVisible(), true);
    assert.equal(await button('checkpoint').isVisible(), false);
    await screenshot(window.page, 'panel-script');
    await button('stop').click();
    await until('the end', async () => (await status().innerText()) === 'Stopped');
    await window.page.keyboard.press('Control+K');
    await window.page.keyboard.press('Control+W');
  });

  it('lets a run go on and end well after the window is closed', async () => {
    writeProject(window.folder, 60);
    await openFile('small.py');
    const before = runsOf(window.folder);
    await train();
    await until('another run', () => runsOf(window.folder).length > before.length);
    const second = runsOf(window.folder).find(r => !before.includes(r))!;
    await until('its first step', () => fs.existsSync(path.join(second, 'events.jsonl')) && steps(second) > 0, 90);
    await window.page.close();
    await until('its end', () => events(second).at(-1)?.type === 'ended', 120);
    assert.equal(steps(second), 60 * 15);
  });
});
