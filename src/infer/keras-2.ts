/**
 * What Keras 2 takes and Keras 3 refuses in the arguments of a layer, brought into the form of Keras 3, so that programs
 * written for Keras 2 are followed by one catalogue.
 */
import type { Given } from '../catalogue/arguments';
import type { LayerSpec } from '../catalogue/spec';
import { integer, unknownValue, type Value } from '../ir/value';

/** Layouts are those of DTensor, which is gone with Keras 2. */
const TAKEN = /^(mesh|layout|(kernel|bias|gamma|beta|recurrent|embeddings|moving_(mean|variance))_layout)$/;

/** `renamed` names what was removed since; a shape may be a plain number. */
export function asInKeras2(
  spec: LayerSpec,
  given: Given,
  renamed: Readonly<Record<string, string | null>>,
  parameters: readonly { readonly name: string; readonly defaultValue?: unknown }[],
): Given {
  const names = new Set(parameters.map(p => p.name));
  const keywords = new Map<string, Value>();
  for (const [name, value] of given.keywords) {
    if (names.has(name)) keywords.set(name, /^(input_)?shape$/.test(name) ? shape(value) : value);
    else if (name === 'batch_input_shape' && names.has('batch_shape')) keywords.set('batch_shape', value);
    else if (name === 'type_spec') keywords.set('shape', unknownValue('its type says the shape'));
    else if (renamed[name] !== null && !TAKEN.test(name)) keywords.set(name, value);
  }
  // Its pooling layers all had the default that only the maximum kept.
  const pools = parameters.findIndex(p => p.name === 'pool_size' && p.defaultValue === undefined);
  if (pools >= 0 && given.positional.length <= pools && !keywords.has('pool_size'))
    keywords.set('pool_size', integer(2));
  if (spec.className === 'GaussianNoise') keywords.set('stddev', unknownValue('the spread of the noise'));
  const positional = given.positional.map((value, i) => {
    if (i > 0) return value;
    return spec.className === 'InputLayer' ? shape(value) : value;
  });
  return { ...given, positional: spec.className === 'GaussianNoise' ? [] : positional, keywords };
}

function shape(value: Value): Value {
  return value.kind === 'number' || value.kind === 'size' ? { kind: 'tuple', items: [value] } : value;
}
