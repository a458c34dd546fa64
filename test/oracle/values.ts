/** The values that the recording scripts write, as the evaluator's own. */
import { nestedLayer } from '../../src/catalogue/nested';
import { layerByClassName, parametersOf } from '../../src/catalogue/index';
import { bindArguments, type LayerOf, readArguments } from '../../src/catalogue/arguments';
import { isFailure } from '../../src/catalogue/apply';
import { boolean, float, integer, list, NONE, text, tuple, type Value } from '../../src/ir/value';
import type { NestedLayer } from '../../src/catalogue/spec';

export type Recorded =
  | null
  | boolean
  | number
  | string
  | readonly Recorded[]
  | { readonly float: number }
  | { readonly tuple: readonly Recorded[] }
  | { readonly class: string }
  | RecordedLayer;
export interface RecordedLayer {
  readonly layer: string;
  readonly args: readonly Recorded[];
  readonly kwargs: Readonly<Record<string, Recorded>>;
}

export function toValue(v: Recorded): Value {
  if (v === null) return NONE;
  if (typeof v === 'boolean') return boolean(v);
  if (typeof v === 'number') return Number.isInteger(v) ? integer(v) : float(v);
  if (typeof v === 'string') return text(v);
  if (Array.isArray(v)) return list((v as readonly Recorded[]).map(toValue));
  if ('float' in v) return float(v.float);
  if ('tuple' in v) return tuple(v.tuple.map(toValue));
  if ('class' in v) return { kind: 'library', path: `keras.layers.${v.class}` };
  return { kind: 'layer', layer: v, className: (v as RecordedLayer).layer };
}

/** The layer behind a recorded one; undefined where the catalogue does not know it or refuses its arguments. */
export const layerOf: LayerOf = (value): NestedLayer | undefined => {
  if (value.kind !== 'layer') return undefined;
  const { layer, args, kwargs } = value.layer as RecordedLayer;
  const spec = layerByClassName(layer);
  if (!spec) return undefined;
  const bound = bindArguments(parametersOf(spec), { positional: args.map(toValue), keywords: keywordsOf(kwargs) });
  return isFailure(bound) ? undefined : nestedLayer(spec, readArguments(parametersOf(spec), bound, 'keras', layerOf));
};

export function keywordsOf(kwargs: Readonly<Record<string, Recorded>>): ReadonlyMap<string, Value> {
  return new Map(Object.entries(kwargs).map(([k, v]) => [k, toValue(v)]));
}
