/** What may be changed of a fine-tuning before it starts: how a value is shown, typed and read. No editor in here. */
import type { FinetunePlan } from '../../protocol/finetune-plan';

export interface PlanField {
  readonly label: string;
  readonly prompt: string;
  /** The value in words, for the menu. */
  describe(plan: FinetunePlan): string;
  /** The value as it is typed. */
  text(plan: FinetunePlan): string;
  /** What the text changes; a sentence where it cannot be taken. */
  read(text: string): Partial<FinetunePlan> | string;
}

type NumberKey = { [Key in keyof FinetunePlan]: number extends FinetunePlan[Key] ? Key : never }[keyof FinetunePlan];

interface NumberField {
  readonly key: NumberKey;
  readonly label: string;
  readonly prompt: string;
  readonly whole: boolean;
  readonly least: number;
  readonly below?: number;
  /** What an empty text means. */
  readonly empty?: { readonly value: number | null; readonly words: string };
  readonly words?: (value: number) => string;
}

function numberField({ key, label, prompt, whole, least, below, empty, words }: NumberField): PlanField {
  const range = `${whole ? 'a whole number' : 'a number'} from ${least} ${below === undefined ? 'on' : `to below ${below}`}`;
  const valueOf = (plan: FinetunePlan): number | null => {
    const value = plan[key] as number | null;
    return empty && value === empty.value ? null : value;
  };
  return {
    label,
    prompt: `${prompt}: ${range}${empty ? `, or nothing: ${empty.words}` : ''}.`,
    describe: plan => {
      const value = valueOf(plan);
      return value === null ? (empty?.words ?? '') : (words ?? numberText)(value);
    },
    text: plan => {
      const value = valueOf(plan);
      return value === null ? '' : numberText(value);
    },
    read: text => {
      if (text.trim() === '' && empty) return { [key]: empty.value };
      const value = Number(text);
      const fits = text.trim() !== '' && value >= least && (below === undefined || value < below);
      return fits && (!whole || Number.isInteger(value)) ? { [key]: value } : `Type ${range}.`;
    },
  };
}

/** `5e-5` rather than 0.00005. */
export function numberText(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential().replace(/e\+?/, 'e') : String(value);
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

export const PLAN_FIELDS: readonly PlanField[] = [
  numberField({ key: 'epochs', label: 'Epochs', prompt: 'How often to go through the data', whole: true, least: 1 }),
  numberField({ key: 'batchSize', label: 'Batch size', prompt: 'Examples of a batch', whole: true, least: 1 }),
  numberField({
    key: 'learningRate',
    label: 'Learning rate',
    prompt: 'The largest learning rate; 2e-5 to 5e-5 is usual for all weights, 1e-4 to 5e-4 for LoRA',
    whole: false,
    least: 0,
  }),
  numberField({
    key: 'maxLength',
    label: 'Maximum length',
    prompt: 'Tokens of an example; what is longer is cut off',
    whole: true,
    least: 4,
    empty: { value: null, words: "the task's own (128; question answering 384)" },
  }),
  {
    label: 'Validation',
    prompt: 'The share of the data to hold back (0.1), 0 for none, or the path of a file.',
    describe: ({ validation }) =>
      typeof validation === 'string' ? validation : validation === 0 ? 'none' : `${percent(validation)} of the data`,
    text: ({ validation }) => String(validation),
    read: text => {
      const share = Number(text);
      if (text.trim() === '') return 'Type a share from 0 to below 1, or the path of a file.';
      if (!Number.isFinite(share)) return { validation: text.trim() };
      return share >= 0 && share < 1 ? { validation: share } : 'A share is a number from 0 to below 1.';
    },
  },
  numberField({
    key: 'accumulation',
    label: 'Batches per update',
    prompt: 'Batches whose mean gradient makes one update',
    whole: true,
    least: 1,
  }),
  numberField({
    key: 'weightDecay',
    label: 'Weight decay',
    prompt: 'Decoupled weight decay of matrices',
    whole: false,
    least: 0,
  }),
  numberField({
    key: 'warmup',
    label: 'Warm-up',
    prompt: 'Below 1 a share of all updates, else their number',
    whole: false,
    least: 0,
    words: value => (value < 1 ? `${percent(value)} of the updates` : `${value} updates`),
  }),
  numberField({
    key: 'freezeLayers',
    label: 'Frozen layers',
    prompt: 'So many first layers stay as they are, and the embeddings with them',
    whole: true,
    least: 0,
    empty: { value: 0, words: 'none' },
  }),
  numberField({
    key: 'loraRank',
    label: 'LoRA',
    prompt: 'Rank of thin matrices that are trained instead of the encoder',
    whole: true,
    least: 0,
    empty: { value: 0, words: 'none, all weights are trained' },
    words: value => `rank ${value}`,
  }),
  numberField({
    key: 'patience',
    label: 'Early stopping',
    prompt: 'Epochs without a better validation until the run ends',
    whole: true,
    least: 0,
    empty: { value: null, words: 'never' },
    words: value => `after ${value} epochs without a better validation`,
  }),
];

/** The plan with what a field's text changes: freezing layers freezes the embeddings below them too. */
export function changedPlan(plan: FinetunePlan, changes: Partial<FinetunePlan>): FinetunePlan {
  const { freezeLayers } = changes;
  return { ...plan, ...changes, ...(freezeLayers !== undefined && { freezeEmbeddings: freezeLayers > 0 }) };
}

/** Tasks in words, by their names on the command line. */
export const TASK_WORDS: Readonly<Record<string, string>> = {
  'sequence-classification': 'text classification',
  regression: 'regression',
  'multi-label': 'several labels for a text',
  'token-classification': 'a label for each word',
  'question-answering': 'question answering',
  'masked-lm': 'masked language modelling',
};

export const taskWords = (task: string): string => TASK_WORDS[task] ?? task;

/** `12 layers · 110 M parameters`. */
export function sizeWords({ layers, parameters }: { layers: number; parameters: number }): string {
  const units: [number, string][] = [
    [1e9, ' G'],
    [1e6, ' M'],
    [1e3, ' k'],
  ];
  const [unit, sign] = units.find(([size]) => parameters >= size) ?? [1, ''];
  return `${layers} layers · ${Number((parameters / unit).toPrecision(3))}${sign} parameters`;
}

/** `owner/name`, with a revision if wanted, or one of the oldest models by its name alone. */
export const isHubId = (text: string): boolean =>
  /^[\w][\w.-]*\/[\w][\w.-]*(@[\w./-]+)?$/.test(text) ||
  /^(bert|distilbert|roberta|electra|albert)-[\w.-]+$/.test(text);
