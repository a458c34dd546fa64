/**
 * From facts of the code, a training configuration and Keras's defaults to a `FitPlan` with nothing left open. The
 * configuration wins over the code, and the code over the defaults.
 */
import type { CompileFacts, ConfigValue, ModelFacts, UnknownConfig } from '../ir/model';
import type { FitPlan, KerasObject, PerOutput } from '../protocol/fit-plan';
import type { Json } from '../protocol/messages';
import { CALLBACKS, ConfigurationError, type ConfiguredObject, type TrainingConfiguration } from './configuration';

export interface PlanRequest {
  readonly model: ModelFacts;
  readonly configuration: TrainingConfiguration;
  /** The folder of the configuration, or of the code: where relative paths start. */
  readonly folder: string;
  readonly workspace: readonly string[];
}

export interface ResolvedPlan {
  readonly plan: FitPlan;
  readonly seed: number;
  /** The resolved settings by dotted name, for tables and comparison. */
  readonly settings: Readonly<Record<string, Json>>;
  /** What of the code is left out of this run, each in one sentence. */
  readonly notes: readonly string[];
}

/** Keras's `fit` has these when nothing is said (`keras/src/backend/tensorflow/trainer.py`). */
const KERAS_DEFAULTS = { epochs: 1, batchSize: 32, shuffle: true, optimizer: 'rmsprop' } as const;

/** @throws ConfigurationError where something is missing that neither the code nor the configuration says. */
export function resolvePlan({ model, configuration, folder, workspace }: PlanRequest): ResolvedPlan {
  const notes: string[] = [];
  const args = configuration.args ?? {};
  const code = new CodeReader(args);
  const { compile = {}, fit = {} } = configuration;
  const data = dataOf(model, configuration, folder);
  const optimizer =
    compile.optimizer === undefined
      ? code.object(model.compile?.optimizer ?? KERAS_DEFAULTS.optimizer, 'the optimizer')
      : configured(compile.optimizer);
  const loss = compile.loss === undefined ? codeLoss(model.compile, code) : perOutput(compile.loss);
  if (loss === undefined) {
    throw new ConfigurationError(
      `The model “${model.binding}” has no loss: the code never calls compile(loss=…) on it. Give one in the configuration: "compile": {"loss": "…"}.`,
    );
  }
  const metrics =
    compile.metrics === undefined ? codeMetrics(model.compile?.metrics, code) : compile.metrics.map(configured);
  const callbacks =
    configuration.callbacks === undefined
      ? codeCallbacks(model.fit?.callbacks, code, notes)
      : Object.entries(configuration.callbacks).flatMap(([name, value]) =>
          value === false
            ? []
            : [{ class: CALLBACKS[name as keyof typeof CALLBACKS], config: value === true ? {} : snakeKeys(value) }],
        );
  const plan: FitPlan = {
    model: model as unknown as Json,
    args,
    data,
    dataFolder: folder,
    workspace,
    optimizer,
    loss,
    lossWeights: codeLossWeights(model.compile?.lossWeights, code),
    metrics,
    fit: {
      epochs: fit.epochs ?? model.fit?.epochs ?? KERAS_DEFAULTS.epochs,
      batchSize: fit.batchSize ?? model.fit?.batchSize ?? KERAS_DEFAULTS.batchSize,
      shuffle: fit.shuffle ?? model.fit?.shuffle ?? KERAS_DEFAULTS.shuffle,
      classWeight: fit.classWeight ?? null,
    },
    callbacks,
  };
  return { plan, seed: fit.seed ?? 0, settings: settingsOf(plan, fit.seed ?? 0), notes };
}

/** Data of the configuration; else the `keras.datasets` that the code itself loads. */
function dataOf(model: ModelFacts, configuration: TrainingConfiguration, folder: string): FitPlan['data'] {
  const { scale, validationSplit } = model.fit ?? {};
  const split: Readonly<Record<string, Json>> = validationSplit ? { validation: validationSplit, split: 'end' } : {};
  if (configuration.data) return { ...split, ...configuration.data } as FitPlan['data'];
  const dataset = model.fit?.dataset;
  const name = dataset?.split('.').at(-1);
  if (name) {
    return { reader: 'keras', dataset: name, ...(scale === undefined || scale === 1 ? {} : { scale }), ...split };
  }
  throw new ConfigurationError(
    `What “${model.binding}” is to be trained on is not known. Name it in a *.modelwright.json beside ${folder}, or give --data FILE.`,
  );
}

// --------------------------------------------------------------------------------------------- from the code

/** Reads configuration values of the code; names the value that is not known and where to give it. */
class CodeReader {
  constructor(private readonly args: Readonly<Record<string, Json>>) {}

  object(value: ConfigValue, what: string): KerasObject {
    if (typeof value === 'string') return { class: value, config: {} };
    if (isRecord(value) && typeof value['class'] === 'string') {
      const { class: name, ...config } = value;
      return { class: name, config: this.record(config, `${what}’s arguments`) };
    }
    throw unknownIn(what, value);
  }

