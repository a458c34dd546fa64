/** Small programs in which statements depend on each other in every way the evaluator knows. */

export interface EditedProgram {
  readonly name: string;
  readonly file: string;
  readonly text: string;
}

export const PROGRAMS: readonly EditedProgram[] = [
  {
    name: 'lists under two names, layers added from several statements',
    file: 'program.py',
    text: `import keras
from keras import layers
import numpy as np
n = 4
units = [8, 16]
alias = units
alias.append(n)
model = keras.Sequential()
model.add(keras.Input((10,)))
for u in units:
    model.add(layers.Dense(u))
other = model
other.add(layers.Dense(3))
units.append(5)
second = keras.Sequential([keras.Input((10,)), layers.Dense(units[0]), layers.Dense(3)])
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
x = np.zeros((20, 10))
y = np.zeros((20,))
model.fit(x, y)
bad = layers.Conv2D(3, 3)(keras.Input((4,)))
second.fit(x, y)
print(model.summary())
`,
  },
  {
    name: 'functions that change globals, and some that nobody calls',
    file: 'program.py',
    text: `import keras
from keras import layers
count = 0
registry = {}
def block(x, n):
    global count
    count = count + 1
    registry["a"] = count
    return layers.Dense(n * count)(x)
def build(n=3, q=None):
    i = keras.Input((n,))
    x = block(i, 4)
    if q:
        x = layers.Dropout(0.1)(x)
    x = block(x, width)
    for k in range(2):
        x = layers.Dense(k + 1)(x)
    return keras.Model(i, x)
def never(a, b=2):
    i = keras.Input((a, cfg.size))
    return keras.Model(i, layers.Dense(b)(i))
m1 = build()
m2 = build(5)
last = layers.Dense(registry["a"])
o = last(keras.Input((cfg.size,)))
m3 = keras.Model(o, o)
m1.compile(loss="mse")
def later(z):
    return never(z)
w = cfg.size
cfg.size = 4
t = layers.Dense(cfg.size)(keras.Input((w,)))
`,
  },
  {
    name: 'classes, shared layers, closures and branches',
    file: 'program.py',
    text: `import keras
from keras import layers, ops
class Base(layers.Layer):
    size = 4
    def __init__(self, n, **kw):
        super().__init__(**kw)
        self.d = layers.Dense(n)
        self.items = []
    def call(self, x):
        return self.d(x)
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.a = Base(3)
        self.b = Base(Base.size)
    def call(self, x):
        return self.b(self.a(x))
def helper(self, x):
    return x
class Odd(layers.Layer):
    call = helper
net = Net()
out = net(keras.Input((7,)))
net.compile(loss="mse", optimizer="sgd")
shared = layers.Dense(2)
a = shared(keras.Input((3,)))
b = shared(keras.Input((4,)))
pair = (shared, 3)
net.a.d = shared
net.a.trainable = False
net.a.items.append(shared)
z = net.a(keras.Input((9,)))
f = lambda q: shared(q)
r = f(a)
s = ops.reshape(a, (-1, 3))
def outer():
    inner = []
    def add(v):
        inner.append(v)
        return len(inner)
    return add
add = outer()
k1 = add(1)
k2 = layers.Dense(add(2))(a)
try:
    import foo
except ImportError:
    foo = None
if maybe:
    a = layers.Dense(9)(a)
    extra = 3
else:
    extra = 4
fin = layers.Dense(extra)(a)
`,
  },
  {
    name: 'data sets, training and pretrained layers',
    file: 'program.py',
    text: `import tensorflow as tf
import numpy as np
(x_train, y_train), (x_test, y_test) = tf.keras.datasets.mnist.load_data()
x_train = x_train / 255.0
batch, epochs = 32, 3
hidden = x_train.shape[1]
data = np.load("a.npy")
rows = data.shape[0]
cols = data.shape[1]
model = tf.keras.models.Sequential([
    tf.keras.layers.Flatten(input_shape=(28, 28)),
    tf.keras.layers.Dense(hidden, activation="relu"),
    tf.keras.layers.Dense(10, activation="softmax"),
])
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=epochs, batch_size=batch)
model.evaluate(x_test, y_test)
p = model.predict(x_test[0])
m2 = tf.keras.Sequential()
m2.add(tf.keras.layers.Dense(4, input_dim=cols))
m2.add(tf.keras.layers.Dense(rows))
m2.fit(data, np.zeros((3,)))
m2.compile(loss="mse")
m2.fit(data, np.zeros((3,)))
base = tf.keras.applications.MobileNetV2(include_top=False, input_shape=(96, 96, 3))
base.trainable = False
head = tf.keras.Sequential([base, tf.keras.layers.GlobalAveragePooling2D(), tf.keras.layers.Dense(1)])
h2 = tf.keras.Model(base.input, tf.keras.layers.Dense(2)(base.output))
for l in base.layers[:3]:
    l.trainable = True
`,
  },
  {
    name: 'TensorFlow.js',
    file: 'program.js',
    text: `import * as tf from '@tensorflow/tfjs';
const cfg = {units: 4};
cfg.units = 8;
const model = tf.sequential();
model.add(tf.layers.dense({units: cfg.units, inputShape: [10]}));
model.add(tf.layers.dense({units: 3, activation: 'softmax'}));
model.compile({optimizer: 'adam', loss: 'categoricalCrossentropy'});
const xs = tf.zeros([20, 10]);
const ys = tf.zeros([20, 3]);
function build(n) {
  const m = tf.sequential({layers: [tf.layers.dense({units: n, inputShape: [4]})]});
  m.add(tf.layers.dense({units: 2}));
  return m;
}
const other = build(7);
let count = 0;
function next() { count += 1; return count; }
const a = tf.layers.dense({units: next()}).apply(tf.input({shape: [5]}));
const b = tf.layers.dense({units: next()}).apply(a);
const whole = tf.model({inputs: a, outputs: b});
async function train() {
  await model.fit(xs, ys, {epochs: 3});
  other.predict(tf.zeros([1, 5]));
}
train();
function unused(k) { return tf.layers.conv2d({filters: k, kernelSize: 3, inputShape: [8, 8, 1]}); }
`,
  },
];

