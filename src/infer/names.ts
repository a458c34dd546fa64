/**
 * The automatic names of layers and models, as a fresh Python process would give them: one counter for each snake-cased
 * class name, shared by layers, operations and models (`auto_name` in keras/src/utils/naming.py).
 */
import { snakeName } from '../catalogue/spelling';
import type { CellKind } from './journal';
import type { WatchedMap } from './watched';

export class Names {
  constructor(readonly counters: WatchedMap<string, number>) {}

  auto(className: string): string {
    const prefix = snakeName(className);
    const used = this.counters.get(prefix) ?? 0;
    this.counters.set(prefix, used + 1);
    return used === 0 ? prefix : `${prefix}_${used}`;
  }

  /**
   * TensorFlow.js's own: `dense_Dense1` for a layer, `input1` for an input, `sequential_1` and `model1` for models, one
   * counter for each class (`getUid` in tfjs-layers/src/backend/state.ts).
   */
  autoTfjs(className: string): string {
    const [prefix, counted] = TFJS_PREFIXES[className] ?? [`${snakeName(className)}_`, className];
    const used = (this.counters.get(`tfjs ${counted}`) ?? 0) + 1;
    this.counters.set(`tfjs ${counted}`, used);
    return `${prefix}${counted}${used}`;
  }

  clear(): void {
    this.counters.clear();
  }
}

/** What stands before the counted part, and the counted part. */
const TFJS_PREFIXES: Readonly<Record<string, readonly [prefix: string, counted: string]>> = {
  InputLayer: ['', 'input'],
  Sequential: ['', 'sequential_'],
  Functional: ['', 'model'],
};

/** After two branches the higher counter holds: the names behind it are those of the longer branch. */
export const NAMES_CELL: CellKind<Names, ReadonlyMap<string, number>> = {
  capture: names => names.counters.copy(),
  restore: (names, state) => {
    names.counters.become(state);
  },
  isWatched: () => true,
  join: (a, b) => {
    const joined = new Map(a);
    for (const [prefix, used] of b) joined.set(prefix, Math.max(used, joined.get(prefix) ?? 0));
    return joined;
  },
};
