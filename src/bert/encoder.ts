/**
 * The encoder of all families: embeddings, then layers of self-attention and two dense layers, each followed by a
 * residual and LayerNorm. "Attention Is All You Need" (2017), "BERT" (2018); placements of dropout as in transformers.
 *
 * Letters of shapes: B sequences of L tokens, N = B · L, width H, h attention heads of width d.
 */
import type * as tfjs from '@tensorflow/tfjs';
import type { Tf } from '../train/compile';
import { layerNormalization } from '../train/compile/kernels';
import { type BertConfig, maxTokens } from './config';
import { activate, dense, dropout, embedding } from './operations';
import { storedLayers } from './parameters';

type Tensor = tfjs.Tensor;

/** What the encoder reads; all [B, L]. */
export interface EncoderInputs {
  /** int32 */
  readonly ids: Tensor;
  /** int32; ignored by families without token types. */
  readonly types: Tensor;
  /** int32, 1 for tokens, 0 for padding. */
  readonly mask: Tensor;
}

/** A weight by its name, or the sum of it and what is learned beside it (LoRA). */
export type WeightOf = (name: string) => Tensor;

/** A dense layer by its name: the place where LoRA adds its two thin matrices. */
export type DenseOf = (x: Tensor, name: string) => Tensor;

export interface EncoderOptions {
  readonly training: boolean;
  /** Instead of the configuration's, for all places of the encoder. */
  readonly dropout?: number;
  /** Called with the state after the embeddings and after each layer, [B, L, H]. */
  onHidden?(hidden: Tensor): void;
  /** Called with the attention probabilities of each layer, [B, h, L, L]. */
  onAttention?(probabilities: Tensor): void;
}

/** Added to the scores of padding; −∞ would make rows of nothing but padding NaN. */
const MASKED = -1e9;

export class Encoder {
  constructor(
    private readonly tf: Tf,
    private readonly config: BertConfig,
    private readonly weight: WeightOf,
    private readonly denseOf: DenseOf = (x, name) => dense(tf, x, weight(`${name}/kernel`), weight(`${name}/bias`)),
  ) {}

  /**
   * @returns the last hidden state, [N, H]
   * @throws Error for more tokens than the checkpoint has positions
   */
  apply(inputs: EncoderInputs, options: EncoderOptions): Tensor {
    const { tf, config } = this;
    const [batch, length] = inputs.ids.shape as [number, number];
    if (length > maxTokens(config)) {
      throw new Error(`The input has ${length} tokens; this checkpoint takes ${maxTokens(config)} at most.`);
    }
    const { hiddenSize } = config;
    const seen = (x: Tensor): void => options.onHidden?.(tf.reshape(x, [batch, length, hiddenSize]));
    // [B, L] → [B, 1, 1, L], added to the scores of every head and query.
    const kept = tf.cast(tf.reshape(inputs.mask, [batch, 1, 1, length]), 'float32');
    const bias = tf.mul(tf.sub(1, kept), MASKED);

    let x = this.embed(inputs, options);
    seen(x);
    for (const inner of storedLayers(config)) {
      for (const index of inner) x = this.layer(x, `layer_${index}`, bias, options);
      seen(x);
    }
    return x;
  }

  /** @returns [N, H] */
  private embed({ ids, types }: EncoderInputs, options: EncoderOptions): Tensor {
    const { tf, config, weight } = this;
    const { padId, embeddingSize, typeVocabSize, layerNormEpsilon } = config;
    const [batch, length] = ids.shape as [number, number];
    const flat = tf.reshape<tfjs.Rank.R1>(ids, [-1]);
    let x = embedding(tf, weight('embeddings/word'), flat, padId); // [N, E]
    if (typeVocabSize > 0) {
      x = tf.add(x, embedding(tf, weight('embeddings/type'), tf.reshape<tfjs.Rank.R1>(types, [-1]), undefined));
    }
    const table = weight('embeddings/position');
    if (config.family === 'roberta') {
      x = tf.add(x, embedding(tf, table, this.positionsAfterPadding(flat, batch, length), padId));
    } else {
      const rows = tf.slice(table, [0, 0], [length, embeddingSize]);
      x = tf.reshape(tf.add(tf.reshape(x, [batch, length, embeddingSize]), rows), [-1, embeddingSize]);
    }
    x = this.norm(x, 'embeddings/norm', layerNormEpsilon);
    x = this.dropout(x, config.hiddenDropout, options);
    return this.hasProjection ? this.denseOf(x, 'embeddings/projection') : x;
  }

