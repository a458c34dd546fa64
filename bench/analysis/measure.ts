// What bench/analysis.bench.ts bundles and runs. Processor time of this process, so that what else the machine does
// counts little; medians over many keystrokes at different places.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { IncrementalEvaluation } from '../../src/infer/incremental';
import { createParser, ENGINE_FILE, grammarFile } from '../../src/parse/grammar';
import { diagnose } from '../../src/rules';
import { Analyzer } from '../../src/ide/analysis';
import { inlayHints } from '../../src/ide/inlay-hints';

const root = process.argv[2]!;
const AIMS: Readonly<Record<string, number>> = {
  '1,000 lines': 16,
  '5,000 lines': 50,
  '1,000 lines of TensorFlow.js': 16,
};
const KEYSTROKES = 60;

function readWasm(file: string): Promise<Uint8Array> {
  const folder = file === ENGINE_FILE ? 'web-tree-sitter' : '@vscode/tree-sitter-wasm/wasm';
  return fs.promises.readFile(path.join(root, 'node_modules', folder, file));
}

/** What model files are made of: helper functions, a functional and a sequential model, a custom layer, training. */
function section(i: number): string {
  return `

def conv_block_${i}(x, filters, kernel_size=3, strides=1, use_bn=True):
    """Convolution, normalisation, activation."""
    x = layers.Conv2D(filters, kernel_size, strides=strides, padding="same", use_bias=not use_bn)(x)
    if use_bn:
        x = layers.BatchNormalization()(x)
    return layers.Activation("relu")(x)


class Attention${i}(layers.Layer):
    def __init__(self, width, heads=4, **kwargs):
        super().__init__(**kwargs)
        self.attention = layers.MultiHeadAttention(heads, width // heads)
        self.norm = layers.LayerNormalization()

    def call(self, inputs):
        return self.norm(inputs + self.attention(inputs, inputs))


def build_${i}(input_shape=(32, 32, 3), classes=10):
    inputs = keras.Input(shape=input_shape)
    x = inputs
    for filters in [16, 32, 64]:
        y = conv_block_${i}(x, filters)
        y = conv_block_${i}(y, filters)
        x = layers.Conv2D(filters, 1, padding="same")(x)
        x = layers.Add()([x, y])
        x = layers.MaxPooling2D()(x)
    x = layers.Reshape((-1, 64))(x)
    x = Attention${i}(64)(x)
    x = layers.GlobalAveragePooling1D()(x)
    outputs = layers.Dense(classes, activation="softmax")(x)
    return keras.Model(inputs, outputs, name="net_${i}")


model_${i} = build_${i}()
model_${i}.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])

head_${i} = keras.Sequential([
    keras.Input(shape=(28, 28, 1)),
    layers.Conv2D(32, (3, 3), activation="relu"),
    layers.MaxPooling2D((2, 2)),
    layers.Conv2D(64, (3, 3), activation="relu"),
    layers.Flatten(),
    layers.Dense(128, activation="relu"),
    layers.Dropout(0.5),
    layers.Dense(10, activation="softmax"),
])
head_${i}.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
x_${i} = np.zeros((256, 28, 28, 1))
y_${i} = np.zeros((256,))
head_${i}.fit(x_${i}, y_${i}, epochs=3, batch_size=64)
print(f"model {model_${i}.name} has {model_${i}.count_params()} parameters")
`;
}

/** The same for TensorFlow.js: functions that build models, training, tensors. */
function tfjsSection(i: number): string {
  return `
function denseBlock${i}(x, units, rate) {
  const hidden = tf.layers.dense({units, activation: 'relu', kernelInitializer: 'heNormal'}).apply(x);
  const normed = tf.layers.batchNormalization().apply(hidden);
  return rate > 0 ? tf.layers.dropout({rate}).apply(normed) : normed;
}

function build${i}(size = 64, classes = 10) {
  const input = tf.input({shape: [size]});
  let x = input;
  for (const units of [128, 64, 32]) {
    x = denseBlock${i}(x, units, 0.2);
  }
  const output = tf.layers.dense({units: classes, activation: 'softmax'}).apply(x);
  return tf.model({inputs: input, outputs: output});
}

const model${i} = build${i}();
model${i}.compile({optimizer: tf.train.adam(1e-3), loss: 'categoricalCrossentropy', metrics: ['accuracy']});

const net${i} = tf.sequential();
net${i}.add(tf.layers.conv2d({inputShape: [28, 28, 1], filters: 16, kernelSize: 3, activation: 'relu'}));
net${i}.add(tf.layers.maxPooling2d({poolSize: 2}));
net${i}.add(tf.layers.conv2d({filters: 32, kernelSize: 3, activation: 'relu'}));
net${i}.add(tf.layers.flatten());
net${i}.add(tf.layers.dense({units: 10, activation: 'softmax'}));
net${i}.compile({optimizer: 'sgd', loss: 'categoricalCrossentropy'});

const images${i} = tf.zeros([256, 28, 28, 1]);
const labels${i} = tf.oneHot(tf.zeros([256], 'int32'), 10);

async function train${i}(epochs) {
  const history = await net${i}.fit(images${i}, labels${i}, {epochs, batchSize: 64});
  console.log(history.history.loss);
  return tf.tidy(() => net${i}.predict(images${i}).argMax(-1));
}

await train${i}(3);
`;
}

function generatedTfjs(lines: number): string {
  let text = "import * as tf from '@tensorflow/tfjs';\n";
  for (let i = 0; text.split('\n').length < lines; i++) text += tfjsSection(i);
  return text;
}

function generated(lines: number): string {
  let text = 'import keras\nimport numpy as np\nfrom keras import layers\n';
  for (let i = 0; text.split('\n').length < lines; i++) text += section(i);
  return text;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** Milliseconds of processor time. */
function timed<T>(run: () => T): { readonly ms: number; readonly result: T } {
  const before = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1000, result };
}

