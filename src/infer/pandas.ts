/**
 * pandas: where tables come from (`read_csv` of a file of the workspace reads its header), and what methods make of
 * them. What is not listed here gives nothing known; what changes a table in place and is not followed leaves nothing
 * known of it. Held against pandas itself by `test/oracle/pandas`.
 */
import { add, type Dim, isKnown, known, unknownDim } from '../ir/dim';
import type { Expression } from '../ir/program';
import { isRanked } from '../ir/shape';
import type { Span } from '../ir/span';
import { type FrameValue, frameTensor, NONE, unknownValue, type Value } from '../ir/value';
import { asDim, itemsOf as knownItems } from '../catalogue/arguments';
import { asTensor } from '../catalogue/ops/define';
import { argument, type CallArguments } from './call';
import { AFTER_FAULT, type Evaluator } from './evaluator';
import {
  changeFrame,
  columnsOf,
  copyOf,
  deleteFrameItem,
  forgetFrame,
  labelsIn,
  frameItem,
  seriesOf,
  SOME_COLUMNS,
  SOME_ROWS,
  tableOf,
  uniqueLabels,
  withoutLabels,
} from './frames';
import { sameLabels } from './join';
import { readTable } from './read-csv';
import { keyOf } from './strings';

/** Undefined where this is no function of pandas that is followed. */
export function callPandas(cx: Evaluator, path: string, args: CallArguments, at: Span): Value | undefined {
  const name = path.slice('pandas.'.length);
  const place = cx.place(at);
  const first = args.positional[0]?.value;
  switch (name) {
    case 'read_csv':
    case 'read_table':
    case 'io.parsers.read_csv':
      return readTable(cx, args, name === 'read_table' ? '\t' : ',', place);
    case 'read_parquet':
    case 'read_feather':
    case 'read_pickle':
    case 'read_hdf':
      return unknownValue('which table the file holds is not known');
    case 'read_excel': {
      const sheet = argument(args, 'sheet_name', 1);
      const isOne = !sheet || sheet.kind === 'string' || sheet.kind === 'number';
      return isOne && args.open === undefined ? { ...tableOf(SOME_ROWS, undefined), place } : undefined;
    }
    case 'DataFrame':
      return withPlace(dataFrame(args), place);
    case 'Series':
      return withPlace(seriesFrom(first ?? argument(args, 'data')), place);
    case 'concat':
      return withPlace(concatenated(first ?? argument(args, 'objs'), argument(args, 'axis', 1), args), place);
    case 'get_dummies': {
      const data = first ?? argument(args, 'data');
      const rows = data?.kind === 'frame' ? data.rows : SOME_ROWS;
      return { ...tableOf(rows, undefined), place };
    }
    case 'to_numeric':
    case 'to_datetime':
    case 'isna':
    case 'isnull':
    case 'notna':
    case 'notnull':
      return first?.kind === 'frame'
        ? copyOf(first, { dtype: /^(is|not)/.test(name) ? 'bool' : undefined })
        : unknownValue(`what \`${name}\` returns is not known`);
    case 'merge':
      return { ...tableOf(SOME_ROWS, undefined), place };
    default:
      return undefined;
  }
}

function withPlace(value: Value, place: FrameValue['place']): Value {
  return value.kind === 'frame' ? { ...value, place } : value;
}

// ------------------------------------------------------------------------------------------------------ constructors

function dataFrame(args: CallArguments): Value {
  const data = args.positional[0]?.value ?? argument(args, 'data');
  const columns = argument(args, 'columns', 2);
  const labels = columns && columns.kind !== 'none' ? uniqueLabels(labelsIn(columns)) : undefined;
  const isNamed = columns !== undefined && columns.kind !== 'none';
  const index = argument(args, 'index', 1);
  const rowsOf = (rows: Dim): Dim => (index && index.kind !== 'none' ? SOME_ROWS : rows);
  if (args.open !== undefined) return tableOf(SOME_ROWS, undefined);
  if (!data || data.kind === 'none')
    return tableOf(index && index.kind !== 'none' ? SOME_ROWS : known(0), isNamed ? labels : []);
  if (data.kind === 'dict') {
    // Chosen columns of a dictionary need not be all of it.
    if (isNamed) return tableOf(SOME_ROWS, labels);
    const keys = data.open === undefined ? [...data.entries.keys()] : undefined;
    return tableOf(rowsOf(commonLength([...data.entries.values()])), keys);
  }
  if (data.kind === 'frame') {
    if (data.isSeries) return tableOf(rowsOf(data.rows), isNamed ? labels : undefined, known(1));
    return isNamed ? tableOf(rowsOf(data.rows), labels) : copyOf(data, { rows: rowsOf(data.rows) });
  }
  const items = knownItems(data);
  const holdsRecords = items?.some(item => !/^(number|string|boolean|list|tuple|size)$/.test(item.kind)) ?? false;
  const array = data.kind === 'tensor' || !holdsRecords ? asTensor(data) : undefined;
  if (!array || !isRanked(array.shape) || array.shape.dims.length === 0 || array.shape.dims.length > 2)
    return tableOf(SOME_ROWS, isNamed ? labels : undefined);
  const [rows, width = known(1)] = array.shape.dims as [Dim, Dim?];
  const numbered =
    isKnown(width) && width.value < 2000 ? Array.from({ length: width.value }, (_, i) => `#${i}`) : undefined;
  return tableOf(rowsOf(rows), isNamed ? labels : numbered, width);
}

