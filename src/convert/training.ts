/** The `compile` call in the other framework: optimiser, loss and metrics under their names there. */
import { snakeName } from '../catalogue';
import type { Framework } from '../catalogue/spec';
import type { CompileFacts, ConfigValue } from '../ir/model';
import { call, type Code, type Entry, text } from './code';
import { isObject, isUnknown, literal } from './literal';
import type { Note } from './objects';

/** Keras's name, its class, TensorFlow.js's text, and further texts of either. */
type Row = readonly [keras: string, className: string, tfjs: string | null, ...others: string[]];

const LOSSES: readonly Row[] = [
  ['mean_squared_error', 'MeanSquaredError', 'meanSquaredError', 'mse'],
  ['mean_absolute_error', 'MeanAbsoluteError', 'meanAbsoluteError', 'mae'],
  ['mean_absolute_percentage_error', 'MeanAbsolutePercentageError', 'meanAbsolutePercentageError', 'mape'],
  ['mean_squared_logarithmic_error', 'MeanSquaredLogarithmicError', 'meanSquaredLogarithmicError', 'msle'],
  ['categorical_crossentropy', 'CategoricalCrossentropy', 'categoricalCrossentropy'],
  ['sparse_categorical_crossentropy', 'SparseCategoricalCrossentropy', 'sparseCategoricalCrossentropy'],
  ['binary_crossentropy', 'BinaryCrossentropy', 'binaryCrossentropy', 'bce'],
  ['hinge', 'Hinge', 'hinge'],
  ['squared_hinge', 'SquaredHinge', 'squaredHinge'],
  ['categorical_hinge', 'CategoricalHinge', 'categoricalHinge'],
  ['kl_divergence', 'KLDivergence', 'kullbackLeiblerDivergence', 'kld', 'kullback_leibler_divergence'],
  ['poisson', 'Poisson', 'poisson'],
  ['log_cosh', 'LogCosh', 'logcosh'],
  ['cosine_similarity', 'CosineSimilarity', 'cosineProximity', 'cosine_proximity'],
];

/** What TensorFlow.js's `metrics` looks up by text (`metricsMap` in metrics.ts), and `accuracy`. */
const METRICS: readonly Row[] = [
  ['accuracy', 'Accuracy', 'accuracy', 'acc'],
  ['binary_accuracy', 'BinaryAccuracy', 'binaryAccuracy'],
  ['categorical_accuracy', 'CategoricalAccuracy', 'categoricalAccuracy'],
  ['precision', 'Precision', 'precision'],
  ['mean_squared_error', 'MeanSquaredError', 'mse', 'meanSquaredError'],
  ['mean_absolute_error', 'MeanAbsoluteError', 'mae', 'meanAbsoluteError'],
  ['mean_absolute_percentage_error', 'MeanAbsolutePercentageError', 'mape', 'meanAbsolutePercentageError'],
  ['categorical_crossentropy', 'CategoricalCrossentropy', 'categoricalCrossentropy'],
  ['sparse_categorical_crossentropy', 'SparseCategoricalCrossentropy', 'sparseCategoricalCrossentropy'],
];

/** Keras's arguments in the order of TensorFlow.js's function, and the defaults of both where they differ. */
interface OptimizerRow {
  readonly tfjs: string;
  readonly order: readonly string[];
  /** `tf.train.…`'s own defaults; a text in `compile` may have others (`asText`). */
  readonly tfjsDefaults: Readonly<Record<string, number | boolean>>;
  readonly kerasDefaults: Readonly<Record<string, number | boolean>>;
  readonly asText?: Readonly<Record<string, number>>;
}

const OPTIMIZERS: Readonly<Record<string, OptimizerRow>> = {
  SGD: {
    tfjs: 'sgd',
    order: ['learning_rate'],
    tfjsDefaults: {},
    kerasDefaults: { learning_rate: 0.01, momentum: 0, nesterov: false },
    asText: { learning_rate: 0.01 },
  },
  Adam: {
    tfjs: 'adam',
    order: ['learning_rate', 'beta_1', 'beta_2', 'epsilon'],
    tfjsDefaults: { learning_rate: 0.001, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 },
    kerasDefaults: { learning_rate: 0.001, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 },
  },
  Adamax: {
    tfjs: 'adamax',
    order: ['learning_rate', 'beta_1', 'beta_2', 'epsilon'],
    tfjsDefaults: { learning_rate: 0.002, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 },
    kerasDefaults: { learning_rate: 0.001, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 },
  },
  Adagrad: {
    tfjs: 'adagrad',
    order: ['learning_rate', 'initial_accumulator_value'],
    tfjsDefaults: { initial_accumulator_value: 0.1 },
    kerasDefaults: { learning_rate: 0.001, initial_accumulator_value: 0.1 },
    asText: { learning_rate: 0.01 },
  },
  Adadelta: {
    tfjs: 'adadelta',
    order: ['learning_rate', 'rho', 'epsilon'],
    tfjsDefaults: { learning_rate: 0.001, rho: 0.95, epsilon: 1e-7 },
    kerasDefaults: { learning_rate: 0.001, rho: 0.95, epsilon: 1e-7 },
    asText: { learning_rate: 1 },
  },
  RMSprop: {
    tfjs: 'rmsprop',
    order: ['learning_rate', 'rho', 'momentum', 'epsilon', 'centered'],
    tfjsDefaults: { rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false },
    kerasDefaults: { learning_rate: 0.001, rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false },
    asText: { learning_rate: 0.001 },
  },
};

