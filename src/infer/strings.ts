/**
 * Values as text, as Python prints them: f-strings, `str()`, dictionary keys. Undefined where the text is not known.
 */
import { dimText } from '../ir/dim';
import { float, integer, text, type Value } from '../ir/value';

const MAX_DEPTH = 8;

/** `str(value)`. */
export function strOf(value: Value, depth = 0): string | undefined {
  return value.kind === 'string' ? value.value : reprOf(value, depth);
}

/** `repr(value)`. */
export function reprOf(value: Value, depth = 0): string | undefined {
  if (depth > MAX_DEPTH) return undefined;
  switch (value.kind) {
    case 'number':
      return value.isInteger ? String(value.value) : floatText(value.value);
    case 'size':
      return dimText(value.dim);
    case 'string':
      return value.value.includes("'") && !value.value.includes('"')
        ? `"${value.value}"`
        : `'${value.value.replace(/'/g, "\\'")}'`;
    case 'boolean':
      return value.value ? 'True' : 'False';
    case 'none':
      return value.spelled === 'ellipsis' ? 'Ellipsis' : value.spelled;
    case 'list':
    case 'tuple':
    case 'set': {
      if (value.rest) return undefined;
      const items = value.items.map(v => reprOf(v, depth + 1));
      if (items.some(i => i === undefined)) return undefined;
      const inner = items.join(', ');
      return value.kind === 'list'
        ? `[${inner}]`
        : value.kind === 'set'
          ? `{${inner}}`
          : `(${inner}${items.length === 1 ? ',' : ''})`;
    }
    default:
      return undefined;
  }
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Number.isInteger(value) && Math.abs(value) < 1e16) return value.toFixed(1);
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2');
}

/** One field of an f-string: `{value!r:>8.2f}`. Formats beyond plain widths and digits are not followed. */
export function formatValue(value: Value, format?: string, conversion?: string): string | undefined {
  const plain = conversion === 'r' ? reprOf(value) : strOf(value);
  if (plain === undefined || format === undefined || format === '') return plain;
  const parsed = /^(?:(.)?([<>^]))?(0)?(\d+)?(,)?(?:\.(\d+))?([dfs])?$/.exec(format);
  if (!parsed) return undefined;
  const [, fill, align, zero, width, , digits, type] = parsed;
  if (parsed[5]) return undefined;
  let out = plain;
  if (type === 'f' || (digits !== undefined && type === undefined)) {
    if (value.kind !== 'number' || type !== 'f') return undefined;
    out = value.value.toFixed(Math.min(Number(digits ?? 6), 20));
  }
  const room = Math.min(Number(width ?? 0), 1000);
  const filler = fill ?? (zero ? '0' : ' ');
  const toLeft = align ? align === '<' : value.kind === 'string';
  return toLeft ? out.padEnd(room, filler) : out.padStart(room, filler);
}

/**
 * The key under which a dict keeps something: strings as they are, everything else marked, so that `1` and `'1'`
 * differ.
 */
export function keyOf(value: Value): string | undefined {
  switch (value.kind) {
    case 'string':
      return value.value.startsWith('#') ? `##${value.value.slice(1)}` : value.value;
    case 'number':
      return `#${value.value}`;
    case 'boolean':
      return `#${value.value ? 1 : 0}`;
    case 'none':
      return '#None';
    case 'tuple': {
      const repr = reprOf(value);
      return repr === undefined ? undefined : `#${repr}`;
    }
    default:
      return undefined;
  }
}

/** The key under which JavaScript's objects keep something: every key is a text there. */
export function scriptKey(value: Value): string | undefined {
  const name = scriptText(value);
  return name?.startsWith('#') ? `##${name.slice(1)}` : name;
}

/** `String(value)` of JavaScript. Undefined where the text is not known. */
export function scriptText(value: Value, depth = 0): string | undefined {
  switch (value.kind) {
    case 'string':
      return value.value;
    case 'number':
    case 'boolean':
      return String(value.value);
    case 'none':
      return value.spelled === 'undefined' ? 'undefined' : 'null';
    case 'list':
    case 'tuple': {
      if (value.rest || depth > MAX_DEPTH) return undefined;
      const items = value.items.map(v => (v.kind === 'none' ? '' : scriptText(v, depth + 1)));
      return items.some(i => i === undefined) ? undefined : items.join(',');
    }
    case 'dict':
      return value.entries.has('toString') || value.open !== undefined ? undefined : '[object Object]';
    default:
      return undefined;
  }
}

/** The value behind a key, for `for key in mapping`. */
export function valueOfKey(key: string): Value | undefined {
  if (key.startsWith('##')) return text(`#${key.slice(2)}`);
  if (!key.startsWith('#')) return text(key);
  const number = Number(key.slice(1));
  if (Number.isNaN(number)) return undefined;
  return Number.isInteger(number) ? integer(number) : float(number);
}
