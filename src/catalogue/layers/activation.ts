/** Activations as layers. Sources: keras/src/layers/activations. */
import { known } from '../../ir/dim';
import { fail, type Outcome } from '../../ir/fault';
import { axisIndex, isRanked } from '../../ir/shape';
import {
  ACTIVATION,
  ANY,
  AXES,
  constraints,
  INITIALIZER,
  NOT_NEGATIVE,
  NUMBER,
  optional,
  regularizers,
  required,
} from '../kinds';
import { type ArgumentSpec, defineLayer, type LayerContext, type LayerSpec, type WeightSpec } from '../spec';
import { sameAsInput } from './layout';

function activation(
  className: string,
  factory: string | undefined,
  doc: string,
  parameters: readonly ArgumentSpec[],
  more: Partial<LayerSpec> = {},
): LayerSpec {
  return defineLayer({
    className,
    family: 'activation',
    doc,
    parameters,
    ...(factory ? { tfjs: { factory } } : {}),
    output: sameAsInput,
    examples: [
      { args: '', inputs: [[null, 8]] },
      { args: '', inputs: [[null, 4, 4, 3]] },
    ],
    page: `activation_layers/${factory?.toLowerCase() ?? className.toLowerCase()}`,
    ...more,
  });
}

function alphaWeights({ args, input }: LayerContext): Outcome<readonly WeightSpec[]> {
  const shared = args.isNone('shared_axes') ? [] : args.axes('shared_axes');
  if (!isRanked(input) || !shared) return [];
  // Shared axes count from 1, the batch being 0.
  const rank = input.dims.length;
  const outside = shared.find(a => axisIndex(a - 1, rank - 1) === undefined);
  if (outside !== undefined) return fail({ kind: 'axis-out-of-range', axis: outside, rank, input });
  const at = shared.map(a => (a < 1 ? a + rank - 1 : a));
  return [{ name: 'alpha', shape: input.dims.slice(1).map((d, i) => (at.includes(i + 1) ? known(1) : d)) }];
}

export const ACTIVATION_LAYERS: readonly LayerSpec[] = [
  activation(
    'Activation',
    'activation',
    'Applies a named activation, or any function that is given.',
    [required('activation', ACTIVATION)],
    { examples: [{ args: "'relu'", inputs: [[null, 8]] }], page: 'core_layers/activation' },
  ),
  activation(
    'ReLU',
    'reLU',
    'Takes max(x, 0), optionally capped or leaking.',
    [
      optional('max_value', NOT_NEGATIVE),
      optional('negative_slope', NOT_NEGATIVE, 0, { tfjs: null }),
      optional('threshold', NOT_NEGATIVE, 0, { tfjs: null }),
    ],
    { renamed: { alpha: 'negative_slope' } },
  ),
  activation(
    'LeakyReLU',
    'leakyReLU',
    'Keeps x above zero and takes `negative_slope·x` below.',
    [
      // Keras 2's name is still taken, with a warning.
      optional('negative_slope', NOT_NEGATIVE, 0.3, { tfjs: 'alpha' }),
      optional('alpha', NUMBER, null, { keywordOnly: true, tfjs: null }),
    ],
    {
      check: args =>
        args.given('negative_slope') && args.isNone('negative_slope')
          ? fail({ kind: 'argument-invalid', name: 'negative_slope', got: 'None', wanted: 'a number' })
          : undefined,
    },
  ),
  activation(
    'PReLU',
    'prelu',
    'Leaky ReLU whose slopes are learned.',
    [
      optional('alpha_initializer', INITIALIZER, 'Zeros'),
      ...regularizers('alpha'),
      ...constraints('alpha'),
      optional('shared_axes', AXES),
    ],
    {
      weights: alphaWeights,
      fixedAxes: () => [],
      examples: [
        { args: '', inputs: [[null, 8]] },
        { args: 'shared_axes=[1, 2]', inputs: [[null, 4, 4, 3]] },
      ],
    },
  ),
  activation('ELU', 'elu', 'Keeps x above zero and takes `alpha·(exp(x) − 1)` below.', [optional('alpha', ANY, 1)]),
  activation('Softmax', 'softmax', 'Makes positive numbers that sum to 1 along an axis.', [
    // TensorFlow.js 4.22 begins with axis 1 (`DEFAULT_AXIS` in advanced_activations.ts).
    optional('axis', AXES, -1, { tfjsDefault: 1 }),
  ]),
];
