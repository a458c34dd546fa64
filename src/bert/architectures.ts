/** What a checkpoint was trained for, as its configuration tells it: Python's class, its kind of problem, its labels. */
import { type BertConfig, type Task, TASKS } from './config';

/** Python's class for a family and task, which `architectures` of a configuration names. */
const SUFFIXES: Readonly<Record<Task, string>> = {
  'sequence-classification': 'ForSequenceClassification',
  regression: 'ForSequenceClassification',
  'multi-label': 'ForSequenceClassification',
  'token-classification': 'ForTokenClassification',
  'question-answering': 'ForQuestionAnswering',
  'masked-lm': 'ForMaskedLM',
};

const CLASSES = {
  bert: 'Bert',
  distilbert: 'DistilBert',
  roberta: 'Roberta',
  electra: 'Electra',
  albert: 'Albert',
} as const;

const PROBLEMS: Partial<Record<Task, string>> = {
  'sequence-classification': 'single_label_classification',
  regression: 'regression',
  'multi-label': 'multi_label_classification',
};

/** The task a checkpoint was made for, as its configuration tells; undefined for a bare encoder. */
export function taskOf({ architectures, problemType, labels }: BertConfig): Task | undefined {
  const [name = ''] = architectures;
  if (name.endsWith('ForSequenceClassification')) {
    const known = TASKS.find(task => PROBLEMS[task] === problemType);
    return known ?? (labels?.length === 1 ? 'regression' : 'sequence-classification');
  }
  return TASKS.find(task => name.endsWith(SUFFIXES[task]));
}

/** The configuration of a trained model: what was there, and what its head now is. */
export function trainedConfig(config: BertConfig, task: Task, labels: readonly string[]): Record<string, unknown> {
  const { num_labels: _, ...kept } = config.source;
  const head = task === 'masked-lm' || task === 'question-answering' ? {} : labelMaps(labels);
  return {
    ...kept,
    model_type: config.family,
    architectures: [CLASSES[config.family] + SUFFIXES[task]],
    ...head,
    ...(PROBLEMS[task] && { problem_type: PROBLEMS[task] }),
    // The weights below are in single precision, whatever the source had.
    ...('torch_dtype' in kept && { torch_dtype: 'float32' }),
    ...('dtype' in kept && { dtype: 'float32' }),
  };
}

function labelMaps(labels: readonly string[]): Record<string, unknown> {
  return {
    id2label: Object.fromEntries(labels.map((label, i) => [String(i), label])),
    label2id: Object.fromEntries(labels.map((label, i) => [label, i])),
  };
}