  json(value: ConfigValue, what: string): Json {
    if (isUnknown(value)) {
      const given = value.symbol === undefined ? undefined : this.args[value.symbol];
      if (given === undefined) throw unknownIn(what, value);
      return given;
    }
    if (Array.isArray(value)) return (value as readonly ConfigValue[]).map(v => this.json(v, what));
    if (isRecord(value)) {
      // A nested object, such as a learning-rate schedule.
      if (typeof value['class'] === 'string') {
        const { class: name, config } = this.object(value, what);
        return { class: name, config };
      }
      return this.record(value, what);
    }
    return value as Json;
  }

  private record(value: Readonly<Record<string, ConfigValue>>, what: string): Record<string, Json> {
    return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, this.json(v, `${what} (${key})`)]));
  }
}

function codeLoss(compile: CompileFacts | undefined, code: CodeReader): PerOutput<KerasObject> | undefined {
  const value = compile?.loss;
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value))
    return (value as readonly ConfigValue[]).map(v => (v === null ? null : code.object(v, 'the loss')));
  if (isRecord(value) && typeof value['class'] !== 'string' && !isUnknown(value)) {
    return {
      byName: Object.fromEntries(
        Object.entries(value).map(([name, v]) => [name, v === null ? null : code.object(v, `the loss of ${name}`)]),
      ),
    };
  }
  return code.object(value, 'the loss');
}

function codeMetrics(value: ConfigValue | undefined, code: CodeReader): FitPlan['metrics'] {
  if (value === undefined || value === null) return [];
  const list = (v: ConfigValue): KerasObject[] =>
    (Array.isArray(v) ? (v as readonly ConfigValue[]) : [v]).map(m => code.object(m, 'a metric'));
  if (isRecord(value) && typeof value['class'] !== 'string' && !isUnknown(value)) {
    return { byName: Object.fromEntries(Object.entries(value).map(([name, v]) => [name, list(v)])) };
  }
  return list(value);
}

function codeLossWeights(value: ConfigValue | undefined, code: CodeReader): PerOutput<number> | null {
  if (value === undefined || value === null) return null;
  const weights = code.json(value, 'the loss weights');
  return isRecord(weights) ? { byName: weights as Record<string, number> } : (weights as number | number[]);
}

const RUNNABLE = new Set<string>(Object.values(CALLBACKS));

function codeCallbacks(value: ConfigValue | undefined, code: CodeReader, notes: string[]): KerasObject[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly ConfigValue[]).flatMap(v => {
    const name = isRecord(v) && typeof v['class'] === 'string' ? v['class'] : undefined;
    if (name === 'TensorBoard' || name === 'BackupAndRestore') return []; // Every run has both.
    if (name === undefined || !RUNNABLE.has(name)) {
      notes.push(`The callback ${name ?? 'that is not known'} of the code is left out: it cannot run without Python.`);
      return [];
    }
    return [code.object(v, `the callback ${name}`)];
  });
}

function unknownIn(what: string, value: ConfigValue): ConfigurationError {
  const why = isUnknown(value) ? value.unknown : 'it is not a name or an object of Keras';
  return new ConfigurationError(`What the code gives for ${what} is not known (${why}). Give it in the configuration.`);
}

// ------------------------------------------------------------------------------------- from the configuration

function configured(value: ConfiguredObject): KerasObject {
  if (typeof value === 'string') return { class: value, config: {} };
  const { class: name, ...config } = value;
  return { class: name, config: snakeKeys(config) };
}

function perOutput(value: ConfiguredObject | readonly ConfiguredObject[]): PerOutput<KerasObject> {
  return Array.isArray(value)
    ? (value as readonly ConfiguredObject[]).map(configured)
    : configured(value as ConfiguredObject);
}

/** `restoreBestWeights` → `restore_best_weights`, as Keras spells its arguments. */
function snakeKeys(config: Readonly<Record<string, Json>>): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key.replace(/[A-Z]/g, c => `_${c.toLowerCase()}`),
      isRecord(value as ConfigValue) && key !== 'class' ? nested(value as Record<string, Json>) : value,
    ]),
  );
}

/** A schedule inside an optimiser: `{"class": "CosineDecay", "decaySteps": 100}`. */
function nested(value: Readonly<Record<string, Json>>): Json {
  if (typeof value['class'] !== 'string') return snakeKeys(value);
  const { class: name, ...config } = value;
  return { class: name, config: snakeKeys(config) };
}

// ------------------------------------------------------------------------------------------------------- shared

function settingsOf({ optimizer, loss, fit, callbacks, data }: FitPlan, seed: number): Record<string, Json> {
  const flat: Record<string, Json> = {
    'fit.epochs': fit.epochs,
    'fit.batchSize': fit.batchSize,
    'fit.shuffle': fit.shuffle,
    'fit.seed': seed,
    'optimizer.class': optimizer.class,
  };
  for (const [key, value] of Object.entries(optimizer.config)) flat[`optimizer.${key}`] = value;
  flat['loss'] = typeof loss === 'object' && 'class' in loss ? loss.class : (loss as unknown as Json);
  flat['data.reader'] = data.reader;
  for (const callback of callbacks) flat[`callbacks.${callback.class}`] = callback.config;
  return flat;
}

function isRecord(value: ConfigValue | undefined): value is { readonly [key: string]: ConfigValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isUnknown(value: ConfigValue): value is UnknownConfig {
  return isRecord(value) && typeof (value as Partial<UnknownConfig>).unknown === 'string';
}
