// Runs mocha over files of this project in a process of its own and counts what it reports.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { run } from '../../scripts/setup/processes.mjs';

const REPORTER = path.resolve(import.meta.dirname, 'reporter.mjs');

/**
 * @param {string[]} patterns of test files
 * @param {number} [settings.timeout] of one test, in milliseconds
 * @param {Record<string, string>} [settings.env] variables for this stage
 * @param {boolean} [settings.verbose] names every test, for stages whose tests take seconds
 */
export const mocha =
  (patterns, settings = {}) =>
  async ({ grep, verbose }) => {
    const files = patterns.flatMap(pattern => filesOf(pattern)).sort();
    if (files.length === 0)
      return { passed: 0, failed: 0, skipped: 1, reason: `no file matches ${patterns.join(', ')}` };

    return counted(async counts => {
      const { code } = await run(
        process.execPath,
        [
          'node_modules/mocha/bin/mocha.js',
          '--reporter',
          REPORTER,
          ...(settings.timeout ? ['--timeout', String(settings.timeout)] : []),
          ...(grep ? ['--grep', grep] : []),
          process.stdout.isTTY ? '--color' : '--no-color',
          ...files,
        ],
        { output: 'inherit', env: { ...settings.env, ...reporterEnvironment(counts, verbose || settings.verbose) } },
      );
      return code;
    });
  };

/** What the reporter reads: where to leave its counts, and whether to name every test. */
export const reporterEnvironment = (counts, verbose) => ({
  MODELWRIGHT_TEST_COUNTS: counts,
  MODELWRIGHT_TEST_VERBOSE: verbose ? '1' : '',
});

/**
 * Runs `work` with a file for the reporter's counts and returns them. A run that left no counts, or a non-zero exit
 * without a failed test, is one failure: a crash never looks like a pass.
 */
export async function counted(work) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-test-'));
  const file = path.join(folder, 'counts.json');
  try {
    const code = await work(file);
    const early = { passed: 0, failed: 1, skipped: 0, reason: `the tests ended early (exit ${code})` };
    if (!fs.existsSync(file)) return early;
    const counts = JSON.parse(fs.readFileSync(file, 'utf8'));
    if (code !== 0 && counts.failed === 0) return { ...counts, failed: 1, reason: `the tests ended with exit ${code}` };
    return counts;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Files below the pattern's folder with its ending; the patterns here have the one form `folder/**\/*.ending`. */
export function filesOf(pattern) {
  const [folder, ending] = pattern.split('/**/*');
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true })
    .map(file => path.join(folder, file))
    .filter(file => file.endsWith(ending) && !file.split(path.sep).includes('fixtures'));
}
