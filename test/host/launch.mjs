// A headless VS Code window: the server and a Chromium that shows its workbench. UI checks drive its page; the `code`
// wrapper waits for its end.
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { findChromium } from '../../scripts/setup/chromium.mjs';
import { QUIET_SETTINGS } from './settings.mjs';
import { scratchFolder, startServer } from './server.mjs';
import { findHost } from './versions.mjs';

const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-extensions',
  '--force-color-profile=srgb',
  '--font-render-hinting=none',
];

/** The exit codes of a window that did not end by itself. */
const CRASHED = 70,
  CLOSED = 71,
  SERVER_ENDED = 72;

/**
 * Opens one window. The options are described in launch.d.mts.
 * @returns a window whose `exit` resolves with the tests' exit code, and whose `close()` leaves no process behind
 */
export async function launch(options = {}) {
  const temporary = scratchFolder();
  const userData = options.userDataDir ? path.resolve(options.userDataDir) : path.join(temporary, 'user-data');
  const extensions = path.resolve(options.extensionsDir ?? path.join(userData, 'extensions'));
  const logs = path.resolve(options.logDir ?? process.env.VSCODE_HOST_LOG_DIR ?? '.vscode-test/logs');
  for (const folder of [path.join(userData, 'User'), extensions, logs]) fs.mkdirSync(folder, { recursive: true });
  writeSettings(userData, options);

  const cleanUps = [() => fs.rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })];
  let closing;
  const close = () =>
    (closing ??= (async () => {
      for (const cleanUp of cleanUps.reverse()) await Promise.resolve(cleanUp()).catch(() => {});
    })());

  try {
    const server = await startServer({
      host: options.host ?? findHost(),
      userData,
      extensions,
      temporary,
      testDriver: options.testDriver ?? true,
      workspaceTrust: options.workspaceTrust,
      autoShutdown: true,
      log: path.join(logs, 'server.log'),
      env: options.env,
      args: options.serverArgs,
    });
    cleanUps.push(server.close);

    const browser = await chromium.launch({
      executablePath: findChromium(),
      env: { ...process.env, TMPDIR: temporary },
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      args: [...CHROMIUM_FLAGS, ...(options.chromiumArgs ?? [])],
    });
    cleanUps.push(() => browser.close());
    const context = await browser.newContext({ viewport: options.viewport ?? { width: 1400, height: 900 } });
    const page = await context.newPage();
    const { exit } = await watchExit(page, server.process, path.join(logs, 'window.log'), options.onLog);
    const authority = `127.0.0.1:${server.port}`;
    const url = workbenchUrl(authority, server.token, options);
    await page.goto(url, { waitUntil: 'commit' });
    return { page, context, browser, server: server.process, url, userData, logs, exit, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A profile of our own is written anew; a given one keeps its settings unless others are asked for. */
function writeSettings(userData, { userDataDir, settings, workspaceTrust = false }) {
  const file = path.join(userData, 'User/settings.json');
  if (userDataDir && !settings && fs.existsSync(file)) return;
  const all = { ...QUIET_SETTINGS, 'security.workspace.trust.enabled': workspaceTrust, ...settings };
  fs.writeFileSync(file, JSON.stringify(all, null, 2));
}

/** The workbench ends a test run by calling `codeAutomationExit` in its page, and logs through `codeAutomationLog`. */
async function watchExit(page, server, logFile, onLog) {
  const log = fs.createWriteStream(logFile);
  let ended;
  const exit = new Promise(resolve => {
    ended = resolve;
  });
  await page.exposeFunction('codeAutomationExit', code => ended(code));
  await page.exposeFunction('codeAutomationLog', (type, values) => {
    const texts = values.map(value => (typeof value === 'string' ? value : JSON.stringify(value)));
    log.write(`${type}: ${texts.join(' ')}\n`);
    onLog?.(type, values);
  });
  page.on('crash', () => ended(CRASHED));
  page.on('close', () => ended(CLOSED));
  server.once('exit', () => ended(SERVER_ENDED));
  exit.then(() => log.end());
  return { exit }; // Wrapped, for an async function waits for a promise it returns.
}

/** The workbench takes what the desktop takes as arguments from its address. */
function workbenchUrl(authority, token, { folder, file, extensionDevelopmentPath, extensionTestsPath }) {
  const remote = place => `vscode-remote://${authority}${encodeURI(path.resolve(place))}`;
  const payload = [
    ['skipWelcome', 'true'],
    ['skipReleaseNotes', 'true'],
  ];
  for (const each of [extensionDevelopmentPath ?? []].flat()) payload.push(['extensionDevelopmentPath', remote(each)]);
  if (extensionTestsPath) payload.push(['extensionTestsPath', remote(extensionTestsPath)]);
  if (file) payload.push(['openFile', remote(file)]);

  const query = new URLSearchParams({ tkn: token });
  if (!folder) query.set('ew', 'true');
  else query.set(folder.endsWith('.code-workspace') ? 'workspace' : 'folder', path.resolve(folder));
  query.set('payload', JSON.stringify(payload));
  return `http://${authority}/?${query}`;
}
