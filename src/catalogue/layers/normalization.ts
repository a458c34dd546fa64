/** Normalisation over the batch, the features or groups of channels. Sources: keras/src/layers/normalization. */
import { type Dim, isKnown, less, modulo, scale } from '../../ir/dim';
import { fail, type Outcome } from '../../ir/fault';
import { axisIndex, isRanked, type Shape, unranked } from '../../ir/shape';
import { perExample } from '../apply';
import {
  ANY,
  AXES,
  constraints,
  FLAG,
  free,
  initializers,
  INTEGER,
  LAYER,
  NUMBER,
  optional,
  POSITIVE,
  regularizers,
  required,
} from '../kinds';
import {
  type Arguments,
  type ArgumentSpec,
  defineLayer,
  type LayerContext,
  type LayerSpec,
  type WeightSpec,
} from '../spec';
import { dimAt, sameAsInput } from './layout';

const CENTER_AND_SCALE = [optional('center', FLAG, true), optional('scale', FLAG, true)];
const GAMMA_AND_BETA: readonly ArgumentSpec[] = [
  ...initializers({ beta: 'zeros', gamma: 'ones' }),
  ...regularizers('beta', 'gamma'),
  ...constraints('beta', 'gamma'),
];
const EXAMPLES = [
  { args: '', inputs: [[null, 8]] },
  { args: '', inputs: [[null, 4, 4, 32]] },
];

/** Lengths along the axes; an axis outside the input is the failure. */
function lengthsAlong(
  { input }: LayerContext,
  axes: readonly number[] | undefined,
): Outcome<readonly Dim[]> | undefined {
  if (!axes || !isRanked(input)) return undefined;
  const rank = input.dims.length;
  const outside = axes.find(a => axisIndex(a, rank) === undefined);
  if (outside !== undefined) return fail({ kind: 'axis-out-of-range', axis: outside, rank, input });
  return axes.map(a => dimAt(input, a));
}

function gammaAndBeta(args: Arguments, shape: readonly Dim[]): WeightSpec[] {
  return [
    ...(args.flag('scale') === false ? [] : [{ name: 'gamma', shape }]),
    ...(args.flag('center') === false ? [] : [{ name: 'beta', shape }]),
  ];
}

const fixed = (args: Arguments): readonly number[] => args.axes('axis') ?? [];
const perElement =
  (factor: number) =>
  (_: LayerContext, output: unknown): Dim =>
    scale(perExample(output as Shape), factor);

const batch = defineLayer({
  className: 'BatchNormalization',
  family: 'normalization',
  tfjs: { factory: 'batchNormalization' },
  doc: 'Keeps every channel near mean 0 and variance 1 over the batch.',
  parameters: [
    optional('axis', NUMBER, -1),
    optional('momentum', NUMBER, 0.99),
    optional('epsilon', NUMBER, 0.001),
    ...CENTER_AND_SCALE,
    ...initializers({ beta: 'zeros', gamma: 'ones', moving_mean: 'zeros', moving_variance: 'ones' }),
    ...regularizers('beta', 'gamma'),
    ...constraints('beta', 'gamma'),
    optional('renorm', FLAG, false, { tfjs: null }),
    optional('renorm_clipping', ANY, null, { tfjs: null }),
    optional('renorm_momentum', ANY, 0.99, { tfjs: null }),
    optional('synchronized', FLAG, false, { tfjs: null }),
  ],
  renamed: {
    beta_init: 'beta_initializer',
    gamma_init: 'gamma_initializer',
    mode: null,
    fused: null,
    virtual_batch_size: null,
    adjustment: null,
  },
  fixedAxes: fixed,
  check: args => {
    const axis = args.value('axis');
    return axis.kind === 'list' || axis.kind === 'tuple'
      ? fail({ kind: 'argument-invalid', name: 'axis', got: 'a list', wanted: 'an integer' })
      : undefined;
  },
  weights: c => {
    const lengths = lengthsAlong(c, c.args.axes('axis'));
    if (!lengths || 'detail' in lengths) return lengths ?? [];
    const state = (name: string): WeightSpec => ({ name, shape: lengths, trainable: false });
    return [
      ...gammaAndBeta(c.args, lengths),
      state('moving_mean'),
      state('moving_variance'),
      ...(c.args.flag('renorm') ? ['moving_stddev', 'renorm_mean', 'renorm_stddev'].map(state) : []),
    ];
  },
  output: sameAsInput,
  flops: perElement(4),
  examples: [...EXAMPLES, { args: 'axis=1, scale=False', inputs: [[null, 3, 8, 8]] }],
  page: 'normalization_layers/batch_normalization',
});

