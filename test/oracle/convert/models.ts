/**
 * Random Keras models as Python, all of which can be said in TensorFlow.js, too: sequences, images, texts; stacks,
 * graphs with branches and shared layers, several inputs and outputs, nested models. Every run draws the same ones.
 */
import fc from 'fast-check';

const SEED = 11;
const MODELS = 60;

/** Draws from a list of random numbers, so that fast-check decides everything. */
class Draw {
  private at = 0;
  constructor(private readonly numbers: readonly number[]) {}

  below(n: number): number {
    return this.numbers[this.at++ % this.numbers.length]! % n;
  }
  of<T>(...choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }
  maybe(argument: string): string {
    return this.below(2) === 0 ? `, ${argument}` : '';
  }
}

interface Step {
  readonly code: string;
  readonly shape: readonly number[];
}

const ACTIVATIONS = [
  'relu',
  'tanh',
  'sigmoid',
  'elu',
  'selu',
  'softplus',
  'softsign',
  'swish',
  'gelu',
  'relu6',
  'mish',
];

function dense(draw: Draw, shape: readonly number[]): Step {
  const units = 1 + draw.below(6);
  const more =
    draw.maybe(`activation="${draw.of(...ACTIVATIONS)}"`) +
    draw.maybe('use_bias=False') +
    draw.maybe(
      draw.of('kernel_initializer="he_normal"', 'kernel_initializer=keras.initializers.RandomNormal(stddev=0.1)'),
    ) +
    draw.maybe(draw.of('kernel_regularizer="l2"', 'kernel_regularizer=keras.regularizers.L1L2(l1=0.001)'));
  return { code: `layers.Dense(${units}${more})`, shape: [...shape.slice(0, -1), units] };
}

const anywhere: readonly ((draw: Draw, shape: readonly number[]) => Step)[] = [
  dense,
  (_, shape) => ({ code: 'layers.BatchNormalization()', shape }),
  (draw, shape) => ({
    code: `layers.BatchNormalization(momentum=0.9, epsilon=1e-05${draw.maybe('center=False')})`,
    shape,
  }),
  (draw, shape) => ({ code: `layers.LayerNormalization(${draw.of('', 'epsilon=1e-06')})`, shape }),
  (draw, shape) => ({ code: `layers.Dropout(${draw.of(0.1, 0.5)}${draw.maybe('seed=3')})`, shape }),
  (draw, shape) => ({ code: `layers.Activation("${draw.of(...ACTIVATIONS)}")`, shape }),
  (draw, shape) => ({
    code: draw.of(
      'layers.LeakyReLU()',
      'layers.LeakyReLU(negative_slope=0.1)',
      'layers.ELU(alpha=0.7)',
      'layers.ReLU()',
      'layers.ReLU(max_value=6)',
      'layers.PReLU()',
      'layers.Softmax()',
      'layers.GaussianNoise(0.1)',
      'layers.GaussianDropout(0.2)',
      'layers.AlphaDropout(0.1)',
    ),
    shape,
  }),
];

