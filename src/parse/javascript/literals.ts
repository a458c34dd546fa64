/** JavaScript's numbers, strings and template strings. */
import type { Expression, FormatString } from '../../ir/program';
import { parts, spanOf, unsupported, type Lowering } from '../lowering';
import type { SyntaxNode } from '../syntax-tree';

export function number(cx: Lowering, node: SyntaxNode): Expression {
  const source = cx.source(node).replace(/_/g, '');
  if (source.endsWith('n')) return unsupported(node, 'a BigInt');
  // Scripts in sloppy mode still read `017` as octal, and `089` as decimal.
  const value = /^0[0-7]+$/.test(source) ? parseInt(source, 8) : Number(source);
  if (Number.isNaN(value)) return unsupported(node, 'not a number');
  return { kind: 'number', span: spanOf(node), value, isInteger: Number.isInteger(value) };
}

export function string(cx: Lowering, node: SyntaxNode): Expression {
  return { kind: 'string', span: spanOf(node), value: stringValue(cx, node) };
}

/** The value of a quoted string, also where no expression stands: module names, keys. */
export function stringValue(cx: Lowering, node: SyntaxNode): string {
  const source = cx.source(node);
  const isClosed = source.length > 1 && source.endsWith(source[0]!);
  return unescape(source.slice(1, isClosed ? -1 : undefined));
}

/** A template without `${}` is an ordinary string. */
export function template(cx: Lowering, node: SyntaxNode): Expression {
  const span = spanOf(node);
  const pieces: FormatString['parts'][number][] = [];
  let text = '';
  for (const part of parts(node)) {
    if (part.type !== 'template_substitution') {
      text += unescape(cx.source(part).replace(/\r\n?/g, '\n'));
      continue;
    }
    if (text) pieces.push(text);
    text = '';
    pieces.push({ value: cx.expression(parts(part)[0], part) });
  }
  if (pieces.length === 0) return { kind: 'string', span, value: text };
  return { kind: 'format-string', span, parts: text ? [...pieces, text] : pieces };
}

const SIMPLE: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\n': '',
  '\r\n': '',
  '\u2028': '',
  '\u2029': '',
};

function unescape(source: string): string {
  if (!source.includes('\\')) return source;
  return source.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|([0-7]{1,3})|(\r\n|[\s\S]))/g,
    (
      whole,
      hex: string | undefined,
      short: string | undefined,
      long: string | undefined,
      octal: string | undefined,
      simple: string,
    ) => {
      if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8));
      const code = hex ?? short ?? long;
      if (code === undefined) return SIMPLE[simple] ?? simple;
      const point = parseInt(code, 16);
      return point > 0x10ffff ? whole : String.fromCodePoint(point);
    },
  );
}