  private get hasProjection(): boolean {
    const { family, embeddingSize, hiddenSize } = this.config;
    return family === 'albert' || embeddingSize !== hiddenSize;
  }

  /** RoBERTa counts tokens that are no padding, from `padId + 1` on; padding itself has the position `padId`. */
  private positionsAfterPadding(ids: tfjs.Tensor1D, batch: number, length: number): tfjs.Tensor1D {
    const { tf } = this;
    const { padId } = this.config;
    const token = tf.reshape(tf.cast(tf.notEqual(ids, padId), 'float32'), [batch, length]);
    const positions = tf.add(tf.mul(tf.cumsum(token, 1), token), padId);
    return tf.reshape(tf.cast(positions, 'int32'), [-1]);
  }

  /** @param x [N, H] @param bias [B, 1, 1, L] */
  private layer(x: Tensor, name: string, bias: Tensor, options: EncoderOptions): Tensor {
    const { tf, config } = this;
    const { layerNormEpsilon: epsilon, hiddenDropout } = config;
    const attended = this.denseOf(this.attention(x, name, bias, options), `${name}/attention_output`);
    // DistilBERT has no dropout here, ALBERT none after the second dense layer.
    const first = config.family === 'distilbert' ? attended : this.dropout(attended, hiddenDropout, options);
    const middle = this.norm(tf.add(first, x), `${name}/attention_norm`, epsilon);

    const inner = activate(tf, config.activation, this.denseOf(middle, `${name}/intermediate`)); // [N, intermediate]
    const outer = this.denseOf(inner, `${name}/output`);
    const second = config.family === 'albert' ? outer : this.dropout(outer, hiddenDropout, options);
    return this.norm(tf.add(second, middle), `${name}/output_norm`, epsilon);
  }

  /** @returns the heads' results beside each other, [N, H] */
  private attention(x: Tensor, name: string, bias: Tensor, options: EncoderOptions): Tensor {
    const { tf, config } = this;
    const { heads, hiddenSize } = config;
    const [batch, , , length] = bias.shape as [number, number, number, number];
    const width = hiddenSize / heads;
    const qkv = tf.reshape(this.denseOf(x, `${name}/qkv`), [batch, length, 3, heads, width]);
    const parts = tf.split(tf.transpose(qkv, [2, 0, 3, 1, 4]), 3); // three of [1, B, h, L, d]
    const [q, k, v] = parts.map(part => tf.reshape(part, [batch, heads, length, width])) as [Tensor, Tensor, Tensor];
    const scores = tf.matMul(tf.mul(q, 1 / Math.sqrt(width)), k, false, true); // [B, h, L, L]
    const probabilities = tf.softmax(tf.add(scores, bias));
    options.onAttention?.(probabilities);
    const kept = this.dropout(probabilities, config.attentionDropout, options);
    return tf.reshape(tf.transpose(tf.matMul(kept, v), [0, 2, 1, 3]), [-1, hiddenSize]);
  }

  private norm(x: Tensor, name: string, epsilon: number): Tensor {
    return layerNormalization(this.tf, x, this.weight(`${name}/gamma`), this.weight(`${name}/beta`), epsilon);
  }

  private dropout(x: Tensor, rate: number, options: EncoderOptions): Tensor {
    return options.training ? dropout(this.tf, x, options.dropout ?? rate) : x;
  }
}
