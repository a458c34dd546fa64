// Fine-tuning and inference of BERT against PyTorch with transformers and its fused AdamW, random weights, on the same
// cores. Times are medians of rounds in turns, as milliseconds a step and as a ratio (ours ÷ PyTorch, smaller is
// better). Needs a Python with torch and transformers: BENCH_PYTHON=… (default python3); without it ours alone is shown.
//
//   BENCH_SIZES=tiny,small BENCH_BATCH=8 BENCH_LENGTH=128 BENCH_ROUNDS=5 npm run bench -- bert
import path from 'node:path';
import readline from 'node:readline';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { parseConfig } from '../src/bert/config';
import { BertModel } from '../src/bert/model';
import { Trainer } from '../src/bert/trainer';
import { chooseRuntime, launchOf, thisMachine } from '../src/runtime';
import { loadBackend } from '../src/train/backend';
import { createCompiler, type StepInput } from '../src/train/compile';

const SIZES: Readonly<Record<string, { layers: number; width: number }>> = {
  tiny: { layers: 2, width: 128 },
  small: { layers: 4, width: 512 },
  base: { layers: 12, width: 768 },
};
const sizes = (process.env.BENCH_SIZES ?? 'tiny,small').split(',');
const batch = Number(process.env.BENCH_BATCH ?? 8);
const length = Number(process.env.BENCH_LENGTH ?? 128);
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const AIM = { train: { tiny: 1, small: 0.9, base: 0.9 }, infer: 0.8 };

type Kind = 'train' | 'infer';
type Timer = (kind: Kind) => number;

async function ours(layers: number, width: number): Promise<Timer> {
  const env = thisMachine(path.resolve('dist/runtime-kit'));
  const folder =
    process.env.MODELWRIGHT_RUNTIME ?? launchOf(await chooseRuntime({ env, trusted: true }), env).tfjsNodeFolder;
  const { tf } = await loadBackend(folder);
  const config = parseConfig(
    JSON.stringify({
      model_type: 'bert',
      hidden_size: width,
      num_hidden_layers: layers,
      num_attention_heads: width / 64,
      intermediate_size: 4 * width,
    }),
  );
  const task = 'sequence-classification';
  const model = new BertModel(tf, { config, task, labels: 2, weights: {}, seed: 1 });
  const compiler = createCompiler(tf, { seed: 1 });
  const frozen = { embeddings: false, layers: 0 };
  const trainer = new Trainer(tf, model, compiler, { weightDecay: 0.01, clipNorm: 1, frozen });
  const shape: [number, number] = [batch, length];
  const ids = Int32Array.from({ length: batch * length }, (_, i) => 1000 + ((i * 7919) % 20_000));
  const inputs = {
    ids: tf.tensor2d(ids, shape, 'int32'),
    types: tf.tensor2d(new Int32Array(ids.length), shape, 'int32'),
    mask: tf.tensor2d(new Int32Array(ids.length).fill(1), shape, 'int32'),
  };
  const data = {
    ...inputs,
    labels: tf.tensor1d(
      Array.from({ length: batch }, (_, i) => i % 2),
      'int32',
    ),
    weights: tf.ones([batch]),
  };
  const predict = compiler.pure<Record<string, StepInput>, { logits: ReturnType<typeof model.apply> }>(
    'predict',
    given => ({ logits: model.apply(given as unknown as typeof inputs, { training: false }) }),
  );
  let update = 0;
  const once = (kind: Kind): void => {
    if (kind === 'train') trainer.step([data], { update: update++, learningRate: 5e-5 });
    else {
      const { logits } = predict(inputs);
      logits.dataSync();
      logits.dispose();
    }
  };
  for (let i = 0; i < 6; i++) for (const kind of ['train', 'infer'] as const) once(kind);
  if (predict.mode.kind !== 'compiled') throw new Error(`not compiled: ${JSON.stringify(predict.mode)}`);
  return kind => {
    const start = performance.now();
    const times = kind === 'train' ? 3 : 6;
    for (let i = 0; i < times; i++) once(kind);
    return (performance.now() - start) / times;
  };
}

class Peer {
  private readonly lines: AsyncIterator<string>;
  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    this.lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** null where there is no such Python. */
  static async start(layers: number, width: number): Promise<Peer | null> {
    const script = path.resolve('bench/peers/bert_peer.py');
    const child = spawn(process.env.BENCH_PYTHON ?? 'python3', [
      script,
      `${layers}`,
      `${width}`,
      `${batch}`,
      `${length}`,
    ]);
    child.on('error', () => {});
    child.stdin.on('error', () => {});
    const peer = new Peer(child);
    return (await peer.next()) === 'ready' ? peer : null;
  }

  async time(kind: Kind): Promise<number> {
    this.child.stdin.write(`${kind}\n`);
    return Number(await this.next());
  }

  private async next(): Promise<string | undefined> {
    const line = await this.lines.next();
    return line.done === true ? undefined : line.value;
  }

  close(): void {
    this.child.stdin.end();
  }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

async function main(): Promise<void> {
  console.log(`BERT, batch ${batch} × ${length} tokens, ${rounds} rounds in turns; ms a step`);
  console.log(
    `${'model'.padEnd(8)}${'what'.padEnd(8)}${'ours'.padStart(10)}${'PyTorch'.padStart(10)}${'ratio'.padStart(8)}   aim`,
  );
  for (const size of sizes) {
    const { layers, width } = SIZES[size]!;
    const timer = await ours(layers, width);
    const peer = await Peer.start(layers, width);
    for (const kind of ['train', 'infer'] as const) {
      const [mine, theirs]: [number[], number[]] = [[], []];
      for (let i = 0; i < rounds; i++) {
        mine.push(timer(kind));
        if (peer) theirs.push(await peer.time(kind));
      }
      const [a, b] = [median(mine), peer ? median(theirs) : NaN];
      const aim = kind === 'infer' ? AIM.infer : AIM.train[size as keyof typeof AIM.train];
      const cells = [a.toFixed(1).padStart(10), b.toFixed(1).padStart(10), (a / b).toFixed(2).padStart(8)];
      console.log(`${size.padEnd(8)}${kind.padEnd(8)}${cells.join('')}   ≤ ${aim}`);
    }
    peer?.close();
  }
}

void main();
