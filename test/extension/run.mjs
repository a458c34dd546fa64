// Starts VS Code with this extension and the bundled suite, through @vscode/test-electron.
//   node test/extension/run.mjs WORKSPACE     (npm test -- --only extension makes the bundle and the workspace)
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';

const [workspace] = process.argv.slice(2);
const root = path.resolve(import.meta.dirname, '../..');
const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-profile-'));

// On Linux the wrapper of the headless host takes the place of the executable; elsewhere one is downloaded.
const vscodeExecutablePath = process.platform === 'linux' ? path.join(root, 'test/host/code.mjs') : undefined;

try {
  process.exitCode = await runTests({
    vscodeExecutablePath,
    extensionDevelopmentPath: process.env.MODELWRIGHT_TEST_EXTENSION ?? root,
    extensionTestsPath: path.join(process.env.MODELWRIGHT_TEST_SUITE, 'suite.js'),
    extensionTestsEnv: process.env,
    launchArgs: [
      workspace,
      `--user-data-dir=${profile}`,
      `--extensions-dir=${path.join(profile, 'extensions')}`,
      '--disable-workspace-trust',
    ],
  });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
