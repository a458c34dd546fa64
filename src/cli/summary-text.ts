// `summary` for a person: the table that `model.summary()` prints, with the operations and memory it leaves out.
import type { LayerFacts, ModelFacts, ShapeJson, TensorRef } from '../ir/model';
import { listedLayers, memoryOf, outputShapes, type MemoryRow } from '../ide/summary';
import { boxedTable, type Column } from './table';
import type { Colours } from './terminal';

/** A float32 number, which every weight is unless the program says otherwise. */
const NUMBER_BYTES = 4;

/** `open`: sizes that the file leaves open. */
export function summaryText(model: ModelFacts, { bold, dim, yellow }: Colours, open: readonly string[] = []): string {
  const linear = isLinear(model);
  const columns: Column[] = [
    { title: 'Layer (type)' },
    { title: 'Output Shape' },
    { title: 'Param #', align: 'right' },
    { title: 'FLOPs', align: 'right' },
    ...(linear ? [] : [{ title: 'Connected to' }]),
  ];
  const rows = listedLayers(model).map(layer => [
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
  if (open.length > 0) {
    const settings = open.map(name => `--set ${name}=N`).join(' ');
    lines.push(dim(` The file leaves ${open.join(' and ')} open; ${settings} fills in the numbers.`));
  }
  return `${lines.join('\n')}\n`;
}

function totals(model: ModelFacts): [string, string][] {
  const { params, flops } = model;
  const row = (count: number | null) =>
    count === null ? 'unknown' : `${grouped(count)} (${memory(count * NUMBER_BYTES)})`;
  return [
    ['Total params', row(params.total)],
    ['Trainable params', row(params.trainable)],
    ['Non-trainable params', row(params.nonTrainable)],
    ['FLOPs', flops === null ? 'unknown' : `${scaled(flops)} per example, forward`],
    ['Memory to train', memoryText(memoryOf(model))],
  ];
}

/** Weights, gradients and the optimiser's state are there once; activations for every example of a batch. */
function memoryText(rows: readonly MemoryRow[]): string {
  const perExample = rows.filter(({ name }) => name.includes('per example'));
  const once = rows.filter(row => !perExample.includes(row));
  const parts = once.map(({ name, bytes }) => `${name} ${memory(bytes)}`);
  const activations = perExample.map(({ name, bytes }) => `${memory(bytes)} of ${name}`);
  if (parts.length === 0) return 'unknown';
  return [parts.join(', '), ...(activations.length > 0 ? activations : ['activations unknown'])].join(', plus ');
}

/** As Keras prints shapes: one bare, several as a list. */
function outputText(layer: LayerFacts): string {
  const shapes = outputShapes(layer);
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
