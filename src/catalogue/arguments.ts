/**
 * The arguments of one call: bound to the names of a schema, read with their defaults, and held against their kinds.
 * The evaluator and the catalogue's own tests share it, so that both read a layer in the same way.
 */
import { type Dim, known, less, OPEN, unknownDim } from '../ir/dim';
import { type Failure, fail, type Outcome } from '../ir/fault';
import type { ConfigValue } from '../ir/model';
import { boolean, float, integer, list, NONE, text, type Value, unknownValue } from '../ir/value';
import { ACTIVATIONS, CONSTRAINTS, INITIALIZERS, REGULARIZERS } from './identifiers';
import { closest } from './spelling';
import type { ArgumentKind, Arguments, ArgumentSpec, Framework, NestedLayer } from './spec';

/** Gives the layer that a value holds; the evaluator knows, the catalogue does not. */
export type LayerOf = (value: Value) => NestedLayer | undefined;

// -------------------------------------------------------------------------------------------------------- binding

export interface Given {
  readonly positional: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
  /** There may be more arguments than these: `Dense(*args, **options)` with something unknown in it. */
  readonly open?: boolean;
}

/**
 * Puts each argument under its name, as Python would; the failure is Python's TypeError or Keras's "Unrecognized
 * keyword arguments". An old name is named with its new one, before Python's complaint that the new one is missing.
 */
export function bindArguments(
  parameters: readonly ArgumentSpec[],
  given: Given,
  renamed?: Readonly<Record<string, string | null>>,
): Outcome<Map<string, Value>> {
  const bound = new Map<string, Value>();
  const { byName, positional, required } = schemaOf(parameters);
  if (given.positional.length > positional.length) {
    return fail({ kind: 'argument-count', wanted: positional.length, got: given.positional.length });
  }
  given.positional.forEach((value, i) => bound.set(positional[i]!.name, value));
  for (const [name, value] of given.keywords) {
    if (!byName.has(name)) {
      const now = renamed?.[name];
      const suggestion =
        now ??
        (now === null
          ? undefined
          : closest(
              name,
              parameters.map(p => p.name),
            ));
      return fail({ kind: 'argument-unknown', name, suggestion, removed: now === null });
    }
    if (bound.has(name)) return fail({ kind: 'argument-conflict', names: [name], why: 'given twice' });
    bound.set(name, value);
  }
  if (!given.open) {
    for (const p of required) if (!bound.has(p.name)) return fail({ kind: 'argument-missing', name: p.name });
  }
  return bound;
}

interface Schema {
  readonly byName: ReadonlyMap<string, ArgumentSpec>;
  readonly positional: readonly ArgumentSpec[];
  readonly required: readonly ArgumentSpec[];
}

const SCHEMAS = new WeakMap<readonly ArgumentSpec[], Schema>();

/** Programs call the same few layers again and again, so their lists are indexed once. */
function schemaOf(parameters: readonly ArgumentSpec[]): Schema {
  let schema = SCHEMAS.get(parameters);
  if (!schema) {
    schema = {
      byName: new Map(parameters.map(p => [p.name, p])),
      positional: parameters.filter(p => !p.keywordOnly),
      required: parameters.filter(p => p.defaultValue === undefined),
    };
    SCHEMAS.set(parameters, schema);
  }
  return schema;
}

// -------------------------------------------------------------------------------------------------------- reading

/** Reads bound arguments. `parameters` gives the defaults; a name outside of it is as good as None. */
export function readArguments(
  parameters: readonly ArgumentSpec[],
  values: ReadonlyMap<string, Value>,
  framework: Framework = 'keras',
  layerOf?: LayerOf,
): Arguments {
  return new BoundArguments(parameters, values, framework, layerOf);
}

class BoundArguments implements Arguments {
  constructor(
    private readonly parameters: readonly ArgumentSpec[],
    private readonly values: ReadonlyMap<string, Value>,
    private readonly framework: Framework,
    private readonly layerOf?: LayerOf,
  ) {}

  given(name: string): boolean {
    return this.values.has(name);
  }

