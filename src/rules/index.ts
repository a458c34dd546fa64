/**
 * All rules, and the way from facts to diagnostics: every fault goes to the rule for its kind, every other rule
 * looks at
 * the facts as a whole, and what the author chose to ignore is left out.
 */
import type { FaultKind } from '../ir/fault';
import { activationLossConflict } from './activation-loss-conflict';
import { argumentConflict } from './argument-conflict';
import { argumentCount } from './argument-count';
import { argumentInvalid } from './argument-invalid';
import { argumentMissing } from './argument-missing';
import { argumentUnknown } from './argument-unknown';
import { attentionMismatch } from './attention-mismatch';
import { axisMismatch } from './axis-mismatch';
import { axisOutOfRange } from './axis-out-of-range';
import { broadcastMismatch } from './broadcast-mismatch';
import { concatenateMismatch } from './concatenate-mismatch';
import { dataCount } from './data-count';
import { dataMismatch } from './data-mismatch';
import { datasetNotBatched } from './dataset-not-batched';
import { disconnected } from './disconnected';
import { dotMismatch } from './dot-mismatch';
import { duplicateName } from './duplicate-name';
import { emptyOutput } from './empty-output';
import { foreignOp } from './foreign-op';
import { indexOutOfRange } from './index-out-of-range';
import { inputCount } from './input-count';
import { labelMismatch } from './label-mismatch';
import { labelRange } from './label-range';
import { layerAfterHead } from './layer-after-head';
import { logitsAsProbabilities } from './logits-as-probabilities';
import { matmulMismatch } from './matmul-mismatch';
import { mergeMismatch } from './merge-mismatch';
import { missingInputShape } from './missing-input-shape';
import { mixedCallbacks } from './mixed-callbacks';
import { noSuchLayer } from './no-such-layer';
import { notALayer } from './not-a-layer';
import { notAList } from './not-a-list';
import { notBuilt } from './not-built';
import { notDivisible } from './not-divisible';
import { notImplemented } from './not-implemented';
import { oneOutputForClasses } from './one-output-for-classes';
import { optionIgnored } from './option-ignored';
import { optionsObject } from './options-object';
import { permutationInvalid } from './permutation-invalid';
import { probabilitiesAsLogits } from './probabilities-as-logits';
import { rankMismatch } from './rank-mismatch';
import { removedName } from './removed-name';
import { reshapeMismatch } from './reshape-mismatch';
import { sampleCount } from './sample-count';
import { secondInput } from './second-input';
import { shapeNotATuple } from './shape-not-a-tuple';
import { silentBroadcast } from './silent-broadcast';
import { softmaxOverOne } from './softmax-over-one';
import { stackMismatch } from './stack-mismatch';
import { symbolicIteration } from './symbolic-iteration';
import { symbolicTruth } from './symbolic-truth';
import { tensorNotDisposed } from './tensor-not-disposed';
import { trainingNotAwaited } from './training-not-awaited';
import { undefinedSize } from './undefined-size';
import { unscaledImages } from './unscaled-images';
import { windowTooLarge } from './window-too-large';
import type { Diagnostic, FactsRule, FaultRule, Report, Rule, RuleContext } from './rule';
import { ignoredBy } from './suppress';

/** In the order of their ids; a test holds the list against the folder. */
export const RULES: readonly Rule[] = [
  activationLossConflict,
  argumentConflict,
  argumentCount,
  argumentInvalid,
  argumentMissing,
  argumentUnknown,
  attentionMismatch,
  axisMismatch,
  axisOutOfRange,
  broadcastMismatch,
  concatenateMismatch,
  dataCount,
  dataMismatch,
  datasetNotBatched,
  disconnected,
  dotMismatch,
  duplicateName,
  emptyOutput,
  foreignOp,
  indexOutOfRange,
  inputCount,
  labelMismatch,
  labelRange,
  layerAfterHead,
  logitsAsProbabilities,
  matmulMismatch,
  mergeMismatch,
  missingInputShape,
  mixedCallbacks,
  noSuchLayer,
  notALayer,
  notAList,
  notBuilt,
  notDivisible,
  notImplemented,
  oneOutputForClasses,
  optionIgnored,
  optionsObject,
  permutationInvalid,
  probabilitiesAsLogits,
  rankMismatch,
  removedName,
  reshapeMismatch,
  sampleCount,
  secondInput,
  shapeNotATuple,
  silentBroadcast,
  softmaxOverOne,
  stackMismatch,
  symbolicIteration,
  symbolicTruth,
  tensorNotDisposed,
  trainingNotAwaited,
  undefinedSize,
  unscaledImages,
  windowTooLarge,
];

const BY_FAULT: ReadonlyMap<FaultKind, FaultRule> = new Map(
  RULES.flatMap(r => ('fault' in r ? [[r.fault, r] as const] : [])),
);
const OVER_FACTS: readonly FactsRule[] = RULES.filter(r => 'find' in r);

/** Everything there is to say about a file, in the order of the text. */
export function diagnose(cx: RuleContext): Diagnostic[] {
  // A rule without an example in a language has nothing to say there.
  const speaks = (rule: Rule): boolean =>
    cx.language === 'python' ? rule.bad.length > 0 : rule.javascript !== undefined;
  const found: Diagnostic[] = [];
  for (const fault of cx.facts.faults) {
    const rule = BY_FAULT.get(fault.detail.kind);
    // What fails inside another file is shown there.
    if (rule && speaks(rule) && fault.place.file === undefined) found.push(diagnostic(rule, rule.report(fault, cx)));
  }
  for (const rule of OVER_FACTS) {
    if (!speaks(rule)) continue;
    for (const report of rule.find(cx)) found.push(diagnostic(rule, report));
  }
  const ignored = ignoredBy(cx.program.comments, cx.text);
  return unique(found.filter(d => !ignored(d))).sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
}

function diagnostic(rule: Rule, report: Report): Diagnostic {
  return {
    code: rule.id,
    severity: report.severity ?? rule.severity,
    message: report.message,
    span: { start: report.span.start, end: report.span.end },
    related: report.related ?? [],
    fixes: (report.fixes ?? []).filter(f => f !== undefined),
  };
}

/** A function that is called twice with the same mistake is reported once. */
function unique(all: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return all.filter(d => {
    const key = `${d.code}:${d.span.start}:${d.span.end}`;
    return !seen.has(key) && seen.add(key);
  });
}
