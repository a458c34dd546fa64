/**
 * A table of numbers that only grows, made so that a fold stays pure and a million rows stay cheap: tables share one
 * buffer and differ in how many of its rows are theirs. Appending to the longest table writes in place; appending to an
 * older one copies first, so that no table ever sees another's rows change.
 */

interface Store {
  /** Rows written so far; a table may append in place only when all of them are its own. */
  used: number;
  capacity: number;
  readonly columns: Map<string, Float64Array>;
}

export interface Columns {
  /** Column names in order of first appearance. */
  readonly names: readonly string[];
  readonly rows: number;
  /** Shared and growing; read it through `column` and `cell` alone. */
  readonly store: Store;
}

/** A row; a name that is left out, `null` and a value that is not finite are all kept as NaN, a gap in the curve. */
export type Row = Readonly<Record<string, number | null | undefined>>;

export function emptyColumns(): Columns {
  return { names: [], rows: 0, store: { used: 0, capacity: 0, columns: new Map() } };
}

/** The values of one column, one per row of the table; a view, not a copy. Empty for an unknown name. */
export function column(table: Columns, name: string): Float64Array {
  const values = table.names.includes(name) ? table.store.columns.get(name) : undefined;
  return values ? values.subarray(0, table.rows) : new Float64Array(0);
}

/** NaN for an unknown name or row. */
export function cell(table: Columns, name: string, row: number): number {
  if (row < 0 || row >= table.rows || !table.names.includes(name)) return NaN;
  return table.store.columns.get(name)?.[row] ?? NaN;
}

/** The first `rows` rows. */
export function truncate(table: Columns, rows: number): Columns {
  return rows >= table.rows ? table : { ...table, rows: Math.max(0, rows) };
}

/** One more row; a metric whose name is also a field of `row` wins. */
export function append(table: Columns, row: Row, metrics: Row = NONE): Columns {
  const store = table.store.used === table.rows ? table.store : copyOf(table);
  if (store.used === store.capacity) grow(store);
  const at = store.used++;
  const names = put(store, at, metrics, put(store, at, row, table.names));
  return { names, rows: at + 1, store };
}

const NONE: Row = {};

/** Writes the values of one row (a fresh row is NaN already) and returns the names, with new ones at the end. */
function put(store: Store, at: number, row: Row, names: readonly string[]): readonly string[] {
  for (const name in row) {
    let values = store.columns.get(name);
    if (!values) store.columns.set(name, (values = new Float64Array(store.capacity).fill(NaN)));
    if (!names.includes(name)) names = [...names, name];
    const value = row[name];
    values[at] = typeof value === 'number' && Number.isFinite(value) ? value : NaN;
  }
  return names;
}

/** Rows from `start` on as plain copies, for a reader in another process. */
export function slice(table: Columns, start: number): Record<string, Float64Array> {
  const out: Record<string, Float64Array> = {};
  for (const name of table.names) out[name] = column(table, name).slice(start);
  return out;
}

/** Appends many rows at once and takes over the sender's names, which it keeps even while no row has a value for them. */
export function appendAll(table: Columns, values: Readonly<Record<string, ArrayLike<number>>>, rows: number): Columns {
  let out = table;
  for (let i = 0; i < rows; i++) {
    const row: Record<string, number | undefined> = {};
    for (const name of Object.keys(values)) row[name] = values[name]?.[i];
    out = append(out, row);
  }
  return { ...out, names: Object.keys(values) };
}

function copyOf(table: Columns): Store {
  const capacity = Math.max(16, table.rows);
  const columns = new Map<string, Float64Array>();
  for (const name of table.names) {
    const values = new Float64Array(capacity).fill(NaN);
    values.set(column(table, name));
    columns.set(name, values);
  }
  return { used: table.rows, capacity, columns };
}

function grow(store: Store): void {
  store.capacity = Math.max(64, store.capacity * 2);
  for (const [name, old] of store.columns) {
    const values = new Float64Array(store.capacity).fill(NaN);
    values.set(old);
    store.columns.set(name, values);
  }
}
