/** Python's numbers and strings: their values, escapes, implicit concatenation and f-strings. */
import type { Expression, FormatString } from '../../ir/program';
import { field, spanOf, unsupported, type Lowering } from '../lowering';
import type { SyntaxNode } from '../syntax-tree';

type FormatPart = FormatString['parts'][number];

export function number(cx: Lowering, node: SyntaxNode): Expression {
  const source = cx.source(node).replace(/_/g, '');
  if (/^0[xob]/i.test(source))
    return { kind: 'number', span: spanOf(node), value: Number(source.replace(/l$/i, '')), isInteger: true };
  if (/j$/i.test(source)) return unsupported(node, 'a complex number');
  const value = Number(source.replace(/l$/i, ''));
  if (Number.isNaN(value)) return unsupported(node, 'not a number');
  return { kind: 'number', span: spanOf(node), value, isInteger: node.type === 'integer' };
}

/** One string, or several in a row, which Python joins before the program runs. */
export function string(cx: Lowering, node: SyntaxNode): Expression {
  const pieces = node.type === 'concatenated_string' ? node.children.filter(child => child.type === 'string') : [node];
  const parts: FormatPart[] = [];
  let isBytes = pieces.length > 0;
  let isFormat = false;
  for (const piece of pieces) {
    const prefix = cx
      .source(piece.children.find(child => child.type === 'string_start') ?? piece)
      .replace(/['"].*$/s, '')
      .toLowerCase();
    isBytes = isBytes && prefix.includes('b');
    isFormat = isFormat || prefix.includes('f') || prefix.includes('t');
    parts.push(...stringParts(cx, piece, prefix));
  }
  const span = spanOf(node);
  if (isFormat) return { kind: 'format-string', span, parts: joined(parts) };
  const value = parts.filter(part => typeof part === 'string').join('');
  return isBytes ? { kind: 'string', span, value, isBytes } : { kind: 'string', span, value };
}

function stringParts(cx: Lowering, node: SyntaxNode, prefix: string): FormatPart[] {
  const decode = prefix.includes('r')
    ? (source: string) => source
    : (source: string) => unescape(source, prefix.includes('b'));
  const isFormat = prefix.includes('f') || prefix.includes('t');
  if (!isFormat) return [decode(quoted(cx.source(node), prefix.length))];
  const parts: FormatPart[] = [];
  for (const child of node.children) {
    if (child.type === 'string_content') {
      const source = cx.source(child).replace(/\r\n?/g, '\n');
      parts.push(decode(source.replace(/\{\{|\}\}/g, braces => braces[0]!)));
    } else if (child.type === 'interpolation') {
      parts.push(...interpolation(cx, child));
    }
  }
  return parts;
}

/** What stands between the quotes. The closing ones may be missing from a text that is being typed. */
function quoted(source: string, prefixLength: number): string {
  const quotes = /^("""|'''|"|')/.exec(source.slice(prefixLength))?.[0] ?? '';
  const from = prefixLength + quotes.length;
  const isClosed = quotes !== '' && source.length >= from + quotes.length && source.endsWith(quotes);
  return source.slice(from, isClosed ? -quotes.length : undefined).replace(/\r\n?/g, '\n');
}

/** `{value!r:>{width}}`, and `{value=}`, which writes its own source before the value. */
function interpolation(cx: Lowering, node: SyntaxNode): FormatPart[] {
  const written = field(node, 'expression');
  // `{x:=5}` fills with `=`: a walrus needs brackets here, and the grammar does not know it.
  const walrus = written?.type === 'named_expression' ? field(written, 'name') : undefined;
  const expression = walrus ?? written;
  const format = field(node, 'format_specifier');
  const conversion = field(node, 'type_conversion');
  const specified = walrus
    ? cx.text.slice(cx.text.indexOf(':', walrus.end) + 1, node.end - 1)
    : format && cx.source(format).slice(1);
  const part = {
    value: cx.expression(expression, node),
    ...(specified === undefined ? {} : { format: specified }),
    ...(conversion ? { conversion: cx.source(conversion).slice(1) } : {}),
  };
  const isSelfDescribing = expression && node.children.some(child => !child.named && child.type === '=');
  if (!isSelfDescribing) return [part];
  const upTo = (conversion ?? format)?.start ?? node.end - 1;
  const label = cx.text.slice(node.start + 1, upTo);
  return [label, part.conversion === undefined && part.format === undefined ? { ...part, conversion: 'r' } : part];
}

function joined(parts: readonly FormatPart[]): FormatPart[] {
  const out: FormatPart[] = [];
  for (const part of parts) {
    const last = out[out.length - 1];
    if (typeof part === 'string' && typeof last === 'string') out[out.length - 1] = last + part;
    else if (part !== '') out.push(part);
  }
  return out;
}

const SIMPLE: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\n': '',
};

/** Python leaves an escape it does not know as it stands. Named characters (`\N{BULLET}`) stay unresolved. */
function unescape(source: string, isBytes: boolean): string {
  if (!source.includes('\\')) return source;
  return source.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|([\s\S]))/g,
    (
      whole,
      hex: string | undefined,
      short: string | undefined,
      long: string | undefined,
      octal: string | undefined,
      simple: string,
    ) => {
      if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8));
      const code = short ?? long;
      if (code === undefined) return SIMPLE[simple] ?? whole;
      const point = parseInt(code, 16);
      return isBytes || point > 0x10ffff ? whole : String.fromCodePoint(point);
    },
  );
}
