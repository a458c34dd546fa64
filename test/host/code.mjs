#!/usr/bin/env node
// Stands in for the `code` executable, so that @vscode/test-electron works unchanged:
// runTests({ vscodeExecutablePath: 'test/host/code.mjs', … }). It understands the arguments test-electron passes and
// those that install and list extensions.
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { launch } from './launch.mjs';
import { scratchFolder } from './server.mjs';
import { findHost, nodeOf, serverOf } from './versions.mjs';

const MANAGEMENT = new Set([
  'install-extension',
  'uninstall-extension',
  'list-extensions',
  'show-versions',
  'force',
  'version',
]);
const START_LIMIT_S = Number(process.env.VSCODE_HOST_START_TIMEOUT ?? 120);
const IDLE_LIMIT_S = Number(process.env.VSCODE_HOST_IDLE_TIMEOUT ?? 300);
const TIMED_OUT = 124;

const { options, management, files } = readArguments(process.argv.slice(2));
if (management.length > 0) process.exit(manageExtensions(management, options));
for (const file of files) {
  if (fs.statSync(file).isDirectory() || file.endsWith('.code-workspace')) options.folder = file;
  else options.file = file;
}
await runWindow(options);

function readArguments(args) {
  const options = { extensionDevelopmentPath: [], serverArgs: [] };
  const management = [],
    files = [];
  for (let i = 0; i < args.length; i++) {
    const [, name, attached] = /^--([A-Za-z-]+)(?:=(.*))?$/s.exec(args[i]) ?? [];
    if (!name) {
      files.push(args[i]);
      continue;
    }
    const value = () => attached ?? args[++i];
    if (name === 'extensionDevelopmentPath') options.extensionDevelopmentPath.push(value());
    else if (name === 'extensionTestsPath') options.extensionTestsPath = path.resolve(value());
    else if (name === 'user-data-dir') options.userDataDir = value();
    else if (name === 'extensions-dir') options.extensionsDir = value();
    else if (name === 'folder-uri') options.folder = fileURLToPath(value());
    else if (name === 'file-uri') options.file = fileURLToPath(value());
    else if (name === 'disable-extension') options.serverArgs.push('--disable-extension', value());
    else if (MANAGEMENT.has(name)) {
      management.push(args[i]);
      if (attached === undefined && name.endsWith('install-extension')) management.push(args[++i]);
    }
    // The rest (--no-sandbox, --disable-updates, …) is for Electron and means nothing here.
  }
  return { options, management, files };
}

function manageExtensions(management, { extensionsDir, userDataDir }) {
  const host = findHost();
  const args = [serverOf(host), '--accept-server-license-terms', ...management];
  if (extensionsDir) args.push('--extensions-dir', path.resolve(extensionsDir));
  if (userDataDir) {
    args.push('--user-data-dir', path.resolve(userDataDir), '--server-data-dir', path.resolve(userDataDir, 'server'));
  }
  const env = { ...process.env, EXTENSIONS_GALLERY: '{}' };
  return spawnSync(nodeOf(host), args, { stdio: 'inherit', env }).status ?? 1;
}

async function runWindow(options) {
  const temporary = scratchFolder();
  const output = followOutput(path.join(temporary, 'output.jsonl'));
  const parent = process.ppid;
  const tests = options.extensionTestsPath;
  let window,
    timer,
    ending = false;

  const finish = async (code, why) => {
    if (ending) return;
    ending = true;
    clearInterval(timer);
    output.read();
    if (why) {
      process.stderr.write(`[vscode-host] ${why}; logs and screenshot: ${window?.logs ?? 'none'}\n`);
      await window?.page.screenshot({ path: path.join(window.logs, 'failure.png') }).catch(() => {});
    }
    await window?.close();
    fs.rmSync(temporary, { recursive: true, force: true });
    setTimeout(() => process.exit(code), 150); // test-electron stops reading when we exit: let it read what is written.
  };

  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {}); // The reader may be gone.
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ]) {
    process.on(signal, () => finish(code, signal));
  }
  try {
    const verbose = (type, values) => process.stderr.write(`[window ${type}] ${values.join(' ')}\n`);
    window = await launch({
      ...options,
      extensionTestsPath: tests && path.join(import.meta.dirname, 'test-shim.js'),
      env: { VSCODE_HOST_TEST_OUTPUT: output.file, VSCODE_HOST_TESTS: tests ?? '' },
      onLog: process.env.VSCODE_HOST_VERBOSE ? verbose : undefined,
    });
    timer = setInterval(() => {
      output.read();
      if (process.ppid !== parent) finish(143, 'the parent process is gone');
      if (!tests) return;
      const idle = (Date.now() - output.lastWrite) / 1000;
      if (output.begun && idle > IDLE_LIMIT_S) finish(TIMED_OUT, `no test output for ${IDLE_LIMIT_S} s`);
      if (!output.begun && idle > START_LIMIT_S) finish(TIMED_OUT, `no test has started within ${START_LIMIT_S} s`);
    }, 100);
    const code = await window.exit;
    output.read();
    if (output.result !== undefined && (code === 0 || code === 1)) await finish(output.result);
    else await finish(output.result ?? (code || 1), `the window ended with ${code} before the tests did`);
  } catch (error) {
    await finish(1, error.stack);
  }
}

/** Copies what the shim writes to our streams: JSON lines `[stream, text]`, stream 0 being the result. */
function followOutput(file) {
  fs.writeFileSync(file, '');
  let offset = 0,
    tail = Buffer.alloc(0);
  return {
    file,
    result: undefined,
    begun: false,
    lastWrite: Date.now(),
    read() {
      const size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? offset;
      if (size === offset) return;
      const chunk = Buffer.alloc(size - offset);
      const handle = fs.openSync(file, 'r');
      fs.readSync(handle, chunk, 0, chunk.length, offset);
      fs.closeSync(handle);
      offset = size;
      this.begun = true;
      this.lastWrite = Date.now();
      const bytes = Buffer.concat([tail, chunk]);
      const end = bytes.lastIndexOf(10) + 1;
      tail = bytes.subarray(end);
      for (const line of bytes.subarray(0, end).toString().split('\n').filter(Boolean)) {
        const [stream, text] = JSON.parse(line);
        if (stream === 0) this.result = Number(text);
        else (stream === 1 ? process.stdout : process.stderr).write(text);
      }
    },
  };
}
