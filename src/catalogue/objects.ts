/**
 * What a model is compiled and trained with: optimisers and their schedules, metrics, callbacks, initialisers,
 * regularisers, constraints. Names, further names, arguments. Losses have a file of their own.
 */
import { snakeName } from './spelling';
import { parseSignature } from './signature';
import type { ArgumentSpec } from './spec';

export type ObjectFamily =
  | 'optimizers'
  | 'optimizers.schedules'
  | 'losses'
  | 'metrics'
  | 'callbacks'
  | 'initializers'
  | 'regularizers'
  | 'constraints';

export interface ObjectSpec {
  readonly className: string;
  /** Below `keras.`: the class is `keras.<family>.<className>`. */
  readonly family: ObjectFamily;
  /** The texts that mean it with its defaults: `compile(optimizer='adam')`. */
  readonly strings: readonly string[];
  readonly parameters: readonly ArgumentSpec[];
  /** Argument names of Keras 2 with their name now; null where it was removed. */
  readonly renamed?: Readonly<Record<string, string | null>>;
}

type Row = readonly [className: string, signature: string, strings?: string];

function family(of: ObjectFamily, rows: readonly Row[], tail = '', renamed?: ObjectSpec['renamed']): ObjectSpec[] {
  return rows.map(([className, signature, strings]) => {
    let parameters: readonly ArgumentSpec[] | undefined;
    return {
      className,
      family: of,
      renamed,
      strings: (strings ?? '').split(' ').filter(s => s !== ''),
      // Parsed when first asked for: most programs use two or three of them.
      get parameters() {
        return (parameters ??= parseSignature(`${signature} ${tail}`));
      },
    };
  });
}

/** Every string is taken in any case (`optimizers.get` lower-cases it). */
const OPTIMIZERS = family(
  'optimizers',
  [
    ['Adadelta', 'learning_rate=0.001 rho=0.95 epsilon=1e-07 weight_decay=null', 'adadelta'],
    [
      'Adafactor',
      'learning_rate=0.001 beta_2_decay=-0.8 epsilon_1=1e-30 epsilon_2=0.001 clip_threshold=1 ' +
        'relative_step=true weight_decay=null',
      'adafactor',
    ],
    ['Adagrad', 'learning_rate=0.001 initial_accumulator_value=0.1 epsilon=1e-07 weight_decay=null', 'adagrad'],
    ['Adam', 'learning_rate=0.001 beta_1=0.9 beta_2=0.999 epsilon=1e-07 amsgrad=false weight_decay=null', 'adam'],
    ['AdamW', 'learning_rate=0.001 weight_decay=0.004 beta_1=0.9 beta_2=0.999 epsilon=1e-07 amsgrad=false', 'adamw'],
    ['Adamax', 'learning_rate=0.001 beta_1=0.9 beta_2=0.999 epsilon=1e-07 weight_decay=null', 'adamax'],
    [
      'Ftrl',
      'learning_rate=0.001 learning_rate_power=-0.5 initial_accumulator_value=0.1 l1_regularization_strength=0 ' +
        'l2_regularization_strength=0 ' +
        'l2_shrinkage_regularization_strength=0 beta=0 weight_decay=null',
      'ftrl',
    ],
    ['Lamb', 'learning_rate=0.001 beta_1=0.9 beta_2=0.999 epsilon=1e-07 weight_decay=null'],
    ['Lion', 'learning_rate=0.001 beta_1=0.9 beta_2=0.99 weight_decay=null', 'lion'],
    ['Nadam', 'learning_rate=0.001 beta_1=0.9 beta_2=0.999 epsilon=1e-07 weight_decay=null', 'nadam'],
    ['RMSprop', 'learning_rate=0.001 rho=0.9 momentum=0 epsilon=1e-07 centered=false weight_decay=null', 'rmsprop'],
    ['SGD', 'learning_rate=0.01 momentum=0 nesterov=false weight_decay=null', 'sgd'],
    [
      'ScheduleFreeAdamW',
      'learning_rate=0.0025 beta_1=0.9 beta_2=0.999 epsilon=1e-08 warmup_steps=0 weight_decay=null',
      'schedulefreeadamw',
    ],
    [
      'Muon',
      'learning_rate=0.001 adam_beta_1=0.9 adam_beta_2=0.999 adam_weight_decay=0.004 epsilon=1e-07 ' +
        'weight_decay=0.004',
      'muon',
    ],
  ],
  'clipnorm=null clipvalue=null global_clipnorm=null use_ema=false ema_momentum=0.99 ema_overwrite_frequency=null ' +
    'loss_scale_factor=null ' +
    // `decay` is taken and ignored, with a warning.
    'gradient_accumulation_steps=null name=null decay=null',
  { lr: 'learning_rate', schedule_decay: null },
);

