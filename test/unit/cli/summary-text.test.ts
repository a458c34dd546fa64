// The summary table, character by character, for a chain of layers and for a graph; and the numbers in it.
import assert from 'node:assert/strict';
import { grouped, memory, scaled, shapeText, summaryText } from '../../../src/cli/summary-text';
import { colours } from '../../../src/cli/terminal';
import type { LayerFacts, ModelFacts, ShapeJson } from '../../../src/ir/model';

const place = { start: 0, end: 0 };

/** `from`: the layers whose outputs go in. */
function layer(
  name: string,
  className: string,
  shape: ShapeJson,
  from: readonly number[],
  params: number | null = 0,
  flops: number | null = 0,
): LayerFacts {
  const inputs = from.map(index => ({ layer: index, call: 0, output: 0 }));
  return {
    name,
    className,
    config: {},
    given: [],
    weights: [],
    params,
    trainable: true,
    flops,
    place,
    calls: [{ inputs, structure: inputs.length > 1 ? 'list' : 'single', config: {}, outputShapes: [shape], place }],
  };
}

function model(layers: readonly LayerFacts[], more: Partial<ModelFacts> = {}): ModelFacts {
  const total = layers.reduce<number | null>(
    (sum, { params }) => (sum === null || params === null ? null : sum + params),
    0,
  );
  return {
    binding: 'model',
    name: 'sequential',
    className: 'Sequential',
    framework: 'keras',
    layers,
    inputs: [{ layer: 0, call: 0, output: 0 }],
    outputs: [{ layer: layers.length - 1, call: 0, output: 0 }],
    inputShapes: [],
    outputShapes: [],
    params: { total, trainable: total, nonTrainable: 0 },
    flops: 599_040,
    gaps: [],
    place,
    ...more,
  };
}

describe('the summary table', () => {
  it("is Keras's, with operations and memory", () => {
    const text = summaryText(
      model([
        layer('conv2d', 'Conv2D', [null, 26, 26, 32], [], 320, 389_376),
        layer('flatten', 'Flatten', [null, 21632], [0]),
        layer('dense', 'Dense', [null, 10], [1], 216_330, 432_640),
      ]),
      colours(false),
    );
    assert.deepEqual(text.split('\n'), [
      'Model: "sequential"  (model)',
      '┏━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━┳━━━━━━━┓',
      '┃ Layer (type)      ┃ Output Shape       ┃ Param # ┃ FLOPs ┃',
      '┡━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━╇━━━━━━━┩',
      '│ conv2d (Conv2D)   │ (None, 26, 26, 32) │     320 │ 389 k │',
      '├───────────────────┼────────────────────┼─────────┼───────┤',
      '│ flatten (Flatten) │ (None, 21632)      │       0 │     0 │',
      '├───────────────────┼────────────────────┼─────────┼───────┤',
      '│ dense (Dense)     │ (None, 10)         │ 216,330 │ 433 k │',
      '└───────────────────┴────────────────────┴─────────┴───────┘',
      ' Total params: 216,650 (846.29 KB)',
      ' Trainable params: 216,650 (846.29 KB)',
      ' Non-trainable params: 0 (0.00 B)',
      ' FLOPs: 599 k per example, forward',
      ' Memory to train: weights 846.29 KB, gradients 846.29 KB, optimizer state 846.29 KB, plus 169.04 KB of activations per example',
      '',
    ]);
  });

  it('says what a layer of a graph is connected to', () => {
    const text = summaryText(
      model(
        [
          layer('a', 'InputLayer', [null, 4], []),
          layer('b', 'Dense', [null, 4], [0], 20, 32),
          layer('add', 'Add', [null, 4], [0, 1], 0, 4),
        ],
        { className: 'Functional', name: 'functional', binding: 'functional' },
      ),
      colours(false),
    );
    const lines = text.split('\n');
    assert.equal(lines[0], 'Model: "functional"');
    assert.match(lines[2] ?? '', /┃ Connected to +┃$/);
    assert.match(lines[4] ?? '', /│ a \(InputLayer\) │ \(None, 4\) .*│ - +│$/);
    assert.match(lines[8] ?? '', /│ a\[0\]\[0\], b\[0\]\[0\] │$/);
  });

  it('says what is not known, and why', () => {
    const text = summaryText(
      model([layer('dense', 'Dense', [null, 'n // 2'], [], null, null)], { flops: null, gaps: ['`n` is not known'] }),
      colours(false),
    );
    assert.match(text, /\(None, n \/\/ 2\) │ +\? │ +\? │/);
    assert.match(text, / Total params: unknown\n/);
    assert.match(text, / Memory to train: unknown\n/);
    assert.match(text, / \? `n` is not known\n$/);
  });
});

describe('numbers', () => {
  const texts: [string, string][] = [
    [grouped(1234567), '1,234,567'],
    [memory(0), '0.00 B'],
    [memory(900_136), '879.04 KB'],
    [memory(2 ** 31), '2.00 GB'],
    [scaled(0), '0'],
    [scaled(999), '999'],
    [scaled(1000), '1.00 k'],
    [scaled(12_345_678), '12.3 M'],
    [scaled(4.2e15), '4.20 P'],
    [shapeText([null]), '(None,)'],
    [shapeText([]), '()'],
    [shapeText(['batch', 3]), '(batch, 3)'],
  ];
  for (const [text, wanted] of texts) it(`reads ${wanted}`, () => assert.equal(text, wanted));
});
