/** What was found while something ran, in order. Findings of several statements follow each other. */
import type { Fault } from '../ir/fault';
import type { FunctionDef } from '../ir/program';
import type { Span } from '../ir/span';
import type { FitFact, Gap, LayerCallFact } from './facts';
import type { CompileState, ModelObject } from './graph';

/** A variable of the module that got a model. */
export interface Binding {
  readonly name: string;
  readonly model: ModelObject;
  readonly nameSpan: Span;
  readonly statement: Span;
}

export class Findings {
  readonly layerCalls: LayerCallFact[] = [];
  readonly faults: Fault[] = [];
  readonly gaps: Gap[] = [];
  readonly compileCalls: { readonly model: ModelObject; readonly state: CompileState }[] = [];
  readonly foreignCompiles: { readonly path: string; readonly state: CompileState }[] = [];
  readonly fits: FitFact[] = [];
  readonly unbound = new Set<string>();
  readonly bindings: Binding[] = [];
  /** Models that functions of the file returned, the innermost function first. */
  readonly returnedModels: { readonly model: ModelObject; readonly node: FunctionDef }[] = [];
  readonly called = new Set<object>();
  private readonly faultKeys = new Set<string>();

  /** The same mistake at the same place is found once, whoever leads there. */
  report(fault: Fault): void {
    const key = `${fault.place.file ?? ''}:${fault.place.start}:${fault.place.end}:${fault.detail.kind}`;
    if (this.faultKeys.has(key)) return;
    this.faultKeys.add(key);
    this.faults.push(fault);
  }

  add(other: Findings): void {
    append(this.layerCalls, other.layerCalls);
    for (const fault of other.faults) this.report(fault);
    append(this.gaps, other.gaps);
    append(this.compileCalls, other.compileCalls);
    append(this.foreignCompiles, other.foreignCompiles);
    append(this.fits, other.fits);
    for (const name of other.unbound) this.unbound.add(name);
    append(this.bindings, other.bindings);
    append(this.returnedModels, other.returnedModels);
    for (const code of other.called) this.called.add(code);
  }
}

function append<T>(to: T[], from: readonly T[]): void {
  for (const item of from) to.push(item);
}
