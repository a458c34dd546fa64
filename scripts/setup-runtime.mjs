// Makes sure that a native TensorFlow runtime is there for this project's own runs and tests; `npm start` and `npm
// test` call it. Where there is one already it says so and ends within a second or two.
//
//   node scripts/setup-runtime.mjs [--json] [--from auto|python|download] [--force]
//
// Exit: 0 a native runtime is there, 5 only the embedded JavaScript one, 2 wrong usage, 130 cancelled.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { require as requireTypeScript } from 'tsx/cjs/api';
import { addPrebuiltBinding, makeRuntimeKit } from './build/runtime-kit.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);

const options = readOptions();
const { cacheFolder, chooseRuntime, installRuntime, RuntimeProblem, thisMachine } = requireTypeScript(
  '../src/runtime/index.ts',
  import.meta.url,
);

const cancel = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => cancel.abort());

await makeRuntimeKit();
const env = thisMachine(path.join(root, 'dist/runtime-kit'));
try {
  const runtime = await ensure();
  if (runtime.source === 'installed') addPrebuiltBinding(runtime.folder);
  report(runtime);
} catch (error) {
  if (!(error instanceof RuntimeProblem)) throw error;
  report(null, error);
}

async function ensure() {
  const find = { trusted: true, env, signal: cancel.signal };
  if (!options.force) {
    const runtime = await chooseRuntime(find);
    if (runtime.kind === 'native') return runtime;
  }
  let shown = '';
  const onProgress = ({ message, fraction }) => {
    const text = fraction === null ? message : `${message} (${Math.floor(fraction * 20) * 5} %)`;
    if (text !== shown && !options.json) console.log(text);
    shown = text;
  };
  const { from, force } = options;
  return installRuntime({
    from,
    force,
    trusted: true,
    env,
    storageFolder: cacheFolder(env),
    onProgress,
    signal: cancel.signal,
  });
}

function report(runtime, problem) {
  process.exitCode = runtime !== null ? 0 : cancel.signal.aborted ? 130 : 5;
  if (options.json) {
    const failure = problem && { code: problem.code, message: problem.message, wayOut: problem.wayOut };
    console.log(JSON.stringify({ native: runtime !== null, runtime, problem: failure }));
  } else if (runtime !== null) {
    console.log(`TensorFlow ${runtime.tensorflow} (${runtime.folder}) under Node ${runtime.node.version}`);
  } else {
    console.error(`${problem.message} ${problem.wayOut}`);
    if (!cancel.signal.aborted) console.error('Only the embedded JavaScript TensorFlow is left, which is slow.');
  }
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: { json: { type: 'boolean' }, force: { type: 'boolean' }, from: { type: 'string', default: 'auto' } },
    });
    if (!['auto', 'python', 'download'].includes(values.from))
      throw new Error(`--from is auto, python or download, not ${values.from}`);
    return values;
  } catch (error) {
    console.error(`setup-runtime: ${error.message}`);
    process.exit(2);
  }
}
