/**
 * Tables of pandas: what a selection of rows and columns leaves, and what assignments do to the columns. Labels are
 * known where a header, a list of names or a dictionary gave them; what may add or take away columns unseen leaves
 * them unknown.
 */
import { type Dim, isKnown, known, unknownDim } from '../ir/dim';
import { isRanked } from '../ir/shape';
import type { Span } from '../ir/span';
import {
  type FrameValue,
  frameTensor,
  integer,
  type SliceValue,
  sizeValue,
  type TensorValue,
  tuple,
  unknownValue,
  type Value,
} from '../ir/value';
import { itemsOf as knownItems } from '../catalogue/arguments';
import type { Evaluator } from './evaluator';
import { FRAME_CELL, type FrameState, sameLabels } from './join';
import { keyOf, valueOfKey } from './strings';
import { slicedLength } from './subscript';

const ROWS = 'the number of rows depends on the data';
const COLUMNS = 'the columns of this table are not known';

export const SOME_ROWS = unknownDim(ROWS);
export const SOME_COLUMNS = unknownDim(COLUMNS);

export function tableOf(rows: Dim, labels: readonly string[] | undefined, width: Dim = SOME_COLUMNS): FrameValue {
  return { kind: 'frame', isSeries: false, rows, labels, width: labels ? known(labels.length) : width };
}

/** One column, or one row (`labels` are then those of the columns). */
export function seriesOf(rows: Dim, labels?: readonly string[], dtype?: string): FrameValue {
  return { kind: 'frame', isSeries: true, rows, width: known(1), labels, dtype };
}

export function changeFrame(cx: Evaluator, frame: FrameValue, to: FrameState): void {
  cx.journal.touch(frame, FRAME_CELL);
  FRAME_CELL.restore(frame, to);
}

/** Something that is not followed may have changed the table. */
export function forgetFrame(cx: Evaluator, frame: FrameValue): void {
  changeFrame(cx, frame, { rows: SOME_ROWS, width: SOME_COLUMNS, labels: undefined });
}

export function copyOf(frame: FrameValue, to: Partial<FrameState> & { readonly dtype?: string } = {}): FrameValue {
  const copy = { ...frame, ...to };
  return to.labels ? { ...copy, width: known(to.labels.length) } : copy;
}

export function withoutLabels(frame: FrameValue, rows: Dim = frame.rows): FrameValue {
  return tableOf(rows, undefined);
}

/** Keys of a list of labels; undefined where one is not known, or where they are no labels but a mask. */
export function labelsIn(value: Value): readonly string[] | undefined {
  const items = value.kind === 'frame' ? undefined : knownItems(value);
  const keys = items?.map(item => (item.kind === 'boolean' ? undefined : keyOf(item)));
  return keys?.every(key => key !== undefined) ? keys : undefined;
}

/** The labels of the columns as the array that `df.columns` is. */
export function columnsOf({ labels, width }: FrameValue): TensorValue | Value {
  const elements = labels?.map(label => valueOfKey(label) ?? unknownValue(COLUMNS));
  return { kind: 'tensor', flavour: 'pandas', dtype: 'object', shape: { kind: 'ranked', dims: [width] }, elements };
}

// -------------------------------------------------------------------------------------------------------- attributes

const INDEXERS = /^(iloc|loc|at|iat)$/;

export function frameAttribute(cx: Evaluator, frame: FrameValue, name: string, span: Span): Value {
  const { isSeries, rows, width, labels } = frame;
  switch (name) {
    case 'shape':
      return tuple(isSeries ? [sizeValue(rows)] : [sizeValue(rows), sizeValue(width)]);
    case 'ndim':
      return integer(isSeries ? 1 : 2);
    case 'values':
    case 'array':
      return { ...frameTensor(frame), flavour: 'numpy', place: cx.place(span) };
    case 'columns':
      return isSeries ? unknownValue('a Series has no columns') : columnsOf(frame);
    case 'T':
      return isSeries ? frame : tableOf(width, undefined, rows);
    case 'index':
    case 'dtypes':
    case 'dtype':
    case 'size':
    case 'empty':
    case 'name':
      return unknownValue(`\`${name}\` of a table is not followed`);
    default:
      if (!isSeries && labels?.includes(name) && !METHODS.has(name))
        return { ...seriesOf(rows), place: cx.place(span) };
      return { kind: 'method', self: frame, name };
  }
}

