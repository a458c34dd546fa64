/** What `model.summary()` would print, as plain data, with the memory that Keras does not mention. */
import type { LayerFacts, ModelFacts, ShapeJson } from '../ir/model';

/** A float32 number, which every weight and activation is unless the program says otherwise. */
const NUMBER_BYTES = 4;

export interface MemoryRow {
  readonly name: string;
  readonly bytes: number;
}

/** The shapes that `summary()` shows for a layer: those of its last call. */
export function outputShapes(layer: LayerFacts): readonly ShapeJson[] {
  return layer.calls.at(-1)?.outputShapes ?? layer.outputShapes ?? [];
}

/** The layers that `model.layers` lists: no operations, and no input layer before a Sequential. */
export function listedLayers(model: ModelFacts): readonly LayerFacts[] {
  return model.layers.filter(
    l => l.operation === undefined && !(model.className === 'Sequential' && l.className === 'InputLayer'),
  );
}

/** Memory of one training step's parts that grow with the model; a row is left out where a size is not known. */
export function memoryOf(model: ModelFacts): MemoryRow[] {
  const { total, trainable } = model.params;
  const rows: MemoryRow[] = [];
  if (total !== null) rows.push({ name: 'weights', bytes: total * NUMBER_BYTES });
  if (trainable !== null) {
    rows.push({ name: 'gradients', bytes: trainable * NUMBER_BYTES });
    const moments = momentsOf(model);
    if (moments > 0) rows.push({ name: 'optimizer state', bytes: trainable * NUMBER_BYTES * moments });
  }
  const values = activationCount(model);
  if (values !== null) rows.push({ name: 'activations per example', bytes: values * NUMBER_BYTES });
  return rows;
}

/** How many numbers an optimiser keeps for each weight; Keras's default is RMSprop. */
const MOMENTS: Readonly<Record<string, number>> = {
  adam: 2,
  adamw: 2,
  nadam: 2,
  adamax: 2,
  adadelta: 2,
  rmsprop: 1,
  adagrad: 1,
  lion: 1,
  ftrl: 2,
  sgd: 0,
};

function momentsOf(model: ModelFacts): number {
  const optimizer = model.compile?.optimizer;
  const name =
    typeof optimizer === 'string'
      ? optimizer
      : typeof optimizer === 'object' &&
          optimizer !== null &&
          'class' in optimizer &&
          typeof optimizer.class === 'string'
        ? optimizer.class
        : 'rmsprop';
  return MOMENTS[name.toLowerCase()] ?? 0;
}

/**
 * Numbers in all layer outputs for one example, which training keeps for the gradients; null where a size is not
 * known.
 */
export function activationCount(model: ModelFacts): number | null {
  if (model.gaps.length > 0) return null;
  let values = 0;
  for (const layer of model.layers) {
    for (const shape of layer.calls.flatMap(c => c.outputShapes)) {
      let size = 1;
      for (const length of shape.slice(1)) {
        if (typeof length !== 'number') return null;
        size *= length;
      }
      values += size;
    }
  }
  return values;
}
