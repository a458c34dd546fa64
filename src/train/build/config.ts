/** Reads the resolved Keras configuration of one layer: typed, with open names bound,
  and with errors that name the layer. */
import type { ConfigValue } from '../../ir/model';

export type RawConfig = Readonly<Record<string, ConfigValue>>;

/** A model that cannot be built or trained as it stands. `message` names the thing, `hint` is the way out. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

/** Values of the names that the source leaves open, such as `sequence_length`. */
export type Bindings = ReadonlyMap<string, ConfigValue>;

/** A Keras object inside a configuration: an initialiser, a nested layer, an activation with arguments. */
export interface KerasObjectConfig {
  readonly className: string;
  readonly name?: string;
  readonly config: RawConfig;
}

/** Reads `{layer: {…}}` and `{class, …}` of the facts and `{class_name, config}` of Keras's own serialisation alike. */
export function asObject(value: ConfigValue | undefined): KerasObjectConfig | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const record = value as Readonly<Record<string, unknown>>;
  if (typeof record.layer === 'object' && record.layer !== null) return record.layer as KerasObjectConfig;
  if (typeof record.class === 'string') {
    const { class: className, ...config } = value as Readonly<Record<string, ConfigValue>>;
    return { className: className as string, config };
  }
  if (typeof record.class_name !== 'string') return null;
  const config = (record.config ?? {}) as RawConfig;
  return { className: record.class_name, config, name: typeof config.name === 'string' ? config.name : undefined };
}

export class Config {
  constructor(
    readonly owner: string,
    readonly raw: RawConfig,
    readonly bindings: Bindings = new Map(),
  ) {}

  /** The value with open names bound; undefined where the configuration does not have the key. @throws ModelError */
  value(key: string): ConfigValue | undefined {
    return this.bind(this.raw[key], key);
  }

  isNone(key: string): boolean {
    const value = this.value(key);
    return value === null || value === undefined;
  }

  number(key: string, whenAbsent?: number): number {
    const value = this.value(key) ?? whenAbsent;
    if (typeof value === 'number') return value;
    throw this.wrong(key, 'a number', value);
  }

  text(key: string, whenAbsent?: string): string {
    const value = this.value(key) ?? whenAbsent;
    if (typeof value === 'string') return value;
    throw this.wrong(key, 'a string', value);
  }

  flag(key: string, whenAbsent: boolean): boolean {
    const value = this.value(key) ?? whenAbsent;
    if (typeof value === 'boolean') return value;
    if (value === 0 || value === 1) return value === 1;
    throw this.wrong(key, 'True or False', value);
  }

  /** One number for all axes, or one for each of `count`. */
  window(key: string, count: number, whenAbsent?: number): number[] {
    const value = this.value(key) ?? whenAbsent;
    if (typeof value === 'number') return new Array<number>(count).fill(value);
    if (Array.isArray(value) && value.length === count && value.every(v => typeof v === 'number')) return [...value];
    throw this.wrong(key, count === 1 ? 'a number' : `a number or ${count} numbers`, value);
  }

  /** A number or a list of numbers. */
  list(key: string): number[] {
    const value = this.value(key);
    if (typeof value === 'number') return [value];
    if (Array.isArray(value))
      return value.map((item, i) => {
        const bound = this.bind(item as ConfigValue, key);
        if (typeof bound === 'number') return bound;
        throw this.wrong(`${key}[${i}]`, 'a number', bound);
      });
    throw this.wrong(key, 'a number or a list of numbers', value);
  }

  object(key: string): KerasObjectConfig | null {
    return asObject(this.value(key));
  }

  nested(config: RawConfig): Config {
    return new Config(this.owner, config, this.bindings);
  }

  private bind(value: ConfigValue | undefined, key: string): ConfigValue | undefined {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(item => this.bind(item as ConfigValue, key) ?? null);
    if (!('unknown' in value) || typeof value.unknown !== 'string') return value;
    const symbol = typeof value.symbol === 'string' ? value.symbol : null;
    const bound = symbol === null ? undefined : this.bindings.get(symbol);
    if (bound !== undefined) return bound;
    const what = symbol
      ? `its value "${symbol}" is not set anywhere in the source`
      : `it is not known: ${value.unknown}`;
    throw new ModelError(
      `The layer "${this.owner}" needs a value for "${key}", but ${what}.`,
      symbol
        ? `Give it in the training configuration: "args": { ${JSON.stringify(symbol)}: … }.`
        : 'Write the value as a plain number or name in the source.',
    );
  }

  private wrong(key: string, wanted: string, got: ConfigValue | undefined): ModelError {
    return new ModelError(
      `The layer "${this.owner}" needs ${wanted} for "${key}", got ${JSON.stringify(got ?? null)}.`,
      'Correct the argument in the source.',
    );
  }
}