const layer = defineLayer({
  className: 'LayerNormalization',
  family: 'normalization',
  tfjs: { factory: 'layerNormalization' },
  doc: 'Keeps each example near mean 0 and variance 1 over its features.',
  parameters: [
    optional('axis', AXES, -1),
    optional('epsilon', ANY, 0.001),
    ...CENTER_AND_SCALE,
    ...GAMMA_AND_BETA,
    optional('rms_scaling', FLAG, false, { keywordOnly: true, tfjs: null }),
  ],
  weights: c => {
    const axes = c.args.axes('axis');
    const lengths = lengthsAlong(c, axes && [...axes].sort((a, b) => a - b));
    if (!lengths || 'detail' in lengths) return lengths ?? [];
    return c.args.flag('rms_scaling') ? [{ name: 'gamma', shape: lengths }] : gammaAndBeta(c.args, lengths);
  },
  output: sameAsInput,
  flops: perElement(8),
  examples: [...EXAMPLES, { args: 'axis=[1, 2]', inputs: [[null, 4, 8]] }],
  page: 'normalization_layers/layer_normalization',
});

const group = defineLayer({
  className: 'GroupNormalization',
  family: 'normalization',
  doc: 'Normalises groups of channels of each example; -1 groups is instance normalisation.',
  parameters: [
    optional('groups', INTEGER, 32),
    optional('axis', INTEGER, -1),
    optional('epsilon', ANY, 0.001),
    ...CENTER_AND_SCALE,
    ...GAMMA_AND_BETA,
  ],
  fixedAxes: fixed,
  check: args => {
    const groups = args.number('groups');
    return groups !== undefined && groups <= 0 && groups !== -1
      ? fail({ kind: 'argument-invalid', name: 'groups', got: String(groups), wanted: 'a positive integer or -1' })
      : undefined;
  },
  weights: c => {
    const lengths = lengthsAlong(c, c.args.axes('axis'));
    if (!lengths || 'detail' in lengths) return lengths ?? [];
    const [value, by] = [lengths[0]!, c.args.size('groups')];
    const whole = isKnown(by) && by.value === -1;
    const rest = modulo(value, by);
    if (!whole && (less(value, by) === 'yes' || (isKnown(rest) && rest.value !== 0))) {
      return fail({ kind: 'not-divisible', what: 'channels', value, by, byWhat: 'groups' });
    }
    return value.kind === 'open' ? [{ name: 'gamma', shape: lengths }] : gammaAndBeta(c.args, lengths);
  },
  output: sameAsInput,
  flops: perElement(8),
  examples: [
    { args: '', inputs: [[null, 4, 4, 32]] },
    { args: 'groups=4', inputs: [[null, 8]] },
  ],
  page: 'normalization_layers/group_normalization',
});

const rms = defineLayer({
  className: 'RMSNormalization',
  family: 'normalization',
  doc: 'Divides by the root mean square over the features and scales by learned factors.',
  parameters: [optional('axis', AXES, -1), optional('epsilon', ANY, 1e-6)],
  weights: c => {
    const lengths = lengthsAlong(c, c.args.axes('axis'));
    return !lengths || 'detail' in lengths ? (lengths ?? []) : [{ name: 'scale', shape: lengths }];
  },
  output: sameAsInput,
  flops: perElement(4),
  examples: EXAMPLES,
  page: 'normalization_layers/rms_normalization',
});

const unit = defineLayer({
  className: 'UnitNormalization',
  family: 'normalization',
  doc: 'Makes each example have length 1 along the axes.',
  parameters: [optional('axis', AXES, -1)],
  output: c => {
    const lengths = lengthsAlong(c, c.args.axes('axis'));
    return lengths && 'detail' in lengths ? lengths : c.input;
  },
  flops: perElement(3),
  examples: EXAMPLES,
  page: 'normalization_layers/unit_normalization',
});

const spectral = defineLayer({
  className: 'SpectralNormalization',
  family: 'normalization',
  doc: 'Wraps a layer and keeps the largest singular value of its kernel at 1.',
  parameters: [required('layer', LAYER), optional('power_iterations', POSITIVE, 1), ...free()],
  weights: c => {
    const nested = c.args.layer('layer');
    const inner = nested?.weights([c.input]);
    if (!nested || !inner || 'detail' in inner) return inner ?? [];
    const kernel = inner.find(w => w.name === 'kernel' || w.name === 'embeddings');
    const last = kernel?.shape.at(-1);
    if (!kernel || !last) {
      return nested.spec
        ? fail({
            kind: 'argument-invalid',
            name: 'layer',
            got: `a ${nested.className}`,
            wanted: 'a layer with a kernel or embeddings',
          })
        : inner;
    }
    return [
      kernel,
      { name: 'vector_u', shape: [{ kind: 'known', value: 1 }, last], trainable: false },
      ...inner.filter(w => w !== kernel),
    ];
  },
  output: c => c.args.layer('layer')?.output([c.input]) ?? unranked('the wrapped layer is not known'),
  flops: c => c.args.layer('layer')?.flops([c.input]) ?? scale(perExample(c.input), 0),
  examples: [],
  page: 'normalization_layers/spectral_normalization',
});

export const NORMALIZATION_LAYERS: readonly LayerSpec[] = [batch, layer, group, rms, unit, spectral];
