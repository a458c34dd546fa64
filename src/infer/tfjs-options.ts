/**
 * The one object of options that a function of TensorFlow.js takes, read as keyword arguments in Keras's terms, and what
 * goes wrong with it: keys the library does not know are ignored without a word, and so are arguments given one by one.
 */
import { camelName, INPUT_FUNCTION, snakeName, tfjsKey } from '../catalogue';
import { valueOf } from '../catalogue/arguments';
import { closest } from '../catalogue/spelling';
import type { ArgumentSpec, LayerSpec } from '../catalogue/spec';
import { needsOptions, refusedOption, SHARED_KEYS } from '../catalogue/tensorflow-js';
import type { Expression } from '../ir/program';
import type { Span } from '../ir/span';
import { list, text, unknownValue, type Value } from '../ir/value';
import type { CallArgument, CallArguments } from './call';
import { AFTER_FAULT, type Evaluator } from './evaluator';
import { anchorsOf } from './layers';

const NOWHERE: Span = { start: 0, end: 0 };

/** Where options are looked at: what is called, for messages, and where it stands. */
export interface OptionsSite {
  readonly callee: string;
  readonly node: Expression | undefined;
  readonly at: Span;
}

/** The object of a function as keyword arguments, by a table of its keys. What the table lacks is left out. */
export function configured(
  cx: Evaluator,
  args: CallArguments,
  site: OptionsSite,
  keys: Readonly<Record<string, string>>,
  position = 0,
): CallArguments {
  const { entries, open } = entriesOf(args, site.node, position);
  const known = checkKeys(cx, args, site, entries, Object.keys(keys), position);
  const keywords = [...known].flatMap(([key, a]) => (keys[key] === undefined ? [] : [[keys[key], a] as const]));
  return { positional: [], keywords: new Map(keywords), open };
}

/** As above by the argument schema of a layer; undefined where the constructor surely throws. */
export function layerOptions(
  cx: Evaluator,
  spec: LayerSpec,
  parameters: readonly ArgumentSpec[],
  args: CallArguments,
  site: OptionsSite,
): CallArguments | undefined {
  const factory = spec.tfjs?.factory ?? site.callee;
  const own = spec.parameters.map(tfjsKey).filter(key => key !== null);
  if (takesNoOptions(args)) {
    const empty = refusedOption(spec, parameters, new Map(), false) !== undefined;
    const raises = empty || args.positional.length === 0 || /^(Max|Average)Pooling/.test(spec.className);
    optionsFault(cx, args, site, own, raises, spec.family === 'merging');
    if (raises) return undefined;
    return { positional: [], keywords: new Map() };
  }
  if (args.positional.length === 0 && args.open === undefined && needsOptions(factory)) {
    const missing = refusedOption(spec, parameters, new Map(), false);
    if (missing) cx.fault(missing.detail, faultSite(cx, args, site, parameters));
    else optionsFault(cx, args, site, own, true);
    return undefined;
  }
  const { entries: written, open } = entriesOf(args, site.node);
  const wanted = [...own, ...SHARED_KEYS, ...(EXTRA_KEYS[spec.className] ?? [])];
  const entries = checkKeys(cx, args, site, written, wanted, 0, key => {
    const without = new Map([...byKerasName(parameters, written)].filter(([name]) => camelName(name) !== key));
    return refusedOption(spec, parameters, without, open !== undefined) !== undefined;
  });
  const refused = refusedOption(spec, parameters, byKerasName(parameters, entries), open !== undefined);
  const keywords = keywordsOf(spec, parameters, args, entries, site.node);
  if (refused) {
    const anchors = anchorsOf(site.node, { positional: [], keywords });
    cx.fault(refused.detail, { ...faultSite(cx, args, site, parameters), anchors });
    return undefined;
  }
  return { positional: [], keywords, open };
}

