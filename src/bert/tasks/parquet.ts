/** Parquet files, as the data sets of the Hugging Face hub are stored. */
import fs from 'node:fs/promises';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { DataError } from '../../data/data-error';
import type { TextRecord, Records } from './records';

/** @throws DataError when the file is not Parquet, or cut off */
export async function readParquet(path: string): Promise<Records> {
  let rows: { [column: string]: unknown }[];
  try {
    const { size } = await fs.stat(path);
    const head = Buffer.alloc(4);
    const file = await fs.open(path);
    await file.read(head, 0, 4, 0).finally(() => file.close());
    if (head.toString('latin1') !== 'PAR1') throw new Error(`it begins with ${head.toString('hex')}`);
    if (size < 12) throw new Error('it is too short');
    rows = await parquetReadObjects({ file: await asyncBufferFromFile(path), compressors });
  } catch (error) {
    throw new DataError(
      path,
      `the file cannot be read as Parquet: ${(error as Error).message.replace(/[.\s]+$/, '')}`,
      'Copy it once more, or export the table as JSON lines.',
    );
  }
  const records = rows.map((values, i): TextRecord => ({ row: i + 1, values: plainObject(values) }));
  return { path, columns: [...new Set(records.slice(0, 100).flatMap(({ values }) => Object.keys(values)))], records };
}

function plainObject(values: { [column: string]: unknown }): { [column: string]: unknown } {
  return Object.fromEntries(Object.entries(values).map(([column, value]) => [column, plain(value)]));
}

/** 64-bit integers as numbers: labels and positions are small. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as Uint8Array, plain);
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    return plainObject(value as { [column: string]: unknown });
  }
  return value;
}
