/**
 * The columns and the number of rows that `pandas.read_csv` makes of a file, from the file's beginning. Rules of
 * pandas/io/parsers (the C engine): which line is the header, when the first column becomes the index without being
 * asked for, what doubled and empty names become.
 */

/** The beginning of a file; `isWhole` where that is all of it. */
export interface FileHead {
  readonly text: string;
  readonly isWhole: boolean;
}

export interface TableOptions {
  /** One character, or `\s+` for any white space. */
  readonly separator: string;
  /** The line of the header, counted as pandas does; null for none. */
  readonly header: number | null;
  readonly names?: readonly string[];
  /** `false` forbids the index without asking. */
  readonly index: readonly (number | string)[] | false | undefined;
  readonly columns?: readonly (number | string)[];
  readonly skippedRows: number;
  /** Some of the last lines are no rows; empty ones count among them. */
  readonly skipsFooter: boolean;
  readonly maxRows?: number;
  readonly comment?: string;
  readonly skipsInitialSpace: boolean;
}

export interface TableColumns {
  /** Names as text, or places where the file has no header. */
  readonly labels: readonly (string | number)[];
  /** Undefined where the file was not read to its end. */
  readonly rows: number | undefined;
}

/** Undefined where pandas would not read the file in this way, or it is not sure what it would make of it. */
export function tableColumns(head: FileHead, options: TableOptions): TableColumns | undefined {
  const { lines, isWhole } = recordsOf(head, options);
  const { header, names, maxRows } = options;
  const first = header === null ? 0 : header + 1;
  const titles = header === null ? undefined : lines[header];
  if (header !== null && !titles) return undefined;
  const sample = lines[first];
  if (!sample && !isWhole) return undefined;
  const given = names ?? (titles ? unrepeated(titles.map((t, i) => (t === '' ? `Unnamed: ${i}` : t))) : undefined);
  const fields = sample?.length ?? given?.length;
  if (fields === undefined) return undefined;
  const all: readonly (string | number)[] = given ?? Array.from({ length: fields }, (_, i) => i);
  // One field more than names in the first row of data, and it is the index. Chosen columns change that; so does False.
  const leading = Math.max(0, fields - all.length);
  if (leading > 0 && (options.index !== undefined || options.columns)) return undefined;
  const chosen = withoutIndex(all, options);
  if (!chosen) return undefined;
  const found = lines.length - first;
  const rows = isWhole && !options.skipsFooter ? Math.max(0, found) : undefined;
  const limited = maxRows === undefined ? rows : rows === undefined && found >= maxRows ? maxRows : rows;
  return {
    labels: chosen,
    rows: limited !== undefined && maxRows !== undefined ? Math.min(limited, maxRows) : limited,
  };
}

/** The columns that are asked for, in the order of the file, less those that become the index. */
export function withoutIndex(
  all: readonly (string | number)[],
  { columns, index }: Pick<TableOptions, 'columns' | 'index'>,
): readonly (string | number)[] | undefined {
  const isAt = (wanted: readonly (number | string)[], label: string | number, at: number): boolean =>
    wanted.some(w => (typeof w === 'number' ? w === at : w === label));
  const isThere = (wanted: readonly (number | string)[], of: readonly (string | number)[]): boolean =>
    wanted.every(w => (typeof w === 'number' ? w >= 0 && w < of.length : of.includes(w)));
  if (new Set(all).size !== all.length) return undefined;
  if (columns && !isThere(columns, all)) return undefined;
  const chosen = columns ? all.filter((label, at) => isAt(columns, label, at)) : all;
  if (!index) return chosen;
  return isThere(index, chosen) ? chosen.filter((label, at) => !isAt(index, label, at)) : undefined;
}

/** `a`, `a.1`, `a.2`, as pandas tells columns of one name apart. */
function unrepeated(titles: readonly string[]): readonly string[] {
  const used = new Set(titles);
  const seen = new Map<string, number>();
  return titles.map(title => {
    const count = seen.get(title) ?? 0;
    seen.set(title, count + 1);
    if (count === 0) return title;
    let number = count;
    while (used.has(`${title}.${number}`)) number++;
    seen.set(title, number + 1);
    used.add(`${title}.${number}`);
    return `${title}.${number}`;
  });
}

/** The lines that are not empty, split into fields; the last one of a file that goes on is left out. */
function recordsOf(
  { text, isWhole }: FileHead,
  { separator, skippedRows, comment, skipsInitialSpace }: TableOptions,
): { readonly lines: readonly (readonly string[])[]; readonly isWhole: boolean } {
  const bySpace = separator === '\\s+';
  const lines: string[][] = [];
  let record: string[] = [];
  let field = '';
  let quoted = false;
  let wasQuoted = false;
  let isComment = false;
  let isBlank = true;
  let skipped = 0;
  const endField = (): void => {
    record.push(field);
    field = '';
    wasQuoted = false;
  };
  const endLine = (): void => {
    if (!bySpace || field !== '' || wasQuoted) endField();
    if (skipped < skippedRows) skipped++;
    else if (!isBlank) lines.push(record);
    record = [];
    field = '';
    wasQuoted = isComment = false;
    isBlank = true;
  };
  for (let i = text.charCodeAt(0) === 0xfeff ? 1 : 0; i < text.length; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c !== '"') field += c;
      else if (text[i + 1] === '"') field += text[i++]!;
      else quoted = false;
    } else if (c === '\n' || c === '\r') {
      if (c === '\r' && text[i + 1] === '\n') i++;
      endLine();
    } else if (isComment) {
      continue;
    } else if (c === comment) {
      isComment = true;
    } else if (bySpace ? c === ' ' || c === '\t' : c === separator) {
      if (!bySpace) {
        isBlank = false;
        endField();
      } else if (field !== '' || wasQuoted) {
        endField();
      }
    } else if (c === '"' && field === '' && !wasQuoted) {
      quoted = wasQuoted = true;
      isBlank = false;
    } else if (!(c === ' ' && field === '' && skipsInitialSpace && !wasQuoted)) {
      field += c;
      // A line of spaces alone is an empty one.
      if (c !== ' ' && c !== '\t') isBlank = false;
    }
  }
  if (isWhole && (field !== '' || record.length > 0 || wasQuoted)) endLine();
  return { lines, isWhole: isWhole && !quoted };
}
