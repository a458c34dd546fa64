// Prints the size of every bundle, and what weighs most in an extension bundle that has grown beyond its budget.
const EXTENSION_BUDGET_KB = 300;

/** @param {import('esbuild').BuildResult<{ metafile: true }>[]} results */
export function reportSizes(results) {
  const outputs = results
    .flatMap(result => Object.entries(result.metafile.outputs))
    .filter(([file]) => !file.endsWith('.map'));
  for (const [file, { bytes }] of outputs) console.log(`${file.padEnd(32)} ${kb(bytes).padStart(8)} kB`);

  const extension = outputs.find(([file]) => file === 'dist/extension.js')?.[1];
  if (!extension || extension.bytes <= EXTENSION_BUDGET_KB * 1000) return;
  console.warn(`warning: dist/extension.js is larger than its ${EXTENSION_BUDGET_KB} kB; its largest inputs:`);
  const heaviest = Object.entries(extension.inputs)
    .sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput)
    .slice(0, 8);
  for (const [file, { bytesInOutput }] of heaviest) console.warn(`  ${kb(bytesInOutput).padStart(8)} kB  ${file}`);
}

const kb = bytes => (bytes / 1000).toFixed(1);
