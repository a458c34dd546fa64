// Bundles everything a user runs into dist/: the extension, the command line, the training child, the embedded
// TensorFlow.js, the panels' pages, the WebAssembly files they load, and the kit that builds a native runtime.
//
//   node scripts/build.mjs [--production] [--watch] [--quiet]
import { context, build } from 'esbuild';
import { allTargets } from './build/targets.mjs';
import { copyWebAssembly } from './build/web-assembly.mjs';
import { makeRuntimeKit } from './build/runtime-kit.mjs';
import { writeNotices } from './build/notices.mjs';
import { reportSizes } from './build/sizes.mjs';

const flags = new Set(process.argv.slice(2));
for (const flag of flags) {
  if (!['--production', '--watch', '--quiet'].includes(flag)) {
    console.error(`build: unknown option ${flag}. Known: --production, --watch, --quiet.`);
    process.exit(2);
  }
}
const production = flags.has('--production');
const targets = allTargets({ production });

copyWebAssembly();
await makeRuntimeKit();

if (flags.has('--watch')) {
  const contexts = await Promise.all(targets.map(options => context({ ...options, logLevel: 'info' })));
  await Promise.all(contexts.map(each => each.watch()));
  console.log('watching; Ctrl+C ends');
} else {
  try {
    const results = await Promise.all(targets.map(options => build({ ...options, metafile: true })));
    writeNotices(results);
    if (!flags.has('--quiet')) reportSizes(results);
  } catch {
    process.exitCode = 1; // esbuild has already printed each error with its place.
  }
}
