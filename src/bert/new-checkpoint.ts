/** A checkpoint from nothing but text: a vocabulary trained on it, and a BERT with the weights that training starts from. */
import { encodeSafetensors } from '../data/safetensors';
import type { PretrainPlan } from '../protocol/pretrain-plan';
import { CHECKPOINT_SIZES } from '../protocol/pretrain-plan';
import { fileTensors, type Weights } from './checkpoint';
import { CheckpointError } from './checkpoint-error';
import { parseConfig } from './config';
import type { Document } from './corpus';
import { initial } from './model';
import { parametersOf } from './parameters';
import { tokenizerFilesOf } from './tokenizer/save';
import { trainWordPiece } from './tokenizer/wordpiece-trainer';

/** Width of an attention head in all of BERT's published sizes. */
const HEAD = 64;

/** Tokens of an example where nothing else is said. */
const LENGTH = 128;

/** Special tokens, and a handful for the text. */
const LEAST_VOCABULARY = 10;

export interface Shape {
  readonly layers: number;
  readonly hiddenSize: number;
  readonly heads: number;
  readonly intermediateSize: number;
  /** Tokens of a training example. */
  readonly maxLength: number;
}

/** @throws CheckpointError where the sizes do not fit to each other */
export function shapeOf(plan: PretrainPlan): Shape {
  const size = CHECKPOINT_SIZES[plan.size];
  const layers = plan.layers ?? size.layers;
  const hiddenSize = plan.hiddenSize ?? size.hiddenSize;
  const heads = plan.heads ?? Math.max(1, Math.floor(hiddenSize / HEAD));
  if (hiddenSize % heads !== 0) {
    throw new CheckpointError(
      `The hidden size ${hiddenSize} is no multiple of the ${heads} attention heads.`,
      'Choose a hidden size and a number of heads that divides it.',
    );
  }
  const maxLength = plan.maxLength ?? Math.min(LENGTH, plan.positions);
  if (maxLength > plan.positions) {
    throw new CheckpointError(
      `Examples of ${maxLength} tokens do not fit into ${plan.positions} positions.`,
      'Take a smaller maximum length, or more positions.',
    );
  }
  return { layers, hiddenSize, heads, intermediateSize: plan.intermediateSize ?? 4 * hiddenSize, maxLength };
}

/**
 * The files of a masked language model with fresh weights, as Python's transformers reads them: matrices normal with a
 * deviation of 0.02, biases and the row of the padding zero, LayerNorm one (`_init_weights` of modeling_bert.py).
 * @throws CheckpointError where the sizes do not fit, or the corpus is too small for a vocabulary
 */
export function newCheckpointFiles(
  documents: readonly Document[],
  plan: PretrainPlan,
  seed: number,
  onProgress?: (tokens: number, wanted: number) => void,
): Record<string, string | Uint8Array> {
  const shape = shapeOf(plan);
  const vocabulary = trainWordPiece(linesOf(documents), {
    vocabularySize: plan.vocabularySize,
    minFrequency: plan.minFrequency,
    lowercase: plan.lowercase,
    ...(onProgress && { onProgress }),
  });
  if (vocabulary.size < LEAST_VOCABULARY) {
    throw new CheckpointError(
      `The corpus gives a vocabulary of ${vocabulary.size} tokens, too few for a model.`,
      'Give more text.',
    );
  }
  const config = `${JSON.stringify(configOf(shape, plan, vocabulary.size), null, 2)}\n`;
  const parsed = parseConfig(config);
  const parameters = parametersOf(parsed, 'masked-lm', 0);
  const weights: Weights = {};
  for (const one of parameters) {
    const data = initial(one, parsed.initializerRange, seed);
    weights[one.name] = { shape: one.shape, dtype: 'float32', data };
  }
  return {
    ...tokenizerFilesOf(vocabulary, { lowercase: plan.lowercase, maxLength: plan.positions }),
    'model.safetensors': encodeSafetensors(fileTensors(parameters, weights), { format: 'pt' }),
    'config.json': config,
  };
}

function* linesOf(documents: readonly Document[]): Generator<string> {
  for (const lines of documents) yield* lines;
}

function configOf(shape: Shape, { dropout, positions }: PretrainPlan, vocabSize: number): Record<string, unknown> {
  return {
    architectures: ['BertForMaskedLM'],
    attention_probs_dropout_prob: dropout,
    classifier_dropout: null,
    hidden_act: 'gelu',
    hidden_dropout_prob: dropout,
    hidden_size: shape.hiddenSize,
    initializer_range: 0.02,
    intermediate_size: shape.intermediateSize,
    layer_norm_eps: 1e-12,
    max_position_embeddings: positions,
    model_type: 'bert',
    num_attention_heads: shape.heads,
    num_hidden_layers: shape.layers,
    pad_token_id: 0,
    position_embedding_type: 'absolute',
    torch_dtype: 'float32',
    type_vocab_size: 2,
    use_cache: true,
    vocab_size: vocabSize,
  };
}
