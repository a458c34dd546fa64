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
  const byPlace = new Map<number, LayerCallFact[]>();
  for (const call of facts.layerCalls) {
    if (call.place.file !== undefined) continue;
    const at = byPlace.get(call.place.end);
    if (at) at.push(call);
    else byPlace.set(call.place.end, [call]);
  }
  const hints: InlayHint[] = [];
  for (const [offset, calls] of byPlace) {
    const texts = [...new Set(calls.map(call => callText(call, options)).filter(t => t !== undefined))];
    if (texts.length === 0) continue;
    const shown =
      texts.length <= MAX_SHAPES
        ? texts.join(' → ')
        : `${texts.slice(0, MAX_SHAPES - 1).join(' → ')} → … → ${texts.at(-1)}`;
    hints.push({ offset, text: shown, call: calls[0]! });
  }
  return hints.sort((a, b) => a.offset - b.offset);
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
