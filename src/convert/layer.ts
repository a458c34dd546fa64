/**
 * One layer as a call of the other framework, from nothing but the schema of its arguments: what differs from the
 * target's own default is written out, and what the target lacks comes with a sentence.
 */
import { layerByClassName, layerByTfjsFactory, parametersOf, snakeName, tfjsKey } from '../catalogue';
import { camelName } from '../catalogue';
import { needsOptions } from '../catalogue/tensorflow-js';
import type { ArgumentSpec, Framework, LayerSpec } from '../catalogue/spec';
import type { ConfigValue } from '../ir/model';
import { call, type Code, type Entry, text } from './code';
import { isLayer, isUnknown, literal } from './literal';
import { activationCode, type Note, objectCode, sameActivation, sameObject } from './objects';

export interface Conversion {
  readonly from: Framework;
  readonly to: Framework;
  /** The parameter for a size that the source leaves open. */
  readonly parameter: (symbol: string) => string;
}

type Config = Readonly<Record<string, ConfigValue>>;

/** They steer how Keras computes, not what. */
const WITHOUT_EFFECT = new Set(['autocast', 'use_cudnn', 'implementation', 'quantization_config', 'lora_alpha']);
/** Whoever writes the layer writes these. */
const ELSEWHERE = new Set(['name', 'input_shape', 'trainable', 'dtype']);

/** Words of the framework; all other texts are the same in both. */
const WORDS = new Set(['data_format', 'output_mode']);

/** Null where the target has no such layer. */
export function targetOf(className: string, { to }: Conversion): LayerSpec | null {
  const spec = layerByClassName(className);
  if (to === 'keras') return spec ?? null;
  return spec?.tfjs && layerByTfjsFactory(spec.tfjs.factory) ? spec : null;
}

/** `extra` stands before the layer's own arguments, `tail` behind them. Arguments that are not known of a nested layer are left to the target. */
export function layerCode(
  className: string,
  config: Config,
  cx: Conversion,
  note: Note,
  extra: readonly Entry[] = [],
  tail: readonly Entry[] = [],
): Code {
  const spec = targetOf(className, cx);
  const { to } = cx;
  if (!spec) {
    const framework = to === 'tfjs' ? 'TensorFlow.js' : 'Keras 3';
    note(`${framework} has no layer ${className}: write it as a class of your own, and import it.`);
    const given = Object.entries(config).filter(
      ([key, value]) => value !== null && !ELSEWHERE.has(key) && !WITHOUT_EFFECT.has(key) && !isUnknown(value),
    );
    const plain = given.filter(([, value]) => typeof value !== 'object');
    const keywords = plain.map(([key, value]): Entry => [to === 'tfjs' ? camelName(key) : key, literal(value, to)]);
    return call(to === 'tfjs' ? `new ${className}` : className, [], [...extra, ...keywords, ...tail]);
  }
  const keywords = [...extra];
  for (const parameter of parametersOf(spec, to)) {
    const value = config[parameter.name];
    if (value === undefined || ELSEWHERE.has(parameter.name)) continue;
    const code = argumentCode(spec, parameter, value, cx, note);
    if (code) keywords.push([keyOf(parameter, to), code]);
  }
  const { trainable, dtype } = config;
  if (trainable === false) keywords.push(['trainable', literal(false, to)]);
  if (typeof dtype === 'string' && dtype !== 'float32') note(`It computes in ${dtype}, which is not carried over.`);
  keywords.push(...tail);
  if (to === 'keras') return call(`layers.${spec.className}`, [], keywords);
  const { factory } = spec.tfjs!;
  // Some factories read their options without looking whether there are any.
  const empty: Code[] = keywords.length === 0 && needsOptions(factory) ? [{ entries: [] }] : [];
  return call(`tf.layers.${factory}`, empty, keywords);
}

const keyOf = (parameter: ArgumentSpec, to: Framework): string =>
  to === 'tfjs' ? (tfjsKey(parameter) ?? camelName(parameter.name)) : parameter.name;

