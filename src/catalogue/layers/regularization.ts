/** Layers that act while training only, and penalties. Sources: keras/src/layers/regularization. */
import { ANY, DATA_FORMAT, FRACTION, optional, required, SEED, STRING, DTYPE } from '../kinds';
import { type ArgumentKind, type ArgumentSpec, defineLayer, type LayerSpec } from '../spec';
import { sameAsInput } from './layout';

const NOISE_SHAPE = optional('noise_shape', ANY);

interface Options {
  readonly kind?: ArgumentKind;
  readonly rest?: readonly ArgumentSpec[];
  readonly rank?: number;
  readonly tfjs?: string;
  readonly closed?: true;
  readonly renamed?: Readonly<Record<string, string>>;
}

function noise(className: string, argument: string, doc: string, options: Options = {}): LayerSpec {
  const page = className.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
  return defineLayer({
    className,
    family: 'regularization',
    doc,
    ...(options.closed ? { closed: true } : {}),
    ...(options.tfjs ? { tfjs: { factory: options.tfjs } } : {}),
    parameters: [required(argument, options.kind ?? FRACTION), ...(options.rest ?? [SEED])],
    renamed: options.renamed ?? { p: argument },
    ...(options.rank ? { rank: { exact: options.rank } } : {}),
    output: sameAsInput,
    trainingOnly: true,
    examples: [
      { args: '0.2', inputs: [options.rank ? [null, ...new Array<number>(options.rank - 1).fill(4)] : [null, 8]] },
    ],
    page: `regularization_layers/${page}`,
  });
}

const spatialRest: readonly ArgumentSpec[] = [SEED, optional('name', STRING), optional('dtype', DTYPE)];

export const REGULARIZATION_LAYERS: readonly LayerSpec[] = [
  noise('Dropout', 'rate', 'Sets a random share of its input to zero while training.', {
    rest: [NOISE_SHAPE, SEED],
    tfjs: 'dropout',
  }),
  noise('SpatialDropout1D', 'rate', 'Drops whole channels of a sequence while training.', {
    rest: spatialRest,
    closed: true,
    rank: 3,
    tfjs: 'spatialDropout1d',
  }),
  noise('SpatialDropout2D', 'rate', 'Drops whole channels of an image while training.', {
    rest: [DATA_FORMAT, ...spatialRest],
    closed: true,
    rank: 4,
  }),
  noise('SpatialDropout3D', 'rate', 'Drops whole channels of a volume while training.', {
    rest: [DATA_FORMAT, ...spatialRest],
    closed: true,
    rank: 5,
  }),
  noise('AlphaDropout', 'rate', 'Dropout that keeps mean and variance, for `selu`.', {
    rest: [NOISE_SHAPE, SEED],
    tfjs: 'alphaDropout',
  }),
  noise('GaussianDropout', 'rate', 'Multiplies by noise around one while training.', { tfjs: 'gaussianDropout' }),
  noise('GaussianNoise', 'stddev', 'Adds noise around zero while training.', {
    tfjs: 'gaussianNoise',
    renamed: { sigma: 'stddev' },
  }),
  defineLayer({
    className: 'ActivityRegularization',
    family: 'regularization',
    doc: 'Adds a penalty on the size of its input to the loss.',
    parameters: [optional('l1', ANY, 0), optional('l2', ANY, 0)],
    output: sameAsInput,
    examples: [{ args: 'l2=0.01', inputs: [[null, 8]] }],
    page: 'regularization_layers/activity_regularization',
  }),
];
