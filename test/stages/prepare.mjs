// Sets up what the chosen stages need. Dependencies and the build are musts; what else cannot be had is reported, and
// the stages that need it are skipped with that reason.
import { checkNode, installDependencies } from '../../scripts/setup/dependencies.mjs';
import { buildAll } from '../../scripts/setup/bundles.mjs';
import { installRuntime } from '../../scripts/setup/runtime.mjs';
import { installChromium } from '../../scripts/setup/chromium.mjs';
import { SetupError, bold, step, yellow } from '../../scripts/setup/terminal.mjs';
import { installHost } from '../host/install.mjs';

/** Need → its line on the screen and how it is met. `vscode` is met by a download on other systems than Linux. */
const OPTIONAL = {
  runtime: ['TensorFlow', installRuntime],
  host: ['VS Code', update => installHost({ update })],
  vscode: ['VS Code', update => (process.platform === 'linux' ? installHost({ update }) : 'downloaded by its tests')],
  chromium: ['Chromium', update => (process.platform === 'linux' ? installChromium(update) : 'not needed here')],
};

/**
 * @param {Set<string>} needs
 * @returns {Promise<Map<string, string>>} need → why it is not met
 */
export async function prepare(needs) {
  console.log(bold('── Set-up '.padEnd(80, '─')));
  checkNode();
  await step('Dependencies', installDependencies);
  if (needs.has('build')) await step('Build', () => buildAll());

  const missing = new Map();
  for (const need of Object.keys(OPTIONAL).filter(each => needs.has(each))) {
    const [title, meet] = OPTIONAL[need];
    if (need === 'vscode' && needs.has('host') && process.platform === 'linux') continue; // Met by the line before.
    try {
      await step(title, meet);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      missing.set(need, error.message);
      console.log(yellow(`  ${title} is missing: ${error.message}`));
    }
  }
  if (missing.has('host') && process.platform === 'linux') missing.set('vscode', missing.get('host'));
  return missing;
}
