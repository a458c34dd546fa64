// Runs inside VS Code's extension host: hands the bundled suites to mocha.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type MochaClass from 'mocha';

/** Called by VS Code; rejects when a test failed. */
export async function run(): Promise<void> {
  const Mocha = await load<typeof MochaClass>('mocha');
  // Typed as a name only, yet mocha takes a class as well.
  const reporter = await load<string>(pathToFileURL(path.resolve(__dirname, '../../test/stages/reporter.mjs')).href);
  const grep = process.env.MODELWRIGHT_TEST_GREP;
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, reporter, ...(grep ? { grep } : {}) });
  const suites = path.join(__dirname, 'suite');
  for (const file of fs.readdirSync(suites, { recursive: true, encoding: 'utf8' }).sort()) {
    if (file.endsWith('.test.js')) mocha.addFile(path.join(suites, file));
  }
  const failures = await new Promise<number>(resolve => {
    mocha.run(resolve);
  });
  if (failures > 0) throw new Error(`${failures} test(s) failed`);
}

/** The default export of an ES module, which an older extension host wraps a second time. */
async function load<T>(name: string): Promise<T> {
  const module = (await import(name)) as { default: T | { default: T } };
  const inner = module.default;
  return typeof inner === 'object' && inner !== null && 'default' in inner ? inner.default : inner;
}
