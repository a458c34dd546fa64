/**
 * Places the layers of a model on the page: nodes for layers, edges for tensors. The layered layout is dagre's; this
 * file turns `ModelFacts` into its graph and back into plain numbers, so that it can be tested without a browser.
 */
import { Graph, layout } from '@dagrejs/dagre';
import type { LayerFacts, ModelFacts, ShapeJson } from '../../src/ir/model';

export interface PlacedNode {
  readonly layer: number;
  readonly title: string;
  readonly detail: string;
  /** Top left corner, in pixels. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedEdge {
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** The shape that flows along it. */
  readonly label: string;
}

export interface PlacedGraph {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

const CHARACTER = 7.2;
const HEIGHT = 40;

/** `(None, 26, 26, 32)`. */
export function shapeText(shape: ShapeJson | null | undefined): string {
  if (!shape) return '(…)';
  const inner = shape.map(d => (d === null ? 'None' : String(d))).join(', ');
  return `(${inner}${shape.length === 1 ? ',' : ''})`;
}

export function outputText(layer: LayerFacts): string {
  const shapes = layer.calls[0]?.outputShapes ?? [];
  return shapes.length === 0 ? 'not built' : shapes.map(shapeText).join(', ');
}

export function place(model: ModelFacts): PlacedGraph {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'TB', nodesep: 28, ranksep: 34, marginx: 12, marginy: 12 });
  graph.setDefaultEdgeLabel(() => ({}));
  model.layers.forEach((layer, i) => {
    const title = layer.name;
    const detail = `${layer.className} ${outputText(layer)}`;
    graph.setNode(String(i), {
      width: Math.max(title.length, detail.length) * CHARACTER + 20,
      height: HEIGHT,
      title,
      detail,
    });
  });
  const sequential =
    model.className === 'Sequential' && model.layers.every(l => l.calls.every(c => c.inputs.length === 0));
  model.layers.forEach((layer, i) => {
    if (sequential && i > 0) graph.setEdge(String(i - 1), String(i), { label: outputText(model.layers[i - 1]!) });
    for (const call of layer.calls) {
      for (const ref of call.inputs) {
        const from = model.layers[ref.layer];
        if (from && ref.layer !== i)
          graph.setEdge(String(ref.layer), String(i), {
            label: shapeText(from.calls[ref.call]?.outputShapes[ref.output]),
          });
      }
    }
  });
  layout(graph);
  const size = graph.graph() as { width?: number; height?: number };
  return {
    width: Math.ceil(size.width ?? 0),
    height: Math.ceil(size.height ?? 0),
    nodes: graph.nodes().map(id => {
      const n = graph.node(id) as {
        x: number;
        y: number;
        width: number;
        height: number;
        title: string;
        detail: string;
      };
      return {
        layer: Number(id),
        title: n.title,
        detail: n.detail,
        x: n.x - n.width / 2,
        y: n.y - n.height / 2,
        width: n.width,
        height: n.height,
      };
    }),
    edges: graph.edges().map(e => {
      const edge = graph.edge(e) as { points: { x: number; y: number }[]; label?: string };
      return { points: edge.points, label: edge.label ?? '' };
    }),
  };
}
