/**
 * What the evaluator found out about a program: layer calls with their shapes, models, what went to `compile` and
 * `fit`,
 * what surely fails, and what could not be followed. Rules and the editor read this; they never read the evaluator.
 */
import type { LossSpec } from '../catalogue/losses';
import type { Dim } from '../ir/dim';
import type { Fault } from '../ir/fault';
import type { ModelFacts } from '../ir/model';
import type { Shape } from '../ir/shape';
import type { Place, Span } from '../ir/span';
import type { DataFacts } from '../ir/value';

export interface Facts {
  readonly models: readonly BoundModel[];
  readonly layerCalls: readonly LayerCallFact[];
  readonly faults: readonly Fault[];
  /** What was given up, each with its reason in words. */
  readonly gaps: readonly Gap[];
  readonly compiles: readonly CompileFact[];
  readonly fits: readonly FitFact[];
  /** Names the program uses and nothing defines: they became symbols. */
  readonly unbound: readonly string[];
}

/** A model that the top level of the file binds to a name, or that a function or class of the file builds. */
export interface BoundModel {
  /** The whole model as JSON; worked out when first asked for. */
  readonly facts: ModelFacts;
  readonly binding: string;
  readonly name: string;
  readonly className: string;
  readonly layerCount: number;
  /** The name where it is bound, or the name of the function or class. */
  readonly nameSpan: Span;
  /** Where the statement that builds it begins: CodeLenses stand above. */
  readonly statement: Span;
  readonly boundBy: 'variable' | 'function' | 'class';
  /** It was built because it was asked for, with the arguments that were given. */
  readonly requested?: boolean;
  /** Symbols its shapes depend on, in the order of their first appearance. */
  readonly symbols: readonly string[];
}

/** One call of a layer with what goes in and comes out. A place inside a loop has several. */
export interface LayerCallFact {
  readonly kind: 'layer' | 'input' | 'model';
  /** What is called and with what: the hint stands behind its end. */
  readonly place: Place;
  /** Where the layer was made. */
  readonly made: Place;
  readonly name: string;
  readonly className: string;
  readonly inputs: readonly Shape[];
  readonly outputs: readonly Shape[];
  /** The number of values in its weights; undefined where not known, with the reason. */
  readonly params: Dim | undefined;
  readonly weights: readonly { readonly name: string; readonly shape: Shape; readonly trainable: boolean }[];
  /** Why an output or the parameters are not known. */
  readonly why?: string;
  readonly doc?: string;
  readonly page?: string;
  /** The arithmetic behind shape and parameters, line by line. Computed when asked for. */
  explain(): readonly string[];
}

export interface Gap {
  readonly place: Place;
  readonly why: string;
}

/** One output of a compiled model with what its loss will see. */
export interface OutputFact {
  readonly shape: Shape;
  /** Class and place of the layer that made it; its activation where it is a plain name. */
  readonly layer?: LayerDigest;
  readonly loss?: LossFact;
}

export interface LayerDigest {
  readonly name: string;
  readonly className: string;
  readonly activation?: string;
  readonly units?: Dim;
  readonly place: Place;
  readonly anchors: Readonly<Record<string, Span>>;
}

export interface LossFact {
  /** Canonical: `sparse_categorical_crossentropy`, whatever way it was spelled. */
  readonly name: string;
  readonly spec: LossSpec;
  readonly spelled: 'string' | 'function' | 'object';
  readonly fromLogits?: boolean;
  readonly place: Place;
}

/** One call of `compile`. */
export interface CompileFact {
  readonly place: Place;
  readonly anchors: Readonly<Record<string, Span>>;
  readonly model: string;
  /** The canonical path of a model class of another library, with what its outputs are. */
  readonly foreign?: { readonly path: string; readonly output: 'logits' };
  readonly outputs: readonly OutputFact[];
}

/** One call of `fit`, `evaluate` or `predict` with what is known of its data. */
export interface FitFact {
  readonly method: string;
  readonly model: string;
  readonly place: Place;
  /** The same place with the named parts of the call. */
  readonly site: { readonly anchors: Readonly<Record<string, Span>> };
  readonly features: readonly DataFact[];
  readonly labels: readonly DataFact[];
  readonly outputs: readonly OutputFact[];
}

export interface DataFact {
  readonly shape: Shape;
  readonly dtype?: string;
  readonly facts?: DataFacts;
  readonly place?: Place;
}