/** Of columns that are surely as long as each other; a Series brings rows by its labels. */
function commonLength(values: readonly Value[]): Dim {
  if (values.some(v => v.kind === 'frame' || v.kind === 'dict')) return SOME_ROWS;
  for (const value of values) {
    const dims =
      value.kind === 'list' || value.kind === 'tensor' || value.kind === 'range' ? asTensor(value)?.shape : undefined;
    if (dims && isRanked(dims) && dims.dims[0]) return dims.dims[0];
    const items = value.kind === 'list' && !value.rest ? value.items : undefined;
    if (items) return known(items.length);
  }
  return SOME_ROWS;
}

function seriesFrom(data: Value | undefined): Value {
  if (data?.kind === 'frame' && data.isSeries) return copyOf(data);
  const array = data?.kind === 'tensor' || data?.kind === 'list' || data?.kind === 'range' ? asTensor(data) : undefined;
  const rows = array && isRanked(array.shape) && array.shape.dims.length === 1 ? array.shape.dims[0]! : SOME_ROWS;
  return seriesOf(data ? rows : SOME_ROWS);
}

/** Rows under each other where all have the same columns; columns side by side, whose rows go by their labels. */
function concatenated(given: Value | undefined, axis: Value | undefined, args: CallArguments): Value {
  const parts = given?.kind === 'list' || given?.kind === 'tuple' ? (given.rest ? undefined : given.items) : undefined;
  const known = parts?.every(p => p.kind === 'frame') ? parts : undefined;
  const side = axisOf(axis);
  if (!known || known.length === 0 || side === undefined || args.keywords?.has('keys') || args.open !== undefined)
    return unknownValue('what `concat` puts together is not known');
  if (known.every(p => p.isSeries))
    return side === 0 ? seriesOf(known.map(p => p.rows).reduce(add)) : tableOf(SOME_ROWS, undefined);
  if (side === 1) {
    const labels = known.map(p => (p.isSeries ? undefined : p.labels));
    const all = labels.every(l => l !== undefined) && !args.keywords?.has('ignore_index') ? labels.flat() : undefined;
    return tableOf(SOME_ROWS, uniqueLabels(all));
  }
  const [first] = known;
  const agree = known.every(p => p.labels && first!.labels && sameLabels(p.labels, first!.labels));
  return known.some(p => p.isSeries)
    ? unknownValue('what `concat` puts together is not known')
    : tableOf(known.map(p => p.rows).reduce(add), agree ? first!.labels : undefined);
}

/** 0 for rows, 1 for columns; undefined where not known. */
function axisOf(value: Value | undefined): 0 | 1 | undefined {
  if (!value) return 0;
  if (value.kind === 'number') return value.value === 0 ? 0 : value.value === 1 ? 1 : undefined;
  if (value.kind === 'string')
    return /^(index|rows)$/.test(value.value) ? 0 : value.value === 'columns' ? 1 : undefined;
  return undefined;
}

// ----------------------------------------------------------------------------------------------------------- methods

const SAME = new Set(
  (
    'copy astype fillna replace round abs clip interpolate ffill bfill pad backfill sort_values ' +
    'sort_index applymap where mask diff pct_change cumsum cumprod cummax cummin rank infer_objects ' +
    'convert_dtypes rename_axis'
  ).split(' '),
);
const TRUTHS = /^(isna|isnull|notna|notnull|isin|between|duplicated|eq|ne|lt|le|gt|ge)$/;
const FEWER_ROWS = /^(dropna|drop_duplicates|query|truncate)$/;
const STATISTICS = /^(mean|median|std|var|sem|min|max|sum|prod|product|count|nunique|skew|kurt|kurtosis|any|all)$/;
const SILENT = /^(info|to_csv|to_pickle|to_excel|to_json|to_parquet|to_hdf|to_feather|hist|plot|boxplot)$/;