const plain = (name: string): string => name.replace(/_/g, '').toLowerCase();

function rowOf(rows: readonly Row[], name: string): Row | undefined {
  const wanted = plain(name);
  return rows.find(
    ([keras, , tfjs, ...others]) =>
      [keras, tfjs ?? '', ...others].some(each => plain(each) === wanted) || plain(rowClass(rows, keras)) === wanted,
  );
}

const rowClass = (rows: readonly Row[], keras: string): string => rows.find(row => row[0] === keras)![1];

/** Null where the source has no optimiser, loss or metric to carry over. */
export function compileCode(
  facts: CompileFacts,
  model: string,
  from: Framework,
  to: Framework,
  note: Note,
): Code | null {
  const entries: Entry[] = [];
  const optimizer = optimizerCode(facts.optimizer ?? 'rmsprop', from, to, note);
  entries.push(['optimizer', optimizer]);
  if (facts.loss !== undefined && facts.loss !== null)
    entries.push(['loss', each(facts.loss, v => lossCode(v, to, note))]);
  if (facts.metrics !== undefined && facts.metrics !== null) {
    const metrics = metricsCode(facts.metrics, to, note);
    if (metrics) entries.push(['metrics', metrics]);
  }
  if (facts.lossWeights !== undefined && facts.lossWeights !== null) {
    if (to === 'keras') entries.push(['loss_weights', literal(facts.lossWeights, to)]);
    else note('TensorFlow.js has no weights of losses; all count the same.');
  }
  return call(`${model}.compile`, [], entries);
}

/** One, a list, or by name of the output. */
function each(value: ConfigValue, code: (value: ConfigValue) => Code): Code {
  if (Array.isArray(value)) return { items: (value as readonly ConfigValue[]).map(code) };
  if (isObject(value) && !('class' in value) && !isUnknown(value)) {
    return { entries: Object.entries(value).map(([key, v]): Entry => [key, code(v)]) };
  }
  return code(value);
}

const nameOf = (value: ConfigValue): string | null =>
  typeof value === 'string' ? value : isObject(value) && typeof value.class === 'string' ? value.class : null;

function lossCode(value: ConfigValue, to: Framework, note: Note): Code {
  const name = nameOf(value);
  if (value === null) return literal(null, to);
  const row = name === null ? undefined : rowOf(LOSSES, name);
  if (!row || name === null) {
    note(
      name === null
        ? 'The loss could not be followed; put yours in its place.'
        : `The loss ${name} has no counterpart; put one of your own in its place.`,
    );
    return text(name === null ? 'loss' : to === 'keras' ? JSON.stringify(snakeName(name)) : JSON.stringify(name));
  }
  const [keras, className, tfjs] = row;
  if (keras === 'cosine_similarity')
    note('cosineProximity sums over all values where Keras takes the mean of each sample.');
  const options = isObject(value)
    ? Object.entries(value).filter(([key, v]) => key !== 'class' && key !== 'name' && v !== null && v !== false)
    : [];
  const logits = options.some(([key, v]) => key === 'from_logits' && v === true);
  if (to === 'keras') {
    const keywords = options.map(([key, v]): Entry => [key, literal(v, to)]);
    return keywords.length > 0 ? call(`keras.losses.${className}`, [], keywords) : text(JSON.stringify(keras));
  }
  for (const [key, v] of options) {
    if (key !== 'from_logits' && !(key === 'reduction' && v === 'sum_over_batch_size'))
      note(`The loss's argument ${key} has no counterpart.`);
  }
  if (!logits) return text(JSON.stringify(tfjs));
  const ofLogits: Readonly<Record<string, string>> = {
    categorical_crossentropy: 'tf.losses.softmaxCrossEntropy',
    binary_crossentropy: 'tf.losses.sigmoidCrossEntropy',
  };
  if (ofLogits[keras]) return text(ofLogits[keras]);
  note(`${className} of logits has no counterpart: give the last layer the activation softmax, or a loss of your own.`);
  return text(`${tfjs}FromLogits`);
}

