/** A whole model as a program of the other framework: nested models first, then the layers, then `compile`. */
import type { Framework } from '../catalogue/spec';
import type { LayerFacts, ModelFacts, ShapeJson, TensorRef } from '../ir/model';
import { call, type Code, type Entry, printProgram, type Statement, text, type Wrapper } from './code';
import { type Conversion, isName, layerCode, targetOf } from './layer';
import { isObject, literal } from './literal';
import { Names } from './names';
import { compileCode } from './training';

export interface Converted {
  readonly code: string;
  readonly language: 'javascript' | 'python';
  /** What has no counterpart, or means something a little different; each stands in the code as a comment, too. */
  readonly notes: readonly string[];
}

/** A model that cannot be written at all; the message is one sentence that says why. */
export class ConversionError extends Error {
  override readonly name = 'ConversionError';
}

/** @throws ConversionError for a model without a graph, or one that is of that framework already. */
export function convertModel(model: ModelFacts, to: Framework): Converted {
  if (model.framework === to) {
    const framework = to === 'keras' ? 'Keras' : 'TensorFlow.js';
    throw new ConversionError(`“${model.binding}” is a model of ${framework} already.`);
  }
  if (model.className === 'Model' || model.layers.length === 0) {
    throw new ConversionError(
      `The layers of “${model.binding}” are called in code that cannot be followed into a graph.`,
    );
  }
  return new ModelWriter(model.framework, to).write(model);
}

/** Operations between layers that a merge layer can stand for, where both sides have one shape. */
const MERGES = new Set(['Add', 'Multiply', 'Maximum', 'Minimum']);

const refKey = ({ layer, call: index, output }: TensorRef): string => `${layer}.${index}.${output}`;

class ModelWriter {
  private readonly statements: Statement[] = [];
  private readonly notes: string[] = [];
  private readonly names: Names;
  private readonly js: boolean;
  /** Notes that wait for the next statement. */
  private pending: string[] = [];

  /** Parameters for sizes that the source leaves open, by their names there. */
  private readonly parameters = new Map<string, string>();
  private readonly cx: Conversion;

  constructor(from: Framework, to: Framework) {
    this.cx = { from, to, parameter: symbol => this.parameter(symbol) };
    this.js = to === 'tfjs';
    this.names = new Names(this.js ? 'javascript' : 'python');
  }

  /** A function builds the model where it has sizes left open; else it stands at the top level. */
  write(model: ModelFacts): Converted {
    const open = symbolsOf(model);
    const name = open.length > 0 ? this.names.of(model.binding) : '';
    for (const symbol of open) this.parameter(symbol);
    const variable = this.model(model, open.length > 0 ? 'model' : model.binding);
    if (model.compile) this.compile(model, variable);
    const parameters = [...this.parameters.values()];
    const wrapper =
      parameters.length > 0 ? { name: name || this.names.of('build_model'), parameters, result: variable } : undefined;
    return this.program(model.gaps, wrapper);
  }

  private parameter(symbol: string): string {
    let name = this.parameters.get(symbol);
    if (name === undefined) this.parameters.set(symbol, (name = this.names.of(symbol)));
    return name;
  }

  private program(gaps: readonly string[], wrapper: Wrapper | undefined): Converted {
    for (const gap of gaps) this.notes.push(`Not all of the model could be followed: ${gap}`);
    const used = (word: string): boolean =>
      this.statements.some(({ value }) => value && JSON.stringify(value).includes(word));
    const imports: Statement[] = this.js
      ? [plainLine('import * as tf from "@tensorflow/tfjs"')]
      : [plainLine('import keras'), ...(used('layers.') ? [plainLine('from keras import layers')] : [])];
    const head = gaps.map(gap => `Not all of the model could be followed: ${gap}`);
    const [first, ...others] = this.statements;
    const statements = [...(first ? [{ ...first, comments: [...head, ...first.comments] }] : []), ...others];
    const language = this.js ? 'javascript' : 'python';
    return { code: printProgram(imports, statements, language, wrapper), language, notes: this.notes };
  }

