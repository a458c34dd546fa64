// The main job, shown in the terminal: findings in a broken model, the summary of a working one, its training.
import fs from 'node:fs';
import path from 'node:path';
import { mustRun, run } from '../setup/processes.mjs';
import { bold, dim, SetupError, step } from '../setup/terminal.mjs';

/** Exit codes of the command line that are no fault here: findings of `check`, a run that was stopped. */
const FINDINGS = 1,
  STOPPED = 3;

const COMMANDS = [
  ['A model with mistakes', ['check', 'keras/broken_cnn.py'], FINDINGS],
  ['A model without', ['summary', 'keras/cnn.py']],
  ['Its training', ['train', 'keras/cnn.modelwright.json'], STOPPED],
];

export async function tour() {
  if (!fs.existsSync('examples/data/train-images.idx')) {
    await step('Digits to train on', async () => {
      await mustRun(process.execPath, ['examples/data/make-digits.mjs']);
      return 'drawn';
    });
  }
  // In examples/, the folder that VS Code opens: its run history then begins with this run.
  const cwd = path.resolve('examples');
  console.log(`\n${dim('$ cd examples')}`);
  for (const [title, args, tolerated] of COMMANDS) {
    console.log(`\n${bold(title)}\n${dim(`$ node ../dist/cli.js ${args.join(' ')}`)}`);
    const { code } = await run(process.execPath, ['../dist/cli.js', ...args], { cwd, output: 'inherit' });
    if (code === 0 || code === tolerated) continue;
    throw new SetupError(`"modelwright ${args.join(' ')}" ended with exit ${code}`);
  }
}
