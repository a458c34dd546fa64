/** A fine-tuned checkpoint that answers: texts in, labels with their probabilities out. */
import type * as tfjs from '@tensorflow/tfjs';
import type { Attention, Prediction, PredictionInput, PredictorFacts } from '../protocol/prediction';
import { type CompiledFunction, createCompiler, type StepInput, type Tf } from '../train/compile';
import { Answering, inputTensors, type Row } from './answering';
import { bucketOf } from './batch-tensors';
import { type Checkpoint, openCheckpoint, readWeights, taskOf } from './checkpoint';
import { CheckpointError } from './checkpoint-error';
import { maxTokens, type Task } from './config';
import { BertModel } from './model';
import { outputsOf, parametersOf } from './parameters';
import { openTokenizer } from './prepare';
import type { Tokenizer } from './tokenizer';

const BATCH = 16;

export class Predictor {
  private constructor(
    private readonly tf: Tf,
    readonly task: Task,
    readonly labels: readonly string[],
    private readonly model: BertModel,
    private readonly tokenizer: Tokenizer,
    private readonly answering: Answering,
    private readonly run: CompiledFunction<Record<string, StepInput>, { logits: tfjs.Tensor }>,
    private readonly release: () => void,
  ) {}

  /** @throws CheckpointError for a checkpoint that was not fine-tuned, or is damaged */
  static async open(tf: Tf, folder: string): Promise<Predictor> {
    const checkpoint = await openCheckpoint(folder);
    const { config } = checkpoint;
    const task = taskOf(config);
    if (!task) throw untrained(checkpoint);
    const labels = config.labels ?? [];
    const outputs = outputsOf(task, labels.length);
    const { weights, missing } = readWeights(checkpoint, parametersOf(config, task, outputs));
    if (missing.length > 0) throw untrained(checkpoint, missing[0]!.tensors[0]);
    const tokenizer = await openTokenizer(checkpoint);
    const model = new BertModel(tf, { config, task, labels: outputs, weights, seed: 0 });
    const compiler = createCompiler(tf);
    const run = compiler.pure<Record<string, StepInput>, { logits: tfjs.Tensor }>('predict', inputs => {
      const { ids, types, mask } = inputs as unknown as Record<'ids' | 'types' | 'mask', tfjs.Tensor>;
      return { logits: model.apply({ ids, types, mask }, { training: false }) };
    });
    const answering = new Answering(task, labels, tokenizer, config.vocabSize);
    return new Predictor(tf, task, labels, model, tokenizer, answering, run, () => compiler.dispose());
  }

  get facts(): PredictorFacts {
    const { task, labels, model, tokenizer } = this;
    const { family, layers, heads, hiddenSize } = model.config;
    const { mask } = tokenizer.special;
    return {
      task,
      family,
      labels,
      layers,
      heads,
      hiddenSize,
      parameters: model.size,
      maxTokens: Math.min(maxTokens(model.config), tokenizer.modelMaxLength),
      mask: mask === undefined || mask === null ? null : (tokenizer.tokenOf(mask) ?? null),
    };
  }

  /**
   * In the order of the inputs; texts of like length run together. Long ones are cut to what the checkpoint takes.
   * @param attention of inputs up to so many tokens
   */
  predict(inputs: readonly PredictionInput[], attention = 0): Prediction[] {
    const maxLength = Math.min(maxTokens(this.model.config), this.tokenizer.modelMaxLength);
    const rows = inputs.map(input => this.answering.read(input, maxLength));
    const order = [...rows.keys()].sort((a, b) => rows[a]!.encoding.ids.length - rows[b]!.encoding.ids.length);
    const predictions = new Array<Prediction>(rows.length);
    for (let start = 0; start < order.length; start += BATCH) {
      const chosen = order.slice(start, start + BATCH);
      const made = this.batch(
        chosen.map(i => rows[i]!),
        maxLength,
        attention,
      );
      chosen.forEach((i, k) => (predictions[i] = made[k]!));
    }
    return predictions;
  }

  dispose(): void {
    this.release();
    this.model.dispose();
  }

  private batch(rows: readonly Row[], maxLength: number, attention: number): Prediction[] {
    const { tf, tokenizer } = this;
    const longest = Math.max(...rows.map(({ encoding }) => encoding.ids.length));
    const bucket = bucketOf(maxLength);
    const length = rows.length < BATCH ? longest : Math.min(maxLength, Math.ceil(longest / bucket) * bucket);
    const inputs = inputTensors(tf, rows, length, tokenizer.special.pad);
    const seen: Float32Array[] = [];
    const values = rows.some(({ encoding }) => encoding.ids.length <= attention)
      ? tf.tidy(() => {
          const onAttention = (x: tfjs.Tensor): void => void seen.push(x.dataSync<'float32'>());
          return this.model.apply(inputs, { training: false, onAttention }).dataSync<'float32'>();
        })
      : this.logits(inputs);
    tf.dispose(inputs);
    const each = values.length / rows.length;
    return rows.map((row, b) => {
      const prediction = this.answering.answer(row, values.subarray(b * each, (b + 1) * each));
      if (row.encoding.ids.length > attention) return prediction;
      return { ...prediction, attention: this.attentionOf(seen, row, b, length) };
    });
  }

  private logits(inputs: Record<string, tfjs.Tensor>): Float32Array {
    const { logits } = this.run(inputs);
    const values = logits.dataSync<'float32'>();
    logits.dispose();
    return values;
  }

  /** Padding left out. @param seen of each layer, [B, h, L, L] */
  private attentionOf(seen: readonly Float32Array[], { encoding }: Row, b: number, length: number): Attention {
    const { heads } = this.model.config;
    const tokens = encoding.ids.length;
    const bytes = Buffer.alloc(2 * seen.length * heads * tokens * tokens);
    let at = 0;
    for (const values of seen) {
      for (let head = 0; head < heads; head++) {
        for (let from = 0; from < tokens; from++) {
          const row = ((b * heads + head) * length + from) * length;
          for (let to = 0; to < tokens; to++) at = bytes.writeUInt16LE(Math.round(65535 * values[row + to]!), at);
        }
      }
    }
    return { layers: seen.length, heads, tokens, values: bytes.toString('base64') };
  }
}

function untrained({ folder }: Checkpoint, tensor?: string): CheckpointError {
  return new CheckpointError(
    `The checkpoint ${folder} has no trained head${tensor === undefined ? '' : ` (it lacks "${tensor}")`}.`,
    'Fine-tune it first: modelwright finetune --checkpoint … --data ….',
  );
}
