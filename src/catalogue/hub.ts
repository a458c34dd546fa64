/**
 * Models that come from a hub: TensorFlow classes of Hugging Face's transformers (which has them up to 4.57) and the
 * models of
 * keras_hub. Their graphs are not followed; what they return, and that they return logits, is.
 */
import { type Dim, known, OPEN, unknownDim } from '../ir/dim';
import { ranked, type Shape } from '../ir/shape';
import type { Value } from '../ir/value';
import { asDim } from './arguments';

export interface HubModel {
  /** What the last layer is for. */
  readonly task: HubTask;
  /** The output by name, in the order of the output tuple. */
  readonly outputs: Readonly<Record<string, Shape>>;
  /**
   * True where the (first) output is logits: losses need `from_logits=True`, and the model's own `compute_loss` knows
   * it.
   */
  readonly givesLogits: boolean;
  /** The loss that fits integer labels of its task; undefined for backbones. */
  readonly loss?: string;
  /** Last release of the library that has the class. */
  readonly lastVersion?: string;
}

export type HubTask =
  | 'sequence-classification'
  | 'token-classification'
  | 'question-answering'
  | 'masked-lm'
  | 'causal-lm'
  | 'multiple-choice'
  | 'next-sentence'
  | 'backbone';

/** Width and vocabulary of checkpoints in common use. */
const CHECKPOINTS: Readonly<Record<string, readonly [width: number, vocabulary: number]>> = {
  'bert-base-uncased': [768, 30522],
  'bert-base-cased': [768, 28996],
  'bert-large-uncased': [1024, 30522],
  'bert-base-multilingual-cased': [768, 119547],
  'bert-base-chinese': [768, 21128],
  'distilbert-base-uncased': [768, 30522],
  'distilbert-base-cased': [768, 28996],
  'roberta-base': [768, 50265],
  'roberta-large': [1024, 50265],
  'distilroberta-base': [768, 50265],
  'albert-base-v2': [768, 30000],
  'xlm-roberta-base': [768, 250002],
  'google/electra-small-discriminator': [256, 30522],
  'google/electra-base-discriminator': [768, 30522],
  'microsoft/deberta-v3-base': [768, 128100],
  'prajjwal1/bert-tiny': [128, 30522],
  gpt2: [768, 50257],
  'gpt2-medium': [1024, 50257],
};

const TASKS: readonly (readonly [
  suffix: string,
  task: HubTask,
  outputs: (labels: Dim, vocabulary: Dim) => Readonly<Record<string, readonly Dim[]>>,
])[] = [
  ['ForSequenceClassification', 'sequence-classification', labels => ({ logits: [OPEN, labels] })],
  ['ForImageClassification', 'sequence-classification', labels => ({ logits: [OPEN, labels] })],
  ['ForTokenClassification', 'token-classification', labels => ({ logits: [OPEN, OPEN, labels] })],
  ['ForQuestionAnswering', 'question-answering', () => ({ start_logits: [OPEN, OPEN], end_logits: [OPEN, OPEN] })],
  ['ForMaskedLM', 'masked-lm', (_, vocabulary) => ({ logits: [OPEN, OPEN, vocabulary] })],
  [
    'ForPreTraining',
    'masked-lm',
    (_, vocabulary) => ({ prediction_logits: [OPEN, OPEN, vocabulary], seq_relationship_logits: [OPEN, known(2)] }),
  ],
  ['ForCausalLM', 'causal-lm', (_, vocabulary) => ({ logits: [OPEN, OPEN, vocabulary] })],
  ['LMHeadModel', 'causal-lm', (_, vocabulary) => ({ logits: [OPEN, OPEN, vocabulary] })],
  ['ForMultipleChoice', 'multiple-choice', () => ({ logits: [OPEN, OPEN] })],
  ['ForNextSentencePrediction', 'next-sentence', () => ({ logits: [OPEN, known(2)] })],
];

/** Families whose base model also gives a pooled vector. */
const POOLED = /^TF(Bert|Roberta|XLMRoberta|Albert|Camembert|Auto|MobileBert|Xlm|Funnel)/;

function shapes(outputs: Readonly<Record<string, readonly Dim[]>>): Readonly<Record<string, Shape>> {
  return Object.fromEntries(Object.entries(outputs).map(([name, dims]) => [name, ranked(dims)]));
}

/**
 * The model that a class, its `from_pretrained` or its `from_preset` makes; `args` by name, positional ones as `#0`.
 * Undefined for what is no model of a hub.
 */
export function hubModel(path: string, args: ReadonlyMap<string, Value> = new Map()): HubModel | undefined {
  const parts = path.split('.').filter(p => p !== 'from_pretrained' && p !== 'from_preset');
  const name = parts.at(-1) ?? '';
  if (parts[0] === 'transformers' && name.startsWith('TF')) return transformersModel(name, args);
  return parts[0] === 'keras_hub' || parts[0] === 'keras_nlp' || parts[0] === 'keras_cv'
    ? kerasHubModel(name, args)
    : undefined;
}

