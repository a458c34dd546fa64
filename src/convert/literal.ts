/** Plain values of a configuration as code of either language. */
import type { Framework } from '../catalogue/spec';
import type { ConfigValue, LayerConfig, UnknownConfig } from '../ir/model';
import { type Code, text } from './code';

export const isObject = (value: ConfigValue): value is { readonly [key: string]: ConfigValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isUnknown = (value: ConfigValue): value is UnknownConfig => isObject(value) && 'unknown' in value;

export const isLayer = (value: ConfigValue): value is LayerConfig =>
  isObject(value) && isObject((value as { layer?: ConfigValue }).layer ?? null);

/** Lists become tuples in Python, as Keras's documentation writes sizes and shapes. */
export function literal(value: ConfigValue, to: Framework): Code {
  const python = to === 'keras';
  if (value === null) return text(python ? 'None' : 'null');
  if (typeof value === 'boolean') return text(python ? (value ? 'True' : 'False') : String(value));
  if (typeof value === 'number') return text(String(value));
  if (typeof value === 'string') return text(JSON.stringify(value));
  if (Array.isArray(value))
    return { items: (value as readonly ConfigValue[]).map(item => literal(item, to)), tuple: true };
  if (isUnknown(value))
    return text(value.symbol && /^[A-Za-z_]\w*$/.test(value.symbol) ? value.symbol : python ? 'None' : 'null');
  return { entries: Object.entries(value as { [key: string]: ConfigValue }).map(([key, v]) => [key, literal(v, to)]) };
}