function metricsCode(value: ConfigValue, to: Framework, note: Note): Code | undefined {
  if (Array.isArray(value)) {
    const list = value as readonly ConfigValue[];
    if (list.some(item => Array.isArray(item))) {
      if (to === 'keras') return { items: list.map(item => metricsCode(item, to, note) ?? { items: [] }) };
      note('Metrics of single outputs are named by output in TensorFlow.js: write metrics: { name: [...] }.');
      return undefined;
    }
    return { items: list.flatMap(item => metricCode(item, to, note) ?? []) };
  }
  if (isObject(value) && !('class' in value) && !isUnknown(value)) {
    const entries = Object.entries(value).map(([key, v]) => [key, metricsCode(v, to, note)] as const);
    return { entries: entries.filter((entry): entry is [string, Code] => entry[1] !== undefined) };
  }
  return metricCode(value, to, note);
}

function metricCode(value: ConfigValue, to: Framework, note: Note): Code | undefined {
  const name = nameOf(value);
  if (name === null) {
    note('A metric could not be followed.');
    return undefined;
  }
  const row = rowOf(METRICS, name);
  if (!row) {
    if (to === 'keras') return text(JSON.stringify(snakeName(name)));
    note(`The metric ${name} has no counterpart.`);
    return undefined;
  }
  return text(JSON.stringify(to === 'keras' ? row[0] : row[2]));
}

function optimizerCode(value: ConfigValue, from: Framework, to: Framework, note: Note): Code {
  const name = nameOf(value);
  const className = name === null ? undefined : Object.keys(OPTIMIZERS).find(each => plain(each) === plain(name));
  const row = className === undefined ? undefined : OPTIMIZERS[className]!;
  const given: Record<string, ConfigValue> = isObject(value) ? { ...value } : {};
  delete given.class;
  delete given.name;
  if (!row || className === undefined) {
    if (to === 'keras' && name !== null) return text(JSON.stringify(name));
    note(
      name === null
        ? 'The optimizer could not be followed; Adam stands in its place.'
        : `The optimizer ${name} has no counterpart; Adam stands in its place.`,
    );
    const rate = given.learning_rate;
    return to === 'tfjs' ? call('tf.train.adam', typeof rate === 'number' ? [text(String(rate))] : []) : text('"adam"');
  }
  for (const [key, v] of Object.entries(given)) {
    if (typeof v === 'number' || typeof v === 'boolean') continue;
    delete given[key];
    if (v === null) continue;
    note(`The optimizer's ${key} is no plain number; the default stands in its place.`);
  }
  const own =
    from === 'keras' ? row.kerasDefaults : { ...row.tfjsDefaults, ...(typeof value === 'string' ? row.asText : {}) };
  // Keras 3 has schedules instead.
  if (given.decay === 0) delete given.decay;
  const full: Record<string, ConfigValue> = { ...own, ...given };
  if (to === 'keras') {
    if ('decay' in full) {
      note('The optimizer’s decay has no counterpart: give it a keras.optimizers.schedules.InverseTimeDecay instead.');
      delete full.decay;
    }
    const isRate = ([key]: readonly [string, ConfigValue]): number => (key === 'learning_rate' ? 0 : 1);
    const keywords = Object.entries(full)
      .filter(([key, v]) => v !== row.kerasDefaults[key])
      .sort((a, b) => isRate(a) - isRate(b));
    if (keywords.length === 0) return text(JSON.stringify(plain(className)));
    return call(
      `keras.optimizers.${className}`,
      [],
      keywords.map(([key, v]): Entry => [key, literal(v, to)]),
    );
  }
  const known = new Set([...row.order, ...(className === 'SGD' ? ['momentum', 'nesterov'] : [])]);
  for (const [key, v] of Object.entries(given)) {
    if (!known.has(key) && v !== false) note(`The optimizer's ${key} has no counterpart.`);
  }
  if (className === 'SGD' && full.momentum) {
    const args = [full.learning_rate!, full.momentum, ...(full.nesterov ? [true] : [])];
    return call(
      'tf.train.momentum',
      args.map(v => literal(v, to)),
    );
  }
  const asText = { ...row.tfjsDefaults, ...row.asText };
  if (row.order.every(key => full[key] === asText[key])) return text(JSON.stringify(row.tfjs));
  let last = row.order.length;
  while (last > 1 && full[row.order[last - 1]!] === row.tfjsDefaults[row.order[last - 1]!]) last--;
  return call(
    `tf.train.${row.tfjs}`,
    row.order.slice(0, last).map(key => literal(full[key] ?? null, to)),
  );
}
