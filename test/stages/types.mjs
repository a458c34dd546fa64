// The type check: the whole project, the pure rooms without Node, the panels' pages without Node but with the DOM.
import fs from 'node:fs';
import path from 'node:path';
import { run } from '../../scripts/setup/processes.mjs';

const PROJECTS = ['tsconfig.json', 'tsconfig.pure.json', 'tsconfig.webview.json'];

/** Without any file to check tsc says so with this error; a room that is still empty is not a mistake. */
const NO_INPUTS = 'error TS18003';

export async function checkTypes() {
  const outcome = { passed: 0, failed: 0, skipped: 0 };
  for (const project of PROJECTS) {
    const tsc = ['node_modules/typescript/bin/tsc', '-p', project, '--pretty', 'false'];
    const { code, output } = await run(process.execPath, tsc);
    if (code === 0) {
      outcome.passed++;
      console.log(`  ok  ${project}`);
    } else if (output.includes(NO_INPUTS) && !fs.existsSync(path.join('webview'))) {
      outcome.skipped++;
      outcome.reason = `${project} has no files yet`;
    } else {
      outcome.failed++;
      console.log(`${output.trim()}\n  failed  ${project}`);
    }
  }
  return outcome;
}