  /** @returns the variable that holds it */
  private model(model: ModelFacts, wish: string): string {
    const nested = new Map<LayerFacts, string>();
    for (const layer of model.layers) {
      if (!layer.model) continue;
      if (layer.model.className === 'Model') {
        throw new ConversionError(
          `The layers of “${layer.name}” are called in code that cannot be followed into a graph.`,
        );
      }
      const variable = this.model(layer.model, layer.name);
      if (!layer.trainable)
        this.add({ comments: [], value: text(`${variable}.trainable = ${this.js ? 'false' : 'False'}`) });
      nested.set(layer, variable);
    }
    const variable = this.names.of(wish);
    if (model.className === 'Sequential') this.sequential(model, variable, nested);
    else this.functional(model, variable, nested);
    return variable;
  }

  private compile(model: ModelFacts, variable: string): void {
    const { from, to } = this.cx;
    const code = compileCode(model.compile!, variable, from, to, sentence => this.say(`compile: ${sentence}`));
    if (code) this.add({ comments: [], value: code, apart: true });
  }

  // ------------------------------------------------------------------------------------------------- sequential

  private sequential(model: ModelFacts, variable: string, nested: ReadonlyMap<LayerFacts, string>): void {
    const [first] = model.layers;
    const input = first?.className === 'InputLayer' ? first : undefined;
    const layers = model.layers.filter(layer => layer !== input);
    if (input) this.sequentialInputs.add(input);
    const named = this.nameEntry(model);
    const forced = outputKeys(model);
    if (!this.js) {
      const items = [
        ...(input ? [this.inputCode(input, true)] : []),
        ...layers.map(layer => this.itemCode(layer, nested, forced)),
      ];
      this.add({ comments: [], names: [variable], value: call('keras.Sequential', [{ items }], named), apart: true });
      return;
    }
    this.add({ comments: [], names: [variable], value: call('tf.sequential', [], named), apart: true });
    let shape = input ? this.shapeEntries(input) : [];
    const [head] = layers;
    const needsLayer =
      input !== undefined &&
      (!head || nested.has(head) || !targetOf(head.className, this.cx) || dtypeOf(input) !== null);
    if (input && needsLayer) {
      const dtype = dtypeOf(input);
      const entries: Entry[] = dtype === null ? shape : [...shape, ['dtype', text(JSON.stringify(dtype))]];
      // A nested model knows its own input.
      if (!head || !nested.has(head) || dtype !== null) {
        this.add({ comments: [], value: call(`${variable}.add`, [call('tf.layers.inputLayer', [], entries)]) });
      }
      shape = [];
    }
    layers.forEach((layer, i) => {
      const code = this.itemCode(layer, nested, forced, i === 0 ? shape : []);
      this.add({ comments: [], value: call(`${variable}.add`, [code]) });
    });
  }

  private itemCode(
    layer: LayerFacts,
    nested: ReadonlyMap<LayerFacts, string>,
    forced: ReadonlySet<string>,
    extra: readonly Entry[] = [],
  ): Code {
    const variable = nested.get(layer);
    if (variable !== undefined) return text(variable);
    return this.layer(layer, forced, extra);
  }

  // ------------------------------------------------------------------------------------------------- functional

