// Runs every test from nothing but a checkout: installs what is missing, builds, then goes through the stages in order.
//
//   npm test                                   everything
//   npm test -- --only unit,ui                 some stages (types, lint, architecture, unit, training, extension, ui)
//   npm test -- --only unit --grep 'Conv2D'    the tests with that in their title
//   npm test -- --verbose                      names every test
//
// The last line is `N passed, N failed, N skipped`, summed over the stages. Exit 0 only when nothing failed.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { endWithSignals } from '../scripts/setup/processes.mjs';
import { bold, fail, green, red, seconds, SetupError, yellow } from '../scripts/setup/terminal.mjs';
import { prepare } from './stages/prepare.mjs';
import { STAGES } from './stages/list.mjs';

process.chdir(path.resolve(import.meta.dirname, '..'));
endWithSignals();

/** @typedef {{ passed: number, failed: number, skipped: number, reason?: string }} Outcome */

function readOptions() {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, grep: { type: 'string' }, verbose: { type: 'boolean' } },
  });
  const known = STAGES.map(stage => stage.id);
  const wanted = values.only?.split(',') ?? known;
  const unknown = wanted.filter(id => !known.includes(id));
  if (unknown.length > 0) throw new SetupError(`no stage ${unknown.join(', ')}; there are ${known.join(', ')}`);
  const stages = STAGES.filter(stage => wanted.includes(stage.id));
  return { stages, grep: values.grep, verbose: values.verbose ?? false };
}

/** @returns {Promise<Outcome>} */
async function runStage(stage, missing, options) {
  const reasons = stage.needs.filter(need => missing.has(need)).map(need => missing.get(need));
  if (reasons.length > 0) return { passed: 0, failed: 0, skipped: 1, reason: reasons.join('; ') };
  try {
    return await stage.run(options);
  } catch (error) {
    fail(error); // A stage that breaks has not passed.
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function describe({ passed, failed, skipped, reason }) {
  const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
  const colour = failed > 0 ? red : skipped > 0 ? yellow : green;
  return colour(counts) + (reason ? `: ${reason}` : '');
}

async function main() {
  const begun = Date.now();
  const { stages, ...options } = readOptions();
  const missing = await prepare(new Set(stages.flatMap(stage => stage.needs)));

  const lines = [];
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const stage of stages) {
    console.log(`\n${bold(`── ${stage.title} `.padEnd(80, '─'))}`);
    const start = Date.now();
    const outcome = await runStage(stage, missing, options);
    for (const key of Object.keys(total)) total[key] += outcome[key];
    const line = describe(outcome);
    console.log(`${line} (${seconds(Date.now() - start)})`);
    lines.push(`  ${stage.title.padEnd(34)} ${seconds(Date.now() - start).padStart(8)}  ${line}`);
  }

  console.log(`\n${bold(`── Summary (${seconds(Date.now() - begun)}) `.padEnd(80, '─'))}`);
  for (const line of lines) console.log(line);
  if (total.failed > 0) process.exitCode = 1;
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
}

await main().catch(error => {
  fail(error);
  console.log('\n0 passed, 1 failed, 0 skipped');
});
