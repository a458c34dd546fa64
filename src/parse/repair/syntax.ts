/** What the repair has to know of each language: comments, quotes, and how a line that begins a statement looks. */

export interface OpenBracket {
  readonly closer: string;
  /** Of the line it stands on. */
  readonly indent: number;
  /** Whether that line is the head of a block: `def`, `if` … */
  readonly inHeader: boolean;
}

/** The code after a line, as far as it says what the line was. */
export interface Following {
  /** The first line of a block below it; nothing where what follows is no deeper. */
  readonly body: string | undefined;
  /** The first line after that which is as deep as the line itself. */
  readonly next: string | undefined;
}

export interface Syntax {
  /** The length of a comment that begins here, or 0. */
  commentLength(text: string, at: number): number;
  /** Whether a comment begins here whose end was never written; its line then ends it. */
  unclosedComment(text: string, at: number): boolean;
  /** The quotes of a string that begins here. */
  quoteAt(text: string, at: number): string | undefined;
  /** Just after the closing quotes; nothing when there are none where there must be. */
  stringEnd(text: string, from: number, quote: string): number | undefined;
  /** Whether a string that begins a line so deep cannot go on over a line with this code. */
  endsStringBefore(indent: number, lineIndent: number): boolean;
  /** How many of the innermost open brackets must have been forgotten when a line with this code begins so deep. */
  unclosedBefore(stack: readonly OpenBracket[], indent: number, code: string): number;
  /** Whether this is the head of a block. */
  isHeader(code: string): boolean;
  /** What ends the head of a block. */
  readonly headerEnd: ':' | '{';
  /** What stands for a body that is missing, where a body must be. */
  readonly emptyBody: string;
  /** In how many open brackets such a head can stand: none in Python, any number of braces in JavaScript. */
  readonly deepestHeader: number;
  /** What stands between arguments that an eager closing has parted. */
  readonly separator: string;
  /** Whether a statement that lacks its end cannot go on with this line. */
  beginsAnew(code: string): boolean;
  /** The name that code which ends so lacks, or nothing. */
  operandAfter(code: string): string;
  /** What completes a line that is an error as it stands; nothing when only leaving it out helps. */
  complete(line: string, hasBody: boolean): string | undefined;
  /** What stands for a line that is left out. */
  standIn(line: string, after: Following): { readonly mask: string; readonly insert: string };
}

/** The code of the line from `at` on, without the end of the line. */
export function codeEnd(text: string, at: number): string {
  const newline = text.indexOf('\n', at);
  return text.slice(at, newline === -1 ? undefined : newline).trimEnd();
}

function lengthToLineEnd(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  return (newline === -1 ? text.length : newline) - at;
}

/** The end of a string on one line; a backslash takes the next character, be it the end of the line, with it. */
function shortStringEnd(text: string, from: number, quote: string): number | undefined {
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === quote) return at + 1;
    if (char === '\\') at += text[at + 1] === '\r' ? 2 : 1;
    else if (char === '\n') return undefined;
  }
  return undefined;
}

function longStringEnd(text: string, from: number, quote: string): number | undefined {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text.startsWith(quote, at)) return at + quote.length;
  }
  return undefined;
}

const operandAfter = (code: string, incomplete: RegExp) =>
  !incomplete.test(code) ? '' : /\w$/.test(code) ? ' _' : '_';

const spaces = (line: string) => line.replace(/[^\r\n]/g, ' ');

const PYTHON_WORDS =
  /^(?:def|class|if|for|while|with|try|return|import|from|raise|assert|del|global|nonlocal|async|await|else|elif|except|finally|pass|break|continue)\b|^@/;
