/** The arguments of `pandas.read_csv` and what they make of a file of the workspace, or of one that cannot be read. */
import { known } from '../ir/dim';
import type { Place } from '../ir/span';
import { type FrameValue, text, unknownValue, type Value } from '../ir/value';
import { itemsOf as knownItems } from '../catalogue/arguments';
import type { CallArguments } from './call';
import type { Evaluator } from './evaluator';
import { SOME_COLUMNS, SOME_ROWS, tableOf, uniqueLabels } from './frames';
import { keyOf } from './strings';
import { tableColumns, type TableOptions, withoutIndex } from './table-head';

/** Arguments that change neither the columns nor which lines are rows. */
const HARMLESS = new Set(
  (
    'dtype engine converters true_values false_values na_values keep_default_na na_filter verbose cache_dates ' +
    'infer_datetime_format date_format dayfirst thousands decimal low_memory memory_map float_precision ' +
    'dtype_backend storage_options'
  ).split(' '),
);
const FOLLOWED = new Set(
  (
    'filepath_or_buffer sep delimiter header names index_col usecols skiprows skipfooter nrows comment ' +
    'skipinitialspace delim_whitespace parse_dates encoding compression skip_blank_lines on_bad_lines error_bad_lines ' +
    'warn_bad_lines'
  ).split(' '),
);

/** `sep` is the only other argument that may stand in its place (pandas before 2.0). */
const POSITIONS = ['filepath_or_buffer', 'sep'];

export function readTable(cx: Evaluator, args: CallArguments, separator: string, place: Place): Value {
  const given = new Map<string, Value>();
  args.positional.forEach((a, i) => given.set(POSITIONS[i] ?? '?', a.value));
  for (const [name, a] of args.keywords ?? []) given.set(name, a.value);
  // With these it is no table but a reader of several, or one column.
  if (['chunksize', 'iterator', 'squeeze'].some(name => given.has(name)))
    return unknownValue('a file read in parts is not followed');
  const unsure = { ...tableOf(SOME_ROWS, undefined), place };
  const header = given.get('header');
  if (header && /^(list|tuple|unknown)$/.test(header.kind))
    return unknownValue('a header of several lines is not followed');
  if (args.open !== undefined || [...given.keys()].some(key => !HARMLESS.has(key) && !FOLLOWED.has(key))) return unsure;
  const options = optionsOf(given, separator);
  if (!options) return unsure;
  const path = given.get('filepath_or_buffer');
  const head = path?.kind === 'string' && !isPacked(path.value, given) ? cx.readHead(path.value) : undefined;
  if (!head) return { ...named(options), place };
  const table = tableColumns(head, options);
  if (!table) return unsure;
  const rows = table.rows === undefined || skipsBadLines(given) ? SOME_ROWS : known(table.rows);
  return { ...tableOf(rows, keysOf(table.labels)), place };
}

function skipsBadLines(given: ReadonlyMap<string, Value>): boolean {
  return given.has('on_bad_lines') || given.has('error_bad_lines');
}

function keysOf(labels: readonly (string | number)[]): readonly string[] | undefined {
  return uniqueLabels(labels.map(label => (typeof label === 'number' ? `#${label}` : keyOf(text(label))!)));
}

/** Without the file, the columns are known where they are all named. */
function named({ names, columns, index }: TableOptions): FrameValue {
  if (names) {
    const labels = withoutIndex(names, { columns, index });
    return tableOf(SOME_ROWS, labels && keysOf(labels));
  }
  const isOnly = columns && !index && new Set(columns).size === columns.length;
  return tableOf(SOME_ROWS, undefined, isOnly ? known(columns.length) : SOME_COLUMNS);
}

function isPacked(path: string, given: ReadonlyMap<string, Value>): boolean {
  return /^[a-z][a-z0-9+]*:\/\//i.test(path) || /\.(gz|bz2|zip|xz|zst|tar)$/i.test(path) || given.has('compression');
}

/** Undefined where an argument is not known, or one is given that is not followed in this form. */
function optionsOf(given: ReadonlyMap<string, Value>, usual: string): TableOptions | undefined {
  let isSure = true;
  const read = <T>(name: string, of: (value: Value) => T | undefined): T | undefined => {
    const value = given.get(name);
    if (!value || value.kind === 'none') return undefined;
    const found = of(value);
    if (found === undefined) isSure = false;
    return found;
  };
  const number = (name: string): number | undefined =>
    read(name, v => (v.kind === 'number' && v.isInteger && v.value >= 0 ? v.value : undefined));
  const word = (name: string): string | undefined => read(name, v => (v.kind === 'string' ? v.value : undefined));
  const truth = (name: string): boolean | undefined => read(name, v => (v.kind === 'boolean' ? v.value : undefined));

  const names = read('names', v => knownItems(v)?.map(item => (item.kind === 'string' ? item.value : undefined)));
  const columns = read('usecols', placesOrLabels);
  const index = read('index_col', v =>
    v.kind === 'boolean'
      ? v.value
        ? undefined
        : ([false] as const)
      : v.kind === 'number' || v.kind === 'string'
        ? placesOrLabels({ kind: 'list', items: [v] })
        : placesOrLabels(v),
  );
  const encoding = word('encoding');
  if (encoding !== undefined && !/^(utf[-_]?8(-sig)?|ascii)$/i.test(encoding)) isSure = false;
  if (names?.some(name => name === undefined) || truth('skip_blank_lines') === false) isSure = false;
  // A list of lists makes one column of several.
  const dates = given.get('parse_dates');
  if (
    dates &&
    (dates.kind === 'dict' ||
      dates.kind === 'unknown' ||
      (dates.kind === 'list' && dates.items.some(i => !/^(string|number)$/.test(i.kind))))
  )
    isSure = false;
  const spaces = truth('delim_whitespace') === true;
  const separator = spaces ? '\\s+' : (word('sep') ?? word('delimiter') ?? usual);
  if (separator.length !== 1 && separator !== '\\s+') isSure = false;
  // `None` has pandas guess the separator.
  if (['sep', 'delimiter'].some(name => given.get(name)?.kind === 'none')) isSure = false;
  const header = headerOf(given.get('header'), names !== undefined);
  const skippedRows = number('skiprows') ?? 0;
  const [skipsFooter, maxRows, comment] = [(number('skipfooter') ?? 0) > 0, number('nrows'), word('comment')];
  const skipsInitialSpace = truth('skipinitialspace') ?? false;
  if (!isSure || header === undefined) return undefined;
  return {
    separator,
    header,
    names: names as readonly string[] | undefined,
    index: index?.[0] === false ? false : (index as readonly (string | number)[] | undefined),
    columns,
    skippedRows,
    skipsFooter,
    maxRows,
    comment,
    skipsInitialSpace,
  };
}

/** The first line, unless names are given. */
function headerOf(value: Value | undefined, isNamed: boolean): number | null | undefined {
  if (!value || (value.kind === 'string' && value.value === 'infer')) return isNamed ? null : 0;
  if (value.kind === 'none') return null;
  return value.kind === 'number' && value.value >= 0 ? value.value : undefined;
}

function placesOrLabels(value: Value): readonly (number | string)[] | undefined {
  const items = knownItems(value)?.map(item =>
    (item.kind === 'number' && item.isInteger) || item.kind === 'string' ? item.value : undefined,
  );
  return items?.every(item => item !== undefined) ? items : undefined;
}
