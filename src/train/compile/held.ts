// Values of variables, kept alive while the variables change.

import type * as tfjs from '@tensorflow/tfjs';
import type { Tf } from './index';

export class Held {
  readonly tensors = new Map<tfjs.Variable, tfjs.Tensor>();

  constructor(tf: Tf, variables: Iterable<tfjs.Variable>) {
    for (const variable of variables) this.tensors.set(variable, tf.keep(variable.clone()));
  }

  /** Gives the variables back the values they had. */
  restore(): void {
    this.tensors.forEach((tensor, variable) => variable.assign(tensor));
  }

  release(): void {
    this.tensors.forEach(tensor => tensor.dispose());
    this.tensors.clear();
  }
}