const recurrent = (draw: Draw, returns: string): string => {
  const units = 1 + draw.below(4);
  return draw.of(
    `layers.LSTM(${units}${returns}${draw.maybe('unit_forget_bias=False')}${draw.maybe('dropout=0.2')})`,
    `layers.GRU(${units}${returns}, reset_after=False${draw.maybe('use_bias=False')})`,
    `layers.SimpleRNN(${units}${returns}${draw.maybe('activation="relu"')})`,
  );
};
const unitsIn = (code: string): number => Number(/\((\d+)/.exec(code)![1]);

/** For inputs of two, three and four axes, the batch included. */
const ofRank: Readonly<Record<number, readonly ((draw: Draw, shape: readonly number[]) => Step)[]>> = {
  1: [dense, (draw, [n]) => ({ code: `layers.RepeatVector(${2 + draw.below(3)})`, shape: [0, n!] })],
  2: [
    (draw, [time, width]) => {
      const [filters, size] = [1 + draw.below(4), 1 + draw.below(Math.min(3, time!))];
      const padding = draw.of('same', 'same', 'valid');
      const code = `layers.Conv1D(${filters}, ${size}, padding="${padding}"${draw.maybe('activation="relu"')})`;
      return { code, shape: [padding === 'valid' ? time! - size + 1 : time!, filters + 0 * width!] };
    },
    (draw, [time, width]) =>
      time! < 2
        ? dense(draw, [time!, width!])
        : { code: `layers.${draw.of('MaxPooling1D', 'AveragePooling1D')}(2)`, shape: [time! >> 1, width!] },
    (draw, shape) => ({ code: `layers.SpatialDropout1D(${draw.of(0.1, 0.2)})`, shape }),
    (_, [time, width]) => ({ code: 'layers.Permute((2, 1))', shape: [width!, time!] }),
    (draw, [time]) => {
      const code = recurrent(draw, ', return_sequences=True');
      return { code, shape: [time!, unitsIn(code)] };
    },
    draw => {
      const code = recurrent(draw, '');
      return { code, shape: [unitsIn(code)] };
    },
    (draw, [time]) => {
      const [inner, mode] = [recurrent(draw, ', return_sequences=True'), draw.of('concat', 'sum', 'ave')];
      const units = unitsIn(inner) * (mode === 'concat' ? 2 : 1);
      return {
        code: `layers.Bidirectional(${inner}${mode === 'concat' ? '' : `, merge_mode="${mode}"`})`,
        shape: [time!, units],
      };
    },
    (draw, [time]) => {
      const inner = dense(draw, [1]);
      return { code: `layers.TimeDistributed(${inner.code})`, shape: [time!, inner.shape[0]!] };
    },
    (draw, [, width]) => ({
      code: `layers.${draw.of('GlobalAveragePooling1D', 'GlobalMaxPooling1D')}()`,
      shape: [width!],
    }),
  ],
  3: [
    (draw, [h, w]) => {
      const [filters, size] = [1 + draw.below(4), 1 + draw.below(Math.min(3, h!, w!))];
      const padding = draw.of('same', 'valid');
      const code = `layers.Conv2D(${filters}, ${draw.of(String(size), `(${size}, ${size})`)}, padding="${padding}"${draw.maybe('activation="relu"')})`;
      const less = padding === 'valid' ? size - 1 : 0;
      return { code, shape: [h! - less, w! - less, filters] };
    },
    (draw, [h, w, c]) => ({
      code: `layers.DepthwiseConv2D(1, depth_multiplier=2${draw.maybe('use_bias=False')})`,
      shape: [h!, w!, c! * 2],
    }),
    (draw, [h, w]) => ({
      code: `layers.SeparableConv2D(${2}, 2, padding="same"${draw.maybe('activation="tanh"')})`,
      shape: [h!, w!, 2],
    }),
    (draw, [h, w]) => ({
      code: `layers.Conv2DTranspose(${3}, 2, strides=2, padding="${draw.of('same', 'same')}")`,
      shape: [h! * 2, w! * 2, 3],
    }),
    (draw, [h, w, c]) =>
      Math.min(h!, w!) < 2
        ? dense(draw, [h!, w!, c!])
        : {
            code: `layers.${draw.of('MaxPooling2D', 'AveragePooling2D')}(${draw.of('2', '(2, 2)', 'pool_size=2, strides=2')})`,
            shape: [h! >> 1, w! >> 1, c!],
          },
    (_, [h, w, c]) => ({ code: 'layers.UpSampling2D(2)', shape: [h! * 2, w! * 2, c!] }),
    (_, [h, w, c]) => ({ code: 'layers.ZeroPadding2D(((1, 0), (0, 1)))', shape: [h! + 1, w! + 1, c!] }),
    (draw, [h, w, c]) =>
      Math.min(h!, w!) < 3
        ? dense(draw, [h!, w!, c!])
        : { code: 'layers.Cropping2D(((1, 0), (0, 1)))', shape: [h! - 1, w! - 1, c!] },
    (draw, [, , c]) => ({ code: `layers.${draw.of('GlobalAveragePooling2D', 'GlobalMaxPooling2D')}()`, shape: [c!] }),
    (_, [h, w, c]) => ({ code: `layers.Reshape((${h! * w!}, ${c}))`, shape: [h! * w!, c!] }),
    (_, [h, w, c]) => ({ code: 'layers.Flatten()', shape: [h! * w! * c!] }),
  ],
};

function step(draw: Draw, shape: readonly number[]): Step {
  const choices = draw.below(3) === 0 ? anywhere : (ofRank[shape.length] ?? anywhere);
  const made = draw.of(...choices)(draw, shape);
  const repeat = /RepeatVector\((\d+)\)/.exec(made.code);
  return repeat ? { ...made, shape: [Number(repeat[1]), made.shape[1]!] } : made;
}

function steps(draw: Draw, from: readonly number[], count: number): Step[] {
  const made: Step[] = [];
  let shape = from;
  for (let i = 0; i < count; i++) {
    const next = step(draw, shape);
    if (next.shape.reduce((a, b) => a * b, 1) > 1500) continue;
    made.push(next);
    ({ shape } = next);
  }
  return made;
}

const inputOf = (draw: Draw): number[] =>
  draw.of(
    [3 + draw.below(4)],
    [3 + draw.below(4), 2 + draw.below(3)],
    [4 + draw.below(3), 4 + draw.below(3), 1 + draw.below(3)],
  );
const tuple = (shape: readonly number[]): string => `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;

const COMPILES = [
  'optimizer="adam", loss="mse"',
  'optimizer=keras.optimizers.SGD(learning_rate=0.05, momentum=0.9), loss="mean_absolute_error", metrics=["mae"]',
  'optimizer=keras.optimizers.RMSprop(learning_rate=0.002), loss=keras.losses.Hinge()',
  'optimizer=keras.optimizers.Adamax(), loss="binary_crossentropy", metrics=["accuracy"]',
  'optimizer="adagrad", loss="log_cosh"',
];

function sequential(draw: Draw): string {
  const text = draw.below(6) === 0;
  const input = text ? [4 + draw.below(4)] : inputOf(draw);
  const first: Step[] = text ? [{ code: `layers.Embedding(20, ${2 + draw.below(3)})`, shape: [input[0]!, 3] }] : [];
  if (text) first[0] = { ...first[0]!, shape: [input[0]!, Number(/, (\d)\)/.exec(first[0]!.code)![1])] };
  const rest = steps(draw, first.at(-1)?.shape ?? input, 2 + draw.below(5));
  const all = [...first, ...rest, ...(rest.length === 0 ? [dense(draw, first.at(-1)?.shape ?? input)] : [])];
  const lines = all.map(
    ({ code }, i) =>
      `    ${draw.below(4) === 0 ? code.replace(/\)$/, `${/\($/.test(code.slice(0, -1)) ? '' : ', '}name="step_${i}")`) : code},`,
  );
  const name = draw.below(3) === 0 ? ', name="stack"' : '';
  return `model = keras.Sequential([\n    keras.Input(${tuple(input)}),\n${lines.join('\n')}\n]${name})\nmodel.compile(${draw.of(...COMPILES)})\n`;
}

/** Every layer has a name, by which its weights are found in both frameworks. */
function functional(draw: Draw): string {
  const lines: string[] = [];
  let count = 0;
  const named = (code: string): string =>
    code.replace(/\)$/, `${code.endsWith('()') ? '' : ', '}name="n${String(count++).padStart(2, '0')}")`);
  const input = inputOf(draw);
  lines.push(`a = keras.Input(${tuple(input)}, name="first")`);
  let x = 'a';
  let shape: readonly number[] = input;
  for (const each of steps(draw, input, 1 + draw.below(3))) {
    lines.push(`x${count} = ${named(each.code)}(${x})`);
    x = `x${count - 1}`;
    ({ shape } = each);
  }
  const inputs = ['a'];
  const outputs: string[] = [];
  const units = 2 + draw.below(3);
  if (draw.below(2) === 0) {
    // Two branches of one shape and a merge.
    const [left, right] = [`l${count}`, `r${count + 1}`];
    lines.push(`${left} = ${named(`layers.Dense(${units}, activation="${draw.of(...ACTIVATIONS)}")`)}(${x})`);
    lines.push(`${right} = ${named(`layers.Dense(${units})`)}(${x})`);
    const merge = draw.of('Add', 'Multiply', 'Average', 'Maximum', 'Minimum', 'Concatenate');
    lines.push(`m = ${named(`layers.${merge}()`)}([${left}, ${right}])`);
    x = 'm';
    shape = [...shape.slice(0, -1), merge === 'Concatenate' ? units * 2 : units];
    if (draw.below(3) === 0) outputs.push(left);
  }
  if (draw.below(3) === 0) {
    // One layer, called twice.
    lines.push(`shared = ${named(`layers.Dense(${shape.at(-1)}, activation="tanh")`)}`, `s = shared(shared(${x}))`);
    x = 's';
  }
  if (draw.below(3) === 0 && shape.length === 1) {
    lines.push('b = keras.Input((3,), name="second")');
    lines.push(`j = ${named('layers.Concatenate()')}([${x}, ${named('layers.Dense(2)')}(b)])`);
    inputs.push('b');
    x = 'j';
    shape = [shape[0]! + 2];
  }
  if (draw.below(3) === 0) {
    lines.unshift(
      `inner = keras.Sequential([keras.Input((${[...shape.map(String), '']
        .join(', ')
        .trimEnd()
        .replace(
          /,$/,
          shape.length === 1 ? ',' : '',
        )})), ${named('layers.Dense(3, activation="relu")')}, ${named('layers.Dense(2)')}], name="inner")`,
    );
    lines.push(`y = inner(${x})`);
    x = 'y';
    shape = [...shape.slice(0, -1), 2];
  }
  lines.push(`out = ${named('layers.Dense(2, activation="softmax")')}(${x})`);
  outputs.push('out');
  const list = (names: readonly string[]): string => (names.length === 1 ? names[0]! : `[${names.join(', ')}]`);
  lines.push(`model = keras.Model(${list(inputs)}, ${list(outputs)})`);
  if (outputs.length === 1)
    lines.push(`model.compile(optimizer="sgd", loss="categorical_crossentropy", metrics=["accuracy"])`);
  return `${lines.join('\n')}\n`;
}

export function generatedModels(): string[] {
  const draws = fc.sample(fc.array(fc.nat({ max: 5039 }), { minLength: 60, maxLength: 60 }), {
    seed: SEED,
    numRuns: MODELS,
  });
  return draws.map((numbers, i) => {
    const draw = new Draw(numbers);
    return `import keras\nfrom keras import layers\n\n${i % 2 === 0 ? sequential(draw) : functional(draw)}`;
  });
}
