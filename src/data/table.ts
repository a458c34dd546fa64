/**
 * Tables (CSV, JSON lines) become one float32 matrix of features and a column of labels.
 *
 * Memory: cells are parsed as they stream by and kept as float32 only, so a file of any size needs 4 bytes per cell
 * twice (once in
 * blocks, once in the final matrix), plus the distinct texts of the categorical columns. A 1 GB file of 8-character
 * numbers takes
 * about 1 GB at its peak and 0.5 GB afterwards.
 */
import type { DataDescription, DataSet } from './dataset';
import { addBalance, fileSize } from './pair';
import { TableBuilder } from './table-builder';
import type { TableOptions, TableRow, TableSource } from './table-source';

/** Rows looked at before the kind of each column is decided. */
const sampleRows = 1000;
async function firstRows(source: TableSource, limit: number): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  while (rows.length < Math.min(sampleRows, limit)) {
    const { value, done } = await source.blocks.next();
    if (done) break;
    // A loop, not a spread: a block may be longer than the stack allows arguments.
    for (const row of value) rows.push(row);
  }
  return rows;
}

export async function readTable(source: TableSource, options: TableOptions): Promise<DataSet> {
  const limit = (options.config['limit'] as number | undefined) ?? Infinity;
  try {
    const sample = await firstRows(source, limit);
    const table = new TableBuilder(source, options, sample);
    const addAll = (rows: TableRow[]): boolean => {
      for (const row of rows) {
        if (table.rows >= limit) return false;
        table.add(row);
      }
      options.context.onProgress?.(source.progress());
      options.context.signal?.throwIfAborted();
      return table.rows < limit;
    };
    if (addAll(sample)) {
      for await (const rows of source.blocks) if (!addAll(rows)) break;
    }
    return table.finish();
  } finally {
    await source.blocks.return();
  }
}

/**
 * Reads the first rows; the number of samples is exact for files that end within them, else extrapolated from the size.
 */
export async function describeTable(source: TableSource, options: TableOptions): Promise<DataDescription> {
  const { config } = options;
  const limit = (config['limit'] as number | undefined) ?? Infinity;
  try {
    const sample = await firstRows(source, limit);
    const ended = sample.length < sampleRows;
    const table = new TableBuilder(
      source,
      { ...options, config: { ...config, missing: config['missing'] === 'drop' ? 'drop' : 'mean' } },
      sample,
    );
    for (const row of sample) table.add(row);
    const set = table.finish();
    const file = await fileSize(source.path);
    const estimate = ended ? table.rows : Math.round(file.bytes / source.bytesPerRow());
    const samples = Math.min(limit, estimate);
    const description: DataDescription = {
      reader: config.reader,
      files: [file],
      samples,
      ...(!ended && samples !== limit && { samplesEstimated: true }),
      x: { shape: [samples, ...set.x.shape.slice(1)], dtype: set.x.dtype },
      y: set.y && { shape: [samples, ...set.y.shape.slice(1)], dtype: set.y.dtype },
      ...(set.classes && { classes: set.classes }),
      columns: table.describe(),
      notes: table.notes,
    };
    if (set.y && set.y.shape.length === 1) addBalance(description, set.y);
    if (!ended) description.notes.push(`columns and classes judged by the first ${sample.length} rows`);
    const missing = table.columns.filter(column => column.missing > 0);
    if (missing.length > 0)
      description.notes.push(
        `missing values in ${missing.map(column => `"${column.name}" (${column.missing})`).join(', ')}`,
      );
    return description;
  } finally {
    await source.blocks.return();
  }
}