const PYTHON_BODY_WORDS =
  /^(?:def|class|while|with|try|return|import|from|raise|assert|del|global|nonlocal|pass|break|continue)\b|^@|^"""|^(?:async|for|if|match|case)\b.*:$/;
const PYTHON_BODY_ASSIGNMENT = /^[\w.]+ = (?!.*[,:)]$)|^[\w.]+ = .*\w\(.*\)$/;
const PYTHON_HEADER = /^(?:async\s+)?(?:def|class|if|elif|else|for|while|with|try|except|finally|match|case)\b/;
const ASSIGNMENT_OR_CALL =
  /^[\p{L}_$][\p{L}\d_$.]*(?:\s*(?:[-+*/%@&|^]|\/\/|\*\*)?=(?![=>])|\s*:\s*[\p{L}]|\[[^\]]*\]\s*=(?!=)|\(|\s*,\s*[\p{L}_$][^()]*=(?!=))/u;

/** A line that ends in a comma goes on, whatever it looks like: `units=3,` is an argument. */
const looksLikeStatement = (code: string, words: RegExp) =>
  words.test(code) || (ASSIGNMENT_OR_CALL.test(code) && !code.endsWith(','));

/** The head that the body below and the clause after it need. */
function pythonStandIn(body: string | undefined, next: string): string {
  if (body === undefined) return 'pass';
  if (/^case\b/.test(body)) return 'match _:';
  if (/^(?:except|finally)\b/.test(next)) return 'try:';
  return /^(?:elif|else)\b/.test(next) ? 'if _:' : 'def _():';
}

export const PYTHON_SYNTAX: Syntax = {
  commentLength: (text, at) => (text[at] === '#' ? lengthToLineEnd(text, at) : 0),
  unclosedComment: () => false,
  quoteAt: (text, at) => {
    const char = text[at];
    if (char !== '"' && char !== "'") return undefined;
    return text.startsWith(char.repeat(3), at) ? char.repeat(3) : char;
  },
  stringEnd: (text, from, quote) =>
    quote.length === 3 ? longStringEnd(text, from, quote) : shortStringEnd(text, from, quote),
  // Python has brackets only inside a statement: a new statement closes all of them. The body of a block is deeper
  // than its head, and so are the parameters, so that there only what can be no parameter counts.
  unclosedBefore: (stack, indent, code) => {
    const [first] = stack;
    if (!first) return 0;
    const isStatement =
      indent <= first.indent
        ? looksLikeStatement(code, PYTHON_WORDS)
        : first.inHeader && (PYTHON_BODY_WORDS.test(code) || PYTHON_BODY_ASSIGNMENT.test(code));
    return isStatement ? stack.length : 0;
  },
  // Docstrings are as deep as the code around them, all the way.
  endsStringBefore: (indent, lineIndent) => lineIndent < indent,
  headerEnd: ':',
  emptyBody: ' pass',
  deepestHeader: 0,
  separator: ',',
  isHeader: code => PYTHON_HEADER.test(code) && !/^(?:match|case)\b/.test(code),
  beginsAnew: () => true,
  operandAfter: code =>
    /^\s*from\s+[.\w]+$/.test(code)
      ? ' import _'
      : operandAfter(
          code,
          /(?:[-=+*/%@&|^~<>!]|(?<![\d.])\.|\b(?:and|or|not|in|is|if|else|await|import|as|from|del|assert|with|while|elif|raise\s+\w+\s+from))\s*$/,
        ),
  complete: (line, hasBody) => {
    const code = line.trim();
    const operand = /^(?:class|case|match|def)$/.test(code) ? ' _' : PYTHON_SYNTAX.operandAfter(code);
    if (!PYTHON_HEADER.test(code)) return operand || undefined;
    const signature = /^(?:async\s+)?def\s+\w+$/.test(code) ? '()' : /^def$/.test(code) ? '()' : '';
    const loop = /^(?:async\s+)?for\b(?!.*\bin\b)/.test(code) ? ' _ in _' : '';
    const colon = code.endsWith(':') ? '' : ':';
    return operand + signature + loop + colon + (hasBody ? '' : ' pass');
  },
  standIn: (line, { body, next = '' }) => ({ mask: spaces(line), insert: pythonStandIn(body, next) }),
};

/** Every further line of a documentation comment begins with a star; one that goes on without was meant to end with its line. */
function isOneLineComment(text: string, at: number): boolean {
  const line = lengthToLineEnd(text, at);
  return (
    text.startsWith('/**', at) &&
    !text.slice(at, at + line).includes('*/') &&
    !/^\s*\*/.test(codeEnd(text, at + line + 1))
  );
}

const JAVASCRIPT_WORDS =
  /^(?:else|const|let|var|function|class|if|for|while|do|return|import|export|switch|try|throw|break|continue|async\s+function)\b/;

/** Brackets are closed already. A `for` needs its semicolons, a function its parameters. */
function headerCompletion(code: string): string {
  const head = code.replace(/^\}\s*/, '');
  if (/^(?:else|try|do|catch)$/.test(head) || /^class\b.*\w$/.test(head) || head.endsWith(')')) return ' {';
  if (/^(?:if|while|switch|else\s+if)$/.test(head)) return ' (_) {';
  if (/^for$/.test(head)) return ' (;;) {';
  return /function$/.test(head) ? ' _() {' : /\w$/.test(head) ? '() {' : ' {';
}

const JAVASCRIPT_HEADER =
  /^(?:\}\s*)?(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:function|class|if|for|while|switch|try|catch|else|do)\b/;
const JAVASCRIPT_METHOD =
  /^(?:(?:static|async|get|set|public|private|protected|readonly|override)\s+)+[\w$#]+\s*\(?|^constructor\b/;

export const JAVASCRIPT_SYNTAX: Syntax = {
  commentLength: (text, at) => {
    if (text.startsWith('//', at)) return lengthToLineEnd(text, at);
    if (!text.startsWith('/*', at)) return 0;
    const end = text.indexOf('*/', at + 2);
    if (isOneLineComment(text, at)) return lengthToLineEnd(text, at);
    return (end === -1 ? text.length : end + 2) - at;
  },
  unclosedComment: (text, at) =>
    text.startsWith('/*', at) && (text.indexOf('*/', at + 2) === -1 || isOneLineComment(text, at)),
  quoteAt: (text, at) => (text[at] === '"' || text[at] === "'" || text[at] === '`' ? text[at] : undefined),
  stringEnd: (text, from, quote) =>
    quote === '`' ? longStringEnd(text, from, quote) : shortStringEnd(text, from, quote),
  // A closing brace stands as deep as the line of its opening one, a new statement in a block deeper.
  unclosedBefore: (stack, indent, code) => {
    const isCloser = /^[)\]}]/.test(code);
    let count = 0;
    for (let i = stack.length - 1; i >= 0; i--) {
      const open = stack[i]!;
      const isForgotten = isCloser
        ? indent < open.indent
        : looksLikeStatement(code, JAVASCRIPT_WORDS) &&
          (indent <= open.indent || (open.inHeader && /[;{]$/.test(code)));
      if (!isForgotten) break;
      count++;
    }
    return count;
  },
  endsStringBefore: () => false,
  headerEnd: '{',
  emptyBody: '',
  deepestHeader: Infinity,
  separator: '',
  isHeader: code => JAVASCRIPT_HEADER.test(code) || JAVASCRIPT_METHOD.test(code),
  beginsAnew: code => JAVASCRIPT_WORDS.test(code),
  operandAfter: code =>
    operandAfter(
      code,
      /(?:[-=*/%&|^~<>!?:]|(?<!\+)\+|(?<![\d.])\.|\b(?:new|await|typeof|in|of|instanceof|from|as|import|extends|case|throw))\s*$/,
    ),
  complete: (line, hasBody) => {
    const code = line.trim();
    if (hasBody && JAVASCRIPT_SYNTAX.isHeader(code)) return headerCompletion(code);
    if (/\bfrom$/.test(code)) return " ''";
    if (/^(?:const|let|var|function|class|new)$/.test(code)) return ' _';
    return JAVASCRIPT_SYNTAX.operandAfter(code) || undefined;
  },
  // The brackets stay, so that a line left out closes and opens the same blocks.
  standIn: line => ({ mask: line.replace(/[^\r\n{}]/g, ' '), insert: '' }),
};