async function main(): Promise<void> {
  const analyzer = new Analyzer(readWasm);
  const files: Record<string, string> = {
    'cnn.py': fs.readFileSync(path.join(root, 'examples/keras/cnn.py'), 'utf8'),
    '1,000 lines': generated(1000),
    '5,000 lines': generated(5000),
    '1,000 lines of TensorFlow.js': generatedTfjs(1000),
  };
  const rows: Record<string, Record<string, string | number>> = {};
  for (const [name, text] of Object.entries(files)) {
    const grammar = text.startsWith('import *') ? 'javascript' : 'python';
    const parser = await createParser({
      grammar,
      engineWasm: await readWasm(ENGINE_FILE),
      grammarWasm: await readWasm(grammarFile(grammar)),
    });
    const open = (await analyzer.open(grammar === 'python' ? 'model.py' : 'model.js'))!;
    const cold = timed(() => open.update(text)).ms;
    const parts = { parse: [] as number[], evaluate: [] as number[], rules: [] as number[], hints: [] as number[] };
    const source = parser.open();
    const evaluation = new IncrementalEvaluation();
    evaluation.update(source.update(text));
    for (let i = 0; i < KEYSTROKES; i++) {
      // A digit typed behind a number somewhere, and taken away again.
      const at = text.indexOf('\n', Math.floor((i / KEYSTROKES) * text.length));
      const typed = i % 2 === 0 ? `${text.slice(0, at)} ${text.slice(at)}` : text;
      const parsed = timed(() => source.update(typed));
      const evaluated = timed(() => evaluation.update(parsed.result));
      const ruled = timed(() =>
        diagnose({ text: typed, language: grammar, program: parsed.result, facts: evaluated.result }),
      );
      const hinted = timed(() => inlayHints(evaluated.result));
      parts.parse.push(parsed.ms);
      parts.evaluate.push(evaluated.ms);
      parts.rules.push(ruled.ms);
      parts.hints.push(hinted.ms);
    }
    source.close();
    open.close();
    const [parse, evaluate, rules, hints] = [parts.parse, parts.evaluate, parts.rules, parts.hints].map(median) as [
      number,
      number,
      number,
      number,
    ];
    const keystroke = parse + evaluate + rules + hints;
    const aim = AIMS[name];
    rows[name] = {
      lines: text.split('\n').length,
      'cold ms': cold.toFixed(1),
      'keystroke ms': keystroke.toFixed(1),
      parse: parse.toFixed(1),
      evaluate: evaluate.toFixed(1),
      rules: rules.toFixed(1),
      hints: hints.toFixed(1),
      'ratio to aim': aim ? (keystroke / aim).toFixed(2) : '–',
    };
  }
  console.table(rows);
  await folder(analyzer);
  await longSession(analyzer);
}

const FILES = 200;
const FOLDER_AIM_MS = 5_000;

/** Every file of a folder once, as `check` reads them; beside pyright on the same files where one is named. */
async function folder(analyzer: Analyzer): Promise<void> {
  const texts = Array.from({ length: FILES }, (_, i) => {
    const head = 'import keras\nimport numpy as np\nfrom keras import layers\n';
    return `${head}${section(i)}${section(i + FILES)}`;
  });
  const before = process.cpuUsage();
  for (const [i, text] of texts.entries()) await analyzer.analyze(`file_${i}.py`, text);
  const { user, system } = process.cpuUsage(before);
  const ms = (user + system) / 1000;
  const row: Record<string, string | number> = {
    files: FILES,
    lines: texts.reduce((n, text) => n + text.split('\n').length, 0),
    ms: ms.toFixed(0),
    'ratio to aim': (ms / FOLDER_AIM_MS).toFixed(2),
  };
  const pyright = process.env['MODELWRIGHT_PYRIGHT'];
  if (pyright) {
    const seconds = pyrightSeconds(pyright, texts);
    row['pyright ms'] = (seconds * 1000).toFixed(0);
    row['pyright to ours'] = ((seconds * 1000) / ms).toFixed(1);
  }
  console.table({ folder: row });
}

/** What pyright itself reports; its start and the reading of its own stubs are part of it, as they are of ours. */
function pyrightSeconds(command: string, texts: readonly string[]): number {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-pyright-'));
  try {
    for (const [i, text] of texts.entries()) fs.writeFileSync(path.join(place, `file_${i}.py`), text);
    const start = performance.now();
    spawnSync(command, ['--stats', place], { encoding: 'utf8' });
    return (performance.now() - start) / 1000;
  } finally {
    fs.rmSync(place, { recursive: true, force: true });
  }
}

const EDITS = 10_000;

/** A day's typing in one file: what the process holds after the first tenth, and at the end. */
async function longSession(analyzer: Analyzer): Promise<void> {
  const open = (await analyzer.open('session.py'))!;
  const text = generated(100);
  const collect = (globalThis as { gc?: () => void }).gc;
  const held = (): number => {
    collect?.();
    const { heapUsed, external, arrayBuffers } = process.memoryUsage();
    return (heapUsed + external + arrayBuffers) / 1e6;
  };
  let early = 0;
  for (let i = 0; i < EDITS; i++) {
    const at = text.indexOf('\n', (i * 7919) % text.length);
    open.update(i % 3 === 0 ? text : `${text.slice(0, at)} # ${i}${text.slice(at)}`);
    if (i === EDITS / 10) early = held();
  }
  const late = held();
  open.close();
  console.table({
    session: {
      edits: EDITS,
      'MB after a tenth': early.toFixed(1),
      'MB at the end': late.toFixed(1),
      growth: (late / early).toFixed(2),
    },
  });
}

void main();
