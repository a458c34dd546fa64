/**
 * Compares data with a model's shapes and loss before training starts: what Keras would raise at `fit`, or accept and
 * learn nothing from.
 */
import type { DataArray, DataDescription } from './dataset';
import { sampleCount, shapeText, sizeOf } from './dataset';

/** Shapes with the batch axis; null where any length will do. */
export interface ModelShapes {
  input: (number | null)[];
  output: (number | null)[];
  /** Keras's snake_case or TensorFlow.js's camelCase name; absent for a custom loss. */
  loss?: string;
}

export interface Mismatch {
  severity: 'error' | 'warning';
  message: string;
  hint: string;
}

/** An empty list means training can start. Lengths that are unknown on either side are never complained about. */
export function matchModel(data: DataDescription, model: ModelShapes): Mismatch[] {
  const found: Mismatch[] = [];
  const have = data.x.shape.slice(1);
  const want = model.input.slice(1);
  if (!fits(have, want) && !fits(withUnit(have, want), want)) {
    found.push({
      severity: 'error',
      message: `The model takes samples of shape ${shapeText(want)}, the data has ${shapeText(have)}.`,
      hint: inputHint(have, want),
    });
  }
  const loss = (model.loss ?? '').replace(/_/g, '').toLowerCase();
  if (!data.y) {
    if (loss !== '')
      found.push({
        severity: 'error',
        message: 'The data has no labels.',
        hint: 'Name them in the data ("y" or "label").',
      });
    return found;
  }
  const labels = data.y.shape.slice(1);
  const output = model.output.slice(1);
  const units = output[output.length - 1] ?? null;
  if (loss === 'sparsecategoricalcrossentropy') found.push(...sparse(data, labels, output, units));
  else if (loss !== '') found.push(...dense(data, labels, output, loss));
  return found;
}

function fits(have: readonly (number | null)[], want: readonly (number | null)[]): boolean {
  return (
    have.length === want.length &&
    have.every((length, axis) => length === null || want[axis] == null || length === want[axis])
  );
}

/** Keras expands `(28, 28)` into an input `(28, 28, 1)` and squeezes the reverse, on the last axis only. */
function withUnit(have: readonly (number | null)[], want: readonly (number | null)[]): (number | null)[] {
  if (have.length + 1 === want.length && want[want.length - 1] === 1) return [...have, 1];
  if (have.length === want.length + 1 && have[have.length - 1] === 1) return have.slice(0, -1);
  return [...have];
}

function inputHint(have: readonly (number | null)[], want: readonly (number | null)[]): string {
  const known = (shape: readonly (number | null)[]): shape is number[] => shape.every(length => length !== null);
  if (known(have) && known(want) && sizeOf(have) === sizeOf(want)) {
    return `Set "reshape": [${want.join(', ')}] in the data.`;
  }
  return `Give the model an input of shape ${shapeText(have)}, or choose other data.`;
}

function sparse(
  data: DataDescription,
  labels: readonly (number | null)[],
  output: readonly (number | null)[],
  units: number | null,
): Mismatch[] {
  const onePerOutput = fits(labels, output.slice(0, -1)) || fits(labels, [...output.slice(0, -1), 1]);
  if (!onePerOutput) {
    const oneHot = fits(labels, output) && units !== 1;
    return [
      {
        severity: 'error',
        message:
          'sparse_categorical_crossentropy expects one class index per prediction, the labels have shape ' +
          `${shapeText(labels)}.`,
        hint: oneHot
          ? 'The labels are one-hot: use categorical_crossentropy, or remove "oneHot" from the data.'
          : `The model's output has shape ${shapeText(output)}.`,
      },
    ];
  }
  const { minimum, maximum } = data.y!;
  if (minimum !== undefined && minimum < 0) {
    return [
      {
        severity: 'error',
        message: `The labels go down to ${minimum}; class indices start at 0.`,
        hint: 'Name the label texts in "classes" to number them from 0.',
      },
    ];
  }
  if (units !== null && maximum !== undefined && maximum >= units) {
    const offByOne = minimum === 1 && maximum === units;
    return [
      {
        severity: 'error',
        message: `The labels go up to ${maximum}, the model tells ${units} classes apart (0 to ${units - 1}).`,
        hint: offByOne
          ? 'The labels start at 1: name their texts in "classes" to number them from 0.'
          : `Give the last layer ${maximum + 1} units.`,
      },
    ];
  }
  return [];
}

const classLosses = [
  'categoricalcrossentropy',
  'binarycrossentropy',
  'kldivergence',
  'kullbackleiblerdivergence',
  'categoricalfocalcrossentropy',
];

function dense(
  data: DataDescription,
  labels: readonly (number | null)[],
  output: readonly (number | null)[],
  loss: string,
): Mismatch[] {
  if (fits(labels, output) || (labels.length === 0 && output.length === 1 && output[0] === 1)) {
    const { minimum = 0, maximum = 1 } = data.y!;
    if (loss === 'binarycrossentropy' && (minimum < 0 || maximum > 1)) {
      return [
        {
          severity: 'warning',
          message: `binary_crossentropy expects labels from 0 to 1, the data has ${minimum} to ${maximum}.`,
          hint: 'Use sparse_categorical_crossentropy for more than two classes.',
        },
      ];
    }
    return [];
  }
  const indices = labels.every(length => length === 1) && data.y!.dtype !== 'float32';
  if (loss === 'categoricalcrossentropy' && indices) {
    return [
      {
        severity: 'error',
        message: 'categorical_crossentropy expects one-hot labels, the data has class indices.',
        hint: 'Set "oneHot": true in the data, or use sparse_categorical_crossentropy.',
      },
    ];
  }
  const message = `The model's output has shape ${shapeText(output)}, the labels have ${shapeText(labels)}.`;
  const last = output[output.length - 1];
  // Regression losses broadcast (n, 1) against (n, k) without a word.
  const silent =
    !classLosses.includes(loss) && labels.length === output.length && (last === 1 || labels[labels.length - 1] === 1);
  return [
    {
      severity: silent ? 'warning' : 'error',
      message,
      hint: `Give the last layer ${labels[labels.length - 1] ?? 1} units, or choose other labels.`,
    },
  ];
}

/**
 * Gives `x` the rank of the model's input by adding or removing a last axis of length 1, as Keras does at `fit`.
 * @param input the model's input shape with the batch axis
 */
export function toInputRank(x: DataArray, input: readonly (number | null)[]): DataArray {
  const sample = x.shape.slice(1);
  const wanted = withUnit(sample, input.slice(1)) as number[];
  return wanted.length === sample.length ? x : { ...x, shape: [sampleCount(x), ...wanted] };
}