/** Names that a column cannot be read by as an attribute, of those that are likely names of columns. */
const METHODS = new Set(
  (
    'abs add all any at apply clip copy corr count cov cut diff div drop eq filter first ge get gt head hist iat iloc' +
    ' info insert items join keys kurt last le loc lt map mask max mean median melt merge min mod mode mul ne pipe' +
    ' pivot plot pop pow prod product quantile query rank rename replace round sample set shift size skew stack std' +
    ' style sub sum swap tail take transform truediv unstack update values var where xs'
  ).split(' '),
);

export function setFrameAttribute(cx: Evaluator, frame: FrameValue, name: string, value: Value): void {
  // Any other name is a column that is there already, or no column.
  if (name === 'columns') changeFrame(cx, frame, { ...frame, labels: uniqueLabels(labelsIn(value)) });
}

/** Two columns of one label make selections ambiguous, so they are as good as not known. */
export function uniqueLabels(labels: readonly string[] | undefined): readonly string[] | undefined {
  return labels && new Set(labels).size === labels.length ? labels : undefined;
}

// -------------------------------------------------------------------------------------------------------- selections

/** `df[…]`, `series[…]`. */
export function frameItem(cx: Evaluator, frame: FrameValue, index: Value, node: { readonly span: Span }): Value {
  const place = cx.place(node.span);
  const { isSeries, rows, width, labels } = frame;
  if (index.kind === 'slice') return copyOf(frame, { rows: rowsOfSlice(rows, index) });
  if (isMask(index)) {
    const isWhole = !isSeries && index.kind === 'frame' && !index.isSeries;
    return isWhole ? copyOf(frame) : copyOf(frame, { rows: SOME_ROWS, labels: isSeries ? undefined : labels, width });
  }
  if (isSeries) return unknownValue('an item of a Series is not followed');
  const chosen = labelsIn(index);
  if (chosen) {
    const missing = labels && chosen.find(label => !labels.includes(label));
    if (missing !== undefined) return unknownValue(`the table has no column '${missing}'`);
    return uniqueLabels(chosen) ? { ...tableOf(rows, chosen), place } : tableOf(rows, undefined, known(chosen.length));
  }
  const label = index.kind === 'tuple' || index.kind === 'boolean' ? undefined : keyOf(index);
  if (label === undefined) return unknownValue('which columns are chosen is not known');
  if (labels && !labels.includes(label)) return unknownValue(`the table has no column '${label}'`);
  return { ...seriesOf(rows), place };
}

function isMask(index: Value): boolean {
  if (index.kind === 'tensor' || index.kind === 'frame') return index.dtype === 'bool';
  return index.kind === 'list' && index.items.length > 0 && index.items.every(i => i.kind === 'boolean');
}

/** Bounds that are numbers count rows; labels of rows say nothing of their number. */
function rowsOfSlice(rows: Dim, slice: SliceValue): Dim {
  const isPlace = (bound: Value | undefined): boolean =>
    bound === undefined ||
    /^(none|number|size)$/.test(bound.kind) ||
    (bound.kind === 'unknown' && bound.dim !== undefined);
  return isPlace(slice.lower) && isPlace(slice.upper) && isPlace(slice.step) ? slicedLength(rows, slice) : SOME_ROWS;
}

interface Selection {
  readonly rows: Dim;
  /** One row or one column: the axis goes. */
  readonly isOne: boolean;
  readonly labels?: readonly string[];
}