/** Whole lines that change what others see. */
export const PYTHON_LINES: readonly string[] = [
  '',
  '# nothing',
  'n = 5',
  'del n',
  'units = [3]',
  'model = keras.Sequential()',
  'model.add(layers.Dense(3))',
  'x = layers.Dense(4)(x)',
  'other = model',
  'cfg.size = 4',
  'count = 7',
  'def block(a, n): return layers.Dense(a)',
  'keras.backend.clear_session()',
  'print(model.name, size)',
  'if unknown: n = 7',
  'if unknown: raise SystemExit',
  'raise ValueError()',
  'shared = layers.Dense(6, name="d")',
  'layers.Conv2D(3, 3)(keras.Input((4,)))',
];

export const JAVASCRIPT_LINES: readonly string[] = [
  '',
  '// nothing',
  'const n = 5;',
  'model.add(tf.layers.dense({units: 3}));',
  'cfg.units = 3;',
  'count = 7;',
  'if (unknown) count = 9;',
  'function next() { return 2; }',
  'other.add(tf.layers.flatten());',
  'for (let i = 0; i < n; i++) { const t = tf.ones([i]); t.print(); }',
  'function step() { while (count > 0) { const u = tf.ones([2]); u.print(); } }',
  'tf.tidy(step);',
  'model.fit(tf.zeros([8, 3]), tf.zeros([8, 1]), { epochs: 1 });',
  'model.predict(tf.zeros([1, 3])).print();',
  'class Agent { constructor() { this.net = tf.sequential(); } }',
  'const agent = new Agent();',
];
