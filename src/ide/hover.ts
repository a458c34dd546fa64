/**
 * What a hover over a layer says: what goes in and comes out, the arithmetic behind it, its weights, and what is not
 * known.
 */
import { dimText } from '../ir/dim';
import { shapeText } from '../ir/shape';
import type { Span } from '../ir/span';
import type { Facts, LayerCallFact } from '../infer/facts';
import { outputsText } from './inlay-hints';

export interface Hover {
  readonly span: Span;
  readonly markdown: string;
}

/** The innermost layer call or model name at the offset, else a place whose value was given up. */
export function hoverAt(facts: Facts, offset: number): Hover | undefined {
  const inside = (span: Span): boolean => span.start <= offset && offset <= span.end;
  const narrow = (a: Span, b: Span): number => a.end - a.start - (b.end - b.start);
  const calls = facts.layerCalls.filter(
    c => c.place.file === undefined && (inside(c.place) || (c.made.file === undefined && inside(c.made))),
  );
  if (calls.length > 0) {
    const spanOf = (c: LayerCallFact): Span => (inside(c.made) && c.made.file === undefined ? c.made : c.place);
    const span = calls.map(spanOf).sort(narrow)[0]!;
    const here = calls.filter(c => spanOf(c).start === span.start && spanOf(c).end === span.end);
    return { span, markdown: here.slice(0, 3).map(callMarkdown).join('\n\n---\n\n') };
  }
  const model = facts.models.find(m => m.nameSpan.start <= offset && offset <= m.nameSpan.end);
  if (model) {
    const { facts: m } = model;
    const total = m.params.total === null ? 'an unknown number of' : m.params.total.toLocaleString('en-US');
    return {
      span: model.nameSpan,
      markdown: `**${m.binding}**: ${m.className} “${m.name}”, ${m.layers.length} layers, ${total} parameters`,
    };
  }
  const gap = facts.gaps
    .filter(g => g.place.file === undefined && inside(g.place))
    .sort((a, b) => narrow(a.place, b.place))[0];
  return gap && { span: gap.place, markdown: `Modelwright does not follow this: ${gap.why}.` };
}

function callMarkdown(call: LayerCallFact): string {
  const lines = [`**${call.name}** · ${call.className}`];
  if (call.doc) lines.push(call.doc);
  const flow = call.inputs.length > 0 ? `${call.inputs.map(shapeText).join(', ')} → ` : '';
  const arithmetic = call.explain();
  lines.push(['```text', `${flow}${outputsText(call.outputs)}`, ...arithmetic, '```'].join('\n'));
  if (call.weights.length > 0) {
    const rows = call.weights.map(
      w => `| \`${w.name}\` | \`${shapeText(w.shape)}\` |${w.trainable ? '' : ' not trained'} |`,
    );
    lines.push(['| weight | shape | |', '| --- | --- | --- |', ...rows].join('\n'));
  }
  if (call.params !== undefined && call.kind !== 'input') lines.push(`${countText(call)} parameters`);
  if (call.why) lines.push(`*Not known: ${call.why}.*`);
  if (call.page) lines.push(`[Documentation](https://keras.io/api/layers/${call.page})`);
  return lines.join('\n\n');
}

function countText({ params }: LayerCallFact): string {
  return params === undefined
    ? '?'
    : params.kind === 'known'
      ? params.value.toLocaleString('en-US')
      : `\`${dimText(params)}\``;
}
