/**
 * The strings that Keras 3 turns into activations, initialisers, regularisers, constraints, losses, metrics and
 * optimisers: the keys of `ALL_OBJECTS_DICT` in keras/src/{activations,initializers,…}/__init__.py, and the metrics that
 * depend on the loss. Objects that a program registers are not looked up by these strings.
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

export const LOSSES = words(
  'BCE BinaryCrossentropy BinaryFocalCrossentropy CTC CategoricalCrossentropy CategoricalFocalCrossentropy ' +
    'CategoricalHinge Circle CosineSimilarity Dice Hinge Huber KLD KLDivergence LogCosh Loss ' +
    'LossFunctionWrapper MAE MAPE MSE MSLE MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError ' +
    'MeanSquaredLogarithmicError Poisson SparseCategoricalCrossentropy SquaredHinge Tversky bce ' +
    'binary_crossentropy binary_focal_crossentropy categorical_crossentropy categorical_focal_crossentropy ' +
    'categorical_hinge circle cosine_similarity ctc dice hinge huber kl_divergence kld log_cosh mae mape ' +
    'mean_absolute_error mean_absolute_percentage_error mean_squared_error mean_squared_logarithmic_error mse ' +
    'msle poisson sparse_categorical_crossentropy squared_hinge tversky',
);

export const METRICS = words(
  'AUC Accuracy BCE BinaryAccuracy BinaryCrossentropy BinaryIoU CategoricalAccuracy CategoricalCrossentropy ' +
    'CategoricalHinge ConcordanceCorrelation CosineSimilarity F1Score FBetaScore FalseNegatives FalsePositives ' +
    'Hinge IoU KLDivergence LogCoshError MAE MAPE MSE MSLE Mean MeanAbsoluteError MeanAbsolutePercentageError ' +
    'MeanIoU MeanMetricWrapper MeanSquaredError MeanSquaredLogarithmicError Metric OneHotIoU OneHotMeanIoU ' +
    'PearsonCorrelation Poisson Precision PrecisionAtRecall R2Score Recall RecallAtPrecision ' +
    'RootMeanSquaredError SensitivityAtSpecificity SparseCategoricalAccuracy SparseCategoricalCrossentropy ' +
    'SparseTopKCategoricalAccuracy SpecificityAtSensitivity SquaredHinge Sum TopKCategoricalAccuracy ' +
    'TrueNegatives TruePositives acc accuracy auc bce binary_accuracy binary_crossentropy binary_io_u ' +
    'categorical_accuracy categorical_crossentropy categorical_hinge ce concordance_correlation ' +
    'cosine_similarity crossentropy f1_score f_beta_score false_negatives false_positives hinge io_u ' +
    'kl_divergence log_cosh_error mae mape mean mean_absolute_error mean_absolute_percentage_error mean_io_u ' +
    'mean_metric_wrapper mean_squared_error mean_squared_logarithmic_error metric mse msle one_hot_io_u ' +
    'one_hot_mean_io_u pearson_correlation poisson precision precision_at_recall r2_score recall ' +
    'recall_at_precision root_mean_squared_error sensitivity_at_specificity sparse_categorical_accuracy ' +
    'sparse_categorical_crossentropy sparse_top_k_categorical_accuracy specificity_at_sensitivity ' +
    'squared_hinge sum top_k_categorical_accuracy true_negatives true_positives',
);

/** Whatever the case. */
export const OPTIMIZERS = words(
  'adadelta adafactor adagrad adam adamax adamw ftrl lion lossscaleoptimizer multioptimizer muon nadam ' +
    'optimizer optimizermap rmsprop schedulefreeadamw sgd',
);
