/**
 * Undo for branches. Lists, dicts, scopes and layers change while a program runs; where the evaluator must follow two
 * branches, it runs the first, takes its changes back, runs the second, and joins what both left behind. Whatever is
 * about to change is announced with `touch`, which costs nothing outside of branches.
 *
 * Frames nest like the branches do: the last one opened is the first one closed.
 */

/** How one sort of changeable thing is copied, put back, and joined. `key` itself is never replaced. */
export interface CellKind<T extends object, S = unknown> {
  capture(key: T): S;
  restore(key: T, state: S): void;
  join(a: S, b: S, why: string): S;
  /** What changes of it is known from elsewhere, so that the frame around a statement of the module need not. */
  isWatched?(key: T): boolean;
}

interface Saved {
  readonly kind: CellKind<object>;
  readonly state: unknown;
}

/** What a branch left behind: the state of everything it touched. */
export type Delta = ReadonlyMap<object, unknown>;

export class Frame {
  /** The state of each touched thing when the frame was opened. */
  readonly saved = new Map<object, Saved>();
}

export class Journal {
  private readonly frames: Frame[] = [];
  private statement: Frame | undefined;

  /** To be called before `key` changes. */
  touch<T extends object, S>(key: T, kind: CellKind<T, S>): void {
    const frame = this.frames.at(-1);
    if (frame && !frame.saved.has(key) && !(frame === this.statement && kind.isWatched?.(key))) {
      frame.saved.set(key, { kind, state: kind.capture(key) });
    }
  }

  /**
   * To be called before `key` changes in a way that no branch takes back, because it is part of making something new.
   * Only the frame around the statement learns of it.
   */
  note<T extends object, S>(key: T, kind: CellKind<T, S>): void {
    const { statement } = this;
    if (statement && this.frames.every(frame => !frame.saved.has(key)))
      statement.saved.set(key, { kind, state: kind.capture(key) });
  }

  /** Opens the frame around a statement of the module, outside of all others. */
  openStatement(): Frame {
    this.statement = this.open();
    return this.statement;
  }

  /** False where a branch of the statement is still open: its end comes with the end of the module. */
  closeStatement(frame: Frame): boolean {
    if (this.frames.at(-1) !== frame) return false;
    this.frames.pop();
    this.statement = undefined;
    return true;
  }

  open(): Frame {
    const frame = new Frame();
    this.frames.push(frame);
    return frame;
  }

  get depth(): number {
    return this.frames.length;
  }

  /** Puts everything back to how it was when `frame`, the innermost one, was opened; gives what was there. */
  takeBack(frame: Frame): Delta {
    const delta = new Map<object, unknown>();
    for (const [key, { kind, state }] of frame.saved) {
      delta.set(key, kind.capture(key));
      kind.restore(key, state);
    }
    return delta;
  }

  /** Puts in place what a branch of `frame` left behind. */
  install(frame: Frame, delta: Delta): void {
    for (const [key, state] of delta) frame.saved.get(key)?.kind.restore(key, state);
  }

  /** The state that covers both what is there now and what another branch of `frame` left behind. */
  join(frame: Frame, other: Delta, why: string): void {
    for (const [key, { kind, state }] of frame.saved) {
      const there = other.has(key) ? other.get(key) : state;
      kind.restore(key, kind.join(there, kind.capture(key), why));
    }
  }

  /** Ends the innermost frame; its changes stay, and the frame around it learns of them. */
  close(frame: Frame): void {
    const last = this.frames.pop();
    if (last !== frame) throw new Error('frames of the journal must be closed in the order of their nesting');
    const outer = this.frames.at(-1);
    if (!outer) return;
    for (const [key, saved] of frame.saved) {
      if (!outer.saved.has(key) && !(outer === this.statement && saved.kind.isWatched?.(key)))
        outer.saved.set(key, saved);
    }
  }

  /** After something was given up in the middle: ends the frames inside of `frame`, and their changes stay. */
  abandonTo(frame: Frame): void {
    while (this.frames.length > 0 && this.frames.at(-1) !== frame) this.close(this.frames.at(-1)!);
  }
}
