/**
 * The one file that loads TensorFlow. Everything else takes the namespace that comes back, because two copies of
 * TensorFlow.js in one process break silently.
 */
import './node-compat';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BackendInfo } from '../protocol/messages';
import type { Tf } from './compile';
import { repairKernels } from './kernel-repairs';

export interface Backend {
  readonly tf: Tf;
  readonly info: BackendInfo;
}

const PACKAGES = ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'];

/**
 * @param folder whose `node_modules` has tfjs-node; null for the embedded TensorFlow.js.
 * A native runtime that cannot be loaded is replaced by the embedded one; `info.because` then says why.
 */
export async function loadBackend(folder: string | null): Promise<Backend> {
  if (folder === null) return embedded('the native TensorFlow runtime is not set up');
  setDefaults();
  const require = createRequire(path.join(path.resolve(folder), 'package.json'));
  const reasons: string[] = [];
  for (const name of PACKAGES) {
    try {
      const tf = require(name) as Tf;
      await tf.ready();
      repairKernels(tf);
      return { tf, info: nativeInfo(tf, name) };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const missing = code === 'MODULE_NOT_FOUND' && message.includes(`'${name}'`);
      if (!missing) reasons.push(`${name}: ${message.split('\n')[0]}`);
    }
  }
  return embedded(reasons[0] ?? `${folder} has no ${PACKAGES[0]} in its node_modules`);
}

/** TensorFlow reads these when its library is loaded; what the user has set stays. */
function setDefaults(): void {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  // Left off by TensorFlow on processors without AVX-512, where it is faster as well.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
}

function nativeInfo(tf: Tf, name: string): BackendInfo {
  const { binding } = tf.backend() as unknown as { binding?: { TF_Version?: string } };
  const threads = Number(process.env.TF_NUM_INTRAOP_THREADS);
  return {
    kind: 'native',
    name: tf.getBackend(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    versions: {
      [name.replace('@tensorflow/', '')]: tf.version.tfjs,
      ...(binding?.TF_Version && { tensorflow: binding.TF_Version }),
    },
    threads: Number.isInteger(threads) && threads > 0 ? threads : null,
    oneDNN: process.env.TF_ENABLE_ONEDNN_OPTS !== '0',
  };
}

interface EmbeddedTf {
  setWasmPaths?(prefix: string): void;
}

/** WebAssembly where it can be started, else plain JavaScript. */
async function embedded(because: string): Promise<Backend> {
  const tf = requireEmbedded();
  const wasm = wasmFolder();
  if (wasm) {
    // WebAssembly lacks kernels that some gradients need; a child that meets one falls back by itself (see `fit.ts`).
    (tf as unknown as EmbeddedTf).setWasmPaths?.(`${wasm}${path.sep}`);
  }
  await tf.setBackend('cpu');
  await tf.ready();
  return {
    tf,
    info: {
      kind: 'embedded',
      name: tf.getBackend(),
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      versions: { tfjs: tf.version.tfjs },
      threads: 1,
      oneDNN: null,
      because,
    },
  };
}

/** Beside the child's bundle; from source, in `dist/` or among the project's own packages. */
function requireEmbedded(): Tf {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const require = createRequire(import.meta.url);
  for (const file of [path.join(here, 'embedded-tfjs.js'), path.join(here, '../../dist/embedded-tfjs.js')]) {
    if (fs.existsSync(file)) return require(file) as Tf;
  }
  return require('@tensorflow/tfjs') as Tf;
}

function wasmFolder(): string | null {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const folders = [path.join(here, 'wasm'), path.join(here, '../../dist/wasm')];
  return folders.find(folder => fs.existsSync(path.join(folder, 'tfjs-backend-wasm.wasm'))) ?? null;
}
