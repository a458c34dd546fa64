// Proves that a runtime works before anything relies on it: a process of its own loads TensorFlow under the Node that
// will run it, multiplies, casts and takes one training step through a convolution, and compares with known answers.
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Environment } from './environment';
import type { NodeExecutable } from './node-executable';

export type SelfTest =
  { ok: true; tfjs: string; tensorflow: string; milliseconds: number } | { ok: false; reason: string };

/**
 * Runs in the other process as `node -e SCRIPT <package folder>`. The convolution's input is all ones, so the gradient
 * of the summed output by each of the 2x2 weights is the number of windows, 4; one step of SGD(0.5) from 0 is -2.
 * Both removed `util` functions are given back first, as src/train/node-compat.ts does for the training child.
 */
export const SELF_TEST_SCRIPT = `
const util = require('util');
util.isNullOrUndefined ??= value => value === null || value === undefined;
util.isArray ??= Array.isArray;
const tell = answer => require('fs').writeSync(1, '\\nself-test ' + JSON.stringify(answer) + '\\n');
try {
  const folder = process.argv[1];
  const tf = require(folder);
  const same = (name, tensor, wanted) => {
    const got = Array.from(tensor.dataSync());
    if (String(got) !== String(wanted)) throw new Error(name + ' returned ' + got + ' instead of ' + wanted);
  };
  if (tf.getBackend() !== 'tensorflow') throw new Error('the back end is ' + tf.getBackend() + ' instead of tensorflow');
  same('matMul', tf.matMul(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[5], [6]])), [17, 39]);
  same('cast', tf.cast(tf.tensor1d([1.7, -1.7]), 'int32'), [1, -1]);
  const kernel = tf.variable(tf.zeros([2, 2, 1, 1]));
  tf.train.sgd(0.5).minimize(() => tf.sum(tf.conv2d(tf.ones([1, 3, 3, 1]), kernel, 1, 'valid')));
  same('a training step', kernel, [-2, -2, -2, -2]);
  tell({ ok: true, tfjs: tf.version.tfjs, tensorflow: tf.backend().binding.TF_Version });
} catch (error) {
  tell({ ok: false, reason: String((error && error.message) || error) });
}
`;

/** Loading takes 1 to 4 s on an idle machine; a cold disk with an 800 MB library can take far longer. */
const TIMEOUT_MS = 120_000;

export interface SelfTestOptions {
  env: Environment;
  /** Where answers are remembered between processes; undefined: nowhere. */
  cacheFolder?: string;
  /** Asks again even if the answer is known. */
  fresh?: boolean;
  signal?: AbortSignal;
}

/** Tests one package folder under one Node. Never rejects: what went wrong is the reason. */
export async function selfTest(folder: string, node: NodeExecutable, options: SelfTestOptions): Promise<SelfTest> {
  const cache = options.cacheFolder === undefined ? null : path.join(options.cacheFolder, 'self-tests.json');
  const key = await cacheKey(folder, node);
  const known = (await readCache(cache))[key];
  if (known && !options.fresh) return known;

  const begun = performance.now();
  const result = await options.env.run(node.path, ['-e', SELF_TEST_SCRIPT, folder], {
    timeoutMs: TIMEOUT_MS,
    signal: options.signal,
    variables: {
      TF_CPP_MIN_LOG_LEVEL: '3',
      NODE_OPTIONS: undefined,
      ELECTRON_RUN_AS_NODE: node.electron ? '1' : undefined,
    },
  });
  const line = /^self-test (\{.*\})$/m.exec(result.stdout)?.[1];
  if (result.failure === 'timeout' || result.failure === 'cancelled') {
    // A busy machine says nothing about the runtime, so this answer is not remembered.
    return { ok: false, reason: result.failure === 'timeout' ? 'it did not answer in two minutes' : 'cancelled' };
  }
  let answer: SelfTest;
  if (line === undefined) answer = { ok: false, reason: explainCrash(result.failure, result.code, result.stderr) };
  else {
    const said = JSON.parse(line) as SelfTest;
    answer = said.ok
      ? { ...said, milliseconds: Math.round(performance.now() - begun) }
      : { ok: false, reason: explainMessage(said.reason) };
  }
  await remember(cache, key, answer);
  return answer;
}

