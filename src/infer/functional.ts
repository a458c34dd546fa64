/**
 * The graph behind a functional model, in Keras's own order: operations by decreasing depth, those of one depth in the
 * order in which a walk back from the outputs meets them (`map_graph` in keras/src/ops/function.py).
 */
import type { TensorValue, Value } from '../ir/value';
import { type GraphNode, isInput, type LayerObject, origin } from './graph';
import { isSymbolic, tensorsIn } from './operations';

export interface Graph {
  /** Layers and operations, in the order of `model.layers` (which leaves the operations out). */
  readonly layers: readonly LayerObject[];
  /** The calls that belong to this model. */
  readonly nodes: ReadonlySet<GraphNode>;
  /** The first output that no input reaches. */
  readonly disconnected?: { readonly output: number; readonly tensor: TensorValue };
  /** Why parts of the graph may be missing. */
  readonly gaps: readonly string[];
  /** Calls from inputs to outputs. */
  readonly ordered: readonly GraphNode[];
}

const KNOWN = new WeakMap<Value, { readonly inputs: Value; readonly graph: Graph }>();

/** The graph of a model, by the values it was made from; they never change. */
export function modelGraph(inputs: Value, outputs: Value): Graph {
  const known = KNOWN.get(outputs);
  if (known?.inputs === inputs) return known.graph;
  const graph = graphOf(tensorsIn(inputs).filter(isSymbolic), tensorsIn(outputs).filter(isSymbolic));
  KNOWN.set(outputs, { inputs, graph });
  return graph;
}

export function graphOf(inputs: readonly TensorValue[], outputs: readonly TensorValue[]): Graph {
  const walk = new Walk(inputs);
  outputs.forEach((t, i) => walk.visit(t, i));
  return walk.finish();
}

function keyOf(t: TensorValue): string | undefined {
  const from = origin(t);
  return from ? `${from.output}` : undefined;
}

class Walk {
  private readonly finished = new Set<GraphNode>();
  private readonly inProgress = new Set<GraphNode>();
  private readonly ordered: GraphNode[] = [];
  private readonly indices = new Map<LayerObject, number>();
  private readonly declared = new Map<GraphNode, Set<string>>();
  private readonly gaps: string[] = [];
  private disconnected: Graph['disconnected'];

  constructor(private readonly inputs: readonly TensorValue[]) {
    for (const t of inputs) {
      const from = origin(t);
      if (from) this.declared.set(from.node, (this.declared.get(from.node) ?? new Set()).add(keyOf(t)!));
    }
  }

  private isDeclared(t: TensorValue): boolean {
    const from = origin(t);
    return from !== undefined && this.declared.get(from.node)?.has(keyOf(t)!) === true;
  }

  visit(t: TensorValue, output: number): void {
    const from = origin(t);
    if (!from) {
      this.gaps.push('a tensor of unknown origin is part of the model');
      return;
    }
    if (from.why !== undefined) this.gaps.push(from.why);
    const { node } = from;
    if (this.finished.has(node) || this.inProgress.has(node)) return;
    if (!isInput(node.layer) && this.isDeclared(t)) {
      // Tensors of this model's own inputs in the middle of another graph: the walk ends here.
      this.finished.add(node);
      return;
    }
    if (!this.indices.has(node.layer)) this.indices.set(node.layer, this.indices.size);
    if (node.gap !== undefined) this.gaps.push(node.gap);
    this.inProgress.add(node);
    if (isInput(node.layer)) {
      if (!this.isDeclared(t)) this.disconnected ??= { output, tensor: t };
    } else {
      for (const input of node.inputs) this.visit(input, output);
    }
    this.inProgress.delete(node);
    this.finished.add(node);
    this.ordered.push(node);
  }

  finish(): Graph {
    const inGraph = new Set(this.ordered);
    const nodeDepths = new Map<GraphNode, number>();
    const depths = new Map<LayerObject, number>();
    for (const node of [...this.ordered].reverse()) {
      const depth = Math.max(nodeDepths.get(node) ?? 0, depths.get(node.layer) ?? 0);
      depths.set(node.layer, depth);
      nodeDepths.set(node, depth);
      for (const input of node.inputs) {
        const parent = origin(input)?.node;
        if (parent && inGraph.has(parent)) nodeDepths.set(parent, Math.max(depth + 1, nodeDepths.get(parent) ?? 0));
      }
    }
    for (const t of this.inputs) {
      const layer = origin(t)?.node.layer;
      if (!layer || depths.has(layer) || !isInput(layer)) continue;
      depths.set(layer, 0);
      this.indices.set(layer, -1);
      inGraph.add(origin(t)!.node);
    }
    const layers = [...depths.keys()].sort(
      (a, b) => depths.get(b)! - depths.get(a)! || this.indices.get(a)! - this.indices.get(b)!,
    );
    return {
      layers,
      nodes: inGraph,
      disconnected: this.disconnected,
      gaps: [...new Set(this.gaps)],
      ordered: this.ordered,
    };
  }
}
