/**
 * `config.json` of a checkpoint, read into one form for all families. What the encoder does not know is refused by its
 * name here, before anything large is read.
 */
import { CheckpointError } from './checkpoint-error';

export const FAMILIES = ['bert', 'distilbert', 'roberta', 'electra', 'albert'] as const;

export type Family = (typeof FAMILIES)[number];

/** What the checkpoint's head is for; Python's classes are named after them. */
export const TASKS = [
  'sequence-classification',
  'regression',
  'multi-label',
  'token-classification',
  'question-answering',
  'masked-lm',
] as const;

export type Task = (typeof TASKS)[number];

/** `gelu` is the exact form with erf, `gelu_new` the approximation with tanh. */
export type Activation = 'gelu' | 'gelu_new' | 'relu' | 'tanh' | 'silu';

/** Python's names of activations (`transformers/activations.py`) to the functions we have. */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  gelu: 'gelu',
  gelu_python: 'gelu',
  gelu_new: 'gelu_new',
  gelu_pytorch_tanh: 'gelu_new',
  relu: 'relu',
  tanh: 'tanh',
  silu: 'silu',
  swish: 'silu',
};

export interface BertConfig {
  readonly family: Family;
  readonly vocabSize: number;
  readonly hiddenSize: number;
  /** Width of the embeddings; less than `hiddenSize` in ELECTRA and ALBERT, which project them. */
  readonly embeddingSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediateSize: number;
  /** Rows of the position table. RoBERTa uses them from `padId + 1` on. */
  readonly positions: number;
  /** 0: the family has no token types. */
  readonly typeVocabSize: number;
  readonly activation: Activation;
  readonly layerNormEpsilon: number;
  /** Standard deviation of weights that the checkpoint does not have. */
  readonly initializerRange: number;
  readonly padId: number;
  readonly hiddenDropout: number;
  readonly attentionDropout: number;
  readonly classifierDropout: number;
  /** Of DistilBERT's question answering alone. */
  readonly answerDropout: number;
  /** ALBERT shares weights: its layers fall into groups, each a stack of inner layers that is run again and again. */
  readonly groups: { readonly count: number; readonly inner: number } | null;
  /** Class names by index, as written in the file; null where it names none. */
  readonly labels: readonly string[] | null;
  readonly architectures: readonly string[];
  readonly problemType: string | null;
  /** The file as it was read: whoever writes the checkpoint again keeps what it does not know. */
  readonly source: Readonly<Record<string, unknown>>;
}

/** The longest input in tokens, special ones included. */
export function maxTokens(config: BertConfig): number {
  return config.family === 'roberta' ? config.positions - config.padId - 1 : config.positions;
}

/**
 * @param text the contents of `config.json`; `file` is its name for messages
 * @throws CheckpointError for what cannot be read, and by name for families and options that the encoder does not know
 */
export function parseConfig(text: string, file = 'config.json'): BertConfig {
  let source: unknown;
  try {
    source = JSON.parse(text);
  } catch (error) {
    throw new CheckpointError(`${file} is no JSON: ${(error as Error).message}.`, 'Download the checkpoint again.');
  }
  if (typeof source !== 'object' || source === null || Array.isArray(source)) {
    throw new CheckpointError(`${file} holds no JSON object.`, 'Download the checkpoint again.');
  }
  return new ConfigReader(source as Record<string, unknown>, file).read();
}

const KNOWN = 'Supported are BERT, DistilBERT, RoBERTa, ELECTRA and ALBERT.';

class ConfigReader {
  constructor(
    private readonly source: Readonly<Record<string, unknown>>,
    private readonly file: string,
  ) {}

  read(): BertConfig {
    const family = this.family();
    this.refuse();
    return family === 'distilbert' ? this.distilbert() : this.bertLike(family);
  }

  private family(): Family {
    const type = this.source.model_type ?? this.typeFromArchitecture();
    if (typeof type !== 'string') {
      throw new CheckpointError(
        `${this.file} has no "model_type", so the model's family is not known.`,
        `Add "model_type": "bert" (or what it is). ${KNOWN}`,
      );
    }
    if ((FAMILIES as readonly string[]).includes(type)) return type as Family;
    throw new CheckpointError(`${this.file}: models of the family "${type}" cannot be used.`, KNOWN);
  }

  /** Old checkpoints have no `model_type`, but their class name tells as much. */
  private typeFromArchitecture(): string | undefined {
    const [name] = this.architectures();
    return FAMILIES.find(family => name?.toLowerCase().startsWith(family));
  }

  private refuse(): void {
    const { source, file } = this;
    const position = source.position_embedding_type ?? 'absolute';
    if (position !== 'absolute') {
      throw new CheckpointError(
        `${file}: position embeddings of the type ${JSON.stringify(position)} cannot be used.`,
        'Take a checkpoint with absolute position embeddings.',
      );
    }
    if (source.is_decoder === true || source.add_cross_attention === true) {
      throw new CheckpointError(`${file} describes a decoder.`, 'Take a checkpoint of an encoder.');
    }
  }

