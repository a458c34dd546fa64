/** Edits that several rules offer: set an argument, replace a name, put a layer before another one. */
import { layerByClassName } from '../catalogue';
import type { Fault } from '../ir/fault';
import type { ImportFrom, Statement } from '../ir/program';
import type { Span, TextEdit } from '../ir/span';
import { argumentIn, isScript } from './dialect';
import type { Fix, RuleContext } from './rule';

export function fix(title: string, ...edits: readonly (TextEdit | undefined)[]): Fix | undefined {
  const all = edits.filter(e => e !== undefined);
  return all.length === edits.length && all.length > 0 ? { title, edits: all } : undefined;
}

export function replace(span: Span | undefined, newText: string): TextEdit | undefined {
  return span && { span: { start: span.start, end: span.end }, newText };
}

/** A string in the quotes that this file mostly uses; what is no plain string stays as it is. */
function inQuotesOf(text: string, value: string): string {
  const plain = /^'([^'"\\]*)'$/.exec(value);
  if (!plain) return value;
  const count = (quote: string): number => text.split(quote).length;
  return count('"') > count("'") ? `"${plain[1]}"` : value;
}

/**
 * Gives the argument `name` of a call another value, or adds it. `anchors` are those of a fault or layer, `prefix`
 * tells whose: `layer`, `previous`, `compile`.
 */
export function setArgument(
  cx: RuleContext,
  anchors: Fault['anchors'],
  name: string,
  wanted: string,
  prefix?: string,
): TextEdit | undefined {
  const value = inQuotesOf(cx.text, isScript(cx) ? inScript(wanted) : wanted);
  const at = (part: string): Span | undefined => anchors?.[prefix === undefined ? part : `${prefix}.${part}`];
  const there = at(`argument:${name}`);
  if (there) return replace(there, value);
  const brackets = at('arguments');
  if (!brackets) return undefined;
  if (isScript(cx)) return addOption(cx, brackets, argumentIn(cx, name), value);
  const inside = cx.text.slice(brackets.start + 1, brackets.end - 1);
  // Behind the last argument, in front of a closing comma or line break.
  const used = inside.replace(/[\s,]+$/, '');
  const place = brackets.start + 1 + used.length;
  return { span: { start: place, end: place }, newText: used === '' ? `${name}=${value}` : `, ${name}=${value}` };
}

/** Python's words for what JavaScript has too. */
function inScript(value: string): string {
  return value === 'True' ? 'true' : value === 'False' ? 'false' : value;
}

/** Adds a key to the object literal between the brackets of a call, or makes one. */
export function addOption(cx: RuleContext, brackets: Span, key: string, value: string): TextEdit | undefined {
  const inside = cx.text.slice(brackets.start + 1, brackets.end - 1);
  if (inside.trim() === '')
    return { span: { start: brackets.start + 1, end: brackets.end - 1 }, newText: `{ ${key}: ${value} }` };
  const literal = /^\s*\{([\s\S]*)\}[\s,]*$/.exec(inside);
  if (!literal) return undefined;
  const used = literal[1]!.replace(/[\s,]+$/, '');
  const place = brackets.start + 1 + inside.indexOf('{') + 1 + used.length;
  return { span: { start: place, end: place }, newText: used === '' ? ` ${key}: ${value} ` : `, ${key}: ${value}` };
}

/** Takes an entry out of an object literal, with the comma that stood behind or in front of it. */
export function removeOption(cx: RuleContext, key: Span | undefined, value: Span | undefined): TextEdit | undefined {
  if (!key || !value) return undefined;
  const behind = /^\s*,[ \t]*/.exec(cx.text.slice(value.end))?.[0].length ?? 0;
  const before = behind > 0 ? 0 : (/,\s*$/.exec(cx.text.slice(0, key.start))?.[0].length ?? 0);
  return { span: { start: key.start - before, end: value.end + behind }, newText: '' };
}

export function source(cx: RuleContext, span: Span | undefined): string | undefined {
  return span && cx.text.slice(span.start, span.end);
}

interface Spelled {
  readonly text: string;
  readonly edits: readonly TextEdit[];
}

/**
 * How this file would write another layer class, going by how it writes the one at `callee`: `layers.Dense` gives
 * `layers.Flatten`; a bare `Dense` gives `Flatten`, and its import is extended where that is needed.
 */
export function siblingClass(cx: RuleContext, callee: Span | undefined, className: string): Spelled | undefined {
  const written = source(cx, callee);
  if (written === undefined) return undefined;
  if (isScript(cx)) {
    const factory = layerByClassName(className)?.tfjs?.factory;
    const root = written.lastIndexOf('.');
    return factory !== undefined && root >= 0
      ? { text: `${written.slice(0, root + 1)}${factory}`, edits: [] }
      : undefined;
  }
  const dot = written.lastIndexOf('.');
  if (dot >= 0) return { text: `${written.slice(0, dot + 1)}${className}`, edits: [] };
  const imports = importsOf(cx.program.body).filter(s => /(^|\.)layers(\.|$)/.test(s.module));
  if (imports.some(s => s.names.some(n => n.name === '*' || (n.alias ?? n.name) === className)))
    return { text: className, edits: [] };
  const home = imports.find(s => s.names.some(n => (n.alias ?? n.name) === written)) ?? imports[0];
  const last = home?.names.at(-1);
  if (!last) return undefined;
  return {
    text: className,
    edits: [{ span: { start: last.span.end, end: last.span.end }, newText: `, ${className}` }],
  };
}

function importsOf(body: readonly Statement[]): ImportFrom[] {
  return body.filter(s => s.kind === 'import-from');
}

/**
 * Puts `Flatten()` before the layer at the anchors `layer.…`: as an element of a list, an `add`, or around its input.
 */
export function layerBefore(
  cx: RuleContext,
  fault: Fault,
  className: string,
  args: string,
  prefix = 'layer',
): Fix | undefined {
  const anchors = fault.anchors ?? {};
  const call = anchors[`${prefix}.call`];
  const spelled = siblingClass(cx, anchors[`${prefix}.callee`], className);
  if (!call || !spelled) return undefined;
  const made = `${spelled.text}(${args})`;
  const title = `Put ${isScript(cx) ? made : `${className}(${args})`} before it`;
  const { start } = call;
  const before = cx.text.slice(0, start);
  const added = /([\w.]+\.add\()\s*$/.exec(before);
  if (added) {
    const line = before.lastIndexOf('\n') + 1;
    const indent = /^\s*/.exec(cx.text.slice(line))![0];
    return fix(
      title,
      { span: { start: line, end: line }, newText: `${indent}${added[1]}${made})${isScript(cx) ? ';' : ''}\n` },
      ...spelled.edits,
    );
  }
  if (/[[,(]\s*((#|\/\/)[^\n]*\n\s*)*$/.test(before) && !isCalledAtOnce(cx, call)) {
    const line = before.lastIndexOf('\n') + 1;
    const gap = /^\s*$/.test(cx.text.slice(line, start)) ? `\n${cx.text.slice(line, start)}` : ' ';
    return fix(title, { span: { start, end: start }, newText: `${made},${gap}` }, ...spelled.edits);
  }
  const input = anchors['input'];
  if (!input) return undefined;
  const inner = cx.text.slice(input.start, input.end);
  return fix(title, replace(input, isScript(cx) ? `${made}.apply(${inner})` : `${made}(${inner})`), ...spelled.edits);
}

/** `Dense(10)(x)`: the call of the layer follows its making. */
function isCalledAtOnce(cx: RuleContext, call: Span): boolean {
  return /^\s*(\(|\.apply\b)/.test(cx.text.slice(call.end));
}
