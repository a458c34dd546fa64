// Where a command writes: results on stdout, everything said about them on stderr; colours only where a person reads.
export interface Terminal {
  /** Result text. */
  out: (text: string) => void;
  /** Messages, progress, errors. */
  err: (text: string) => void;
  /** Whether progress may be redrawn in place on stderr. */
  live: boolean;
  columns: number;
  /** For stdout and for stderr, which may be redirected one without the other. */
  colours: { out: Colours; err: Colours };
}

type Paint = (text: string) => string;

export interface Colours {
  bold: Paint;
  dim: Paint;
  red: Paint;
  green: Paint;
  yellow: Paint;
  blue: Paint;
  cyan: Paint;
}

const CODES: Record<keyof Colours, number> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 };

export function colours(on: boolean): Colours {
  const paint = ([name, code]: [string, number]): [string, Paint] => [
    name,
    on ? text => (text === '' ? '' : `\u001b[${code}m${text}\u001b[0m`) : text => text,
  ];
  return Object.fromEntries(Object.entries(CODES).map(paint)) as unknown as Colours;
}

/** https://no-color.org and https://force-color.org: a variable that is set and not empty decides, NO_COLOR first. */
export function wantsColours(isTTY: boolean, variables: Readonly<Record<string, string | undefined>>): boolean {
  if (variables['NO_COLOR']) return false;
  if (variables['FORCE_COLOR']) return variables['FORCE_COLOR'] !== '0';
  return isTTY && variables['TERM'] !== 'dumb';
}

/** Lines of this width are read comfortably; a redirected output has no width of its own. */
const DEFAULT_COLUMNS = 100;

export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  // A reader that has gone (`| head`) ends the output, not the program with an error.
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(0);
    });
  }
  return {
    out: text => void stdout.write(text),
    err: text => void stderr.write(text),
    live: stderr.isTTY && env['TERM'] !== 'dumb',
    columns: (stdout.isTTY ? stdout.columns : stderr.columns) || DEFAULT_COLUMNS,
    colours: { out: colours(wantsColours(stdout.isTTY, env)), err: colours(wantsColours(stderr.isTTY, env)) },
  };
}

/** Columns that a text takes on a terminal: none for combining marks, two for wide East Asian characters and emoji. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

export function characterWidth(character: string): number {
  if (/^[\p{Mn}\p{Me}\u200b-\u200f\ufe00-\ufe0f]/u.test(character)) return 0;
  const code = character.codePointAt(0) ?? 0;
  return WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}

/** The blocks of Unicode's East Asian Width "wide" and "full width" that occur in practice, and the emoji. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f], // Hangul
  [0x2e80, 0x303e], // radicals and punctuation of Chinese, Japanese and Korean
  [0x3041, 0xa4cf], // kana, ideographs, Yi
  [0xac00, 0xd7a3], // Hangul syllables
  [0xf900, 0xfaff], // compatibility ideographs
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60], // full-width Latin
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff], // emoji
  [0x20000, 0x3fffd], // rarer ideographs
];

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}
