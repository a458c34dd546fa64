// Makes modelwright-<version>.vsix: a production build, packed by vsce, its size printed.
//   node scripts/package.mjs [--out FILE]
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildAll } from './setup/bundles.mjs';
import { installDependencies } from './setup/dependencies.mjs';
import { endWithSignals, mustRun } from './setup/processes.mjs';
import { fail, step } from './setup/terminal.mjs';

process.chdir(path.resolve(import.meta.dirname, '..'));
endWithSignals();

async function main() {
  const { values } = parseArgs({ options: { out: { type: 'string' } } });
  const { name, version } = JSON.parse(fs.readFileSync('package.json', 'utf8'));
  const file = values.out ?? `${name}-${version}.vsix`;
  await step('Dependencies', installDependencies);
  await step('Build', () => buildAll({ production: true }));
  let listing = '';
  await step('Package', async () => {
    // All that runs is bundled in dist/, so no package of node_modules goes in.
    // Links and images of the README stay relative: they lead into the package itself.
    const options = ['--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '--out', file];
    listing = await mustRun(process.execPath, ['node_modules/@vscode/vsce/vsce', 'package', ...options]);
    return `${file}, ${(fs.statSync(file).size / 1e6).toFixed(2)} MB`;
  });
  console.log(
    listing
      .split('\n')
      .filter(line => /[├└]|warning/i.test(line))
      .join('\n'),
  );
}

await main().catch(fail);