/** Keys that a layer reads and Keras has not, or not in this way. */
const EXTRA_KEYS: Readonly<Record<string, readonly string[]>> = {
  Dense: ['inputDim'],
  Embedding: ['inputLength'],
  Flatten: ['dataFormat'],
  LSTM: ['implementation', 'unitForgetBias', 'dropoutFunc', 'cell', 'inputDim', 'inputLength'],
  GRU: ['implementation', 'resetAfter', 'dropoutFunc', 'cell', 'inputDim', 'inputLength'],
  SimpleRNN: ['dropoutFunc', 'cell', 'inputDim', 'inputLength'],
  RNN: ['inputDim', 'inputLength'],
  LSTMCell: ['implementation', 'dropoutFunc'],
  GRUCell: ['implementation', 'dropoutFunc', 'resetAfter'],
  SimpleRNNCell: ['dropoutFunc'],
  InputLayer: ['sparse', 'inputShape', 'batchInputShape'],
};

function byKerasName(
  parameters: readonly ArgumentSpec[],
  entries: ReadonlyMap<string, CallArgument>,
): ReadonlyMap<string, Value> {
  const given = new Map<string, Value>();
  for (const p of parameters) {
    const key = tfjsKey(p);
    const entry = key === null ? undefined : entries.get(key);
    if (entry) given.set(p.name, entry.value);
  }
  return given;
}

/** Things that have a name here and another spelling of it in Keras. */
const NAMED_THINGS = new Set(['choice', 'activation', 'initializer', 'regularizer', 'constraint']);

function keywordsOf(
  spec: LayerSpec,
  parameters: readonly ArgumentSpec[],
  args: CallArguments,
  entries: ReadonlyMap<string, CallArgument>,
  node: Expression | undefined,
): Map<string, CallArgument> {
  const keywords = new Map<string, CallArgument>();
  for (const parameter of parameters) {
    const key = tfjsKey(parameter);
    const given = key === null ? undefined : entries.get(key);
    // A key that is undefined is one that is not there.
    if (given && given.value.kind !== 'none') {
      const value = NAMED_THINGS.has(parameter.kind.kind) ? inKerasTerms(given.value) : given.value;
      keywords.set(parameter.name, { ...given, value });
    } else if (parameter.defaultValue === undefined && parameter.tfjsDefault !== undefined) {
      // What Keras asks for has a default here.
      const value = valueOf(parameter.tfjsDefault);
      keywords.set(parameter.name, { value, span: args.positional[0]?.span ?? node?.span ?? NOWHERE });
    }
  }
  const whole = entries.get('batchInputShape');
  if (whole && !keywords.has('input_shape') && spec !== INPUT_FUNCTION) {
    const { value } = whole;
    const known = (value.kind === 'list' || value.kind === 'tuple') && !value.rest;
    keywords.set('input_shape', {
      ...whole,
      value: known ? list(value.items.slice(1)) : unknownValue('batchInputShape is not known'),
    });
  }
  // A number stands for a shape of one axis (`normalizeShapeList`).
  const shape = keywords.get('input_shape');
  if (shape?.value.kind === 'number') keywords.set('input_shape', { ...shape, value: list([shape.value]) });
  const width = spec.className === 'Dense' ? entries.get('inputDim') : undefined;
  if (width && !keywords.has('input_shape')) keywords.set('input_shape', { ...width, value: list([width.value]) });
  return keywords;
}

/** Choices are camel-cased here and snake-cased in Keras: `channelsFirst`, `hardSigmoid`. */
function inKerasTerms(value: Value): Value {
  return value.kind === 'string' ? text(snakeName(value.value).replace(/^le_cun_/, 'lecun_')) : value;
}

// --------------------------------------------------------------------------------------------------------- checks

/** `dense(10, 'relu')`: a plain value where the object belongs. */
function takesNoOptions(args: CallArguments, position = 0): boolean {
  const first = args.positional[position]?.value;
  return (
    first !== undefined &&
    (first.kind === 'number' ||
      first.kind === 'string' ||
      first.kind === 'boolean' ||
      first.kind === 'list' ||
      first.kind === 'tensor')
  );
}