/** `df.iloc[rows, columns]`, `df.loc[rows, columns]`. */
export function locatedItem(
  cx: Evaluator,
  frame: FrameValue,
  indexer: string,
  indices: readonly Value[],
  node: { readonly span: Span },
): Value {
  const given = indices.length === 1 && indices[0]!.kind === 'tuple' && !indices[0].rest ? indices[0].items : indices;
  if (!INDEXERS.test(indexer) || given.length > 2 || (frame.isSeries && given.length > 1))
    return unknownValue(`\`${indexer}\` is not followed here`);
  const [rowIndex, columnIndex] = given;
  const byPlace = indexer === 'iloc' || indexer === 'iat';
  const rows = byPlace ? placed(frame.rows, undefined, rowIndex!) : rowsByLabel(frame.rows, rowIndex!);
  if (!rows) return unknownValue('which rows are chosen is not known');
  const place = cx.place(node.span);
  if (frame.isSeries) return rows.isOne ? unknownValue('an item of a Series') : { ...seriesOf(rows.rows), place };
  const columns = !columnIndex
    ? { rows: frame.width, labels: frame.labels, isOne: false }
    : byPlace
      ? placed(frame.width, frame.labels, columnIndex)
      : columnsByLabel(frame, columnIndex);
  if (!columns) return unknownValue('which columns are chosen is not known');
  if (rows.isOne && columns.isOne) return unknownValue('an item of a table');
  if (columns.isOne) return { ...seriesOf(rows.rows), place };
  if (rows.isOne) return { ...seriesOf(columns.rows, columns.labels), place };
  return { ...tableOf(rows.rows, columns.labels, columns.rows), place };
}

/** One axis by places: a number, a slice, a list of numbers or a mask. */
function placed(length: Dim, labels: readonly string[] | undefined, index: Value): Selection | undefined {
  if (index.kind === 'number') return { rows: known(1), isOne: true };
  if (index.kind === 'slice') {
    const rows = slicedLength(length, index);
    const [lower, upper, step] = [index.lower, index.upper, index.step].map(bound =>
      bound === undefined || bound.kind === 'none' ? null : bound.kind === 'number' ? bound.value : undefined,
    );
    const isPlain = lower !== undefined && upper !== undefined && (step === null || step === 1);
    return { rows, isOne: false, labels: isPlain ? labels?.slice(lower ?? 0, upper ?? undefined) : undefined };
  }
  if (isMask(index)) return { rows: SOME_ROWS, isOne: false };
  if (index.kind === 'tensor' && index.shape.kind === 'ranked' && index.shape.dims.length === 1)
    return { rows: index.shape.dims[0]!, isOne: false };
  const places = index.kind === 'list' ? knownItems(index) : undefined;
  if (!places?.every(p => p.kind === 'number')) return undefined;
  const chosen = labels && places.map(p => labels.at(p.value));
  return {
    rows: known(places.length),
    isOne: false,
    labels: chosen?.every(label => label !== undefined) ? uniqueLabels(chosen) : undefined,
  };
}

/** A label may be there more than once, so that only all of the rows are counted. */
function rowsByLabel(length: Dim, index: Value): Selection | undefined {
  if (index.kind === 'slice')
    return { rows: !index.lower && !index.upper && !index.step ? length : SOME_ROWS, isOne: false };
  return isMask(index) || index.kind === 'list' ? { rows: SOME_ROWS, isOne: false } : undefined;
}

function columnsByLabel({ labels, width }: FrameValue, index: Value): Selection | undefined {
  if (index.kind === 'slice') {
    if (!index.lower && !index.upper && !index.step) return { rows: width, labels, isOne: false };
    const [from, to] = [index.lower, index.upper].map(b => (b && b.kind !== 'none' ? keyOf(b) : null));
    if (index.step || !labels || from === undefined || to === undefined) return { rows: SOME_COLUMNS, isOne: false };
    const [first, last] = [
      from === null ? 0 : labels.indexOf(from),
      to === null ? labels.length - 1 : labels.indexOf(to),
    ];
    const chosen = first >= 0 && last >= 0 ? labels.slice(first, last + 1) : undefined;
    return { rows: chosen ? known(chosen.length) : SOME_COLUMNS, labels: chosen, isOne: false };
  }
  if (isMask(index)) return { rows: SOME_COLUMNS, isOne: false };
  const chosen = labelsIn(index);
  if (chosen)
    return labels && !chosen.every(c => labels.includes(c))
      ? undefined
      : { rows: known(chosen.length), labels: uniqueLabels(chosen), isOne: false };
  return index.kind === 'string' || index.kind === 'number' ? { rows: known(1), isOne: true } : undefined;
}

