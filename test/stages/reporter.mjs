// Mocha's reporter for all stages: names failures (and, when verbose, every test), and leaves the counts in a file.
import fs from 'node:fs';
import * as imported from 'mocha';

// As an ES module mocha is its own default export; required by VS Code's extension host it is wrapped once more.
const Mocha = imported.default?.default ?? imported.default;
const { Base, Spec } = Mocha.reporters;
const verbose = process.env.MODELWRIGHT_TEST_VERBOSE === '1';

export default class Reporter extends (verbose ? Spec : Base) {
  constructor(runner, options) {
    super(runner, options);
    const skipped = [];
    runner.on('pending', test => skipped.push(test.fullTitle()));
    runner.once('end', () => {
      if (!verbose) {
        Base.list(this.failures);
        for (const title of skipped) console.log(`  skipped: ${title}`);
      }
      const { passes, failures, pending } = this.stats;
      // An empty run is a mistyped --grep or a broken file, never a success.
      const empty = passes + failures + pending === 0;
      if (empty) console.log('  no test was run');
      const counts = { passed: passes, failed: failures, skipped: pending + (empty ? 1 : 0) };
      const file = process.env.MODELWRIGHT_TEST_COUNTS;
      if (file) fs.writeFileSync(file, JSON.stringify(counts));
    });
  }
}
