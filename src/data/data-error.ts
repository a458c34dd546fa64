/** The one kind of error a reader throws: it names the file, the place in it, and the way out. */

export interface Place {
  /** 1-based row as a spreadsheet counts it: the header, where there is one, is row 1. */
  row?: number;
  /** Byte offset in the (uncompressed) file. */
  offset?: number;
  column?: string;
}

export class DataError extends Error {
  override readonly name = 'DataError';

  /**
   * @param problem one sentence without the file name or the final full stop. @param hint one sentence that says what
   * to do.
   */
  constructor(
    readonly file: string,
    readonly problem: string,
    readonly hint: string,
    readonly place: Place = {},
  ) {
    super(`${[file, ...placeText(place)].join(', ')}: ${problem}. ${hint}`);
  }
}

function placeText(place: Place): string[] {
  const parts: string[] = [];
  if (place.row !== undefined) parts.push(`row ${place.row}`);
  if (place.offset !== undefined) parts.push(`byte ${place.offset}`);
  if (place.column !== undefined) parts.push(`column "${place.column}"`);
  return parts;
}

/** Quotes a value from a file for a message, shortened, control characters made visible. */
export function quote(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  const short = text.length > 40 ? `${text.slice(0, 37)}...` : text;
  return JSON.stringify(short);
}

/** 1536 → "1.5 KB"; for messages about memory and file sizes. */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
