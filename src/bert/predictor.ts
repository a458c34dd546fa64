/** A fine-tuned checkpoint that answers: texts in, labels with their probabilities out. */
import type * as tfjs from '@tensorflow/tfjs';
import type { Prediction, PredictionInput } from '../protocol/prediction';
import { type CompiledFunction, createCompiler, type StepInput, type Tf } from '../train/compile';
import { bucketOf } from './batch-tensors';
import { type Checkpoint, openCheckpoint, readWeights, taskOf } from './checkpoint';
import { CheckpointError } from './checkpoint-error';
import { maxTokens, type Task } from './config';
import { argMax, bestAnswer, softmax } from './metrics';
import { BertModel } from './model';
import { outputsOf, parametersOf } from './parameters';
import { openTokenizer } from './prepare';
import type { Encoding, Tokenizer } from './tokenizer';

const BATCH = 16;
/** Of a language model, which has one for every token of the vocabulary. */
const BEST = 5;

interface Row {
  readonly input: PredictionInput;
  readonly encoding: Encoding;
}

export class Predictor {
  private constructor(
    private readonly tf: Tf,
    readonly task: Task,
    readonly labels: readonly string[],
    private readonly model: BertModel,
    private readonly tokenizer: Tokenizer,
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
    return new Predictor(tf, task, labels, model, tokenizer, run, () => compiler.dispose());
  }

