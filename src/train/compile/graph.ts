// Nodes of a TensorFlow graph and their encoding as GraphDef and SavedModel (tensorflow/core/framework/graph.proto,
// node_def.proto, attr_value.proto, tensor.proto; tensorflow/core/protobuf/saved_model.proto, meta_graph.proto).

import type { AttrValue, Binding, OpAttr, TypedArray } from './binding';
import { DT } from './binding';
import { Message } from './protobuf';

export interface GraphNode {
  readonly name: string;
  /** Its place in the order of making; inputs are always made before. */
  readonly index: number;
  readonly op: string;
  /** `name` for output 0 of a node, `name:i` for the others. */
  readonly inputs: string[];
  /** Names of nodes that must have run before. */
  readonly controls: Set<string>;
  readonly attrs: Map<string, Message>;
}

/** A GraphDef's `producer`: the version whose meaning of operations we rely on. TensorFlow 2.9 (tfjs-node's own). */
const GRAPH_PRODUCER = 1087;

export const output = (node: GraphNode, index = 0): string => (index === 0 ? node.name : `${node.name}:${index}`);

export const nodeOf = (ref: string): string => (ref.includes(':') ? ref.slice(0, ref.indexOf(':')) : ref);

/** A growing graph whose node names all start with `prefix`, so that several graphs share one GraphDef. */
export class GraphBuilder {
  readonly nodes: GraphNode[] = [];
  private readonly constants = new Map<string, string>();

  constructor(readonly prefix: string) {}

  add(op: string, inputs: string[], attrs: Record<string, AttrValue> = {}, controls: Iterable<string> = []): GraphNode {
    return this.addEncoded(op, inputs, encodeAttrs(attrs), controls);
  }

  /** For attributes that are already messages, as those of recorded operations are. */
  addEncoded(op: string, inputs: string[], attrs: Map<string, Message>, controls: Iterable<string> = []): GraphNode {
    return this.push(`${this.prefix}${op}_${this.nodes.length}`, op, inputs, attrs, controls);
  }

  /** A node whose name others must know, without the prefix. */
  named(
    name: string,
    op: string,
    inputs: string[],
    attrs: Record<string, AttrValue>,
    controls: string[] = [],
  ): GraphNode {
    return this.push(name, op, inputs, encodeAttrs(attrs), controls);
  }

  private push(
    name: string,
    op: string,
    inputs: string[],
    attrs: Map<string, Message>,
    controls: Iterable<string>,
  ): GraphNode {
    const node: GraphNode = { name, index: this.nodes.length, op, inputs, controls: new Set(controls), attrs };
    this.nodes.push(node);
    return node;
  }

  /** A constant; equal small ones share a node. */
  constant(dtype: number, shape: readonly number[], data: TypedArray): string {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const key = bytes.byteLength <= 64 ? `${dtype}|${shape.join()}|${bytes.toString('latin1')}` : undefined;
    const known = key === undefined ? undefined : this.constants.get(key);
    if (known !== undefined) return known;
    const attrs = new Map([
      ['dtype', attrMessage({ type: dtype })],
      ['value', new Message().message(8, tensorMessage(dtype, shape, data))],
    ]);
    const ref = output(this.addEncoded('Const', [], attrs));
    if (key !== undefined) this.constants.set(key, ref);
    return ref;
  }

  floats(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.constant(DT.FLOAT, shape, Float32Array.from(values));
  }

  integers(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.constant(DT.INT32, shape, Int32Array.from(values));
  }

  /** The nodes as fields of a GraphDef; encodings of several builders may be joined. */
  encode(): Uint8Array {
    const graph = new Message();
    for (const node of this.nodes) graph.message(1, nodeMessage(node));
    return graph.encode();
  }
}

/** A SavedModel with one graph under the tag `serve` and no files of variables. */
export function savedModel(graphs: readonly Uint8Array[]): Uint8Array {
  const graph = new Message();
  for (const encoded of graphs) graph.append(encoded);
  graph.message(4, new Message().integer(1, GRAPH_PRODUCER));
  const meta = new Message().message(1, new Message().string(4, 'serve')).message(2, graph);
  return new Message().integer(1, 1).message(2, meta).encode();
}

/** An attribute as tfjs-node's kernels give it. `undefined` when a GraphDef has no such value. */
export function recordedAttr(binding: Binding, attr: OpAttr): Message | undefined {
  const { type, value } = attr;
  switch (type) {
    case binding.TF_ATTR_TYPE:
      return typeof value === 'number' ? attrMessage({ type: value }) : undefined;
    case binding.TF_ATTR_BOOL:
      return typeof value === 'boolean' ? attrMessage({ bool: value }) : undefined;
    case binding.TF_ATTR_STRING:
      return typeof value === 'string' ? attrMessage({ string: value }) : undefined;
    case binding.TF_ATTR_FLOAT:
      return typeof value === 'number' ? attrMessage({ float: value }) : undefined;
    case binding.TF_ATTR_INT:
      if (Array.isArray(value)) return attrMessage({ ints: value as number[] });
      return typeof value === 'number' ? attrMessage({ int: value }) : undefined;
    case binding.TF_ATTR_SHAPE:
      return Array.isArray(value) ? attrMessage({ shape: value as number[] }) : undefined;
    default:
      return undefined;
  }
}

export function attrMessage(value: AttrValue): Message {
  if ('type' in value) return new Message().integer(6, value.type);
  if ('int' in value) return new Message().integer(3, value.int);
  if ('ints' in value) return new Message().message(1, new Message().integers(3, value.ints));
  if ('float' in value) return new Message().float(4, value.float);
  if ('bool' in value) return new Message().boolean(5, value.bool);
  if ('string' in value) return new Message().string(2, value.string);
  return new Message().message(7, shapeMessage(value.shape));
}

const encodeAttrs = (attrs: Record<string, AttrValue>): Map<string, Message> =>
  new Map(Object.entries(attrs).map(([name, value]) => [name, attrMessage(value)]));

function shapeMessage(shape: readonly number[]): Message {
  const message = new Message();
  for (const size of shape) message.message(2, new Message().integer(1, size));
  return message;
}

function tensorMessage(dtype: number, shape: readonly number[], data: TypedArray): Message {
  const message = new Message().integer(1, dtype).message(2, shapeMessage(shape));
  // TensorFlow repeats a single value over the whole shape, which keeps graphs with large zero tensors small.
  if (data.length > 4 && isUniform(data)) {
    const value = data[0]!;
    if (dtype === DT.FLOAT) return message.float(5, value);
    if (dtype === DT.INT32) return message.integers(7, [value]);
    if (dtype === DT.BOOL) return message.integers(11, [value]);
  }
  return message.bytes(4, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function isUniform(data: TypedArray): boolean {
  const first = data[0]!;
  for (let i = 1; i < data.length; i++) if (!Object.is(data[i], first)) return false;
  return true;
}

function nodeMessage(node: GraphNode): Message {
  const message = new Message().string(1, node.name).string(2, node.op);
  for (const input of node.inputs) message.string(3, input);
  for (const control of node.controls) message.string(3, `^${control}`);
  for (const [name, value] of node.attrs) message.entry(5, name, value);
  return message;
}