function transformersModel(name: string, args: ReadonlyMap<string, Value>): HubModel | undefined {
  const checkpoint = args.get('#0') ?? args.get('pretrained_model_name_or_path');
  const sizes =
    checkpoint?.kind === 'string'
      ? CHECKPOINTS[checkpoint.value.replace(/^google-bert\/|^distilbert\/|^FacebookAI\/|^openai-community\//, '')]
      : undefined;
  const [width, vocabulary] = sizes
    ? sizes.map(known)
    : [unknownDim('the checkpoint says how wide'), unknownDim('the checkpoint says how many tokens')];
  const given = args.get('num_labels');
  // A checkpoint that was fine-tuned brings its own number of labels; the plain ones have two.
  const labels = given ? asDim(given) : sizes ? known(2) : unknownDim('the checkpoint says how many labels');
  const found = TASKS.find(([suffix]) => name.endsWith(suffix));
  if (found) {
    const [, task, outputs] = found;
    return {
      task,
      outputs: shapes(outputs(labels, vocabulary!)),
      givesLogits: true,
      loss: 'sparse_categorical_crossentropy',
      lastVersion: '4.57',
    };
  }
  if (!name.endsWith('Model')) return undefined;
  const hidden = [OPEN, OPEN, width!];
  const pooled: Readonly<Record<string, readonly Dim[]>> = POOLED.test(name) ? { pooler_output: [OPEN, width!] } : {};
  return {
    task: 'backbone',
    outputs: shapes({ last_hidden_state: hidden, ...pooled }),
    givesLogits: false,
    lastVersion: '4.57',
  };
}

/** Widths of presets in common use. */
const PRESETS: readonly (readonly [pattern: RegExp, width: number])[] = [
  [/^bert_tiny/, 128],
  [/^bert_small/, 512],
  [/^bert_medium/, 512],
  [/^bert_base/, 768],
  [/^bert_large/, 1024],
  [/^distil_?bert_base/, 768],
  [/^roberta_base/, 768],
  [/^roberta_large/, 1024],
  [/^xlm_roberta_base/, 768],
  [/^albert_base/, 768],
  [/^deberta_v3_base/, 768],
  [/^deberta_v3_small/, 768],
  [/^gpt2_base/, 768],
  [/^gpt2_medium/, 1024],
  [/^resnet_(50|101|152)/, 2048],
  [/^resnet_(18|34)/, 512],
];

const IMAGE_BACKBONE =
  /^(ResNet|DenseNet|EfficientNet|MobileNet|MobileNetV3|VGG|Xception|CSPDarkNet|MiT|ViT|ConvNeXt)\w*Backbone$/;
const POOLED_BACKBONE = /^(Bert|Roberta|XLMRoberta|Albert)Backbone$/;

function kerasHubModel(name: string, args: ReadonlyMap<string, Value>): HubModel | undefined {
  const preset = args.get('#0') ?? args.get('preset');
  const width = preset?.kind === 'string' ? PRESETS.find(([pattern]) => pattern.test(preset.value))?.[1] : undefined;
  const size: Dim = width === undefined ? unknownDim('the preset says how wide') : known(width);
  if (/(TextClassifier|ImageClassifier|Classifier)$/.test(name)) {
    const classes = args.get('num_classes');
    const activation = args.get('activation');
    const plain =
      activation === undefined ||
      activation.kind === 'none' ||
      (activation.kind === 'string' && activation.value === 'linear');
    const outputs = shapes({
      logits: [OPEN, classes ? asDim(classes) : unknownDim('the preset says how many classes')],
    });
    return { task: 'sequence-classification', outputs, givesLogits: plain, loss: 'sparse_categorical_crossentropy' };
  }
  if (name.endsWith('CausalLM'))
    return {
      task: 'causal-lm',
      outputs: shapes({ logits: [OPEN, OPEN, unknownDim('the preset says how many tokens')] }),
      givesLogits: true,
      loss: 'sparse_categorical_crossentropy',
    };
  if (name.endsWith('MaskedLM'))
    return {
      task: 'masked-lm',
      outputs: shapes({ logits: [OPEN, OPEN, unknownDim('the preset says how many tokens')] }),
      givesLogits: true,
      loss: 'sparse_categorical_crossentropy',
    };
  if (!name.endsWith('Backbone')) return undefined;
  if (IMAGE_BACKBONE.test(name)) {
    return { task: 'backbone', outputs: shapes({ output: [OPEN, OPEN, OPEN, size] }), givesLogits: false };
  }
  const sequence = [OPEN, OPEN, size];
  return {
    task: 'backbone',
    givesLogits: false,
    outputs: shapes(
      POOLED_BACKBONE.test(name) ? { sequence_output: sequence, pooled_output: [OPEN, size] } : { output: sequence },
    ),
  };
}
