/**
 * The weights a model has, by our names, with the tensors of a checkpoint file they are made of. One table per family
 * translates; everything after it is the same for all. Names as saved by transformers 5.
 */
import type { BertConfig, Family, Task } from './config';

/** Which part of the model a weight belongs to: freezing goes by parts. */
export type Part =
  { readonly kind: 'embeddings' } | { readonly kind: 'head' } | { readonly kind: 'layer'; readonly index: number };

export interface Parameter {
  /** Our name; variables and checkpoints of runs are named so. */
  readonly name: string;
  /** Matrices are [out, in], as PyTorch has them. */
  readonly shape: readonly number[];
  /** Tensors of the file, joined along the first axis: the three of query, key and value are one matrix here. */
  readonly tensors: readonly string[];
  readonly initial: 'normal' | 'zeros' | 'ones';
  /** Standard deviation of a `normal` one where it is not the configuration's. */
  readonly deviation?: number;
  readonly part: Part;
  /** Biases and the weights of LayerNorm do not decay. */
  readonly decays: boolean;
  /** Fine-tuning starts it afresh where the checkpoint lacks it. */
  readonly optional: boolean;
  /** A row of an embedding that gets no gradient. */
  readonly paddingRow?: number;
}

/** Where the files of a family keep what all families have. `{i}` is the layer, `{g}`, `{j}` ALBERT's group and inner layer. */
interface Names {
  readonly prefix: string;
  readonly projection?: string;
  readonly layer: string;
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly attentionOutput: string;
  readonly attentionNorm: string;
  readonly intermediate: string;
  readonly output: string;
  readonly outputNorm: string;
}

const BERT_LAYER = {
  layer: 'encoder.layer.{i}.',
  query: 'attention.self.query',
  key: 'attention.self.key',
  value: 'attention.self.value',
  attentionOutput: 'attention.output.dense',
  attentionNorm: 'attention.output.LayerNorm',
  intermediate: 'intermediate.dense',
  output: 'output.dense',
  outputNorm: 'output.LayerNorm',
} as const;

const NAMES: Readonly<Record<Family, Names>> = {
  bert: { prefix: 'bert.', ...BERT_LAYER },
  roberta: { prefix: 'roberta.', ...BERT_LAYER },
  electra: { prefix: 'electra.', projection: 'embeddings_project', ...BERT_LAYER },
  distilbert: {
    prefix: 'distilbert.',
    layer: 'transformer.layer.{i}.',
    query: 'attention.q_lin',
    key: 'attention.k_lin',
    value: 'attention.v_lin',
    attentionOutput: 'attention.out_lin',
    attentionNorm: 'sa_layer_norm',
    intermediate: 'ffn.lin1',
    output: 'ffn.lin2',
    outputNorm: 'output_layer_norm',
  },
  albert: {
    prefix: 'albert.',
    projection: 'encoder.embedding_hidden_mapping_in',
    layer: 'encoder.albert_layer_groups.{g}.albert_layers.{j}.',
    query: 'attention.query',
    key: 'attention.key',
    value: 'attention.value',
    attentionOutput: 'attention.dense',
    attentionNorm: 'attention.LayerNorm',
    intermediate: 'ffn',
    output: 'ffn_output',
    outputNorm: 'full_layer_layer_norm',
  },
};

/** `bert.`: some files are saved from the bare encoder, whose names lack it. */
export const prefixOf = (family: Family): string => NAMES[family].prefix;

/** The stored layer that a layer of the model uses: itself, but for ALBERT, whose layers share a few. */
export function storedLayers(config: BertConfig): number[][] {
  const { layers, groups } = config;
  if (!groups) return Array.from({ length: layers }, (_, i) => [i]);
  const perGroup = layers / groups.count;
  return Array.from({ length: layers }, (_, i) => {
    const group = Math.floor(i / perGroup);
    return Array.from({ length: groups.inner }, (_, j) => group * groups.inner + j);
  });
}

/** Outputs of the head; question answering has a start and an end. */
export function outputsOf(task: Task, labels: number): number {
  return task === 'question-answering' ? 2 : labels;
}

/** @param labels how many classes (or numbers, for regression) the head gives; without a meaning for the other tasks */
export function parametersOf(config: BertConfig, task: Task, labels: number): Parameter[] {
  return [...encoder(config), ...new Head(config, task, outputsOf(task, labels)).parameters()];
}

const EMBEDDINGS: Part = { kind: 'embeddings' };
const HEAD: Part = { kind: 'head' };

type Made = Omit<Parameter, 'part' | 'optional'>;

function matrix(name: string, tensors: readonly string[], shape: readonly number[]): Made {
  return { name, shape, tensors, initial: 'normal', decays: true };
}

/** A dense layer of one or (stacked) several linear layers of the file. */
function dense(name: string, sources: readonly string[], inputs: number, outputs: number): Made[] {
  const weights = sources.map(source => `${source}.weight`);
  const biases = sources.map(source => `${source}.bias`);
  return [
    matrix(`${name}/kernel`, weights, [outputs, inputs]),
    { name: `${name}/bias`, shape: [outputs], tensors: biases, initial: 'zeros', decays: false },
  ];
}

function norm(name: string, source: string, width: number): Made[] {
  return [
    { name: `${name}/gamma`, shape: [width], tensors: [`${source}.weight`], initial: 'ones', decays: false },
    { name: `${name}/beta`, shape: [width], tensors: [`${source}.bias`], initial: 'zeros', decays: false },
  ];
}

