// Loads the native TensorFlow.js for the tests of the compiled step, once.
import path from 'node:path';
import { createRequire } from 'node:module';
import type * as tfjs from '@tensorflow/tfjs';
import type { Compiler, CompilerOptions, Mode, Optimizer, Tf } from '../../../src/train/compile';
import { createCompiler } from '../../../src/train/compile';
import { chooseRuntime, launchOf, thisMachine } from '../../../src/runtime';
import { repairKernels } from '../../../src/train/kernel-repairs';
import '../../../src/train/node-compat';

let loaded: Promise<Tf> | undefined;

/** The namespace of tfjs-node. TensorFlow reads its settings when it is loaded, so they are set before. */
export function loadNative(): Promise<Tf> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Tf> {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  const env = thisMachine(path.resolve('dist/runtime-kit'));
  const folder =
    process.env.MODELWRIGHT_RUNTIME ?? launchOf(await chooseRuntime({ env, trusted: true }), env).tfjsNodeFolder;
  if (!folder) throw new Error('These tests need the native TensorFlow runtime: node scripts/setup/runtime.mjs');
  const tf = createRequire(path.join(folder, 'package.json'))('@tensorflow/tfjs-node') as Tf;
  await tf.ready();
  repairKernels(tf);
  return tf;
}

/** A compiler that remembers what was decided. */
export function watched(tf: Tf, options: CompilerOptions = {}): { compiler: Compiler; modes: Mode[] } {
  const modes: Mode[] = [];
  const compiler = createCompiler(tf, { ...options, onMode: (_name, _signature, mode) => modes.push(mode) });
  return { compiler, modes };
}

export type Inputs = Record<string, tfjs.Tensor | number | boolean | string>;

/** Gives a model the weights that belong to `seed`: kernels Glorot uniform, all others as their layers start them. */
export function startFromSeed(tf: Tf, model: tfjs.LayersModel, seed: number): void {
  tf.tidy(() => {
    const weights = model.getWeights().map((weight, i) => {
      const { shape } = weight;
      if (shape.length < 2) return weight;
      const window = shape.slice(0, -2).reduce((product, size) => product * size, 1);
      const limit = Math.sqrt(6 / (window * (shape.at(-2)! + shape.at(-1)!)));
      return tf.randomUniform(shape, -limit, limit, 'float32', seed + i);
    });
    model.setWeights(weights);
  });
}

/** The largest difference between two lists of numbers. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = a.length === b.length ? 0 : Infinity;
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs(a[i]! - b[i]!);
    if (!(d <= largest)) largest = d;
  }
  return largest;
}

/** Values of a tensor, which is disposed. */
export function taken(tensor: tfjs.Tensor): Float32Array {
  const values = tensor.dataSync() as Float32Array;
  tensor.dispose();
  return values;
}

export type { Optimizer };
