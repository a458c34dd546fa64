/**
 * LoRA: beside a frozen matrix W two thin ones are trained, and the layer computes W·x + (α / r) · B·(A·x). "LoRA:
 * Low-Rank Adaptation of Large Language Models" (2021). B starts at zero, so the model starts as it was; on export the
 * product is added into W, and the checkpoint looks like any other.
 *
 * Query, key and value are one matrix here and share one A, as `peft` has it for models with a fused projection.
 */
import type * as tfjs from '@tensorflow/tfjs';
import type { Tf } from '../train/compile';
import type { Weight, Weights } from './checkpoint';
import type { WeightOf } from './encoder';
import type { Parameter } from './parameters';

type Tensor = tfjs.Tensor;

export interface AdapterConfig {
  readonly rank: number;
  /** α: what the thin matrices add is multiplied by α / rank. */
  readonly alpha: number;
  /** `attention`: the projection to query, key and value; `all`: every dense layer of the encoder. */
  readonly targets: 'attention' | 'all';
}

const ATTENTION = /^layer_\d+\/qkv\/kernel$/;
const ALL = /^layer_\d+\/(qkv|attention_output|intermediate|output)\/kernel$/;

/** A [r, in] and B [out, r] for each adapted matrix. */
export function adapterParameters(parameters: readonly Parameter[], { rank, targets }: AdapterConfig): Parameter[] {
  const pattern = targets === 'all' ? ALL : ATTENTION;
  return parameters
    .filter(({ name }) => pattern.test(name))
    .flatMap(({ name, shape: [outputs, inputs], part }) => {
      const shared = { tensors: [], part, decays: true, optional: true };
      const layer = name.replace(/\/kernel$/, '');
      return [
        { ...shared, name: `${layer}/lora_a`, shape: [rank, inputs!], initial: 'normal', deviation: inputs! ** -0.5 },
        { ...shared, name: `${layer}/lora_b`, shape: [outputs!, rank], initial: 'zeros' },
      ] satisfies Parameter[];
    });
}

export const isAdapter = (name: string): boolean => /\/lora_[ab]$/.test(name);

export const isAdapted = (names: { has(name: string): boolean }, layer: string): boolean =>
  names.has(`${layer}/lora_a`);

/** @param x [N, in] @param y [N, out], what the frozen layer gave */
export function applyAdapter(
  tf: Tf,
  x: Tensor,
  y: Tensor,
  layer: string,
  weight: WeightOf,
  { rank, alpha }: AdapterConfig,
): Tensor {
  const inner = tf.matMul(x, weight(`${layer}/lora_a`), false, true); // [N, r]
  return tf.add(y, tf.mul(tf.matMul(inner, weight(`${layer}/lora_b`), false, true), alpha / rank));
}

/** The matrix with what its adapter learned, summed in double precision; other weights as they are. */
export function mergedKernel(name: string, values: Readonly<Weights>, { rank, alpha }: AdapterConfig): Weight {
  const value = values[name]!;
  const layer = name.replace(/\/kernel$/, '');
  const [a, b] = [values[`${layer}/lora_a`], values[`${layer}/lora_b`]];
  if (!name.endsWith('/kernel') || !a || !b) return value;
  const [outputs, inputs] = value.shape as [number, number];
  const data = Float32Array.from(value.data);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      let sum = 0;
      for (let r = 0; r < rank; r++) sum += b.data[o * rank + r]! * a.data[r * inputs + i]!;
      data[o * inputs + i]! += (alpha / rank) * sum;
    }
  }
  return { ...value, data };
}