  private bertLike(family: Exclude<Family, 'distilbert'>): BertConfig {
    const hiddenSize = this.integer('hidden_size', 768);
    const hiddenDropout = this.number('hidden_dropout_prob', family === 'albert' ? 0 : 0.1);
    const classifier = family === 'albert' ? 'classifier_dropout_prob' : 'classifier_dropout';
    return this.checked({
      ...this.shared(family),
      hiddenSize,
      embeddingSize: family === 'electra' || family === 'albert' ? this.integer('embedding_size', 128) : hiddenSize,
      layers: this.integer('num_hidden_layers', 12),
      heads: this.integer('num_attention_heads', family === 'albert' ? 64 : family === 'electra' ? 4 : 12),
      intermediateSize: this.integer('intermediate_size', family === 'albert' ? 16384 : 3072),
      positions: this.integer('max_position_embeddings', 512),
      typeVocabSize: this.integer('type_vocab_size', 2),
      activation: this.activation('hidden_act', family === 'albert' ? 'gelu_new' : 'gelu'),
      layerNormEpsilon: this.number('layer_norm_eps', 1e-12),
      hiddenDropout,
      attentionDropout: this.number('attention_probs_dropout_prob', family === 'albert' ? 0 : 0.1),
      classifierDropout: this.number(classifier, family === 'albert' ? 0.1 : hiddenDropout),
      answerDropout: 0,
      groups:
        family === 'albert'
          ? { count: this.integer('num_hidden_groups', 1), inner: this.integer('inner_group_num', 1) }
          : null,
    });
  }

  private distilbert(): BertConfig {
    const hiddenSize = this.integer('dim', 768);
    return this.checked({
      ...this.shared('distilbert'),
      hiddenSize,
      embeddingSize: hiddenSize,
      layers: this.integer('n_layers', 6),
      heads: this.integer('n_heads', 12),
      intermediateSize: this.integer('hidden_dim', 3072),
      positions: this.integer('max_position_embeddings', 512),
      typeVocabSize: 0,
      activation: this.activation('activation', 'gelu'),
      layerNormEpsilon: 1e-12, // Written into the model's code (`modeling_distilbert.py`), not into its configuration.
      hiddenDropout: this.number('dropout', 0.1),
      attentionDropout: this.number('attention_dropout', 0.1),
      classifierDropout: this.number('seq_classif_dropout', 0.2),
      answerDropout: this.number('qa_dropout', 0.1),
      groups: null,
    });
  }

  private shared(family: Family) {
    const { source } = this;
    return {
      family,
      vocabSize: this.integer('vocab_size', 30522),
      initializerRange: this.number('initializer_range', 0.02),
      padId: this.integer('pad_token_id', family === 'roberta' ? 1 : 0, 0),
      labels: this.labels(),
      architectures: this.architectures(),
      problemType: typeof source.problem_type === 'string' ? source.problem_type : null,
      source,
    };
  }

  private checked(config: BertConfig): BertConfig {
    const { hiddenSize, heads, layers, groups, padId, vocabSize } = config;
    const wrong =
      hiddenSize % heads !== 0
        ? `the hidden size ${hiddenSize} is no multiple of the ${heads} attention heads`
        : groups && groups.count > layers
          ? `there are ${groups.count} groups for ${layers} layers`
          : padId >= vocabSize
            ? `the padding token ${padId} is outside the vocabulary of ${vocabSize}`
            : null;
    if (wrong) throw new CheckpointError(`${this.file}: ${wrong}.`, 'Correct the file, or download it again.');
    return config;
  }

  private activation(key: string, whenAbsent: string): Activation {
    const name = this.source[key] ?? whenAbsent;
    const found = typeof name === 'string' && Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined;
    if (found) return found;
    throw new CheckpointError(
      `${this.file}: the activation ${JSON.stringify(name)} ("${key}") is not known.`,
      `Known are ${Object.keys(ACTIVATIONS).join(', ')}.`,
    );
  }

  /** `id2label`, whose keys are indices as text; else the count in `num_labels`. */
  private labels(): string[] | null {
    const { id2label, num_labels: count } = this.source;
    if (typeof id2label === 'object' && id2label !== null) {
      const entries = Object.entries(id2label as Record<string, unknown>);
      const labels = Array.from({ length: entries.length }, (_, i) => (id2label as Record<string, unknown>)[String(i)]);
      if (labels.some(label => typeof label !== 'string')) {
        throw new CheckpointError(
          `${this.file}: "id2label" does not name the classes 0 to ${entries.length - 1}.`,
          'Correct the file.',
        );
      }
      return labels as string[];
    }
    if (typeof count !== 'number' || !Number.isInteger(count) || count < 1) return null;
    return Array.from({ length: count }, (_, i) => `LABEL_${i}`);
  }

  private architectures(): string[] {
    const { architectures } = this.source;
    return Array.isArray(architectures) ? architectures.filter(name => typeof name === 'string') : [];
  }

  private integer(key: string, whenAbsent: number, least = 1): number {
    const value = this.source[key] ?? whenAbsent;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
    throw new CheckpointError(
      `${this.file}: "${key}" is ${JSON.stringify(value)}, not a whole number from ${least} on.`,
      'Correct the file, or download it again.',
    );
  }

  private number(key: string, whenAbsent: number): number {
    const value = this.source[key] ?? whenAbsent;
    if (typeof value === 'number' && value >= 0 && value < 1) return value;
    throw new CheckpointError(
      `${this.file}: "${key}" is ${JSON.stringify(value)}, not a number from 0 to below 1.`,
      'Correct the file, or download it again.',
    );
  }
}