const SCHEDULES = family('optimizers.schedules', [
  ['CosineDecay', 'initial_learning_rate decay_steps alpha=0 name="CosineDecay" warmup_target=null warmup_steps=0'],
  ['CosineDecayRestarts', 'initial_learning_rate first_decay_steps t_mul=2 m_mul=1 alpha=0 name="SGDRDecay"'],
  ['ExponentialDecay', 'initial_learning_rate decay_steps decay_rate staircase=false name="ExponentialDecay"'],
  ['InverseTimeDecay', 'initial_learning_rate decay_steps decay_rate staircase=false name="InverseTimeDecay"'],
  ['PiecewiseConstantDecay', 'boundaries values name="PiecewiseConstant"'],
  [
    'PolynomialDecay',
    'initial_learning_rate decay_steps end_learning_rate=0.0001 power=1 cycle=false ' + 'name="PolynomialDecay"',
  ],
]);

/** A metric whose only arguments are `name` and `dtype`, behind what is given. */
const metric = (className: string, more = '', strings = ''): Row => [
  className,
  `name="${snakeName(className)}" dtype=null ${more}`,
  `${className} ${snakeName(className)} ${strings}`,
];
/** …or before. */
const measured = (className: string, before: string): Row => [
  className,
  `${before} name=null dtype=null`,
  `${className} ${snakeName(className)}`,
];

const METRICS = family('metrics', [
  metric('Accuracy'),
  metric('BinaryAccuracy', 'threshold=0.5'),
  metric('CategoricalAccuracy'),
  metric('SparseCategoricalAccuracy'),
  measured('TopKCategoricalAccuracy', 'k=5'),
  measured('SparseTopKCategoricalAccuracy', 'k=5'),
  measured('Precision', 'thresholds=null top_k=null class_id=null'),
  measured('Recall', 'thresholds=null top_k=null class_id=null'),
  ['F1Score', 'average=null threshold=null name="f1_score" dtype=null', 'F1Score f1_score'],
  ['FBetaScore', 'average=null beta=1 threshold=null name="fbeta_score" dtype=null', 'FBetaScore f_beta_score'],
  [
    'AUC',
    'num_thresholds=200 curve="ROC" summation_method="interpolation" name=null dtype=null thresholds=null ' +
      'multi_label=false num_labels=null label_weights=null from_logits=false',
    'AUC auc',
  ],
  ...['TruePositives', 'TrueNegatives', 'FalsePositives', 'FalseNegatives'].map(name =>
    measured(name, 'thresholds=null'),
  ),
  ...[
    ['PrecisionAtRecall', 'recall'],
    ['RecallAtPrecision', 'precision'],
    ['SensitivityAtSpecificity', 'specificity'],
    ['SpecificityAtSensitivity', 'sensitivity'],
  ].map(([name, first]) => measured(name!, `${first} num_thresholds=200 class_id=null`)),
  metric('BinaryCrossentropy', 'from_logits=false label_smoothing=0', 'bce BCE'),
  metric('CategoricalCrossentropy', 'from_logits=false label_smoothing=0 axis=-1'),
  metric('SparseCategoricalCrossentropy', 'from_logits=false ignore_class=null axis=-1'),
  metric('KLDivergence'),
  metric('Poisson'),
  metric('Hinge'),
  metric('SquaredHinge'),
  metric('CategoricalHinge'),
  metric('MeanSquaredError', '', 'mse MSE'),
  metric('MeanAbsoluteError', '', 'mae MAE'),
  metric('MeanAbsolutePercentageError', '', 'mape MAPE'),
  metric('MeanSquaredLogarithmicError', '', 'msle MSLE'),
  metric('RootMeanSquaredError'),
  metric('CosineSimilarity', 'axis=-1'),
  metric('LogCoshError'),
  ['R2Score', 'class_aggregation="uniform_average" num_regressors=0 name="r2_score" dtype=null', 'R2Score r2_score'],
  metric('ConcordanceCorrelation', 'axis=-1'),
  metric('PearsonCorrelation', 'axis=-1'),
  metric('Mean'),
  metric('Sum'),
  measured('BinaryIoU', 'target_class_ids=[0,1] threshold=0.5'),
  [
    'IoU',
    'num_classes target_class_ids name=null dtype=null ignore_class=null sparse_y_true=true sparse_y_pred=true ' +
      'axis=-1',
  ],
  ['MeanIoU', 'num_classes name=null dtype=null ignore_class=null sparse_y_true=true sparse_y_pred=true axis=-1'],
  ['OneHotIoU', 'num_classes target_class_ids name=null dtype=null ignore_class=null sparse_y_pred=false axis=-1'],
  ['OneHotMeanIoU', 'num_classes name=null dtype=null ignore_class=null sparse_y_pred=false axis=-1'],
]);

