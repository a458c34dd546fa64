/** The graph of a model as SVG; a node can be chosen with the mouse or the keyboard. */
import type { ModelFacts } from '../../src/ir/model';
import { element } from '../shared/host';
import { place } from './layout';

const SVG = 'http://www.w3.org/2000/svg';
/** A picture of more layers than this helps nobody; the table has them all. */
const MOST = 400;

export function drawGraph(model: ModelFacts, choose: (layer: number) => void): HTMLElement {
  if (model.layers.length > MOST) {
    return element('p', {
      className: 'faint',
      textContent: `The graph is left out: ${model.layers.length} layers are more than ${MOST}.`,
    });
  }
  const graph = place(model);
  const svg = make('svg', {
    width: graph.width,
    height: graph.height,
    role: 'img',
    'aria-label': `Graph of ${model.binding}`,
  });
  const marker = make('marker', {
    id: 'arrow',
    viewBox: '0 0 8 8',
    refX: 7,
    refY: 4,
    markerWidth: 7,
    markerHeight: 7,
    orient: 'auto',
  });
  marker.append(make('path', { d: 'M0 0 L8 4 L0 8 z' }));
  const defs = make('defs', {});
  defs.append(marker);
  svg.append(defs);
  for (const edge of graph.edges) {
    const path = make('path', { d: curve(edge.points), 'marker-end': 'url(#arrow)' });
    path.append(titled(edge.label));
    svg.append(path);
  }
  for (const node of graph.nodes) {
    const group = make('g', {
      class: 'node',
      transform: `translate(${node.x} ${node.y})`,
      tabindex: 0,
      'data-layer': node.layer,
      role: 'button',
      'aria-label': `${node.title}, ${node.detail}`,
    });
    const title = make('text', { x: node.width / 2, y: 17, 'text-anchor': 'middle' });
    title.textContent = node.title;
    const detail = make('text', { x: node.width / 2, y: 32, 'text-anchor': 'middle', class: 'detail' });
    detail.textContent = node.detail;
    group.append(make('rect', { width: node.width, height: node.height }), title, detail);
    group.addEventListener('click', () => choose(node.layer));
    group.addEventListener('keydown', event => {
      if (event.key === 'Enter') choose(node.layer);
    });
    svg.append(group);
  }
  return element('div', { className: 'graph' }, svg);
}

function make(tag: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  return node;
}

function titled(text: string): SVGElement {
  const title = make('title', {});
  title.textContent = text;
  return title;
}

/** Straight through dagre's points, bent at the inner ones. */
function curve(points: readonly { readonly x: number; readonly y: number }[]): string {
  const [first, ...rest] = points;
  if (!first) return '';
  let path = `M${first.x} ${first.y}`;
  for (let i = 0; i < rest.length; i++) {
    const at = rest[i]!;
    const next = rest[i + 1];
    path += next ? ` Q${at.x} ${at.y} ${(at.x + next.x) / 2} ${(at.y + next.y) / 2}` : ` L${at.x} ${at.y}`;
  }
  return path;
}
