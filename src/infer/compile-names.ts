/**
 * Names of losses and metrics that Keras does not know. `compile` takes them; the first step of `fit` or `evaluate`
 * looks them up and raises, also for names that the program registered itself (keras/src/trainers/compile_utils.py).
 */
import { LOSSES, METRICS } from '../catalogue/identifiers';
import { closest } from '../catalogue/spelling';
import type { FaultDetail } from '../ir/fault';
import type { Value } from '../ir/value';
import type { CompileState } from './graph';

/** Only a name that is near to one Keras has is surely a mistake: a later version may have more of them. */
export function unknownName({ values }: CompileState): FaultDetail | undefined {
  return (
    misspelled('loss', values.get('loss'), LOSSES, 'the name of a loss') ??
    misspelled('metrics', values.get('metrics'), METRICS, 'names of metrics') ??
    misspelled('weighted_metrics', values.get('weighted_metrics'), METRICS, 'names of metrics')
  );
}

function misspelled(
  name: string,
  value: Value | undefined,
  known: ReadonlySet<string>,
  wanted: string,
): FaultDetail | undefined {
  for (const given of textsIn(value)) {
    if (known.has(given)) continue;
    // Classes begin with a capital letter; who writes none means the function.
    const likely = [...known].filter(each => /^[A-Z]/.test(each) === /^[A-Z]/.test(given));
    const suggestion = closest(given, likely);
    if (suggestion !== undefined) return { kind: 'argument-invalid', name, got: `'${given}'`, wanted, suggestion };
  }
  return undefined;
}

/** Of a text, and of lists and dictionaries of texts. */
function textsIn(value: Value | undefined, depth = 0): readonly string[] {
  if (!value || depth > 3) return [];
  if (value.kind === 'string') return [value.value];
  if (value.kind === 'list' || value.kind === 'tuple') return value.items.flatMap(v => textsIn(v, depth + 1));
  return value.kind === 'dict' ? [...value.entries.values()].flatMap(v => textsIn(v, depth + 1)) : [];
}