  private functional(model: ModelFacts, variable: string, nested: ReadonlyMap<LayerFacts, string>): void {
    const values = new Map<string, string>();
    const made = new Map<LayerFacts, Code>([...nested].map(([layer, name]) => [layer, text(name)] as const));
    const forced = outputKeys(model);
    const done = new Set<string>();
    let apart = true;
    const emit = (statement: Omit<Statement, 'comments'>): void => {
      this.add({ comments: [], ...statement, ...(apart ? { apart: true as const } : {}) });
      apart = false;
    };
    for (let progress = true; progress;) {
      progress = false;
      model.layers.forEach((layer, at) => {
        layer.calls.forEach((one, index) => {
          const key = `${at}.${index}`;
          if (done.has(key) || !one.inputs.every(ref => values.has(refKey(ref)))) return;
          done.add(key);
          progress = true;
          const outputs = one.outputShapes.map((_, output) => {
            const name = this.names.of(output === 0 ? wishOf(layer) : `${wishOf(layer)}_state`);
            values.set(refKey({ layer: at, call: index, output }), name);
            return name;
          });
          if (layer.className === 'InputLayer' && one.inputs.length === 0) {
            emit({ names: outputs, value: this.inputCode(layer, false) });
            return;
          }
          const tensors = one.inputs.map(ref => text(values.get(refKey(ref))!));
          const merge = layer.operation === undefined ? null : this.operation(model, layer, one.inputs);
          const list = merge ? true : one.structure !== 'single';
          if (typeof one.structure !== 'string' && one.structure.length > 0 && !merge) {
            this.say(`${layer.name}: its inputs have names (${one.structure.join(', ')}), which stand in order here.`);
          }
          for (const name of Object.keys(one.config))
            this.say(`${layer.name}: the call's argument ${name} is left out.`);
          let code = merge ?? made.get(layer);
          if (!code) {
            code = this.layer(layer, forced);
            // A layer of the author's own, or one that is called again, gets a name before it is called.
            const missing = !targetOf(layer.className, this.cx) || layer.operation !== undefined;
            if (layer.calls.length > 1 || (missing && this.js)) {
              const own = this.names.of(`${wishOf(layer)}_layer`);
              emit({ names: [own], value: code });
              code = text(own);
            }
            made.set(layer, code);
          }
          emit({ names: outputs, value: { layer: code, to: list ? { items: tensors } : tensors[0]! } });
        });
      });
    }
    const one = (refs: readonly TensorRef[], keys: readonly string[] | undefined, what: string): Code => {
      const variables = refs.map(ref => text(values.get(refKey(ref)) ?? 'undefined'));
      if (keys && !this.js) return { entries: keys.map((key, i): Entry => [key, variables[i]!]) };
      if (keys) this.say(`The model’s ${what} have names (${keys.join(', ')}), which stand in order here.`);
      return variables.length === 1 ? variables[0]! : { items: variables };
    };
    const inputs = one(model.inputs, model.inputNames, 'inputs');
    const outputs = one(model.outputs, model.outputNames, 'outputs');
    const entries: Entry[] = [['inputs', inputs], ['outputs', outputs], ...this.nameEntry(model)];
    this.add({ comments: [], names: [variable], value: call(this.js ? 'tf.model' : 'keras.Model', [], entries) });
  }

  /** A merge layer for an operation on two tensors of one shape; null, with a note to come, for everything else. */
  private operation(model: ModelFacts, layer: LayerFacts, inputs: readonly TensorRef[]): Code | null {
    const shape = ({ layer: at, call: index, output }: TensorRef): string =>
      JSON.stringify(model.layers[at]?.calls[index]?.outputShapes[output]);
    const [a, b] = inputs;
    if (!MERGES.has(layer.className) || inputs.length !== 2 || shape(a!) !== shape(b!)) return null;
    return layerCode(layer.className, {}, this.cx, () => {});
  }

  // ----------------------------------------------------------------------------------------------------- layers

  private layer(layer: LayerFacts, forced: ReadonlySet<string>, extra: readonly Entry[] = []): Code {
    const note = (sentence: string): void => this.say(`${layer.name}: ${sentence}`);
    const isNamed = layer.given.includes('name') || forced.has(layer.name);
    const name: Entry[] = isNamed ? [['name', text(JSON.stringify(layer.name))]] : [];
    const config = layer.trainable ? layer.config : { ...layer.config, trainable: false };
    if (layer.operation !== undefined) {
      note(`The operation ${layer.operation} stands between layers; write it as a layer of your own.`);
      return call(this.js ? `new ${layer.className}` : layer.className, [], [...extra, ...name]);
    }
    // Shape first, then what the layer is, then its name.
    return layerCode(layer.className, config, this.cx, note, extra, name);
  }

