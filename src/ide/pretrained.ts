/**
 * Pretrained models in Python code that uses transformers: `AutoModelForSequenceClassification.from_pretrained(...)`. What
 * the file says of the fine-tuning around them (epochs, batch size, learning rate …) is read along, so that it can be
 * started here with the same settings. Plain reading, no evaluation: what the file computes stays open.
 */
import type { Argument, Call, Expression, Program } from '../ir/program';
import type { Analysis } from './analysis';

/** In the names of the fine-tuning plan; only what the file says. */
export interface PretrainedSettings {
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly accumulation?: number;
  readonly learningRate?: number;
  readonly weightDecay?: number;
  /** Below 1 a share of all updates, else their number. */
  readonly warmup?: number;
  readonly maxLength?: number;
  readonly schedule?: string;
  readonly seed?: number;
}

export interface PretrainedModel {
  /** Where the call begins. */
  readonly offset: number;
  readonly className: string;
  /** An id of the hub or a folder; null where the code computes it. */
  readonly checkpoint: string | null;
  readonly task: string;
  /** `num_labels`, where it is said. */
  readonly labels: number | null;
  readonly settings: PretrainedSettings;
}

/** The five families that can be fine-tuned, and the classes that find out which one it is. */
const CLASS =
  /^(?:TF)?(?:AutoModel|Bert|DistilBert|Roberta|Electra|Albert)For(SequenceClassification|TokenClassification|QuestionAnswering|MaskedLM)$/;

const TASKS: Readonly<Record<string, string>> = {
  SequenceClassification: 'sequence-classification',
  TokenClassification: 'token-classification',
  QuestionAnswering: 'question-answering',
  MaskedLM: 'masked-lm',
};

const PROBLEMS: Readonly<Record<string, string>> = {
  regression: 'regression',
  single_label_classification: 'sequence-classification',
  multi_label_classification: 'multi-label',
};

/** Keyword arguments by the function they are given to; the names of several libraries mean the same. */
const SOURCES: readonly { readonly callee: RegExp; readonly names: Readonly<Record<string, Key>> }[] = [
  {
    callee: /TrainingArguments$/,
    names: {
      num_train_epochs: 'epochs',
      per_device_train_batch_size: 'batchSize',
      gradient_accumulation_steps: 'accumulation',
      learning_rate: 'learningRate',
      weight_decay: 'weightDecay',
      warmup_ratio: 'warmup',
      warmup_steps: 'warmup',
      lr_scheduler_type: 'schedule',
      seed: 'seed',
    },
  },
  { callee: /^fit$/, names: { epochs: 'epochs', batch_size: 'batchSize' } },
  { callee: /^DataLoader$|^(to|prepare)_tf_dataset$/, names: { batch_size: 'batchSize' } },
  {
    callee: /^(Adam|AdamW|AdamWeightDecay)$/,
    names: { learning_rate: 'learningRate', lr: 'learningRate', weight_decay: 'weightDecay' },
  },
  { callee: /^create_optimizer$/, names: { init_lr: 'learningRate', num_warmup_steps: 'warmup' } },
  { callee: /tokenizer$|^(batch_)?encode_plus$/i, names: { max_length: 'maxLength' } },
];

type Key = keyof PretrainedSettings;
type Constants = ReadonlyMap<string, string | number | null>;

/** In the order of the file; none for other languages, whose libraries do not train. */
export function pretrainedModels({ text, program }: Pick<Analysis, 'text' | 'program'>): PretrainedModel[] {
  if (program.language !== 'python' || !text.includes('from_pretrained')) return [];
  const { calls, constants, aliases } = survey(program);
  const settings = settingsOf(calls, constants);
  return calls.flatMap(call => {
    const { callee } = call;
    if (callee.kind !== 'attribute' || callee.name !== 'from_pretrained') return [];
    const spelled = nameOf(callee.object);
    const className = aliases.get(spelled) ?? spelled;
    const kind = CLASS.exec(className)?.[1];
    if (kind === undefined) return [];
    const source = call.args.find(({ name }) => name === 'pretrained_model_name_or_path') ?? call.args[0];
    const value = source && !source.unpack ? constantOf(source.value, constants) : null;
    const labels = argumentOf(call, 'num_labels', constants);
    const count = typeof labels === 'number' && Number.isInteger(labels) && labels > 0 ? labels : null;
    const problem = argumentOf(call, 'problem_type', constants);
    const named = kind === 'SequenceClassification' && typeof problem === 'string' ? PROBLEMS[problem] : undefined;
    // A single output is a number, as transformers takes it too.
    const single = kind === 'SequenceClassification' && count === 1 ? 'regression' : undefined;
    return [
      {
        offset: call.span.start,
        className,
        checkpoint: typeof value === 'string' && value !== '' ? value : null,
        task: named ?? single ?? TASKS[kind]!,
        labels: count,
        settings,
      },
    ];
  });
}

