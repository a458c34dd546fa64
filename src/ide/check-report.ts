/** One file's part of `check --json`: diagnostics and models with lines and characters instead of offsets. */
import type { ShapeJson } from '../ir/model';
import type { Place, Span } from '../ir/span';
import type { BoundModel } from '../infer/facts';
import type { Severity } from '../rules/rule';
import type { Analysis } from './analysis';
import type { LineMap, Range } from './lines';
import { listedLayers, outputShapes } from './summary';

export interface ReportedDiagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly range: Range;
  /** `path` is there where the other fact is in another file. */
  readonly related: readonly { readonly message: string; readonly range: Range; readonly path?: string }[];
  readonly fixes: readonly {
    readonly title: string;
    readonly edits: readonly { readonly range: Range; readonly newText: string }[];
  }[];
}

export interface ReportedLayer {
  readonly name: string;
  readonly class: string;
  readonly outputShape: ShapeJson | readonly ShapeJson[] | null;
  readonly params: number | null;
  readonly range: Range;
}

export interface ReportedModel {
  readonly name: string;
  readonly range: Range;
  readonly inputs: readonly ShapeJson[];
  readonly outputs: readonly ShapeJson[];
  readonly layers: readonly ReportedLayer[];
  readonly params: {
    readonly total: number | null;
    readonly trainable: number | null;
    readonly nonTrainable: number | null;
  };
  readonly flops: number | null;
}

export interface FileReport {
  readonly diagnostics: readonly ReportedDiagnostic[];
  readonly models: readonly ReportedModel[];
}

export function fileReport({ lines, diagnostics, facts }: Analysis): FileReport {
  const range = (span: Span): Range => lines.range(span);
  return {
    diagnostics: diagnostics.map(d => ({
      code: d.code,
      severity: d.severity,
      message: d.message,
      range: range(d.span),
      related: d.related
        .filter(r => r.place.file === undefined)
        .map(r => ({ message: r.message, range: range(r.place) })),
      fixes: d.fixes.map(f => ({
        title: f.title,
        edits: f.edits.map(e => ({ range: range(e.span), newText: e.newText })),
      })),
    })),
    models: facts.models.map(m => reportedModel(m, lines)),
  };
}

function reportedModel({ facts, nameSpan }: BoundModel, lines: LineMap): ReportedModel {
  const at = (place: Place): Range => lines.range(place.file === undefined ? place : nameSpan);
  return {
    name: facts.binding,
    range: lines.range(nameSpan),
    inputs: facts.inputShapes,
    outputs: facts.outputShapes,
    layers: listedLayers(facts).map(l => {
      const shapes = outputShapes(l);
      return {
        name: l.name,
        class: l.className,
        outputShape: shapes.length === 0 ? null : shapes.length === 1 ? shapes[0]! : shapes,
        params: l.params,
        range: at(l.place),
      };
    }),
    params: facts.params,
    flops: facts.flops,
  };
}
