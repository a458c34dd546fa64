/**
 * What the lowering of every language shares: access to the source text, the guard against deep nesting, and the reuse
 * of statements that an edit left alone.
 */
import type { Comment, Expression, Statement, UnsupportedExpression, UnsupportedStatement } from '../ir/program';
import type { Span } from '../ir/span';
import { inTextOrder, type LoweredStatement, moveTo } from './reuse';
import type { SyntaxNode } from './syntax-tree';

/**
 * Nesting beyond this depth becomes `unsupported`. Real programs stay below 100; the bound keeps the recursion of the
 * lowering, and of everything that walks a `Program`, far from the end of the stack.
 */
const MAX_DEPTH = 250;

const TOO_DEEP = 'the code is nested too deeply';

export interface LanguageRules {
  readonly expression: (cx: Lowering, node: SyntaxNode) => Expression;
  /** One syntax node can be several statements: `import a, b`. */
  readonly statement: (cx: Lowering, node: SyntaxNode) => readonly Statement[];
}

export class Lowering {
  private depth = 0;
  private readonly reusedComments: Comment[] = [];
  /** Statements that may be used again, one list for each statement being lowered, innermost last. */
  private readonly reusable: LoweredStatement[][] = [[]];

  constructor(
    readonly text: string,
    private readonly rules: LanguageRules,
    private readonly ownComments: readonly Comment[] = [],
  ) {}

  source(node: SyntaxNode): string {
    return this.text.slice(node.start, node.end);
  }

  expression(node: SyntaxNode | undefined, fallback: Span = NOWHERE): Expression {
    if (!node) return unsupported(fallback, 'the expression is missing');
    if (node.type === 'ERROR') return unsupported(node, 'this is not valid code');
    // Only what the repair put in has no width: there the author has not written anything yet.
    if (node.start >= node.end && node.named) return unsupported(node, 'the expression is missing');
    return this.deeper(
      () => this.rules.expression(this, node),
      () => unsupported(node, TOO_DEEP),
    );
  }

  /** Everything that recurses goes through here: `lower` one level deeper, or `instead` at the limit. */
  deeper<T>(lower: () => T, instead: () => T): T {
    if (this.depth >= MAX_DEPTH) return instead();
    this.depth++;
    try {
      return lower();
    } finally {
      this.depth--;
    }
  }

  statement(node: SyntaxNode): readonly Statement[] {
    if (node.reused) return this.reuse(node, node.reused);
    return this.deeper(
      () => this.lower(node),
      () => [unsupportedStatement(node, TOO_DEEP)],
    );
  }

  /** The statements among the children of `node`, with what can be saved from syntax errors between them. */
  body(node: SyntaxNode | undefined): readonly Statement[] {
    const statements: Statement[] = [];
    for (const child of node?.children ?? []) if (child.named) statements.push(...this.statement(child));
    return statements;
  }

  /** Everything lowered so far that may be used again after the next edit. */
  lowered(): readonly LoweredStatement[] {
    return inTextOrder(this.reusable[0] ?? []);
  }

  /** All comments of the text, in order. */
  comments(): readonly Comment[] {
    if (this.reusedComments.length === 0) return this.ownComments;
    return [...this.ownComments, ...this.reusedComments].sort((a, b) => a.span.start - b.span.start);
  }

  private lower(node: SyntaxNode): readonly Statement[] {
    if (!node.isStatement) return this.rules.statement(this, node);
    const inner: LoweredStatement[] = [];
    this.reusable.push(inner);
    const statements = this.rules.statement(this, node);
    this.reusable.pop();
    this.keep(node, statements, inner);
    return statements;
  }

  private keep(node: SyntaxNode, statements: readonly Statement[], inner: readonly LoweredStatement[]): void {
    const siblings = this.reusable[this.reusable.length - 1];
    if (node.hasError) siblings?.push(...inner);
    else {
      const { type, start, end } = node;
      const comments = this.commentsWithin(node);
      siblings?.push({ type, start, end, statements, comments, inner: inTextOrder(inner) });
    }
  }

  private reuse(node: SyntaxNode, known: LoweredStatement): readonly Statement[] {
    moveTo(known, node.start);
    this.reusedComments.push(...known.comments);
    this.reusable[this.reusable.length - 1]?.push(known);
    return known.statements;
  }

  private commentsWithin({ start, end }: Span): readonly Comment[] {
    const within = ({ span }: Comment) => start <= span.start && span.end <= end;
    const own = this.ownComments;
    let from = 0;
    for (let to = own.length; from < to;) {
      const middle = (from + to) >> 1;
      if (own[middle]!.span.start < start) from = middle + 1;
      else to = middle;
    }
    const found: Comment[] = [];
    for (let i = from; i < own.length && within(own[i]!); i++) found.push(own[i]!);
    found.push(...this.reusedComments.filter(within));
    return found.length ? found : NO_COMMENTS;
  }
}

const NO_COMMENTS: readonly Comment[] = [];
const NOWHERE: Span = { start: 0, end: 0 };

export function spanOf({ start, end }: Span): Span {
  return { start, end };
}

export function unsupported(node: Span, why: string): UnsupportedExpression {
  return { kind: 'unsupported', span: spanOf(node), why };
}

export function unsupportedStatement(node: Span, why: string): UnsupportedStatement {
  return { kind: 'unsupported-statement', span: spanOf(node), why };
}

/** The named children, errors included: a list of elements keeps a place for what could not be read. */
export function elements(node: SyntaxNode): readonly SyntaxNode[] {
  return node.children.filter(child => child.named);
}

/** The named children without errors. */
export function parts(node: SyntaxNode): readonly SyntaxNode[] {
  return node.children.filter(child => child.named && child.type !== 'ERROR');
}

export function field(node: SyntaxNode, name: string): SyntaxNode | undefined {
  return node.children.find(child => child.field === name);
}

export function fields(node: SyntaxNode, name: string): readonly SyntaxNode[] {
  return node.children.filter(child => child.field === name && child.named);
}

export function hasToken(node: SyntaxNode, type: string): boolean {
  return node.children.some(child => !child.named && child.type === type);
}

export function firstToken(node: SyntaxNode): SyntaxNode | undefined {
  return node.children.find(child => !child.named);
}
