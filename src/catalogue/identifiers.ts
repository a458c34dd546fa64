/**
 * The strings that Keras 3 turns into activations, initialisers, regularisers and constraints: the keys of
 * `ALL_OBJECTS_DICT` in keras/src/{activations,initializers,regularizers,constraints}/__init__.py.
 */

const words = (all: string): ReadonlySet<string> => new Set(all.split(' '));

export const ACTIVATIONS = words(
  'celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish ' +
    'hard_tanh leaky_relu ' +
    'linear log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign ' +
    'sparse_plus ' +
    'sparse_sigmoid sparsemax squareplus swish tanh tanh_shrink threshold',
);

export const INITIALIZERS = words(
  'Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity ' +
    'IdentityInitializer Initializer ' +
    'LecunNormal LecunUniform Ones Orthogonal OrthogonalInitializer RandomNormal RandomUniform STFT STFTInitializer ' +
    'TruncatedNormal ' +
    'VarianceScaling Zeros constant glorot_normal glorot_uniform he_normal he_uniform identity initializer ' +
    'lecun_normal ' +
    'lecun_uniform normal one ones orthogonal random_normal random_uniform stft truncated_normal uniform ' +
    'variance_scaling zero zeros',
);

export const REGULARIZERS = words(
  'L1 L1L2 L2 OrthogonalRegularizer Regularizer l1 l1l2 l2 orthogonal_regularizer ' + 'regularizer',
);

export const CONSTRAINTS = words(
  'Constraint MaxNorm MinMaxNorm NonNeg UnitNorm constraint max_norm min_max_norm ' + 'non_neg unit_norm',
);
