/** The shape and parameter count behind every layer: `(None, 26, 26, 32) · 320`. */
import { dimText } from '../ir/dim';
import { isRanked, type Shape, shapeText } from '../ir/shape';
import type { Facts, LayerCallFact } from '../infer/facts';

export interface InlayHint {
  /** Behind the call of the layer. */
  readonly offset: number;
  readonly text: string;
  /** The fact behind it, for the tooltip. */
  readonly call: LayerCallFact;
}

export interface InlayHintOptions {
  readonly parameters: boolean;
}

/** More places than this along one hint and it says so instead of listing them all. */
const MAX_SHAPES = 3;

/**
 * One hint a place. Where a loop or a function passes a place several times with several shapes, they stand in turn:
 * `(None, 32) → (None, 64)`.
 */
export function inlayHints(facts: Facts, options: InlayHintOptions = { parameters: true }): InlayHint[] {
  const byPlace = new Map<number, { readonly call: LayerCallFact; readonly texts: string[] }>();
  for (const call of facts.layerCalls) {
    if (call.place.file !== undefined) continue;
    const text = textOf(call, options);
    const place = byPlace.get(call.place.end);
    if (!place) byPlace.set(call.place.end, { call, texts: text === undefined ? [] : [text] });
    else if (text !== undefined && !place.texts.includes(text)) place.texts.push(text);
  }
  const hints: InlayHint[] = [];
  for (const [offset, { call, texts }] of byPlace) {
    if (texts.length === 0) continue;
    const text =
      texts.length <= MAX_SHAPES
        ? texts.join(' → ')
        : `${texts.slice(0, MAX_SHAPES - 1).join(' → ')} → … → ${texts.at(-1)}`;
    hints.push({ offset, text, call });
  }
  return hints.sort((a, b) => a.offset - b.offset);
}

/** A call that an edit left alone keeps its text. */
type Texts = WeakMap<LayerCallFact, { readonly text: string | undefined }>;
const TEXTS: readonly [bare: Texts, withParameters: Texts] = [new WeakMap(), new WeakMap()];

function textOf(call: LayerCallFact, options: InlayHintOptions): string | undefined {
  const known = TEXTS[options.parameters ? 1 : 0];
  let found = known.get(call);
  if (!found) known.set(call, (found = { text: callText(call, options) }));
  return found.text;
}

/** Nothing is shown where nothing is known: a hint that only says `?` is noise. */
function callText({ kind, outputs, params }: LayerCallFact, options: InlayHintOptions): string | undefined {
  if (outputs.length === 0 || outputs.every(s => !isRanked(s))) return undefined;
  const shapes = outputsText(outputs);
  const counts =
    options.parameters &&
    kind !== 'input' &&
    params !== undefined &&
    !(params.kind === 'known' && params.value === 0) &&
    params.kind !== 'open' &&
    params.kind !== 'unknown';
  return counts
    ? `${shapes} · ${params.kind === 'known' ? params.value.toLocaleString('en-US') : dimText(params)}`
    : shapes;
}

export function outputsText(outputs: readonly Shape[]): string {
  return outputs.length === 1 ? shapeText(outputs[0]!) : `[${outputs.map(shapeText).join(', ')}]`;
}
