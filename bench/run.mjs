// Runs the benchmarks: every bench/*.bench.ts, or those named. Each prints a table with ratios.
//
//   npm run bench               all
//   npm run bench -- --list     names them
//   npm run bench -- analysis   bench/analysis.bench.ts
import fs from 'node:fs';
import path from 'node:path';
import { buildAll } from '../scripts/setup/bundles.mjs';
import { installDependencies } from '../scripts/setup/dependencies.mjs';
import { endWithSignals, run } from '../scripts/setup/processes.mjs';
import { bold, fail, SetupError } from '../scripts/setup/terminal.mjs';

process.chdir(path.resolve(import.meta.dirname, '..'));
endWithSignals();

const ENDING = '.bench.ts';
const benchmarks = fs
  .readdirSync('bench')
  .filter(file => file.endsWith(ENDING))
  .map(file => file.slice(0, -ENDING.length))
  .sort();

async function main() {
  const wanted = process.argv.slice(2);
  if (wanted.includes('--list')) {
    for (const name of benchmarks) console.log(`${name.padEnd(20)} ${firstLine(name)}`);
    return;
  }
  const unknown = wanted.filter(name => !benchmarks.includes(name));
  if (unknown.length > 0) {
    throw new SetupError(`no benchmark ${unknown.join(', ')}; there are ${benchmarks.join(', ') || 'none yet'}`);
  }

  await installDependencies();
  await buildAll({ production: true }); // What is measured is what ships.
  for (const name of wanted.length > 0 ? wanted : benchmarks) {
    console.log(`\n${bold(`${name}: ${firstLine(name)}`)}`);
    const { code } = await run(process.execPath, ['--import=tsx', `bench/${name}${ENDING}`], { output: 'inherit' });
    if (code !== 0) throw new SetupError(`bench/${name}${ENDING} ended with exit ${code}`);
  }
}

/** The sentence at the head of the file. */
function firstLine(name) {
  return fs
    .readFileSync(`bench/${name}${ENDING}`, 'utf8')
    .split('\n', 1)[0]
    .replace(/^\/\/ ?/, '');
}

await main().catch(fail);
