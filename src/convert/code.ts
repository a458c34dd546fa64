/** Source code as a small tree that is the same for both languages, and laid out as Prettier or Black would. */

export type Code =
  | { readonly text: string }
  | { readonly items: readonly Code[]; readonly tuple?: true }
  /** An object or a dict. */
  | { readonly entries: readonly Entry[] }
  /** `callee(args, key=value)`; in JavaScript the keywords are one object. */
  | { readonly callee: string; readonly args: readonly Code[]; readonly keywords: readonly Entry[] }
  /** A layer applied to tensors. */
  | { readonly layer: Code; readonly to: Code };

export type Entry = readonly [key: string, value: Code];

export interface Statement {
  /** Full sentences that stand above it. */
  readonly comments: readonly string[];
  readonly names?: readonly string[];
  readonly value?: Code;
  /** An empty line before it. */
  readonly apart?: true;
}

export type Syntax = 'javascript' | 'python';

export const text = (value: string): Code => ({ text: value });
export const call = (callee: string, args: readonly Code[] = [], keywords: readonly Entry[] = []): Code => ({
  callee,
  args,
  keywords,
});

/** The default widths of Prettier and Black. */
const WIDTH = { javascript: 80, python: 88 } as const;
const STEP = { javascript: 2, python: 4 } as const;

/** A function around the statements, where the model has sizes that its caller gives. */
export interface Wrapper {
  readonly name: string;
  readonly parameters: readonly string[];
  /** The variable it returns. */
  readonly result: string;
}

export function printProgram(
  imports: readonly Statement[],
  statements: readonly Statement[],
  syntax: Syntax,
  wrapper?: Wrapper,
): string {
  const printer = new Printer(syntax);
  const linesOf = (all: readonly Statement[], indent: number): string[] =>
    all.flatMap((statement, i) => [
      ...(statement.apart && i > 0 ? [''] : []),
      ...printer.statement(statement, indent).map(line => (line === '' ? '' : ' '.repeat(indent) + line)),
    ]);
  const head = linesOf(imports, 0);
  if (!wrapper) return `${[...head, '', ...linesOf(statements, 0)].join('\n')}\n`;
  const { name, parameters, result } = wrapper;
  const body = linesOf(statements, STEP[syntax]);
  const lines =
    syntax === 'javascript'
      ? ['', `export function ${name}(${parameters.join(', ')}) {`, ...body, `  return ${result};`, '}']
      : ['', '', `def ${name}(${parameters.join(', ')}):`, ...body, `    return ${result}`];
  return `${[...head, ...lines].join('\n')}\n`;
}

class Printer {
  private width: number;
  private readonly step: number;
  private readonly js: boolean;

  constructor(syntax: Syntax) {
    this.width = WIDTH[syntax];
    this.step = STEP[syntax];
    this.js = syntax === 'javascript';
  }

  /** Its lines, as they stand `base` columns to the right. */
  statement({ comments, names, value }: Statement, base: number): string[] {
    this.width = WIDTH[this.js ? 'javascript' : 'python'] - base;
    const sign = this.js ? '//' : '#';
    const above = comments.flatMap(comment => wrapped(comment, this.width - sign.length - 1).map(l => `${sign} ${l}`));
    if (!value) return above;
    const list = names?.join(', ') ?? '';
    const head = !names ? '' : !this.js ? `${list} = ` : names.length > 1 ? `const [${list}] = ` : `const ${list} = `;
    return [...above, ...this.layout(value, 0, head, this.js ? ';' : '').split('\n')];
  }

  /** `before` and `after` stand on the first and the last line. */
  private layout(code: Code, indent: number, before: string, after: string): string {
    const flat = this.flat(code);
    const fits = indent + before.length + flat.length + after.length <= this.width;
    if (fits && !this.mustBreak(code)) return before + flat + after;
    if ('layer' in code) return this.applied(code, indent, before, after);
    if ('callee' in code) return this.called(code, indent, before, after);
    if ('items' in code && code.items.length > 0) {
      const [open, close] = code.tuple && !this.js ? '()' : '[]';
      const rows = code.items.map(item => [item, ''] as const);
      return this.block(rows, indent, before + open, close + after, true);
    }
    if ('entries' in code && code.entries.length > 0) {
      const rows = code.entries.map(([key, value]) => [value, this.entryKey(key)] as const);
      return this.block(rows, indent, `${before}{`, `}${after}`, true);
    }
    return before + flat + after;
  }

  /** One row a line, with a comma behind each; all on one line within where Black would (`mayShare`). */
  private block(
    rows: readonly (readonly [Code, string])[],
    indent: number,
    open: string,
    close: string,
    commaAlways: boolean,
    mayShare = false,
  ): string {
    const inner = indent + this.step;
    const pad = ' '.repeat(inner);
    const shared = rows.map(([row, before]) => before + this.flat(row)).join(', ');
    if (mayShare && inner + shared.length <= this.width) {
      return `${open}\n${pad}${shared}\n${' '.repeat(indent)}${close}`;
    }
    const comma = commaAlways || rows.length > 1 ? ',' : '';
    const lines = rows.map(([row, before]) => pad + this.layout(row, inner, before, comma));
    return `${open}\n${lines.join('\n')}\n${' '.repeat(indent)}${close}`;
  }

