/**
 * Source ranges and text edits. Offsets count UTF-16 code units from the start of the text, as JavaScript strings and
 * the editor do, so no conversion is needed anywhere between the parser and VS Code.
 */

/** A half-open range of one source text: `[start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A span in a named source: another file of the workspace,
  or a cell of a notebook. `file` is absent for the text itself. */
export interface Place extends Span {
  readonly file?: string;
}

/** Replaces the text of `span` by `newText`. Edits of one fix never overlap. */
export interface TextEdit {
  readonly span: Span;
  readonly newText: string;
}

export function contains(outer: Span, inner: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

/** Applies edits that do not overlap; their order does not matter. Throws on overlap,
  because half an edit corrupts code. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const sorted = [...edits].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  let out = '';
  let at = 0;
  for (const { span, newText } of sorted) {
    if (span.start < at) throw new Error(`edits overlap at offset ${span.start}`);
    out += text.slice(at, span.start) + newText;
    at = span.end;
  }
  return out + text.slice(at);
}
