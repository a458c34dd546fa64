/**
 * What a rule is. A rule puts one kind of finding into words: what clashes, where both facts come from, and the way out
 * as edits. Words and quick fixes live in this room alone.
 *
 * Severity by policy: `error` — the program raises here; `warning` — it runs and does not do what it looks like;
 * `info` — it runs, and there is a simpler or safer way.
 */
import type { DetailOf, Fault, FaultKind } from '../ir/fault';
import type { Language, Program } from '../ir/program';
import type { Place, Span, TextEdit } from '../ir/span';
import type { Facts } from '../infer/facts';

export type Severity = 'error' | 'warning' | 'info';

export interface Related {
  readonly message: string;
  readonly place: Place;
}

export interface Fix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
}

export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly span: Span;
  readonly related: readonly Related[];
  readonly fixes: readonly Fix[];
}

/** What a rule says of one finding; the registry adds code and severity. */
export interface Report {
  readonly message: string;
  readonly span: Span;
  /** Where this one is graver or milder than the rule. */
  readonly severity?: Severity;
  readonly related?: readonly Related[];
  readonly fixes?: readonly (Fix | undefined)[];
}

/** Everything a rule may look at. */
export interface RuleContext {
  readonly text: string;
  readonly language: Language;
  readonly program: Program;
  readonly facts: Facts;
}

interface RuleBase {
  readonly id: string;
  readonly severity: Severity;
  /** One sentence: what is reported. */
  readonly title: string;
  /** Why it is bad, for the rule's page. */
  readonly doc: string;
  /** Each program is reported exactly once, by this rule, and by no other. */
  readonly bad: readonly string[];
  /** Nothing at all is reported for any of these. */
  readonly good: readonly string[];
  /**
   * The same for TensorFlow.js. A rule without it is silent there. What is bad as an error throws in the real library,
   * and what is good runs: the bodies of asynchronous functions, with the library under the name `tf`.
   */
  readonly javascript?: { readonly bad: readonly string[]; readonly good: readonly string[] };
}

/** Puts one kind of fault into words. */
export interface FaultRule<K extends FaultKind = FaultKind> extends RuleBase {
  readonly fault: K;
  report(fault: Fault & { readonly detail: DetailOf<K> }, cx: RuleContext): Report;
}

/** Finds what runs and is wrong. */
export interface FactsRule extends RuleBase {
  find(cx: RuleContext): readonly Report[];
}

export type Rule = FaultRule | FactsRule;

export function faultRule<K extends FaultKind>(rule: FaultRule<K>): FaultRule {
  return rule as unknown as FaultRule;
}

export function factsRule(rule: FactsRule): FactsRule {
  return rule;
}
