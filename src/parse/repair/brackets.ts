/**
 * Finds brackets and strings that were never closed, by the indentation of what follows: a line that begins a statement
 * no deeper than the line of the open bracket cannot be inside it. Only asked when the text has a syntax error, because
 * valid code may be indented in any way inside brackets.
 */
import type { Patch } from './patch';
import { codeEnd, type OpenBracket, type Syntax } from './syntax';

const CLOSERS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/**
 * Closing brackets, quotes and colons where they are missing, and spaces instead of brackets that close nothing.
 * `eager`
 * also closes brackets inside other brackets by the indentation of the next argument, which some valid styles defy.
 */
export function closeBrackets(text: string, syntax: Syntax, eager: boolean): readonly Patch[] {
  const scan = new BracketScan(text, syntax, eager);
  scan.run();
  return scan.patches;
}

/** The head of a block whose end has not been seen, and how many brackets were open before it. */
interface Header {
  readonly start: number;
  readonly indent: number;
  readonly depth: number;
}

class BracketScan {
  readonly patches: Patch[] = [];
  private readonly stack: OpenBracket[] = [];
  private at = 0;
  private indent = 0;
  private lineStart = 0;
  private header: Header | undefined;
  /** The last head that did end, and where: nothing may have come after it on its line. */
  private finished: { readonly indent: number; readonly end: number } | undefined;
  /** Just after the last character that is neither space nor comment. */
  private lastCode = 0;

  constructor(
    private readonly text: string,
    private readonly syntax: Syntax,
    private readonly eager: boolean,
  ) {}

  run(): void {
    this.beginLine();
    while (this.at < this.text.length) this.step(this.text[this.at]!);
    this.close(this.stack.length);
    if (this.header?.depth === 0) this.endHeader(0, '');
    else this.endStatement(0);
  }

  private step(char: string): void {
    const { text, syntax, at } = this;
    const quote = syntax.quoteAt(text, at);
    const comment = syntax.commentLength(text, at);
    if (char === '\n') {
      this.at++;
      this.beginLine();
    } else if (syntax.unclosedComment(text, at)) {
      this.at += comment;
      this.patches.push({ at: this.at, insert: ' */' });
    } else if (comment > 0 || char === ' ' || char === '\t' || char === '\r' || char === '\f') {
      this.at += Math.max(1, comment);
    } else if (quote) {
      this.string(quote);
    } else {
      if (char === this.syntax.headerEnd && this.header && this.stack.length === this.header.depth)
        this.finishHeader(this.header);
      this.bracket(char);
      this.at++;
      this.lastCode = this.at;
    }
  }

  private bracket(char: string): void {
    const closer = CLOSERS[char];
    if (closer) this.stack.push({ closer, indent: this.indent, inHeader: this.header !== undefined });
    if (char !== ')' && char !== ']' && char !== '}') return;
    const matching = this.stack.map(open => open.closer).lastIndexOf(char);
    if (matching === -1) {
      this.patches.push({ at: this.at, mask: ' ' });
    } else {
      this.close(this.stack.length - 1 - matching);
      this.stack.pop();
    }
  }

  /** A string without an end is taken to end with its line, also one of three quotes. */
  private string(quote: string): void {
    const start = this.at + quote.length;
    let end = this.syntax.stringEnd(this.text, start, quote);
    if (end === undefined || (this.at === this.lineStart && this.leavesBlock(start, end))) {
      const newline = this.text.indexOf('\n', start);
      end = newline === -1 ? this.text.length : newline;
      if (this.text[end - 1] === '\r') end--;
      this.patches.push({ at: end, insert: quote });
    }
    this.at = Math.max(end, this.at + 1);
    this.lastCode = this.at;
  }

  private leavesBlock(start: number, end: number): boolean {
    for (
      let newline = this.text.indexOf('\n', start);
      newline !== -1 && newline < end;
      newline = this.text.indexOf('\n', newline + 1)
    ) {
      const { at, indent } = this.indentAt(newline + 1);
      const isBlank = at >= end || this.text[at] === '\n' || this.text[at] === '\r';
      if (!isBlank && this.syntax.endsStringBefore(this.indent, indent)) return true;
    }
    return false;
  }

  private indentAt(from: number): { at: number; indent: number } {
    let at = from;
    let indent = 0;
    for (; this.text[at] === ' ' || this.text[at] === '\t'; at++)
      indent += this.text[at] === '\t' ? 8 - (indent % 8) : 1;
    return { at, indent };
  }

