// Training steps of seven models: the compiled step against bare tfjs-node, Keras and PyTorch, in turns.
//
// Every contender trains in a process of its own, all on TensorFlow's or PyTorch's own choice of threads and with
// oneDNN on. The processes of one model live side by side and take turns of about half a second, so that what else the
// machine does meets all of them alike. Printed are medians over the turns.
//
//   MODELWRIGHT_PYTHON=/path/to/python   has keras, tensorflow and torch; without it those columns stay empty
//   BENCH_MODELS=cnn/128,mlp/32          only these
//   BENCH_ROUNDS=7                       turns of each contender
//   BENCH_THREADS=1                      threads of every contender
//   BENCH_JSON=file                      writes every measurement there as well
//   BENCH_PROFILE=1                      also where the time of our step goes, by operation (needs the Python above)
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { chooseRuntime, launchOf, thisMachine } from '../src/runtime';
import { models } from './compiled-step/models';

const ALL = [
  'cnn/32',
  'cnn/128',
  'cnn/512',
  'resnet20/64',
  'lstm32/64',
  'lstm128/64',
  'bigru/64',
  'transformer/32',
  'mlp/32',
];
const WANTED = process.env.BENCH_MODELS?.split(',') ?? ALL;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);
const THREADS = process.env.BENCH_THREADS;
const TURN_SECONDS = 0.5;

/** What one turn reports: seconds of wall and processor time a step, and the peak of memory so far in MB. */
interface Turn {
  wall: number;
  cpu: number;
  memory: number;
}

interface Contender {
  name: string;
  compile: number;
  note: string;
  turns: Turn[];
  turn: (steps: number) => Promise<Turn>;
  end: () => void;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

async function runtimeFolder(): Promise<string> {
  if (process.env.MODELWRIGHT_RUNTIME) return process.env.MODELWRIGHT_RUNTIME;
  const env = thisMachine(path.resolve('dist/runtime-kit'));
  const { tfjsNodeFolder } = launchOf(await chooseRuntime({ env, trusted: true }), env);
  if (!tfjsNodeFolder)
    throw new Error('This benchmark needs the native TensorFlow runtime: node scripts/setup/runtime.mjs');
  return tfjsNodeFolder;
}

/** Starts a contender; null when it cannot run, for instance because a Python package is missing. */
async function start(name: string, command: string, args: string[]): Promise<Contender | null> {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', process.env.BENCH_VERBOSE ? 'inherit' : 'ignore'],
    env: {
      ...process.env,
      TF_CPP_MIN_LOG_LEVEL: '3',
      TF_ENABLE_ONEDNN_OPTS: '1',
      ...(THREADS ? { TF_NUM_INTRAOP_THREADS: THREADS, OMP_NUM_THREADS: THREADS } : {}),
    },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const failed = new Promise<null>(resolve => child.once('error', () => resolve(null)));
  const answer = async (): Promise<Record<string, unknown> | null> => {
    for (;;) {
      const line = await Promise.race([lines.next(), failed]);
      if (line === null || line.done) return null;
      if (line.value.startsWith('{')) return JSON.parse(line.value) as Record<string, unknown>;
    }
  };
  const ready = await answer();
  if (!ready) return null;
  return {
    name,
    compile: ready.compile as number,
    note: (ready.note as string | undefined) ?? '',
    turns: [],
    turn: async steps => {
      child.stdin.write(`${steps}\n`);
      const turn = await answer();
      if (!turn) throw new Error(`${name} ended in the middle of the benchmark`);
      return turn as unknown as Turn;
    },
    end: () => child.stdin.end(),
  };
}

async function contendersOf(model: string, batch: string, runtime: string): Promise<Contender[]> {
  const python = process.env.MODELWRIGHT_PYTHON;
  const worker = (mode: string): Promise<Contender | null> =>
    start(mode === 'compiled' ? 'compiled' : 'tfjs-node', process.execPath, [
      '--import=tsx',
      'bench/compiled-step/worker.ts',
      model,
      batch,
      mode,
      runtime,
    ]);
  const peer = (name: string, file: string): Promise<Contender | null> | null =>
    python ? start(name, python, [file, model, batch]) : null;
  const started = [
    await worker('compiled'),
    // tfjs-layers has no attention: its Transformer is the same step, operation by operation.
    await worker(models[model]!.layers ? 'fit' : 'eager'),
    await peer('Keras', 'bench/peers/keras_peer.py'),
    await peer('PyTorch', 'bench/peers/torch_peer.py'),
  ];
  return started.filter(contender => contender !== null);
}

async function measure(entry: string, runtime: string): Promise<Contender[]> {
  const [model, batch] = entry.split('/') as [string, string];
  const contenders = await contendersOf(model, batch, runtime);
  try {
    const steps = new Map<Contender, number>();
    for (const contender of contenders) {
      const { wall } = await contender.turn(3);
      steps.set(contender, Math.min(2000, Math.max(2, Math.round(TURN_SECONDS / wall))));
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const contender of contenders) contender.turns.push(await contender.turn(steps.get(contender)!));
    }
    return contenders;
  } finally {
    for (const contender of contenders) contender.end();
  }
}

