/** A table while it streams by, whatever its file format,
  and the configuration keys that tables of all formats share. */
import type { DataSet } from './dataset';
import type { DataConfig, KeySpec, ReadContext } from './reader';

export interface TableRow {
  /** As a spreadsheet or an editor counts it, from 1. */
  row: number;
  /** One per column; text, or what JSON has. `undefined` where the row has none. */
  cells: readonly unknown[];
}

export interface TableSource {
  path: string;
  columns: string[];
  /** The rows in blocks: an async step per row would cost more than parsing it. */
  blocks: AsyncGenerator<TableRow[], void, void>;
  /** Fraction of the file read so far. */
  progress: () => number;
  /** Bytes of the file per row, averaged over what was read. */
  bytesPerRow: () => number;
}

export const tableKeys: readonly KeySpec[] = [
  { name: 'file', required: true, schema: { type: 'string' }, doc: 'The file.' },
  {
    name: 'label',
    schema: {
      anyOf: [{ type: 'string' }, { type: 'integer' }, { type: 'array', items: { type: 'string' } }, { enum: [false] }],
    },
    doc:
      'Column to predict: its name, its position (negative from the end), a list for several numbers, or false ' +
      'for ' +
      'none. ' +
      'Default: a column named label, target, class or y, else the last one.',
  },
  {
    name: 'features',
    schema: { type: 'array', items: { type: 'string' }, minItems: 1 },
    doc: 'Columns to learn from, in this order. Default: all but the label.',
  },
  {
    name: 'ignore',
    schema: { type: 'array', items: { type: 'string' } },
    doc: 'Columns to leave out, such as names and identifiers.',
  },
  {
    name: 'categorical',
    schema: { type: 'array', items: { type: 'string' } },
    doc: 'Columns of numbers that are categories; text columns are found without it.',
  },
  {
    name: 'oneHotColumns',
    schema: { type: 'array', items: { type: 'string' } },
    doc: 'Categorical features that become one column of 0 and 1 per category.',
  },
  {
    name: 'classes',
    schema: { type: 'array', items: { type: 'string' } },
    doc: 'Label texts in the order of their indices. Default: sorted.',
  },
  {
    name: 'missing',
    default: 'error',
    schema: { anyOf: [{ enum: ['error', 'drop', 'mean'] }, { type: 'number' }] },
    doc: "What to do with empty cells: report the row, drop it, or fill in the column's mean or a number.",
  },
  {
    name: 'missingValues',
    schema: { type: 'array', items: { type: 'string' } },
    doc: 'Texts that mean "no value" besides the usual ones (empty, NA, N/A, NaN, null, None, …), such as "?".',
  },
];

export interface TableOptions {
  config: DataConfig;
  context: ReadContext;
  /** Text of a number to the number, NaN when it is none. */
  parseNumber: (text: string) => number;
  like?: DataSet | undefined;
}

/** A number as people write it in tables; hexadecimal and the empty text, which `Number` accepts, are none. */
export function numberFromText(decimal: '.' | ','): (text: string) => number {
  const pattern = /^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$/;
  const careful = (text: string): number => (pattern.test(text) ? Number(text) : NaN);
  if (decimal === ',') return text => careful(text.replace(',', '.'));
  return text => {
    // `Number` goes wrong only after white space and for prefixes such as 0x: all others need no second look.
    if (text.charCodeAt(0) <= 0x20 || text.charCodeAt(1) > 0x39 || text === '') return careful(text);
    return Number(text);
  };
}