  private beginLine(): void {
    const { at, indent } = this.indentAt(this.at);
    const char = this.text[at];
    if (char === undefined || char === '\n' || char === '\r' || this.syntax.commentLength(this.text, at) > 0) return;
    const code = codeEnd(this.text, at);
    if (this.stack.length > 0) {
      const isCloser = /^[)\]}]/.test(code);
      const nested = this.eager
        ? this.stack.slice(1).filter(open => (isCloser ? indent < open.indent : indent <= open.indent))
        : [];
      this.close(nested.length, isCloser ? '' : this.syntax.separator);
      this.close(this.syntax.unclosedBefore(this.stack, indent, code));
    }
    const isInside = this.stack.length > 0 && this.stack[this.stack.length - 1]!.closer !== '}';
    if (!isInside && !this.header && this.syntax.beginsAnew(code)) this.endStatement(indent);
    this.indent = indent;
    this.lineStart = at;
    if (
      this.stack.length > (this.header?.depth ?? this.syntax.deepestHeader) ||
      (this.header && code.startsWith(this.syntax.headerEnd))
    )
      return;
    this.endHeader(indent, code);
    this.header = this.syntax.isHeader(code) ? { start: at, indent, depth: this.stack.length } : undefined;
  }

  private finishHeader(header: Header): void {
    this.header = undefined;
    this.finished = { indent: header.indent, end: this.at + 1 };
  }

  /** `x =` at the end of a line lacks its value, whatever the next line is. */
  private endStatement(nextIndent: number): void {
    const { finished } = this;
    this.finished = undefined;
    const last = this.patches[this.patches.length - 1];
    if (last && last.at >= this.lastCode) return;
    if (finished?.end === this.lastCode && nextIndent <= finished.indent && this.syntax.emptyBody) {
      this.patches.push({ at: this.lastCode, insert: this.syntax.emptyBody });
      return;
    }
    const insert = this.syntax.operandAfter(
      this.text.slice(Math.max(this.lineStart, this.lastCode - 32), this.lastCode),
    );
    if (insert) this.patches.push({ at: this.lastCode, insert });
  }

  /** A head that ended without its colon or brace gets one, and what follows deeper is its body. */
  private endHeader(nextIndent: number, next: string): void {
    const { header } = this;
    this.header = undefined;
    if (!header) return;
    const last = this.patches[this.patches.length - 1];
    const closers = last && last.at === this.lastCode ? (last.insert ?? '') : '';
    const insert = this.syntax.complete(
      this.text.slice(header.start, this.lastCode) + closers,
      nextIndent > header.indent && !/^[.?:&|+)\]]/.test(next),
    );
    if (insert === undefined) return;
    this.patches.push({ at: this.lastCode, insert });
    if (insert.endsWith('{')) this.stack.push({ closer: '}', indent: header.indent, inHeader: false });
  }

  private close(count: number, separator = ''): void {
    if (count === 0) return;
    const forgotten = this.stack.splice(this.stack.length - count).reverse();
    const closers = forgotten.map(open => open.closer).join('');
    // `def f(a:` has its colon already; it belongs behind the brackets.
    const hasColon = this.stack.length === this.header?.depth && this.text[this.lastCode - 1] === ':';
    if (hasColon) this.header = undefined;
    const at = hasColon ? this.lastCode - 1 : this.lastCode;
    const operand = this.syntax.operandAfter(this.text.slice(Math.max(0, at - 32), at));
    this.patches.push({ at, insert: operand + closers + separator });
  }
}

/**
 * Where a one-line statement goes on in the next line though neither a bracket nor a backslash carries it on: `x =`
 * with `y = 1` below. Tree-sitter's Python reads both lines as one statement without an error, Python does not.
 */
export function runsOnAt(text: string, start: number, end: number, syntax: Syntax): number | undefined {
  const firstLine = text.indexOf('\n', start);
  if (firstLine === -1 || firstLine >= end) return undefined;
  let depth = 0;
  for (let at = start; at < end;) {
    const char = text[at]!;
    const quote = syntax.quoteAt(text, at);
    if (quote) {
      at = syntax.stringEnd(text, at + quote.length, quote) ?? end;
      continue;
    }
    if (CLOSERS[char]) depth++;
    else if (char === ')' || char === ']' || char === '}') depth--;
    else if (char === '\n' && depth <= 0) return text[at - 1] === '\r' ? at - 1 : at;
    at += char === '\\' ? (text[at + 1] === '\r' ? 3 : 2) : Math.max(1, syntax.commentLength(text, at));
  }
  return undefined;
}