function explainCrash(failure: string | null, code: number | null, stderr: string): string {
  if (failure === 'missing') return 'the Node.js that should run it could not be started';
  if (failure === 'SIGILL') return 'this processor lacks instructions (such as AVX) that this TensorFlow was built for';
  const last = stderr.trim().split('\n').at(-1)?.trim();
  const end = failure === null ? `it ended with code ${code}` : `it was ended by ${failure}`;
  return last ? `${end}: ${last}` : end;
}

/** The messages of the loader and of tfjs-node, in words a model author can act on. */
function explainMessage(message: string): string {
  const first = message.trim().split('\n')[0] ?? '';
  if (/native addon module .* can ?not\s+be found/i.test(first)) {
    return 'its native part was never downloaded or built (tfjs_binding.node is missing)';
  }
  const library = /(lib\w*tensorflow\S*?|tensorflow\.dll):? cannot open shared object/i.exec(first)?.[1];
  if (library) return `the TensorFlow library ${path.basename(library)} is missing`;
  const glibc = /version .(GLIBC\w*_[\d.]+). not found/.exec(first)?.[1];
  if (glibc) return `it was built for a newer system (${glibc.replace('_', ' ')} is missing here)`;
  if (/ld-linux|Error relocating/.test(first))
    return 'it was built for glibc, and this system uses another C library (Alpine Linux)';
  if (/different Node\.js version|NODE_MODULE_VERSION/.test(message))
    return 'it was built for another version of Node.js';
  if (/Cannot find module/.test(first)) return `a package it needs is missing (${first.replace(/^Error: /, '')})`;
  return first;
}

/** Changes whenever a file of the runtime, the TensorFlow it links to, or Node does. */
async function cacheKey(folder: string, node: NodeExecutable): Promise<string> {
  const lists = await Promise.all(
    ['.', 'dist', 'deps/lib', 'lib/napi-v8'].map(async sub => {
      const names = await fs.readdir(path.join(folder, sub)).catch(() => []);
      return names
        .sort()
        .slice(0, 50)
        .map(name => path.join(folder, sub, name));
    }),
  );
  // `stat` follows links: a Python TensorFlow that was upgraded or removed beneath us changes the key.
  const stamps = await Promise.all(
    [...lists.flat(), node.path].map(async file => {
      const stat = await fs.stat(file).catch(() => null);
      return [file, stat === null ? 'gone' : stat.isDirectory() ? 'folder' : `${stat.size} ${stat.mtimeMs}`];
    }),
  );
  return createHash('sha256')
    .update(JSON.stringify([stamps, node.version, node.electron]))
    .digest('hex')
    .slice(0, 32);
}

/** Old answers are dropped beyond this many; the newest stand last. */
const REMEMBERED = 40;

async function readCache(file: string | null): Promise<Record<string, SelfTest>> {
  if (file === null) return {};
  try {
    const content: unknown = JSON.parse(await fs.readFile(file, 'utf8'));
    return typeof content === 'object' && content !== null ? (content as Record<string, SelfTest>) : {};
  } catch {
    return {};
  }
}

/** A cache that cannot be written costs two seconds the next time, nothing else. */
async function remember(file: string | null, key: string, answer: SelfTest): Promise<void> {
  if (file === null) return;
  const { [key]: _replaced, ...others } = await readCache(file);
  const entries = [...Object.entries(others), [key, answer] as const].slice(-REMEMBERED);
  const temporary = `${file}.${process.pid}`;
  try {
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(temporary, JSON.stringify(Object.fromEntries(entries), null, 1));
    await fs.rename(temporary, file);
  } catch {
    await fs.rm(temporary, { force: true }).catch(() => {});
  }
}
