/**
 * Which of the evaluator's tables one statement of the module reads and writes: the variables of the module, the
 * counters behind automatic names, the symbols in use. A statement whose reads would give the same again, and whose
 * objects are as they were, does again what it did.
 */

/** What was read and written while a statement ran. The first of each counts. */
export class Trace {
  readonly reads = new Map<Watched, Map<unknown, unknown>>();
  readonly writes = new Map<Watched, Map<unknown, unknown>>();
  /** A whole table was looked at: the statement is always run again. */
  isOpaque = false;

  /** `isBranch`: what is written there may be taken back or joined with what was there before. */
  constructor(private readonly isBranch: () => boolean) {}

  read(table: Watched, key: unknown, value: unknown): void {
    if (this.writes.get(table)?.has(key)) return;
    const reads = entriesOf(this.reads, table);
    if (!reads.has(key)) reads.set(key, value);
  }

  write(table: Watched, key: unknown, before: unknown): void {
    if (this.isBranch()) this.read(table, key, before);
    const writes = entriesOf(this.writes, table);
    if (!writes.has(key)) writes.set(key, before);
  }
}

function entriesOf(all: Map<Watched, Map<unknown, unknown>>, table: Watched): Map<unknown, unknown> {
  let entries = all.get(table);
  if (!entries) all.set(table, (entries = new Map<unknown, unknown>()));
  return entries;
}

/** What the tables of one evaluator share: the trace of the statement that runs, if anybody wants to know. */
export interface Watch {
  trace: Trace | undefined;
}

export type Watched = WatchedMap<unknown, unknown>;

export class WatchedMap<K, V> extends Map<K, V> {
  constructor(private readonly watch: Watch) {
    super();
  }

  override get(key: K): V | undefined {
    const value = super.get(key);
    this.watch.trace?.read(this, key, value);
    return value;
  }

  override has(key: K): boolean {
    return this.get(key) !== undefined;
  }

  override set(key: K, value: V): this {
    this.watch.trace?.write(this, key, super.get(key));
    return super.set(key, value);
  }

  override delete(key: K): boolean {
    this.watch.trace?.write(this, key, super.get(key));
    return super.delete(key);
  }

  override clear(): void {
    this.noticeAll();
    for (const key of [...super.keys()]) this.delete(key);
  }

  override [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  override entries(): MapIterator<[K, V]> {
    this.noticeAll();
    return super.entries();
  }

  override keys(): MapIterator<K> {
    this.noticeAll();
    return super.keys();
  }

  override values(): MapIterator<V> {
    this.noticeAll();
    return super.values();
  }

  private noticeAll(): void {
    if (this.watch.trace) this.watch.trace.isOpaque = true;
  }

  /** All of it, to be put back later; not a read. */
  copy(): Map<K, V> {
    return new Map(super.entries());
  }

  /** Makes it equal to a copy; only what differs is written. */
  become(copy: ReadonlyMap<K, V>): void {
    for (const key of [...super.keys()]) if (!copy.has(key)) this.delete(key);
    for (const [key, value] of copy) if (super.get(key) !== value) this.set(key, value);
  }

  /** Looks without reading. */
  peek(key: K): V | undefined {
    return super.get(key);
  }

  /** Changes without writing. */
  put(key: K, value: V | undefined): void {
    if (value === undefined) super.delete(key);
    else super.set(key, value);
  }
}