const defaultOf = (parameter: ArgumentSpec, framework: Framework): ConfigValue | undefined =>
  framework === 'tfjs' && parameter.tfjsDefault !== undefined ? parameter.tfjsDefault : parameter.defaultValue;

function argumentCode(
  spec: LayerSpec,
  parameter: ArgumentSpec,
  value: ConfigValue,
  cx: Conversion,
  say: Note,
): Code | undefined {
  const { name, kind } = parameter;
  const { from, to } = cx;
  const note: Note = sentence => say(`${name}: ${sentence}`);
  const target = defaultOf(parameter, to);
  if (WITHOUT_EFFECT.has(name) || (target !== undefined && same(parameter, value, target))) return undefined;
  // TensorFlow.js reads no penalty of activities, and its GRU throws where the bias is to be applied after the product.
  const lacks =
    to === 'tfjs' && (tfjsKey(parameter) === null || name === 'activity_regularizer' || name === 'reset_after');
  if (lacks) {
    const own = defaultOf(parameter, from);
    if (name === 'reset_after') {
      note('only reset_after=False is there, which computes a little differently and has a bias of half the size.');
    } else if (value !== null && (own === undefined || !same(parameter, value, own))) {
      note('TensorFlow.js has no such argument, so the layer does without.');
    }
    return undefined;
  }
  if (isUnknown(value)) {
    if (value.symbol !== undefined && isName(value.symbol)) return text(cx.parameter(value.symbol));
    note(`it could not be followed (${value.unknown}).`);
    return target === undefined ? literal(value, to) : undefined;
  }
  if (isLayer(value)) return nested(value, cx, say);
  if (Array.isArray(value) && value.length > 0 && (value as readonly ConfigValue[]).every(isLayer)) {
    return { items: (value as readonly ConfigValue[]).map(item => nested(item as never, cx, say)) };
  }
  switch (kind.kind) {
    case 'activation':
      return activationCode(value, to, note);
    case 'initializer':
    case 'regularizer':
    case 'constraint':
      return objectCode(kind.kind, value, from, to, note);
    case 'choice':
      if (to === 'tfjs' && value === 'causal') {
        note('TensorFlow.js makes the layer and throws when it computes: pad the sequence on the left instead.');
      }
      return text(JSON.stringify(WORDS.has(name) && typeof value === 'string' ? wordOf(value, to) : value));
    case 'window':
      // Only its upsampling takes one number for all axes for a list.
      return literal(spec.className === 'UpSampling2D' && typeof value === 'number' ? [value, value] : value, to);
    default:
      return literal(WORDS.has(name) && typeof value === 'string' ? wordOf(value, to) : value, to);
  }
}

/** `vocab_size`, not `h // 2`. */
export const isName = (symbol: string): boolean => /^[A-Za-z_]\w*$/.test(symbol);

const wordOf = (value: string, to: Framework): string =>
  to === 'tfjs' ? camelName(value) : /[A-Z]/.test(value) ? snakeName(value) : value;

function nested(value: Extract<ConfigValue, { layer: unknown }>, cx: Conversion, say: Note): Code {
  const { className, config } = (value as { layer: { className: string; config: Config } }).layer;
  return layerCode(className, config, cx, sentence => say(`${className}: ${sentence}`));
}

/** Whether two values of an argument mean the same. */
function same({ name, kind }: ArgumentSpec, a: ConfigValue, b: ConfigValue): boolean {
  switch (kind.kind) {
    case 'activation':
      return sameActivation(a, b);
    case 'initializer':
    case 'regularizer':
    case 'constraint':
      return sameObject(kind.kind, a, b) || JSON.stringify(a) === JSON.stringify(b);
    case 'window':
      return JSON.stringify(whole(a, kind.rank)) === JSON.stringify(whole(b, kind.rank));
    default:
      if (name === 'data_format') return channelsOf(a) === channelsOf(b);
      return JSON.stringify(a) === JSON.stringify(b);
  }
}

const channelsOf = (value: ConfigValue): string =>
  typeof value === 'string' ? wordOf(value, 'keras') : 'channels_last';

const whole = (value: ConfigValue, rank: number): ConfigValue =>
  typeof value === 'number' ? new Array<number>(rank).fill(value) : value;