const CALLBACKS = family(
  'callbacks',
  [
    ['BackupAndRestore', 'backup_dir save_freq="epoch" double_checkpoint=false delete_checkpoint=true'],
    ['CSVLogger', 'filename separator="," append=false'],
    [
      'EarlyStopping',
      'monitor="val_loss" min_delta=0 patience=0 verbose=0 mode="auto" baseline=null ' +
        'restore_best_weights=false start_from_epoch=0',
    ],
    ['History', ''],
    [
      'LambdaCallback',
      'on_epoch_begin=null on_epoch_end=null on_train_begin=null on_train_end=null ' +
        'on_train_batch_begin=null on_train_batch_end=null',
    ],
    ['LearningRateScheduler', 'schedule verbose=0'],
    [
      'ModelCheckpoint',
      'filepath monitor="val_loss" verbose=0 save_best_only=false save_weights_only=false ' +
        'mode="auto" save_freq="epoch" initial_value_threshold=null',
    ],
    ['ProgbarLogger', ''],
    [
      'ReduceLROnPlateau',
      'monitor="val_loss" factor=0.1 patience=10 verbose=0 mode="auto" min_delta=0.0001 cooldown=0 min_lr=0',
    ],
    [
      'RemoteMonitor',
      'root="http://localhost:9000" path="/publish/epoch/end/" field="data" headers=null ' + 'send_as_json=false',
    ],
    ['SwapEMAWeights', 'swap_on_epoch=false'],
    [
      'TensorBoard',
      'log_dir="logs" histogram_freq=0 write_graph=true write_images=false write_steps_per_second=false ' +
        'update_freq="epoch" profile_batch=0 embeddings_freq=0 ' +
        'embeddings_metadata=null',
    ],
    ['TerminateOnNaN', 'raise_error=false'],
  ],
  '',
  { period: 'save_freq', epsilon: 'min_delta' },
);

const scaled = 'seed=null input_axes=null output_axes=null';
const INITIALIZERS = family('initializers', [
  ['Constant', 'value=0'],
  ['GlorotNormal', scaled],
  ['GlorotUniform', scaled],
  ['HeNormal', scaled],
  ['HeUniform', scaled],
  ['LecunNormal', scaled],
  ['LecunUniform', scaled],
  ['Identity', 'gain=1'],
  ['Ones', ''],
  ['Zeros', ''],
  ['Orthogonal', 'gain=1 seed=null'],
  ['RandomNormal', 'mean=0 stddev=0.05 seed=null'],
  ['RandomUniform', 'minval=-0.05 maxval=0.05 seed=null'],
  ['TruncatedNormal', 'mean=0 stddev=0.05 seed=null'],
  ['VarianceScaling', `scale=1 mode="fan_in" distribution="truncated_normal" ${scaled}`],
  ['STFT', 'side="real" window="hann" scaling="density" periodic=false'],
]);
const REGULARIZERS = family(
  'regularizers',
  [
    ['L1', 'l1=0.01'],
    ['L2', 'l2=0.01'],
    ['L1L2', 'l1=0 l2=0'],
    ['OrthogonalRegularizer', 'factor=0.01 mode="rows"'],
  ],
  '',
  { l: 'l2' },
);
const CONSTRAINTS = family(
  'constraints',
  [
    ['MaxNorm', 'max_value=2 axis=0'],
    ['MinMaxNorm', 'min_value=0 max_value=1 rate=1 axis=0'],
    ['NonNeg', ''],
    ['UnitNorm', 'axis=0'],
  ],
  '',
  { m: 'max_value' },
);

const OBJECTS: readonly ObjectSpec[] = [
  ...OPTIMIZERS,
  ...SCHEDULES,
  ...METRICS,
  ...CALLBACKS,
  ...INITIALIZERS,
  ...REGULARIZERS,
  ...CONSTRAINTS,
];
const BY_PATH: ReadonlyMap<string, ObjectSpec> = new Map(
  OBJECTS.flatMap(o => [o.className, ...functionsOf(o)].map(name => [`keras.${o.family}.${name}`, o] as const)),
);

/** Initialisers, regularisers and constraints are also public as functions: `keras.regularizers.l1_l2`. */
function functionsOf(o: ObjectSpec): readonly string[] {
  if (o.className === 'L1L2') return ['l1_l2'];
  return /^(initializers|regularizers|constraints)$/.test(o.family) ? [snakeName(o.className)] : [];
}

export function allObjects(): readonly ObjectSpec[] {
  return OBJECTS;
}

/** By canonical path: `keras.optimizers.Adam`, `keras.regularizers.l2`. */
export function objectByPath(path: string): ObjectSpec | undefined {
  return BY_PATH.get(
    path
      .replace('keras.optimizers.legacy.', 'keras.optimizers.')
      .replace('keras.optimizers.experimental.', 'keras.optimizers.'),
  );
}

/** By the text given to `compile`. Optimisers are taken in any case. */
export function objectByText(text: string, of: ObjectFamily): ObjectSpec | undefined {
  const wanted = of === 'optimizers' ? text.toLowerCase() : text;
  return OBJECTS.find(o => o.family === of && o.strings.includes(wanted));
}

/** The texts that `compile(metrics=[…])` resolves itself, by the shapes of labels and output. */
export const AUTOMATIC_METRICS: ReadonlySet<string> = new Set(['accuracy', 'acc', 'crossentropy', 'ce']);
