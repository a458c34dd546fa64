// `summary` for a person: the table that `model.summary()` prints, with the operations and memory it leaves out.
import type { LayerFacts, ModelFacts, ShapeJson, TensorRef } from '../ir/model';
import { boxedTable, type Column } from './table';
import type { Colours } from './terminal';

/** A float32 number, which every weight and activation is unless the code says otherwise. */
const NUMBER_BYTES = 4;

export function summaryText(model: ModelFacts, { bold, dim, yellow }: Colours): string {
  const linear = isLinear(model);
  const columns: Column[] = [
    { title: 'Layer (type)' },
    { title: 'Output Shape' },
    { title: 'Param #', align: 'right' },
    { title: 'FLOPs', align: 'right' },
    ...(linear ? [] : [{ title: 'Connected to' }]),
  ];
  // Keras lists the input of a Sequential model nowhere, and those of a functional one like other layers.
  const layers = model.layers.filter(
    ({ className }) => !(linear && model.className === 'Sequential' && className === 'InputLayer'),
  );
  const rows = layers.map(layer => [
    `${layer.name} (${layer.className})`,
    outputText(layer),
    layer.params === null ? '?' : grouped(layer.params),
    layer.flops === null ? '?' : layer.flops === 0 ? '0' : scaled(layer.flops),
    ...(linear ? [] : [connections(layer, model)]),
  ]);
  const lines = [
    bold(`Model: "${model.name}"`) + (model.binding === model.name ? '' : dim(`  (${model.binding})`)),
    boxedTable(columns, rows, bold).trimEnd(),
    ...totals(model).map(([name, value]) => ` ${bold(`${name}:`)} ${value}`),
  ];
  for (const gap of model.gaps) lines.push(` ${yellow('?')} ${gap}`);
  return `${lines.join('\n')}\n`;
}

function totals({ params, flops, layers }: ModelFacts): [string, string][] {
  const row = (count: number | null) =>
    count === null ? 'unknown' : `${grouped(count)} (${memory(count * NUMBER_BYTES)})`;
  const activations = activationCount(layers);
  return [
    ['Total params', row(params.total)],
    ['Trainable params', row(params.trainable)],
    ['Non-trainable params', row(params.nonTrainable)],
    ['FLOPs', flops === null ? 'unknown' : `${scaled(flops)} per example, forward`],
    ['Activations', activations === null ? 'unknown' : `${memory(activations * NUMBER_BYTES)} per example`],
  ];
}

/** Values of all layer outputs for one example: what training has to keep for the gradients. */
export function activationCount(layers: readonly LayerFacts[]): number | null {
  let sum = 0;
  for (const shape of layers.flatMap(({ calls }) => calls.flatMap(call => call.outputShapes))) {
    for (const [axis, length] of shape.entries()) if (axis > 0 && typeof length !== 'number') return null;
    sum += shape.slice(1).reduce<number>((product, length) => product * Number(length), 1);
  }
  return sum;
}

/** As Keras prints shapes: the last call's outputs, one bare, several as a list. */
function outputText({ calls }: LayerFacts): string {
  const shapes = calls.at(-1)?.outputShapes ?? [];
  if (shapes.length === 0) return '?';
  return shapes.length === 1 ? shapeText(shapes[0] ?? []) : `[${shapes.map(shapeText).join(', ')}]`;
}

export function shapeText(shape: ShapeJson): string {
  const inner = shape.map(length => (length === null ? 'None' : String(length))).join(', ');
  return shape.length === 1 ? `(${inner},)` : `(${inner})`;
}

/** Every layer takes the output of the one before it and nothing else. */
function isLinear({ layers, inputs, outputs }: ModelFacts): boolean {
  if (inputs.length > 1 || outputs.length > 1) return false;
  return layers.every(
    ({ calls }, index) =>
      calls.length <= 1 && (calls[0]?.inputs ?? []).every(({ layer }) => layer === index - 1 || index === 0),
  );
}

function connections({ calls }: LayerFacts, { layers }: ModelFacts): string {
  const name = ({ layer, call, output }: TensorRef) => `${layers[layer]?.name}[${call}][${output}]`;
  return calls.flatMap(call => call.inputs.map(name)).join(', ') || '-';
}

/** 225,034 as Keras writes it. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** As Keras's `readable_memory_size`. */
export function memory(bytes: number): string {
  let size = bytes;
  for (const unit of ['B', 'KB', 'MB', 'GB', 'TB']) {
    if (size < 1024 || unit === 'TB') return `${size.toFixed(2)} ${unit}`;
    size /= 1024;
  }
  throw new Error('The loop ends with its last unit.');
}

/** 1.23 M */
export function scaled(count: number): string {
  const units = [' ', 'k', 'M', 'G', 'T', 'P'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, count)) / 3)));
  const value = count / 1000 ** power;
  return power === 0 ? String(count) : `${value.toPrecision(3)} ${units[power]}`;
}