const wallOf = ({ turns }: Contender): number => median(turns.map(({ wall }) => wall));

/** Our time over the other's in each round, as medians: rounds are neighbours in time, so load cancels out. */
function ratio(ours: Contender, other: Contender | undefined, what: 'wall' | 'cpu'): number | null {
  return other ? median(ours.turns.map((turn, i) => turn[what] / other.turns[i]![what])) : null;
}

/** The operations that take most of a step's time, by a trace of its graph in Python's TensorFlow. */
function profile(entry: string, runtime: string): string {
  const python = process.env.MODELWRIGHT_PYTHON;
  if (!python) return 'a profile needs MODELWRIGHT_PYTHON';
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-bench-'));
  try {
    const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', TF_ENABLE_ONEDNN_OPTS: '1', BENCH_GRAPH: folder };
    const args = ['--import=tsx', 'bench/compiled-step/worker.ts', ...entry.split('/'), 'compiled', runtime];
    spawnSync(process.execPath, args, { env, input: '' });
    const { stdout, stderr } = spawnSync(python, ['bench/peers/graph_profile.py', folder], { env, encoding: 'utf8' });
    const line = stdout.split('\n').find(text => text.startsWith('{'));
    if (line === undefined) return `no profile: ${stderr.trim().split('\n').at(-1)}`;
    const { total, ...spent } = JSON.parse(line) as Record<string, number>;
    const share = (ms: number): string => `${((100 * ms) / total!).toFixed(0)} %`;
    return Object.entries(spent)
      .filter(([, ms]) => ms > 0.02 * total!)
      .map(([name, ms]) => `${name} ${share(ms)}`)
      .join(', ');
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const runtime = await runtimeFolder();
  console.log(
    `${os.availableParallelism()} processors (${os.cpus()[0]?.model}), load ${os.loadavg()[0]!.toFixed(1)} before; ` +
      `${ROUNDS} rounds, medians. Ratios: our time over theirs, smaller is better; (in brackets: of processor time).`,
  );
  const rows: Record<string, Record<string, string>> = {};
  const all: Record<string, unknown> = {};
  for (const entry of WANTED) {
    const batch = Number(entry.split('/')[1]);
    const contenders = await measure(entry, runtime);
    const find = (name: string): Contender | undefined => contenders.find(contender => contender.name === name);
    const ours = find('compiled');
    if (!ours) throw new Error(`The compiled step of ${entry} did not start; BENCH_VERBOSE=1 shows why.`);
    const rate = (contender: Contender | undefined): string =>
      contender ? (batch / wallOf(contender)).toFixed(0) : '–';
    const against = (name: string): string => {
      const [wall, cpu] = [ratio(ours, find(name), 'wall'), ratio(ours, find(name), 'cpu')];
      return wall === null || cpu === null ? '–' : `${wall.toFixed(2)} (${cpu.toFixed(2)})`;
    };
    const bare = ratio(ours, find('tfjs-node'), 'wall');
    const peak = (contender: Contender | undefined): string => contender?.turns.at(-1)?.memory.toFixed(0) ?? '–';
    rows[entry] = {
      'compiled/s': rate(ours),
      'tfjs-node/s': rate(find('tfjs-node')),
      'Keras/s': rate(find('Keras')),
      'PyTorch/s': rate(find('PyTorch')),
      '÷ Keras': against('Keras'),
      '÷ PyTorch': against('PyTorch'),
      'tfjs-node ×': bare === null ? '–' : (1 / bare).toFixed(1),
      'compile s': ours.compile.toFixed(2),
      'MB ours / tfjs / Keras / PyTorch': ['compiled', 'tfjs-node', 'Keras', 'PyTorch']
        .map(name => peak(find(name)))
        .join(' / '),
    };
    all[entry] = contenders.map(({ name, compile, note, turns }) => ({ name, compile, note, turns }));
    console.log(
      `${entry}: ${Object.entries(rows[entry])
        .map(([name, value]) => `${name} ${value}`)
        .join(', ')}`,
    );
    if (process.env.BENCH_PROFILE) console.log(`  of the time of all operations: ${profile(entry, runtime)}`);
    if (process.env.BENCH_JSON) fs.writeFileSync(process.env.BENCH_JSON, JSON.stringify(all, null, 1));
  }
  console.table(rows);
  console.log(`load ${os.loadavg()[0]!.toFixed(1)} after`);
}

void main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
