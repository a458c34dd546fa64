// Keeps `tf.Variable`s and the session's variables one and the same to whoever uses them.
//
// While a variable is *live* its value is in the session alone, and its tfjs tensor is a view: the first read fetches
// (and shares) the memory, the next changing run ends the view. A variable that was assigned from outside is no longer
// live and is stored into the session before the next run. Tensors cloned from a live variable keep the value they had.

import type * as tfjs from '@tensorflow/tfjs';
import type { DataInfo, NodeBackend } from './binding';
import { idOf } from './binding';
import { dtypeNumber } from './record';
import type { Session } from './session';

interface View {
  dataId: object;
  info: DataInfo;
  /** The fetched tensor, if it was read since the last run. */
  id: number | undefined;
}

export class LiveVariables {
  private readonly views = new Map<tfjs.Variable, View>();

  constructor(
    private readonly backend: NodeBackend,
    private readonly session: Session,
  ) {}

  /**
   * Readies a run: stores what was assigned from outside. With `changes`, ends all views first, so that TensorFlow may
   * update in place and no reader sees the old value.
   */
  enter(variables: ReadonlySet<tfjs.Variable>, changes: boolean): void {
    const pending: tfjs.Variable[] = [];
    let cloned = false;
    for (const variable of variables) {
      const view = this.views.get(variable);
      if (!view || view.dataId !== variable.dataId) pending.push(variable);
      else if (changes && view.info.refCount > 1) cloned = true;
    }
    if (pending.length > 0) this.storeAll(pending);
    if (!changes) return;
    if (cloned) this.fetchAll();
    for (const variable of variables) {
      const view = this.views.get(variable)!;
      if (view.info.refCount > 1) this.detach(variable, view);
      else this.forget(view);
    }
  }

  /** Makes variables views of what the session holds, whatever was assigned to them since. */
  adopt(variables: Iterable<tfjs.Variable>): void {
    for (const variable of variables) {
      if (this.views.get(variable)?.dataId !== variable.dataId) this.view(variable);
    }
  }

  /** Gives all values back to tfjs; the session may then be closed. */
  release(): void {
    this.dropReassigned();
    if (this.views.size === 0) return;
    this.fetchAll();
    for (const view of this.views.values()) {
      Object.defineProperty(view.info, 'id', { value: view.id, writable: true, configurable: true, enumerable: true });
    }
    this.views.clear();
  }

  /** Before the session is replaced: readers must not hold what it owned. */
  endViews(): void {
    this.dropReassigned();
    this.enter(new Set(this.views.keys()), true);
  }

  private storeAll(pending: readonly tfjs.Variable[]): void {
    this.session.store(pending.map(variable => ({ variable, id: idOf(this.backend, variable) })));
    for (const variable of pending) this.view(variable);
  }

  private view(variable: tfjs.Variable): void {
    const tensor = this.backend.createOutputTensor({ id: -1, shape: variable.shape, dtype: dtypeNumber(variable) });
    variable.assign(tensor);
    tensor.dispose();
    const info = this.backend.tensorMap.get(variable.dataId);
    const view: View = { dataId: variable.dataId, info, id: undefined };
    Object.defineProperty(info, 'id', {
      configurable: true,
      enumerable: true,
      get: () => {
        if (view.id === undefined && this.session.isOpen) this.fetchAll();
        return view.id ?? -1;
      },
    });
    this.views.set(variable, view);
  }

  /** A clone shares this view's data: it keeps the fetched tensor, and the variable gets a view of its own. */
  private detach(variable: tfjs.Variable, view: View): void {
    Object.defineProperty(view.info, 'id', { value: view.id, writable: true, configurable: true, enumerable: true });
    this.views.delete(variable);
    this.view(variable);
  }

  private forget(view: View): void {
    if (view.id !== undefined) this.backend.binding.deleteTensor(view.id);
    view.id = undefined;
  }

  private fetchAll(): void {
    this.dropReassigned();
    const wanted = [...this.views].filter(([, view]) => view.id === undefined);
    const ids = this.session.fetch(wanted.map(([variable]) => variable));
    wanted.forEach(([, view], i) => {
      view.id = ids[i];
    });
  }

  /** tfjs freed the data of a variable that was assigned or disposed, and with it the fetched tensor. */
  private dropReassigned(): void {
    for (const [variable, view] of this.views) {
      if (view.dataId !== variable.dataId || variable.isDisposed) this.views.delete(variable);
    }
  }
}