  value(name: string): Value {
    const value = this.values.get(name);
    if (value) return value;
    const parameter = schemaOf(this.parameters).byName.get(name);
    const fallback =
      this.framework === 'tfjs' && parameter?.tfjsDefault !== undefined
        ? parameter.tfjsDefault
        : parameter?.defaultValue;
    if (fallback === undefined) return parameter ? unknownValue(`${name} is not given`) : NONE;
    return valueOf(fallback);
  }

  isNone(name: string): boolean | undefined {
    const value = this.value(name);
    return value.kind === 'unknown' ? undefined : value.kind === 'none';
  }

  size(name: string): Dim {
    return asDim(this.value(name));
  }

  sizes(name: string, count: number): readonly Dim[] {
    const value = this.value(name);
    const items = itemsOf(value);
    if (items?.length === count) return items.map(asDim);
    const one =
      value.kind === 'unknown'
        ? unknownDim(value.why)
        : items
          ? unknownDim(`${name} does not have ${count} entries`)
          : asDim(value);
    return new Array<Dim>(count).fill(one);
  }

  number(name: string): number | undefined {
    return asNumber(this.value(name));
  }

  text(name: string): string | undefined {
    const value = this.value(name);
    if (value.kind !== 'string') return undefined;
    const kind = schemaOf(this.parameters).byName.get(name)?.kind;
    return kind?.kind === 'choice' && kind.ignoreCase ? value.value.toLowerCase() : value.value;
  }

  flag(name: string): boolean | undefined {
    const value = this.value(name);
    if (value.kind === 'boolean') return value.value;
    if (value.kind === 'number') return value.value !== 0;
    if (value.kind === 'string') return value.value !== '';
    return value.kind === 'none' ? false : undefined;
  }

  axes(name: string): readonly number[] | undefined {
    const value = this.value(name);
    const items = itemsOf(value);
    if (!items) {
      const one = asNumber(value);
      return one === undefined ? undefined : [one];
    }
    const axes = items.map(asNumber);
    return axes.every(a => a !== undefined) ? axes : undefined;
  }

  shape(name: string): readonly Dim[] | undefined {
    return this.items(name)?.map(v => (v.kind === 'none' ? OPEN : asDim(v)));
  }

  items(name: string): readonly Value[] | undefined {
    return itemsOf(this.value(name));
  }

  layer(name: string): NestedLayer | undefined {
    return this.layerOf?.(this.value(name));
  }

  layers(name: string): readonly (NestedLayer | undefined)[] | undefined {
    return this.items(name)?.map(v => this.layerOf?.(v));
  }
}

export const NO_ARGUMENTS: Arguments = readArguments([], new Map());

// --------------------------------------------------------------------------------------------- values and configs

export function valueOf(config: ConfigValue): Value {
  if (config === null) return NONE;
  if (typeof config === 'boolean') return boolean(config);
  if (typeof config === 'number') return Number.isInteger(config) ? integer(config) : float(config);
  if (typeof config === 'string') return text(config);
  if (Array.isArray(config)) return list((config as readonly ConfigValue[]).map(valueOf));
  return unknownValue('a default of this kind is not followed');
}

/** The items of a list or tuple (a range counts) of known length. */
export function itemsOf(value: Value): readonly Value[] | undefined {
  switch (value.kind) {
    case 'list':
    case 'tuple':
    case 'set':
      return value.rest ? undefined : value.items;
    case 'tensor':
      return value.elements;
    case 'range': {
      if (value.start.kind !== 'known' || value.stop.kind !== 'known') return undefined;
      const count = Math.ceil((value.stop.value - value.start.value) / value.step);
      const { start, step } = { start: value.start.value, step: value.step };
      return count <= 64 ? Array.from({ length: Math.max(0, count) }, (_, i) => integer(start + i * step)) : undefined;
    }
    default:
      return undefined;
  }
}