function encoder(config: BertConfig): Parameter[] {
  const { family, vocabSize, embeddingSize, hiddenSize, positions, typeVocabSize, padId, groups } = config;
  const names = NAMES[family];
  const at = (text: string): string => names.prefix + text;
  const inEmbeddings: Made[] = [
    {
      ...matrix('embeddings/word', [at('embeddings.word_embeddings.weight')], [vocabSize, embeddingSize]),
      paddingRow: padId,
    },
    {
      ...matrix('embeddings/position', [at('embeddings.position_embeddings.weight')], [positions, embeddingSize]),
      ...(family === 'roberta' && { paddingRow: padId }),
    },
  ];
  if (typeVocabSize > 0) {
    inEmbeddings.push(
      matrix('embeddings/type', [at('embeddings.token_type_embeddings.weight')], [typeVocabSize, embeddingSize]),
    );
  }
  inEmbeddings.push(...norm('embeddings/norm', at('embeddings.LayerNorm'), embeddingSize));
  // ELECTRA projects only where the widths differ, ALBERT always.
  if (names.projection && (family === 'albert' || embeddingSize !== hiddenSize)) {
    inEmbeddings.push(...dense('embeddings/projection', [at(names.projection)], embeddingSize, hiddenSize));
  }
  const made: Parameter[] = inEmbeddings.map(one => ({ ...one, part: EMBEDDINGS, optional: false }));
  const stored = groups ? groups.count * groups.inner : config.layers;
  for (let index = 0; index < stored; index++) {
    const part: Part = { kind: 'layer', index };
    made.push(...layer(config, names, index).map(one => ({ ...one, part, optional: false })));
  }
  return made;
}

function layer({ hiddenSize, intermediateSize, groups }: BertConfig, names: Names, index: number): Made[] {
  const inner = groups?.inner ?? 1;
  const place =
    names.prefix +
    names.layer
      .replace('{i}', `${index}`)
      .replace('{g}', `${Math.floor(index / inner)}`)
      .replace('{j}', `${index % inner}`);
  const our = `layer_${index}`;
  const three = [names.query, names.key, names.value].map(name => place + name);
  return [
    ...dense(`${our}/qkv`, three, hiddenSize, 3 * hiddenSize),
    ...dense(`${our}/attention_output`, [place + names.attentionOutput], hiddenSize, hiddenSize),
    ...norm(`${our}/attention_norm`, place + names.attentionNorm, hiddenSize),
    ...dense(`${our}/intermediate`, [place + names.intermediate], hiddenSize, intermediateSize),
    ...dense(`${our}/output`, [place + names.output], intermediateSize, hiddenSize),
    ...norm(`${our}/output_norm`, place + names.outputNorm, hiddenSize),
  ];
}

/** The tensors after the encoder, which every family names and shapes in its own way. */
class Head {
  constructor(
    private readonly config: BertConfig,
    private readonly task: Task,
    private readonly outputs: number,
  ) {}

  parameters(): Parameter[] {
    return this.made().map(one => ({ ...one, part: HEAD, optional: true }));
  }

  private made(): Made[] {
    const { hiddenSize } = this.config;
    if (this.task === 'masked-lm') return this.languageModel();
    if (this.task === 'question-answering') return dense('head/classifier', ['qa_outputs'], hiddenSize, 2);
    if (this.task === 'token-classification') return dense('head/classifier', ['classifier'], hiddenSize, this.outputs);
    return this.sequence();
  }

  private sequence(): Made[] {
    const { family, hiddenSize } = this.config;
    const hidden = { bert: 'bert.pooler.dense', albert: 'albert.pooler', distilbert: 'pre_classifier' } as const;
    const first = family === 'roberta' || family === 'electra' ? 'classifier.dense' : hidden[family];
    const last = family === 'roberta' || family === 'electra' ? 'classifier.out_proj' : 'classifier';
    return [
      ...dense('head/hidden', [first], hiddenSize, hiddenSize),
      ...dense('head/classifier', [last], hiddenSize, this.outputs),
    ];
  }

  /** The decoder is the word embedding itself; only its bias is a weight of its own. */
  private languageModel(): Made[] {
    const { family, hiddenSize, embeddingSize, vocabSize } = this.config;
    const {
      dense: first,
      norm: second,
      bias,
    } = {
      bert: {
        dense: 'cls.predictions.transform.dense',
        norm: 'cls.predictions.transform.LayerNorm',
        bias: 'cls.predictions.bias',
      },
      distilbert: { dense: 'vocab_transform', norm: 'vocab_layer_norm', bias: 'vocab_projector.bias' },
      roberta: { dense: 'lm_head.dense', norm: 'lm_head.layer_norm', bias: 'lm_head.bias' },
      electra: {
        dense: 'generator_predictions.dense',
        norm: 'generator_predictions.LayerNorm',
        bias: 'generator_lm_head.bias',
      },
      albert: { dense: 'predictions.dense', norm: 'predictions.LayerNorm', bias: 'predictions.bias' },
    }[family];
    return [
      ...dense('head/hidden', [first], hiddenSize, embeddingSize),
      ...norm('head/norm', second, embeddingSize),
      { name: 'head/decoder/bias', shape: [vocabSize], tensors: [bias], initial: 'zeros', decays: false },
    ];
  }
}