/** What all calls of a kind agree on; where two differ, nobody knows which one is meant. */
function settingsOf(calls: readonly Call[], constants: Constants): PretrainedSettings {
  const found = new Map<Key, Set<string | number>>();
  const take = (key: Key, value: string | number | null): void => {
    const wanted = key === 'schedule' ? 'string' : 'number';
    if (typeof value !== wanted) return;
    found.set(key, (found.get(key) ?? new Set()).add(value!));
  };
  for (const call of calls) {
    const name = nameOf(call.callee);
    for (const { callee, names } of SOURCES) {
      if (!callee.test(name)) continue;
      for (const argument of call.args) {
        const key = argument.name === undefined ? undefined : names[argument.name];
        if (key) take(key, constantOf(argument.value, constants));
      }
    }
    // Keras's optimisers take the rate first; PyTorch's take the parameters first.
    const [first] = call.args;
    if (/^Adam\w*$/.test(name) && isPlain(first)) take('learningRate', constantOf(first.value, constants));
  }
  const agreed = [...found].filter(([, values]) => values.size === 1).map(([key, [value]]) => [key, value] as const);
  return Object.fromEntries(agreed);
}

const isPlain = (argument: Argument | undefined): argument is Argument =>
  argument !== undefined && argument.name === undefined && argument.unpack === undefined;

function argumentOf(call: Call, name: string, constants: Constants): string | number | null {
  const argument = call.args.find(one => one.name === name);
  return argument ? constantOf(argument.value, constants) : null;
}

/** The last part of `a.b.c`; the class in `keras.optimizers.Adam`. */
function nameOf(expression: Expression): string {
  if (expression.kind === 'name') return expression.name;
  return expression.kind === 'attribute' ? expression.name : '';
}

/** A literal, or a name that the file gives a literal once; null for all else. */
function constantOf(expression: Expression, constants: Constants): string | number | null {
  switch (expression.kind) {
    case 'number':
    case 'string':
      return expression.value;
    case 'name':
      return constants.get(expression.name) ?? null;
    case 'unary': {
      const value = expression.operator === '-' ? constantOf(expression.operand, constants) : null;
      return typeof value === 'number' ? -value : null;
    }
    default:
      return null;
  }
}

interface Survey {
  readonly calls: readonly Call[];
  readonly constants: Constants;
  /** Local name → name in transformers. */
  readonly aliases: ReadonlyMap<string, string>;
}

/** One walk over all nodes, whatever they are called: everything with a `kind` is one. */
function survey(program: Program): Survey {
  const calls: Call[] = [];
  const constants = new Map<string, string | number | null>();
  const aliases = new Map<string, string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const item of value) visit(item);
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    const node = value as { readonly kind?: string };
    if (node.kind === 'call') calls.push(node as Call);
    else if (node.kind === 'assign') bind(node as Assignment);
    else if (node.kind === 'import-from') {
      for (const { name, alias } of (node as ImportedNames).names) if (alias !== undefined) aliases.set(alias, name);
    }
    for (const part of Object.values(node)) visit(part);
  };
  const bind = ({ targets, value }: Assignment): void => {
    for (const target of targets) {
      if (target.kind !== 'name') continue;
      const known = constants.has(target.name);
      constants.set(target.name, known || !value ? null : constantOf(value, new Map()));
    }
  };
  visit(program.body);
  return { calls: calls.sort((a, b) => a.span.start - b.span.start), constants, aliases };
}

type Assignment = Extract<Program['body'][number], { kind: 'assign' }>;
type ImportedNames = Extract<Program['body'][number], { kind: 'import-from' }>;