/** A value as a length. An unbound name becomes a symbol of that name. */
export function asDim(value: Value): Dim {
  switch (value.kind) {
    case 'number':
      return known(value.value);
    case 'boolean':
      return known(value.value ? 1 : 0);
    case 'size':
      return value.dim;
    case 'none':
      return OPEN;
    case 'unknown':
      return value.dim ?? unknownDim(value.why);
    case 'tensor':
      return value.elements?.length === 1 ? asDim(value.elements[0]!) : unknownDim('the size is computed from data');
    default:
      return unknownDim(`a ${value.kind} is no size`);
  }
}

/** A number, also one behind True, False or a size. */
export function asNumber(value: Value): number | undefined {
  if (value.kind === 'number') return value.value;
  if (value.kind === 'boolean') return value.value ? 1 : 0;
  if (value.kind === 'size' && value.dim.kind === 'known') return value.dim.value;
  return undefined;
}

/** A value as its author would write it, for messages. */
export function valueText(value: Value): string {
  switch (value.kind) {
    case 'number':
      return value.isInteger || !Number.isInteger(value.value) ? String(value.value) : value.value.toFixed(1);
    case 'boolean':
      return value.value ? 'True' : 'False';
    case 'string':
      return `'${value.value}'`;
    case 'none':
      return 'None';
    case 'size':
      return value.dim.kind === 'symbolic'
        ? value.dim.text
        : value.dim.kind === 'known'
          ? String(value.dim.value)
          : '?';
    case 'list':
      return `[${value.items.map(valueText).join(', ')}]`;
    case 'tuple':
      return `(${value.items.map(valueText).join(', ')}${value.items.length === 1 ? ',' : ''})`;
    case 'library':
    case 'module':
      return value.path.slice(value.path.lastIndexOf('.') + 1);
    default:
      return `a ${value.kind}`;
  }
}

// ----------------------------------------------------------------------------------------------------------- kinds

/** Holds what was given against its kind. Only a value that the library surely refuses fails. */
export function checkArguments(parameters: readonly ArgumentSpec[], args: Arguments): Failure | undefined {
  for (const p of parameters) {
    if (!args.given(p.name)) continue;
    const value = args.value(p.name);
    if (value.kind === 'unknown' || (value.kind === 'none' && p.defaultValue === null)) continue;
    const found = p.name === 'name' ? checkName(value) : checkKind(p.kind, value);
    if (!found) continue;
    if (found.notATuple) return fail({ kind: 'shape-not-a-tuple', got: valueText(value) });
    return fail({
      kind: 'argument-invalid',
      name: p.name,
      got: valueText(value),
      wanted: found.wanted,
      suggestion: found.suggestion,
    });
  }
  return undefined;
}

interface Refusal {
  readonly wanted: string;
  readonly suggestion?: string;
  readonly notATuple?: boolean;
}

/** Undefined where the value will do, or may do. */
function checkKind(kind: ArgumentKind, value: Value): Refusal | undefined {
  switch (kind.kind) {
    case 'integer':
      return kind.notBoolean && value.kind === 'boolean'
        ? { wanted: 'a positive integer' }
        : checkInteger(value, kind.atLeast);
    case 'number':
      return checkNumber(value, kind.atLeast, kind.atMost);
    case 'choice':
      return checkChoice(value, kind.of, kind.ignoreCase);
    case 'window':
      return checkWindow(value, kind.rank, kind.atLeast);
    case 'string':
      return isPlain(value) && value.kind !== 'string' ? { wanted: 'a string' } : undefined;
    case 'shape':
      return isScalar(value) ? { wanted: 'a tuple', notATuple: true } : undefined;
    case 'activation':
      return checkIdentifier(value, ACTIVATIONS, 'the name of an activation');
    case 'initializer':
      return checkIdentifier(value, INITIALIZERS, 'the name of an initializer');
    case 'regularizer':
      return checkIdentifier(value, REGULARIZERS, 'the name of a regularizer');
    case 'constraint':
      return checkIdentifier(value, CONSTRAINTS, 'the name of a constraint');
    case 'layer':
      return isPlain(value) || value.kind === 'library' ? { wanted: 'a layer' } : undefined;
    case 'axes':
      return value.kind === 'string' ? { wanted: 'an axis or several' } : undefined;
    case 'boolean':
    case 'dtype':
    case 'any':
      return undefined;
  }
}