export function callFrameMethod(
  cx: Evaluator,
  self: FrameValue,
  name: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  if (args.positional.some(a => a.value === AFTER_FAULT)) return AFTER_FAULT;
  const inplace = argument(args, 'inplace');
  const made = frameMethod(cx, self, name, args, node?.span ?? at);
  const value = made.kind === 'frame' ? { ...made, place: cx.place(at) } : made;
  if (args.open !== undefined) forgetFrame(cx, self);
  if (!inplace || inplace.kind === 'none' || (inplace.kind === 'boolean' && !inplace.value)) return value;
  if (inplace.kind === 'boolean' && value.kind === 'frame' && value.isSeries === self.isSeries) {
    changeFrame(cx, self, value);
    return NONE;
  }
  forgetFrame(cx, self);
  return inplace.kind === 'boolean' ? NONE : unknownValue('whether the table itself changes is not known');
}

function frameMethod(cx: Evaluator, self: FrameValue, name: string, args: CallArguments, at: Span): Value {
  const { isSeries, rows, labels } = self;
  const first = args.positional[0]?.value;
  const flag = (key: string): boolean | undefined => {
    const value = argument(args, key);
    return !value ? false : value.kind === 'boolean' ? value.value : undefined;
  };
  const unknownResult = unknownValue(`the method \`${name}\` of a table is not followed`);
  if (SAME.has(name)) return copyOf(self, { dtype: undefined });
  if (TRUTHS.test(name))
    return name === 'duplicated' ? seriesOf(rows, undefined, 'bool') : copyOf(self, { dtype: 'bool' });
  if (SILENT.test(name)) {
    if (name === 'to_csv' && first?.kind === 'string') cx.noteWritten(first.value);
    return NONE;
  }
  if (STATISTICS.test(name)) return statistics(self, argument(args, 'axis', 0), flag('numeric_only'));
  if (FEWER_ROWS.test(name)) {
    const axis = name === 'dropna' ? axisOf(argument(args, 'axis')) : 0;
    if (isSeries || axis === 0) return copyOf(self, { rows: SOME_ROWS, labels: isSeries ? undefined : labels });
    return withoutLabels(self, axis === 1 ? rows : SOME_ROWS);
  }
  switch (name) {
    case 'to_numpy':
    case 'as_matrix':
      return { ...frameTensor(self), flavour: 'numpy' };
    case 'keys':
      return isSeries ? unknownResult : columnsOf(self);
    case 'map':
      return copyOf(self);
    case 'drop':
      return dropped(self, args, first);
    case 'pop': {
      const column = first ? frameItem(cx, self, first, { span: at }) : unknownResult;
      if (isSeries) forgetFrame(cx, self);
      else deleteFrameItem(cx, self, first);
      return column;
    }
    case 'get':
      return first && !isSeries ? frameItem(cx, self, first, { span: at }) : unknownResult;
    case 'insert': {
      const [where, label] = args.positional.map(a => a.value);
      const key = label && keyOf(label);
      const place = where?.kind === 'number' ? where.value : undefined;
      const into = labels && key !== undefined && place !== undefined ? [...labels] : undefined;
      into?.splice(place!, 0, key!);
      const unique = uniqueLabels(into);
      changeFrame(cx, self, { rows, labels: unique, width: unique ? known(unique.length) : SOME_COLUMNS });
      return NONE;
    }
    case 'assign': {
      const added = [...(args.keywords?.keys() ?? [])].filter(key => !labels?.includes(key));
      return labels && args.open === undefined ? copyOf(self, { labels: [...labels, ...added] }) : withoutLabels(self);
    }
    case 'rename':
      return renamed(self, args);
    case 'reset_index':
      if (flag('drop') === true) return copyOf(self);
      return isSeries ? tableOf(rows, undefined) : withoutLabels(self);
    case 'set_index':
      return indexed(self, first ?? argument(args, 'keys'), flag('drop'), args);
    case 'select_dtypes':
    case 'filter':
      return isSeries ? unknownResult : withoutLabels(self, name === 'filter' ? SOME_ROWS : rows);
    case 'head':
    case 'tail':
      return copyOf(self, { rows: firstRows(rows, first ?? argument(args, 'n'), 5) });
    case 'sample':
      return sampled(self, args);
    case 'transpose':
      return isSeries ? copyOf(self) : tableOf(self.width, undefined, rows);
    case 'join':
    case 'merge':
      return isSeries ? unknownResult : tableOf(SOME_ROWS, undefined);
    case 'describe':
    case 'corr':
    case 'cov':
      return isSeries ? unknownResult : tableOf(SOME_ROWS, undefined);
    case 'to_frame':
      return isSeries ? tableOf(rows, undefined, known(1)) : unknownResult;
    case 'unique':
      return {
        kind: 'tensor',
        flavour: 'numpy',
        shape: { kind: 'ranked', dims: [unknownDim('how many values differ')] },
      };
    case 'value_counts':
      return seriesOf(SOME_ROWS);
    case 'update':
      return NONE;
    default:
      return unknownResult;
  }
}

