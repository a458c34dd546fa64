// Tables for a terminal: columns as wide as their widest cell, words to the left, numbers to the right.
import { displayWidth, padEnd, padStart } from './terminal';

export interface Column {
  title: string;
  align?: 'left' | 'right';
}

/** Rows of plain cells under bold titles, two spaces between columns; no trailing spaces. */
export function plainTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  title: (text: string) => string,
): string {
  const widths = widthsOf(columns, rows);
  const line = (cells: readonly string[], paint = (text: string) => text) =>
    cells
      .map((cell, index) => paint(align(cell, columns[index]?.align, widths[index] ?? 0)))
      .join('  ')
      .trimEnd();
  return [
    line(
      columns.map(column => column.title),
      title,
    ),
    ...rows.map(row => line(row)),
  ]
    .map(text => `${text}\n`)
    .join('');
}

/** The box that Keras's `model.summary()` draws: heavy lines around the titles, light ones between the rows. */
export function boxedTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  title: (text: string) => string,
): string {
  const widths = widthsOf(columns, rows).map(width => width + 2);
  const rule = (left: string, fill: string, cross: string, right: string) =>
    `${left}${widths.map(width => fill.repeat(width)).join(cross)}${right}\n`;
  const line = (cells: readonly string[], edge: string, paint = (text: string) => text) =>
    `${edge}${cells
      .map((cell, index) => ` ${paint(align(cell, columns[index]?.align, (widths[index] ?? 2) - 2))} `)
      .join(edge)}${edge}\n`;
  return (
    rule('┏', '━', '┳', '┓') +
    line(
      columns.map(column => column.title),
      '┃',
      title,
    ) +
    rule('┡', '━', '╇', '┩') +
    rows.map(row => line(row, '│')).join(rule('├', '─', '┼', '┤')) +
    rule('└', '─', '┴', '┘')
  );
}

function widthsOf(columns: readonly Column[], rows: readonly (readonly string[])[]): number[] {
  return columns.map(({ title }, index) =>
    Math.max(displayWidth(title), ...rows.map(row => displayWidth(row[index] ?? ''))),
  );
}

function align(cell: string, side: Column['align'], width: number): string {
  return side === 'right' ? padStart(cell, width) : padEnd(cell, width);
}