/** "Argument `name` must be a string and cannot contain character `/`" (keras/src/ops/operation.py). */
function checkName(value: Value): Refusal | undefined {
  const refused = value.kind === 'string' ? value.value.includes('/') : isPlain(value) && value.kind !== 'none';
  return refused ? { wanted: "a string without '/'" } : undefined;
}

function checkInteger(value: Value, atLeast?: number): Refusal | undefined {
  const wanted =
    atLeast === 1 ? 'a positive integer' : atLeast === undefined ? 'an integer' : `an integer of at least ${atLeast}`;
  if (value.kind === 'number' && !value.isInteger) {
    // `units / 2` is 8.0 in Python; the whole number was meant.
    return Number.isInteger(value.value) ? { wanted, suggestion: String(value.value) } : { wanted };
  }
  if (value.kind === 'number' || value.kind === 'boolean' || value.kind === 'size') {
    return atLeast !== undefined && less(asDim(value), known(atLeast)) === 'yes' ? { wanted } : undefined;
  }
  return isPlain(value) ? { wanted } : undefined;
}

function checkNumber(value: Value, atLeast?: number, atMost?: number): Refusal | undefined {
  if (atLeast === undefined && atMost === undefined) return undefined;
  const wanted =
    atMost !== undefined ? `a number from ${atLeast ?? '−∞'} to ${atMost}` : `a number of at least ${atLeast ?? '−∞'}`;
  const number = asNumber(value);
  if (number === undefined) return isPlain(value) && value.kind !== 'size' ? { wanted } : undefined;
  return (atLeast !== undefined && number < atLeast) || (atMost !== undefined && number > atMost)
    ? { wanted }
    : undefined;
}

function checkChoice(value: Value, of: readonly string[], ignoreCase?: boolean): Refusal | undefined {
  const wanted = of.map(o => `'${o}'`).join(' or ');
  if (value.kind !== 'string') return isScalar(value) || value.kind === 'none' ? { wanted } : undefined;
  const given = ignoreCase ? value.value.toLowerCase() : value.value;
  return of.includes(given) ? undefined : { wanted, suggestion: closest(given, of) };
}

function checkWindow(value: Value, rank: number, atLeast = 1): Refusal | undefined {
  const each = atLeast > 0 ? 'positive integers' : 'integers of at least 0';
  const wanted = rank === 1 ? `an integer of at least ${atLeast}` : `an integer or ${rank} ${each}`;
  const items = itemsOf(value);
  if (items && value.kind !== 'tensor') {
    if (items.length !== rank) return { wanted };
    const refused = items.some(i => i.kind === 'none' || isSequence(i) || less(asDim(i), known(atLeast)) === 'yes');
    return refused ? { wanted } : undefined;
  }
  if (value.kind === 'number' && !value.isInteger) return { wanted };
  if (value.kind === 'number' || value.kind === 'boolean' || value.kind === 'size') {
    return less(asDim(value), known(atLeast)) === 'yes' ? { wanted } : undefined;
  }
  return value.kind === 'string' || value.kind === 'none' ? { wanted } : undefined;
}

function checkIdentifier(value: Value, known: ReadonlySet<string>, wanted: string): Refusal | undefined {
  if (value.kind === 'number' || value.kind === 'boolean' || isSequence(value)) return { wanted };
  if (value.kind !== 'string' || known.has(value.value)) return undefined;
  return { wanted, suggestion: closest(value.value, [...known]) };
}

function isSequence(value: Value): boolean {
  return value.kind === 'list' || value.kind === 'tuple';
}

function isScalar(value: Value): boolean {
  return value.kind === 'number' || value.kind === 'boolean' || value.kind === 'size';
}

/** Surely no object of a library, whatever the program does. */
function isPlain(value: Value): boolean {
  return (
    isScalar(value) || isSequence(value) || value.kind === 'string' || value.kind === 'none' || value.kind === 'dict'
  );
}