function statistics(self: FrameValue, axis: Value | undefined, numericOnly: boolean | undefined): Value {
  if (self.isSeries) return { kind: 'unknown', why: 'a number of the data', isNumber: true };
  const side = axis?.kind === 'none' ? undefined : axisOf(axis);
  if (side === undefined) return unknownValue('which axis is meant is not known');
  if (side === 1) return seriesOf(self.rows);
  return numericOnly === false ? seriesOf(self.width, self.labels) : seriesOf(SOME_COLUMNS);
}

function dropped(self: FrameValue, args: CallArguments, first: Value | undefined): Value {
  const columns =
    argument(args, 'columns') ??
    (axisOf(argument(args, 'axis', 1)) === 1 ? (first ?? argument(args, 'labels')) : undefined);
  const hasRows = args.keywords?.has('index') === true || (!columns && axisOf(argument(args, 'axis', 1)) === 0);
  if (self.isSeries) return seriesOf(SOME_ROWS);
  if (!columns) return hasRows ? copyOf(self, { rows: SOME_ROWS }) : withoutLabels(self, SOME_ROWS);
  const rows = hasRows ? SOME_ROWS : self.rows;
  const key = keyOf(columns);
  const gone = labelsIn(columns) ?? (key === undefined || columns.kind === 'tuple' ? undefined : [key]);
  const { labels } = self;
  if (!labels || !gone) return withoutLabels(self, rows);
  // A label that is not there raises, unless errors are to be passed over.
  if (!gone.every(label => labels.includes(label)) && !args.keywords?.has('errors')) return withoutLabels(self, rows);
  return copyOf(self, { rows, labels: labels.filter(label => !gone.includes(label)) });
}

function renamed(self: FrameValue, args: CallArguments): Value {
  if (self.isSeries) return copyOf(self);
  const axis = argument(args, 'axis');
  const names =
    argument(args, 'columns') ??
    (axis && axisOf(axis) === 1 ? (args.positional[0]?.value ?? argument(args, 'mapper')) : undefined);
  if (!names) return !axis || axisOf(axis) === 0 ? copyOf(self) : withoutWidth(self);
  const { labels } = self;
  if (!labels || names.kind !== 'dict' || names.open !== undefined) return withoutWidth(self);
  const now = labels.map(label => {
    const name = names.entries.get(label);
    return name ? keyOf(name) : label;
  });
  return now.every(label => label !== undefined) && uniqueLabels(now)
    ? copyOf(self, { labels: now })
    : withoutWidth(self);
}

/** As many columns as before, under names that are not known. */
function withoutWidth(self: FrameValue): FrameValue {
  return tableOf(self.rows, undefined, self.width);
}

function indexed(self: FrameValue, keys: Value | undefined, drop: boolean | undefined, args: CallArguments): Value {
  const given = argument(args, 'drop');
  if (given && drop === false) return copyOf(self);
  const one = keys && (keys.kind === 'string' || keys.kind === 'number') ? keyOf(keys) : undefined;
  const gone = one === undefined ? keys && labelsIn(keys) : [one];
  const { labels } = self;
  if (!labels || !gone?.every(label => labels.includes(label)) || (given && drop === undefined))
    return withoutLabels(self);
  return copyOf(self, { labels: labels.filter(label => !gone.includes(label)) });
}

function firstRows(rows: Dim, count: Value | undefined, usual: number): Dim {
  const wanted = count === undefined ? known(usual) : asDim(count);
  return isKnown(rows) && isKnown(wanted) && wanted.value >= 0 ? known(Math.min(rows.value, wanted.value)) : SOME_ROWS;
}

function sampled(self: FrameValue, args: CallArguments): Value {
  const [count, share] = [argument(args, 'n', 0), argument(args, 'frac', 1)];
  const isAll = share?.kind === 'number' && share.value === 1 && (!count || count.kind === 'none');
  if (isAll) return copyOf(self);
  const rows = count?.kind === 'number' ? known(count.value) : SOME_ROWS;
  return copyOf(self, { rows, labels: self.isSeries ? undefined : self.labels });
}
