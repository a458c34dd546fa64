/** The quick fixes at a place, each with the diagnostic that it belongs to. */
import type { Span } from '../ir/span';
import type { Diagnostic, Fix } from '../rules/rule';

export interface CodeAction {
  readonly fix: Fix;
  readonly diagnostic: Diagnostic;
  /** There is no other choice for this diagnostic. */
  readonly only: boolean;
}

export function codeActions(diagnostics: readonly Diagnostic[], at: Span): CodeAction[] {
  return diagnostics
    .filter(d => d.span.start <= at.end && at.start <= d.span.end)
    .flatMap(diagnostic => diagnostic.fixes.map(fix => ({ fix, diagnostic, only: diagnostic.fixes.length === 1 })));
}