/** For functions besides the layers: records that the object is missing; true where it is. */
export function checkOptions(
  cx: Evaluator,
  args: CallArguments,
  site: OptionsSite,
  names: readonly string[],
  raises: boolean,
  position = 0,
): boolean {
  if (!takesNoOptions(args, position)) return false;
  optionsFault(cx, args, site, names, raises);
  return true;
}

function optionsFault(
  cx: Evaluator,
  args: CallArguments,
  site: OptionsSite,
  names: readonly string[],
  raises: boolean,
  isMerge = false,
): void {
  cx.fault(
    { kind: 'options-object', names, raises, ...(isMerge ? { isMerge } : {}) },
    { ...faultSite(cx, args, site), className: undefined },
  );
}

function faultSite(cx: Evaluator, args: CallArguments, site: OptionsSite, parameters: readonly ArgumentSpec[] = []) {
  const names = parameters.filter(p => !p.keywordOnly).map(p => p.name);
  return {
    place: cx.place(site.at),
    callee: site.callee,
    origins: [],
    anchors: anchorsOf(site.node, args, args.positional.length > 0 ? names.map(() => '') : []),
  };
}

/**
 * Keys that the library will not look at, though they say what is meant. What follows goes on as if they had been
 * spelled right, so that one mistake is reported once. `needs` tells whether the constructor throws without the key.
 */
function checkKeys(
  cx: Evaluator,
  args: CallArguments,
  site: OptionsSite,
  entries: ReadonlyMap<string, CallArgument>,
  wanted: readonly string[],
  position: number,
  needs: (key: string) => boolean = () => false,
): ReadonlyMap<string, CallArgument> {
  const known = new Set(wanted);
  let mended: Map<string, CallArgument> | undefined;
  for (const [key, given] of entries) {
    if (known.has(key) || given.value === AFTER_FAULT) continue;
    const camel = camelName(key);
    const suggestion = known.has(camel) ? camel : key.length > 3 ? near(key, wanted) : undefined;
    if (suggestion === undefined || entries.has(suggestion)) continue;
    const anchors = { ...anchorsOf(site.node, args), [`keyword:${key}`]: given.nameSpan ?? given.span };
    cx.fault(
      { kind: 'option-ignored', name: key, suggestion, raises: needs(suggestion) },
      {
        place: cx.place(given.nameSpan ?? args.positional[position]?.span ?? site.at),
        callee: site.callee,
        origins: [],
        anchors,
      },
    );
    mended ??= new Map(entries);
    mended.delete(key);
    mended.set(suggestion, given);
  }
  return mended ?? entries;
}

/** One letter more, less or other than a key there is; anything farther may be meant for somebody else. */
function near(key: string, wanted: readonly string[]): string | undefined {
  const found = closest(key, wanted);
  return found !== undefined && Math.abs(found.length - key.length) <= 1 && found[0] === key[0] ? found : undefined;
}

// --------------------------------------------------------------------------------------------------------- reading

interface Entries {
  readonly entries: ReadonlyMap<string, CallArgument>;
  /** Why there may be more. */
  readonly open?: string;
}

/** The keys of the object at this position with their places, where it is written as an object at the call. */
export function entriesOf(args: CallArguments, node: Expression | undefined, position = 0): Entries {
  const first = args.positional[position];
  if (!first) return { entries: new Map(), open: args.open };
  const { value } = first;
  if (value.kind === 'none') return { entries: new Map(), open: args.open };
  if (value.kind !== 'dict') return { entries: new Map(), open: 'the options are not known' };
  const literal = node?.kind === 'call' ? node.args[position]?.value : undefined;
  const places = new Map<string, { span: Span; nameSpan: Span }>();
  if (literal?.kind === 'dict') {
    for (const entry of literal.entries) {
      if (entry.kind !== 'pair') continue;
      const key = entry.key.kind === 'string' ? entry.key.value : undefined;
      if (key !== undefined) places.set(key, { span: entry.value.span, nameSpan: entry.key.span });
    }
  }
  const entries = [...value.entries].map(
    ([key, v]) => [key, { span: first.span, ...places.get(key), value: v }] as const,
  );
  return { entries: new Map(entries), open: value.open };
}