  private inputCode(layer: LayerFacts, inSequential: boolean): Code {
    const entries = this.shapeEntries(layer);
    const dtype = dtypeOf(layer);
    if (dtype !== null) entries.push(['dtype', text(JSON.stringify(dtype))]);
    if (layer.given.includes('name')) entries.push(['name', text(JSON.stringify(layer.name))]);
    if (!this.js) return call('keras.Input', [], entries);
    return call(inSequential ? 'tf.layers.inputLayer' : 'tf.input', [], entries);
  }

  /** Without the batch, unless the batch is fixed. */
  private shapeEntries(layer: LayerFacts): Entry[] {
    const shape: ShapeJson = layer.calls[0]?.outputShapes[0] ?? [];
    const [batch = null, ...sizes] = shape;
    const open = shape.filter(size => typeof size === 'string' && !isName(size));
    if (open.length > 0) this.say(`${layer.name}: the source leaves ${open.join(', ')} open.`);
    const size = (each: ShapeJson[number]): Code =>
      typeof each === 'string' && isName(each)
        ? text(this.parameter(each))
        : literal(typeof each === 'string' ? null : each, this.cx.to);
    const code = (dims: ShapeJson): Code => ({ items: dims.map(size), tuple: true });
    const inLayer = this.js && layer.className === 'InputLayer' && this.sequentialInputs.has(layer);
    if (typeof batch === 'number')
      return [[this.js ? (inLayer ? 'batchInputShape' : 'batchShape') : 'batch_shape', code(shape)]];
    return [[this.js ? (inLayer ? 'inputShape' : 'shape') : 'shape', code(sizes)]];
  }

  /** Input layers of Sequentials, whose shape the first layer takes in TensorFlow.js. */
  private readonly sequentialInputs = new Set<LayerFacts>();

  /** A name that the framework gave is left to the other one. */
  private nameEntry({ name }: ModelFacts): Entry[] {
    return /^(sequential|functional|model)_?\d*$/.test(name) ? [] : [['name', text(JSON.stringify(name))]];
  }

  private say(sentence: string): void {
    this.notes.push(sentence);
    this.pending.push(sentence);
  }

  private add(statement: Statement): void {
    this.statements.push({ ...statement, comments: [...statement.comments, ...this.pending] });
    this.pending = [];
  }
}

const plainLine = (line: string): Statement => ({ comments: [], value: text(line) });

/** `int32` and the like; null for what is assumed anyway. */
function dtypeOf({ config }: LayerFacts): string | null {
  return typeof config.dtype === 'string' && config.dtype !== 'float32' ? config.dtype : null;
}

/** Keras's name of the layer as a base for variables: `conv2d_1` and `conv2d_Conv2D1` are both a `conv2d`. */
function wishOf(layer: LayerFacts): string {
  if (layer.given.includes('name')) return layer.name;
  if (layer.className === 'InputLayer') return 'input';
  return layer.model ? `${layer.name}_output` : layer.className;
}

/** Names of output layers that losses or metrics are given by: they must stay what they are. */
function outputKeys({ compile }: ModelFacts): ReadonlySet<string> {
  const keys = [compile?.loss, compile?.metrics, compile?.lossWeights].flatMap(value =>
    value !== undefined && isObject(value) && !('class' in value) ? Object.keys(value) : [],
  );
  return new Set(keys);
}

/** Names of sizes that inputs or arguments of the model depend on, in the order in which they appear. */
function symbolsOf(model: ModelFacts): readonly string[] {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { symbol } = value as { symbol?: unknown };
    if (typeof symbol === 'string' && isName(symbol)) found.add(symbol);
    for (const each of Object.values(value)) look(each);
  };
  for (const layer of model.layers) {
    if (layer.className === 'InputLayer') {
      for (const size of layer.calls[0]?.outputShapes[0] ?? [])
        if (typeof size === 'string' && isName(size)) found.add(size);
    }
    look(layer.config);
    if (layer.model) for (const symbol of symbolsOf(layer.model)) found.add(symbol);
  }
  return [...found];
}
