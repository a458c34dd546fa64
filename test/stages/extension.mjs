// Bundles test/extension/suite/ and runs it inside VS Code: on Linux in the headless host, elsewhere in the desktop
// VS Code that @vscode/test-electron downloads.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { run } from '../../scripts/setup/processes.mjs';
import { counted, filesOf, reporterEnvironment } from './mocha.mjs';

const PATTERN = 'test/extension/suite/**/*.test.ts';

export async function runInVSCode({ grep }) {
  const files = filesOf(PATTERN).sort();
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 1, reason: `no file matches ${PATTERN}` };
  const suite = await bundle(files);
  const workspace = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-workspace-'));
  try {
    fillWorkspace(workspace);
    return await counted(async counts => {
      const env = {
        ...reporterEnvironment(counts, true),
        MODELWRIGHT_TEST_GREP: grep ?? '',
        MODELWRIGHT_TEST_SUITE: suite,
      };
      const { code } = await run(process.execPath, ['test/extension/run.mjs', workspace], { output: 'inherit', env });
      return code;
    });
  } finally {
    fs.rmSync(workspace, { recursive: true, force: true });
  }
}

/** One file per suite, as CommonJS, beside an entry that runs them; VS Code and mocha are there at run time. */
async function bundle(files) {
  const { build } = await import('esbuild');
  const folder = path.resolve('.vscode-test/suite');
  fs.rmSync(folder, { recursive: true, force: true });
  await build({
    entryPoints: ['test/extension/suite.ts', ...files],
    outdir: folder,
    outbase: 'test/extension',
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode', 'mocha', 'esbuild', 'playwright-core'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return folder;
}

/** Tests edit files: they get copies of the examples and of their own fixtures, without git-ignored data. */
function fillWorkspace(workspace) {
  for (const folder of ['examples', 'test/extension/fixtures']) {
    if (!fs.existsSync(folder)) continue;
    const filter = file => path.basename(file) !== '.modelwright';
    fs.cpSync(folder, path.join(workspace, path.basename(folder)), { recursive: true, filter });
  }
}