  private called(code: Extract<Code, { callee: string }>, indent: number, before: string, after: string): string {
    const { callee, args, keywords } = code;
    if (!this.js) {
      const rows = [
        ...args.map(arg => [arg, ''] as const),
        ...keywords.map(([key, value]) => [value, `${key}=`] as const),
      ];
      // A call with one argument that is itself split gets no comma behind it.
      return this.block(rows, indent, `${before}${callee}(`, `)${after}`, keywords.length > 0, true);
    }
    const all: Code[] = [...args, ...(keywords.length > 0 ? [{ entries: keywords }] : [])];
    const last = all.at(-1);
    if (all.length === 1 && last && ('entries' in last || 'items' in last)) {
      return this.layout(last, indent, `${before}${callee}(`, `)${after}`);
    }
    return this.block(
      all.map(arg => [arg, '']),
      indent,
      `${before}${callee}(`,
      `)${after}`,
      true,
    );
  }

  private applied(
    { layer, to }: Extract<Code, { layer: Code }>,
    indent: number,
    before: string,
    after: string,
  ): string {
    if (!this.js) {
      // Black opens the last bracket if all before it fits, else the one before.
      const head = `${before}${this.flat(layer)}(`;
      if (indent + head.length <= this.width) return this.block([[to, '']], indent, head, `)${after}`, false, true);
      return this.layoutBroken(layer, indent, before, `)(${this.flat(to)})${after}`);
    }
    if ('text' in layer) return this.layout(to, indent, `${before}${layer.text}.apply(`, `)${after}`);
    if (!('callee' in layer)) return before + this.flat({ layer, to }) + after;
    const inner = indent + this.step;
    const pad = ' '.repeat(inner);
    const dot = layer.callee.lastIndexOf('.');
    const make = this.layout({ ...layer, callee: layer.callee.slice(dot) }, inner, '', '');
    const apply = this.layout({ callee: '.apply', args: [to], keywords: [] }, inner, '', after);
    return `${before}${layer.callee.slice(0, dot)}\n${pad}${make}\n${pad}${apply}`;
  }

  /** A call of Python that is split although it would fit: its own bracket is the one that is opened. */
  private layoutBroken(code: Code, indent: number, before: string, after: string): string {
    if (!('callee' in code) || code.args.length + code.keywords.length === 0) {
      return before + this.flat(code) + after.slice(1);
    }
    return this.called(code, indent, before, after.slice(1));
  }

  /** Prettier opens a list of lists (a matrix), and with it all that it stands in. */
  private mustBreak(code: Code): boolean {
    if (!this.js || 'text' in code) return false;
    if ('layer' in code) return this.mustBreak(code.layer) || this.mustBreak(code.to);
    if ('entries' in code) return code.entries.some(([, value]) => this.mustBreak(value));
    if ('callee' in code) return [...code.args, ...code.keywords.map(([, v]) => v)].some(arg => this.mustBreak(arg));
    const { items } = code;
    const nested = (item: Code): boolean => 'items' in item && item.items.length > 1;
    return items.some(item => this.mustBreak(item)) || (items.length > 1 && items.every(nested));
  }

  private entryKey(key: string): string {
    if (this.js) return `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key)}: `;
    return `${JSON.stringify(key)}: `;
  }

  private flat(code: Code): string {
    if ('text' in code) return code.text;
    if ('layer' in code) {
      const [layer, to] = [this.flat(code.layer), this.flat(code.to)];
      return this.js ? `${layer}.apply(${to})` : `${layer}(${to})`;
    }
    if ('items' in code) {
      const inside = code.items.map(item => this.flat(item)).join(', ');
      if (this.js || !code.tuple) return `[${inside}]`;
      return code.items.length === 1 ? `(${inside},)` : `(${inside})`;
    }
    if ('entries' in code) {
      const inside = code.entries.map(([key, value]) => this.entryKey(key) + this.flat(value)).join(', ');
      return inside === '' ? '{}' : this.js ? `{ ${inside} }` : `{${inside}}`;
    }
    const args = code.args.map(arg => this.flat(arg));
    if (this.js) {
      if (code.keywords.length > 0) args.push(this.flat({ entries: code.keywords }));
    } else args.push(...code.keywords.map(([key, value]) => `${key}=${this.flat(value)}`));
    return `${code.callee}(${args.join(', ')})`;
  }
}

/** Lines of at most `width` characters, where words allow it. */
function wrapped(sentence: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of sentence.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  if (line !== '') lines.push(line);
  return lines;
}