  /** In the order of the inputs; texts of like length run together. Long ones are cut to what the checkpoint takes. */
  predict(inputs: readonly PredictionInput[], attention = false): Prediction[] {
    const maxLength = Math.min(maxTokens(this.model.config), this.tokenizer.modelMaxLength);
    const rows = inputs.map((input): Row => {
      const encoding = this.tokenizer.encode(input.text, input.pair ?? null, { maxLength });
      return { input, encoding };
    });
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

  private batch(rows: readonly Row[], maxLength: number, attention: boolean): Prediction[] {
    const { tf, tokenizer } = this;
    const longest = Math.max(...rows.map(({ encoding }) => encoding.ids.length));
    const bucket = bucketOf(maxLength);
    const length = rows.length < BATCH ? longest : Math.min(maxLength, Math.ceil(longest / bucket) * bucket);
    const ids = new Int32Array(rows.length * length).fill(tokenizer.special.pad);
    const types = new Int32Array(rows.length * length);
    const mask = new Int32Array(rows.length * length);
    rows.forEach(({ encoding }, b) => {
      ids.set(encoding.ids, b * length);
      types.set(encoding.typeIds, b * length);
      mask.fill(1, b * length, b * length + encoding.ids.length);
    });
    const inputs = {
      ids: tf.tensor2d(ids, [rows.length, length], 'int32'),
      types: tf.tensor2d(types, [rows.length, length], 'int32'),
      mask: tf.tensor2d(mask, [rows.length, length], 'int32'),
    };
    const seen: Float32Array[] = [];
    const values = attention
      ? tf.tidy(() => {
          const onAttention = (x: tfjs.Tensor): void => void seen.push(x.dataSync<'float32'>());
          return this.model.apply(inputs, { training: false, onAttention }).dataSync<'float32'>();
        })
      : this.logits(inputs);
    tf.dispose(inputs);
    const each = values.length / rows.length;
    return rows.map((row, b) => {
      const prediction = this.answer(row, values.subarray(b * each, (b + 1) * each));
      return attention ? { ...prediction, attention: this.attentionOf(seen, row, b, length) } : prediction;
    });
  }

  private logits(inputs: Record<string, tfjs.Tensor>): Float32Array {
    const { logits } = this.run(inputs);
    const values = logits.dataSync<'float32'>();
    logits.dispose();
    return values;
  }

  /** Padding left out. */
  private attentionOf(seen: readonly Float32Array[], { encoding }: Row, b: number, length: number): number[][][][] {
    const { heads } = this.model.config;
    const tokens = encoding.ids.length;
    return seen.map(values =>
      Array.from({ length: heads }, (_, head) =>
        Array.from({ length: tokens }, (__, from) => {
          const at = ((b * heads + head) * length + from) * length;
          return Array.from(values.subarray(at, at + tokens));
        }),
      ),
    );
  }

  private answer({ input, encoding }: Row, values: Float32Array): Prediction {
    const { labels, task } = this;
    const shared = { ...input, tokens: encoding.tokens };
    const byLabel = (numbers: readonly number[]): Record<string, number> =>
      Object.fromEntries(labels.map((label, k) => [label, numbers[k]!]));
    switch (task) {
      case 'regression': {
        const logits = Array.from(values);
        return { ...shared, label: String(logits[0]), score: logits[0]!, scores: byLabel(logits), logits };
      }
      case 'multi-label': {
        const logits = Array.from(values);
        const shares = logits.map(logit => 1 / (1 + Math.exp(-logit)));
        const label = labels.filter((_, k) => shares[k]! > 0.5).join(', ');
        return { ...shared, label, score: Math.max(...shares), scores: byLabel(shares), logits };
      }
      case 'token-classification':
        return { ...shared, ...this.words(input, encoding, values) };
      case 'question-answering':
        return { ...shared, ...answerText(input, encoding, values) };
      case 'masked-lm':
        return { ...shared, ...this.masked(encoding, values) };
      default: {
        const logits = Array.from(values);
        const shares = softmax(logits);
        const best = argMax(shares);
        return { ...shared, label: labels[best]!, score: shares[best]!, scores: byLabel(shares), logits };
      }
    }
  }

  private words({ text }: PredictionInput, { ids, wordIds, offsets }: Encoding, values: Float32Array) {
    const classes = this.labels.length;
    const logits = ids.map((_, i) => Array.from(values.subarray(i * classes, (i + 1) * classes)));
    const characters = [...text];
    const words: { word: string; label: string; score: number }[] = [];
    wordIds.forEach((word, i) => {
      if (word === null || word === wordIds[i - 1]) return;
      const shares = softmax(logits[i]!);
      const best = argMax(shares);
      const last = wordIds.lastIndexOf(word);
      const spelled = characters.slice(offsets[i]![0], offsets[last]![1]).join('');
      words.push({ word: spelled, label: this.labels[best]!, score: shares[best]! });
    });
    const score = words.length > 0 ? words.reduce((sum, one) => sum + one.score, 0) / words.length : 0;
    return { label: words.map(({ label }) => label).join(' '), score, scores: {}, logits, words };
  }

  /** The likeliest tokens behind the first [MASK]. */
  private masked({ ids }: Encoding, values: Float32Array) {
    const { special } = this.tokenizer;
    const at = ids.indexOf(special.mask ?? -1);
    if (at < 0) return { label: '', score: 0, scores: {}, logits: [] };
    const vocabulary = this.model.config.vocabSize;
    const shares = softmax(values.subarray(at * vocabulary, (at + 1) * vocabulary));
    const best = [...shares.keys()].sort((a, b) => shares[b]! - shares[a]!).slice(0, BEST);
    const name = (id: number): string => this.tokenizer.tokenOf(id) ?? `[${id}]`;
    const scores = Object.fromEntries(best.map(id => [name(id), shares[id]!]));
    return { label: name(best[0]!), score: shares[best[0]!]!, scores, logits: [] };
  }
}

function answerText({ pair = '' }: PredictionInput, encoding: Encoding, values: Float32Array) {
  const { ids, offsets, sequenceIds } = encoding;
  const starts = ids.map((_, i) => values[2 * i]!);
  const ends = ids.map((_, i) => values[2 * i + 1]!);
  const places = ids.map((_, i) => (sequenceIds[i] === 1 ? offsets[i]! : null));
  const best = bestAnswer([{ starts, ends, offsets: places }]);
  const logits = ids.map((_, i) => [starts[i]!, ends[i]!]);
  if (!best) return { label: '', score: 0, scores: {}, logits };
  const [start, end] = [softmax(starts), softmax(ends)].map(shares => Math.max(...shares));
  return { label: [...pair].slice(best.start, best.end).join(''), score: start! * end!, scores: {}, logits };
}

function untrained({ folder }: Checkpoint, tensor?: string): CheckpointError {
  return new CheckpointError(
    `The checkpoint ${folder} has no trained head${tensor === undefined ? '' : ` (it lacks "${tensor}")`}.`,
    'Fine-tune it first: modelwright finetune --checkpoint … --data ….',
  );
}
