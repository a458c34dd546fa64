/** Programs that the tests of this room cut, mutate and edit: one for each language, with a bit of everything. */

export const PYTHON = `"""A model."""
import os, numpy as np
from keras import layers, models as m
from .local import *

UNITS: int = 1_000  # how wide
a, *rest = b = (1, 2.5, 1e3, 0xff, .5)
sizes = [n // 2 ** -k for n in range(10) if n % 2 for k in n]
config = {"units": UNITS, **rest, 'f': f"{UNITS!r:>{10}} {rest[0]:.2f}" "tail"}

@register(package="x")
class Block(layers.Layer, metaclass=Meta):
    """Two layers."""
    def __init__(self, units, /, rate: float = 0.5, *args, use_bias=True, **kwargs) -> None:
        super().__init__(**kwargs)
        self.dense = [layers.Dense(units, activation="relu"), layers.Dropout(rate)]

    def call(self, x, training=None):
        for i, layer in enumerate(self.dense):
            x = layer(x) if not training else layer(x, training=training)
        else:
            assert x.shape[1:] == (None, 3), "no"
        with tf.name_scope("a") as s, open(p):
            x += x[..., None, ::-1]
        try:
            return x @ self.w | mask
        except (ValueError, KeyError) as error:
            raise RuntimeError(f"bad {error}") from error
        finally:
            del s

    @staticmethod
    async def run(q):
        while (n := await q.get()) is not None and n not in q:
            yield n
            continue
        match n:
            case [1, x, *_] if x: pass
            case Point(x=0) | None as z: return lambda v, w=1: v
            case _: global g

if __name__ == "__main__":
    model = m.Sequential([
        layers.Input((28, 28, 1)),
        layers.Conv2D(32, (3, 3), padding='same'),
        layers.Dense(10),
    ])
    model.compile(optimizer='adam', loss='mse')
elif a < b <= c: model = None
else:
    model.fit(x, y, epochs=5, callbacks=[k for k in cbs])
print(model.summary(), -x ** 2, 1./255)
`;

export const JAVASCRIPT = `#!/usr/bin/env node
import * as tf from '@tensorflow/tfjs';
import fs, {join as j} from "fs";
const {layers, train: {adam = 1, ...others}} = tf, path = require('path');
let [first, , third = 2, ...rest] = sizes; // holes
/** A layer. */
export default class Scale extends tf.layers.Layer {
  static get className() { return 'Scale'; }
  static count = 0; #secret = 1_000;
  constructor(args = {}) {
    super(args);
    this.factor = args.factor ?? 1;
  }
  async *batches(source) { for await (const b of source) yield* b; }
  call(inputs, {training} = {}) {
    return tf.tidy(() => inputs.map(x => x?.mul?.(this.factor)?.[0]));
  }
}
export function build(units, {rate = 0.5, ...more} = {}) {
  const model = tf.sequential({layers: [
    tf.layers.dense({units, inputShape: [784], activation: 'relu'}),
    tf.layers.dropout({rate}),
  ], name: \`m\${units + \`\${rate}\`}\`});
  for (let i = 0, n = 3; i < n; i++, n--) { if (i % 2) continue; else break; }
  for (const key in more) delete more[key];
  do { units *= 2; units ||= 1; } while (units < 10 && !(units instanceof Number));
  switch (rate) {
    case 0: model.add(a, ...b); break;
    default: throw new Error('no');
  }
  try { model.compile({optimizer: 'adam', loss: 'meanSquaredError'}); } catch ({message}) { console.log(message); } finally { x = y = (1, 2); }
  const o = {build, get p() { return 1; }, ['k' + 1]: 0x1f, 'a-b': /re+/g, m() { return typeof this; }, ...more};
  return a ? [b, c] = [c, b] : void 0;
}
await build(10).fit(xs, ys, {epochs: 5, callbacks: {onEpochEnd: async (e, logs) => console.log(e, logs.loss)}});
export {build as make}; export * from './other';
`;

export const TYPESCRIPT = `${JAVASCRIPT.replace(/^#!.*\n/, '')}
import type {Tensor} from '@tensorflow/tfjs';
enum Mode { Train, Test = 5, Last = 'x' }
interface Options<T> { readonly a?: number; b(x: T): void }
type Shape = readonly (number | null)[];
abstract class Base<T extends object> implements Options<T> {
  private readonly x: number = 1; declare y: string;
  constructor(protected units: number, public rate?: number) { super(); }
  abstract run(): void;
  @log() get(x: Tensor): asserts x is Tensor { return <any>x as unknown as T; }
}
const f = <T,>(this: Window, x: T, ...rest: number[]): x is T => x! satisfies T;
namespace Inner { export const z = 1; }
declare module 'm' { const q: number; }
import r = require('r');
`;