// ------------------------------------------------------------------------------------------------------- assignments

/** `df['a'] = …`, `df[['a', 'b']] = …`. */
export function setFrameItem(cx: Evaluator, frame: FrameValue, index: Value | undefined): void {
  if (!index || frame.isSeries || index.kind === 'slice' || isMask(index)) return;
  const added = labelsIn(index) ?? oneLabel(index);
  const { rows, labels } = frame;
  if (added && labels) {
    const fresh = added.filter((label, at) => !labels.includes(label) && added.indexOf(label) === at);
    // The first column of an empty table says how many rows there are.
    const isFirst = labels.length === 0 && isKnown(rows) && rows.value === 0;
    changeFrame(cx, frame, {
      rows: isFirst ? SOME_ROWS : rows,
      width: known(labels.length + fresh.length),
      labels: [...labels, ...fresh],
    });
  } else {
    changeFrame(cx, frame, { rows, width: SOME_COLUMNS, labels: undefined });
  }
}

function oneLabel(index: Value): readonly string[] | undefined {
  const label = index.kind === 'boolean' || index.kind === 'tuple' ? undefined : keyOf(index);
  return label === undefined ? undefined : [label];
}

/** `df.loc[rows, columns] = …` may add a row or columns; `iloc` never does. */
export function setLocatedItem(cx: Evaluator, frame: FrameValue, indexer: string, indices: readonly Value[]): void {
  if (indexer === 'iloc' || indexer === 'iat') return;
  const given = indices.length === 1 && indices[0]!.kind === 'tuple' && !indices[0].rest ? indices[0].items : indices;
  const [row, column] = given;
  if (column && column.kind !== 'slice') setFrameItem(cx, frame, column);
  if (row && row.kind !== 'slice' && !isMask(row)) changeFrame(cx, frame, { ...frame, rows: SOME_ROWS });
}

/** `del df['a']`. */
export function deleteFrameItem(cx: Evaluator, frame: FrameValue, index: Value | undefined): void {
  const label = index && oneLabel(index)?.[0];
  const { rows, labels } = frame;
  const left = label === undefined ? undefined : labels?.filter(one => one !== label);
  changeFrame(cx, frame, { rows, labels: left, width: left ? known(left.length) : SOME_COLUMNS });
}

// --------------------------------------------------------------------------------------------------------- operators

/**
 * What an operator makes of tables. Rows and columns are brought together by their labels, so that only tables of the
 * same columns keep them; how many rows two tables have in common depends on the data.
 */
export function frameBinary(left: Value, right: Value, dtype?: string): Value {
  const why = unknownValue('what the operator makes of these tables is not known');
  const frame = left.kind === 'frame' ? left : right.kind === 'frame' ? right : undefined;
  if (!frame) return why;
  const other = frame === left ? right : left;
  if (/^(number|size|string|boolean)$/.test(other.kind)) return copyOf(frame, { dtype });
  if (other.kind === 'unknown' && other.isNumber) return copyOf(frame, { dtype });
  if (other.kind === 'tensor') {
    const { shape } = other;
    return isRanked(shape) && shape.dims.length <= (frame.isSeries ? 1 : 2) ? copyOf(frame, { dtype }) : why;
  }
  if (other.kind !== 'frame') return why;
  if (frame.isSeries && other.isSeries) return seriesOf(frame === other ? frame.rows : SOME_ROWS, undefined, dtype);
  const [table, rest] = frame.isSeries ? [other, frame] : [frame, other];
  const agree = table.labels && rest.labels && sameLabels(table.labels, rest.labels);
  if (!agree) return copyOf(withoutLabels(table, rest.isSeries ? table.rows : SOME_ROWS), { dtype });
  return copyOf(table, { rows: rest.isSeries || table === rest ? table.rows : SOME_ROWS, dtype });
}
