// A typed view of what this room uses of tfjs-node's back end and of its native binding (tfjs-node 4.22).

import type * as tfjs from '@tensorflow/tfjs';
import type { Tf } from './index';

/** `TF_DataType` of TensorFlow's C interface, which are also the numbers of `DataType` in a GraphDef. */
export const DT = { FLOAT: 1, INT32: 3, STRING: 7, COMPLEX64: 8, INT64: 9, BOOL: 10, RESOURCE: 20 } as const;

export type TypedArray = Float32Array | Int32Array | Uint8Array;

/** One attribute as the binding takes it; `type` is one of the binding's `TF_ATTR_*`. */
export interface OpAttr {
  name: string;
  type: number;
  value: unknown;
}

export interface TensorMetadata {
  id: number;
  shape: number[];
  dtype: number;
}

/** The native module. Tensors are integer ids that are never used twice. */
export interface Binding {
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  createTensor(shape: number[], dtype: number, values: TypedArray | Uint8Array[]): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): TypedArray;
  executeOp(name: string, attrs: OpAttr[], inputIds: number[], outputs: number): TensorMetadata[];
  loadSavedModel(directory: string, tags: string): number;
  deleteSavedModel(session: number): void;
  runSavedModel(session: number, inputIds: number[], inputNames: string, outputNames: string): TensorMetadata[];
  getNumOfTensors(): number;
  getNumOfSavedModels(): number;
}

/** What the back end knows of one `dataId`. `values` holds data not yet handed to TensorFlow; `id` is −1 till then. */
export interface DataInfo {
  shape: number[];
  dtype: number;
  id: number;
  values: TypedArray | Uint8Array[] | null;
  refCount: number;
}

export interface NodeBackend {
  binding: Binding;
  tensorMap: { get(dataId: object): DataInfo; has(dataId: object): boolean };
  getInputTensorIds(tensors: tfjs.Tensor[]): number[];
  createOutputTensor(metadata: TensorMetadata): tfjs.Tensor;
  readSync(dataId: object): TypedArray | Uint8Array[];
}

/** The engine members used here that the public types leave out. */
export interface EngineInternals {
  registeredVariables: Record<string, tfjs.Variable>;
  state: { activeScope: { name: string } | null };
  runKernel: (name: string, inputs: object, attrs?: object) => tfjs.Tensor | tfjs.Tensor[];
}

/** The native back end if it is the active one. */
export function nativeBackend(tf: Tf): NodeBackend | undefined {
  if (tf.getBackend() !== 'tensorflow') return undefined;
  const backend = tf.backend() as unknown as Partial<NodeBackend>;
  const binding = backend.binding;
  const complete =
    backend.tensorMap &&
    typeof backend.getInputTensorIds === 'function' &&
    typeof backend.createOutputTensor === 'function' &&
    typeof binding?.executeOp === 'function' &&
    typeof binding.loadSavedModel === 'function' &&
    typeof binding.runSavedModel === 'function';
  return complete ? (backend as NodeBackend) : undefined;
}

export function engineOf(tf: Tf): EngineInternals {
  return tf.engine() as unknown as EngineInternals;
}

/** The TensorFlow id behind a tensor, uploading its values if that has not happened yet. */
export function idOf(backend: NodeBackend, tensor: tfjs.Tensor): number {
  return backend.getInputTensorIds([tensor])[0]!;
}

/** Attribute values by their JavaScript form, for operations called by name. */
export type AttrValue =
  | { type: number }
  | { int: number }
  | { ints: number[] }
  | { float: number }
  | { bool: boolean }
  | { string: string }
  | { shape: number[] };

export function opAttrs(binding: Binding, attrs: Record<string, AttrValue>): OpAttr[] {
  return Object.entries(attrs).map(([name, attr]) => {
    if ('type' in attr) return { name, type: binding.TF_ATTR_TYPE, value: attr.type };
    if ('int' in attr) return { name, type: binding.TF_ATTR_INT, value: attr.int };
    if ('ints' in attr) return { name, type: binding.TF_ATTR_INT, value: attr.ints };
    if ('float' in attr) return { name, type: binding.TF_ATTR_FLOAT, value: attr.float };
    if ('bool' in attr) return { name, type: binding.TF_ATTR_BOOL, value: attr.bool };
    if ('string' in attr) return { name, type: binding.TF_ATTR_STRING, value: attr.string };
    return { name, type: binding.TF_ATTR_SHAPE, value: attr.shape };
  });
}

/**
 * Runs one TensorFlow operation by name on the native back end. Recorded like any other while a step is recorded; it
 * has no gradient of its own (wrap it in `tf.customGrad`).
 */
export function nativeOp(
  backend: NodeBackend,
  name: string,
  attrs: Record<string, AttrValue>,
  inputs: tfjs.Tensor[],
  outputs = 1,
): tfjs.Tensor[] {
  const { binding } = backend;
  return binding
    .executeOp(name, opAttrs(binding, attrs), backend.getInputTensorIds(inputs), outputs)
    .map(metadata => backend.createOutputTensor(metadata));
}
