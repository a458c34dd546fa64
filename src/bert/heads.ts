/** The heads: from hidden states to logits, one function per kind of task. Families differ in what lies between. */
import type * as tfjs from '@tensorflow/tfjs';
import type { Tf } from '../train/compile';
import { layerNormalization } from '../train/compile/kernels';
import type { BertConfig, Task } from './config';
import type { DenseOf, WeightOf } from './encoder';
import { activate, dense, dropout } from './operations';

type Tensor = tfjs.Tensor;

export interface HeadOptions {
  readonly training: boolean;
  readonly dropout?: number;
  /** int32 [M]: rows of the hidden states ([N, H]) to predict; the language model alone, which is costly per token. */
  readonly selected?: tfjs.Tensor1D;
}

export class TaskHead {
  constructor(
    private readonly tf: Tf,
    private readonly config: BertConfig,
    private readonly task: Task,
    private readonly weight: WeightOf,
    private readonly denseOf: DenseOf = (x, name) => dense(tf, x, weight(`${name}/kernel`), weight(`${name}/bias`)),
  ) {}

  /**
   * @param hidden [N, H] of `batch` sequences
   * @returns sequence tasks [B, K]; tokens [B, L, K]; question answering [B, L, 2], start and end;
   *   language model [B, L, V], or [M, V] of the selected tokens
   */
  apply(hidden: Tensor, batch: number, options: HeadOptions): Tensor {
    const { tf } = this;
    const { hiddenSize } = this.config;
    const length = hidden.shape[0] / batch;
    switch (this.task) {
      case 'token-classification': {
        const logits = this.denseOf(this.dropout(hidden, this.tokenDropout, options), 'head/classifier');
        return tf.reshape(logits, [batch, length, logits.shape[1]!]);
      }
      case 'question-answering': {
        const x = this.dropout(hidden, this.config.answerDropout, options);
        return tf.reshape(this.denseOf(x, 'head/classifier'), [batch, length, 2]);
      }
      case 'masked-lm': {
        const rows = options.selected ? tf.gather(hidden, options.selected) : hidden;
        const logits = this.languageModel(rows);
        return options.selected ? logits : tf.reshape(logits, [batch, length, logits.shape[1]!]);
      }
      default: {
        // The first token of each sequence stands for the whole: [B, L, H] → [B, H].
        const first = tf.slice(tf.reshape(hidden, [batch, length, hiddenSize]), [0, 0, 0], [batch, 1, hiddenSize]);
        return this.sequence(tf.reshape(first, [batch, hiddenSize]), options);
      }
    }
  }

  /** DistilBERT has a dropout of its own for sequences, and takes the encoder's for tokens. */
  private get tokenDropout(): number {
    const { family, hiddenDropout, classifierDropout } = this.config;
    return family === 'distilbert' ? hiddenDropout : classifierDropout;
  }

  private sequence(x: Tensor, options: HeadOptions): Tensor {
    const { tf } = this;
    const { family, classifierDropout: rate } = this.config;
    const before = family === 'roberta' || family === 'electra' ? this.dropout(x, rate, options) : x;
    const hidden = this.denseOf(before, 'head/hidden');
    const between = { bert: 'tanh', albert: 'tanh', distilbert: 'relu', roberta: 'tanh', electra: 'gelu' } as const;
    const active = activate(tf, between[family], hidden);
    return this.denseOf(this.dropout(active, rate, options), 'head/classifier');
  }

  /** The decoder's matrix is the table of the word embeddings. @returns [M, V] */
  private languageModel(x: Tensor): Tensor {
    const { tf, weight } = this;
    const { family, activation, layerNormEpsilon } = this.config;
    // RoBERTa and ELECTRA have written the activation into the head's code.
    const between = family === 'roberta' || family === 'electra' ? 'gelu' : activation;
    const active = activate(tf, between, this.denseOf(x, 'head/hidden'));
    const normal = layerNormalization(
      tf,
      active,
      weight('head/norm/gamma'),
      weight('head/norm/beta'),
      layerNormEpsilon,
    );
    return dense(tf, normal, weight('embeddings/word'), weight('head/decoder/bias'));
  }

  private dropout(x: Tensor, rate: number, options: HeadOptions): Tensor {
    return options.training ? dropout(this.tf, x, options.dropout ?? rate) : x;
  }
}
