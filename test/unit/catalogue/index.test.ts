// The catalogue's look-ups: every spelling leads to one layer, and every entry is whole.
import { strict as assert } from 'node:assert';
import {
  allLayers,
  canonicalPath,
  layerByClassName,
  layerByPath,
  layerByTfjsFactory,
  parametersOf,
  snakeName,
} from '../../../src/catalogue/index';
import { applyLayer, countWeights, isFailure, isShape } from '../../../src/catalogue/apply';
import { readArguments } from '../../../src/catalogue/arguments';
import { dimJson } from '../../../src/ir/dim';
import { shape, shapeJson } from '../../../src/ir/shape';
import { integer, text, type Value } from '../../../src/ir/value';

describe('catalogue look-ups', () => {
  it('knows one layer under every path that has been in use', () => {
    const dense = layerByClassName('Dense');
    assert.ok(dense);
    for (const path of [
      'keras.layers.Dense',
      'tensorflow.keras.layers.Dense',
      'tf.keras.layers.Dense',
      'keras.src.layers.Dense',
      'keras.api.layers.Dense',
      'tensorflow.python.keras.layers.Dense',
      'keras.layers.core.Dense',
      'keras.src.layers.core.dense.Dense',
      'tfjs.layers.dense',
    ]) {
      assert.equal(layerByPath(path), dense, path);
    }
    assert.equal(layerByPath('keras.losses.Dense'), undefined);
  });

  it('reduces paths to one form', () => {
    const table: [string, string][] = [
      ['tf.keras.Model', 'keras.models.Model'],
      ['keras.Sequential', 'keras.models.Sequential'],
      ['keras.layers.convolutional.Conv2D', 'keras.layers.Conv2D'],
      ['tf.keras.layers.experimental.preprocessing.RandomFlip', 'keras.layers.RandomFlip'],
      ['np.zeros', 'numpy.zeros'],
      ['tf.reshape', 'tensorflow.reshape'],
      ['keras.layers.Input', 'keras.Input'],
      ['tf.keras.Input', 'keras.Input'],
      ['keras.datasets.mnist.load_data', 'keras.datasets.mnist.load_data'],
    ];
    for (const [path, canonical] of table) assert.equal(canonicalPath(path), canonical);
  });

  it('makes Keras’s automatic names', () => {
    const table = {
      Conv2D: 'conv2d',
      Conv2DTranspose: 'conv2d_transpose',
      LSTM: 'lstm',
      MaxPooling2D: 'max_pooling2d',
      BatchNormalization: 'batch_normalization',
      ReLU: 're_lu',
      GlobalAveragePooling2D: 'global_average_pooling2d',
      MultiHeadAttention: 'multi_head_attention',
      PReLU: 'p_re_lu',
      SimpleRNN: 'simple_rnn',
    };
    for (const [className, name] of Object.entries(table)) assert.equal(snakeName(className), name);
  });

  it('has every class, alias and factory once', () => {
    const names = allLayers().flatMap(l => [l.className, ...(l.aliases ?? [])]);
    assert.equal(new Set(names).size, names.length);
    const factories = allLayers().flatMap(l => (l.tfjs ? [l.tfjs.factory, ...(l.tfjs.aliases ?? [])] : []));
    assert.equal(new Set(factories).size, factories.length);
    assert.equal(layerByTfjsFactory('maxPool2d')?.className, 'MaxPooling2D');
  });

  it('has no argument twice', () => {
    for (const spec of allLayers()) {
      const names = parametersOf(spec).map(p => p.name);
      assert.equal(new Set(names).size, names.length, spec.className);
    }
  });
});

describe('applyLayer', () => {
  it('gives shape and weights of a convolution', () => {
    const spec = layerByClassName('Conv2D')!;
    const args = readArguments(
      parametersOf(spec),
      new Map<string, Value>([
        ['filters', integer(32)],
        ['kernel_size', integer(3)],
        ['activation', text('relu')],
      ]),
    );
    const applied = applyLayer(spec, { args, inputs: [shape(null, 28, 28, 1)] });
    assert.ok(!isFailure(applied) && isShape(applied.output));
    assert.deepEqual(shapeJson(applied.output), [null, 26, 26, 32]);
    assert.equal(dimJson(countWeights(applied.weights)), 320);
  });

  it('refuses another rank', () => {
    const spec = layerByClassName('LSTM')!;
    const applied = applyLayer(spec, {
      args: readArguments(parametersOf(spec), new Map([['units', integer(4)]])),
      inputs: [shape(null, 10)],
    });
    assert.ok(isFailure(applied));
    assert.equal(applied.detail.kind, 'rank-mismatch');
  });
});
