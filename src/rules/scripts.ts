/** Walks over a program for the rules that look at the order of its statements, which the facts do not tell. */
import type { Call, Expression, Program, Statement } from '../ir/program';
import type { Span } from '../ir/span';

/** What stands around a node: the nearest list of statements, the functions and loops, outermost first. */
export interface Around {
  readonly body: readonly Statement[];
  readonly index: number;
  readonly functions: readonly EnclosingFunction[];
  /** The bodies of the loops around, inside of the nearest function. */
  readonly loops: readonly (readonly Statement[])[];
  /** The calls whose arguments the nearest functions are: `tf.tidy(() => …)`. */
  readonly calls: readonly Call[];
}

export interface EnclosingFunction {
  readonly name: string | undefined;
  readonly isAsync: boolean;
  readonly exported: boolean;
  readonly span: Span;
}

type Visit = (statement: Statement, around: Around) => void;

/** Every statement of the program, those in functions and arguments included. */
export function walkStatements(program: Program, visit: Visit): void {
  walkBody(program.body, { functions: [], loops: [], calls: [] }, visit, 0);
}

type Context = Pick<Around, 'functions' | 'loops' | 'calls'>;

const MAX_DEPTH = 200;

function walkBody(body: readonly Statement[], cx: Context, visit: Visit, depth: number): void {
  if (depth > MAX_DEPTH) return;
  body.forEach((statement, index) => {
    visit(statement, { body, index, ...cx });
    const inside = (inner: readonly Statement[], more: Partial<Context> = {}): void => {
      walkBody(inner, { ...cx, ...more }, visit, depth + 1);
    };
    switch (statement.kind) {
      case 'function':
        inside(statement.body, enter(cx, statement.name, statement.isAsync, statement.exported, statement.span));
        return;
      case 'class':
        inside(statement.body);
        return;
      case 'for':
      case 'while':
        inside(statement.body, { loops: [...cx.loops, statement.body] });
        break;
      default:
        for (const inner of bodiesOf(statement)) inside(inner);
    }
    for (const expression of expressionsOf(statement)) walkFunctions(expression, cx, visit, depth + 1);
  });
}

function enter(cx: Context, name: string | undefined, isAsync: boolean, exported: boolean, span: Span): Context {
  return { ...cx, functions: [...cx.functions, { name, isAsync, exported, span }], loops: [] };
}

function walkFunctions(node: Expression, cx: Context, visit: Visit, depth: number): void {
  if (depth > MAX_DEPTH) return;
  if (node.kind === 'function-expression') {
    walkBody(node.body, enter(cx, node.name, node.isAsync, false, node.span), visit, depth + 1);
    return;
  }
  if (node.kind === 'class-expression') {
    walkBody(node.definition.body, cx, visit, depth + 1);
    return;
  }
  const inner = node.kind === 'call' ? { ...cx, calls: [...cx.calls, node] } : cx;
  for (const child of childrenOf(node)) walkFunctions(child, inner, visit, depth + 1);
}

function bodiesOf(statement: Statement): readonly (readonly Statement[])[] {
  switch (statement.kind) {
    case 'if':
      return [statement.body, statement.orElse];
    case 'try':
      return [statement.body, ...statement.handlers.map(h => h.body), statement.orElse, statement.finalBody];
    case 'with':
    case 'block':
      return [statement.body];
    case 'match':
      return statement.cases.map(c => c.body);
    default:
      return [];
  }
}

/** The expressions of a statement itself, not those of the statements inside. */
export function expressionsOf(statement: Statement): readonly Expression[] {
  const known = (...all: readonly (Expression | undefined)[]): readonly Expression[] =>
    all.filter(e => e !== undefined);
  switch (statement.kind) {
    case 'expression':
      return [statement.value];
    case 'assign':
      return known(...statement.targets, statement.value);
    case 'augmented-assign':
      return [statement.target, statement.value];
    case 'declare':
      return known(statement.target, statement.value);
    case 'if':
      return [statement.test];
    case 'while':
      return known(statement.test, statement.update);
    case 'for':
      return [statement.iterable];
    case 'return':
    case 'raise':
      return known(statement.value);
    case 'match':
      return [statement.subject];
    default:
      return [];
  }
}

/** The parts of an expression, those of functions left out. */
export function childrenOf(node: Expression): readonly Expression[] {
  const known = (...all: readonly (Expression | undefined)[]): readonly Expression[] =>
    all.filter(e => e !== undefined);
  switch (node.kind) {
    case 'attribute':
      return [node.object];
    case 'subscript':
      return [node.object, ...node.indices];
    case 'call':
      return [node.callee, ...node.args.map(a => a.value)];
    case 'unary':
      return [node.operand];
    case 'binary':
    case 'logical':
      return [node.left, node.right];
    case 'compare':
      return node.operands;
    case 'conditional':
      return [node.test, node.whenTrue, node.whenFalse];
    case 'list':
    case 'tuple':
    case 'set':
      return node.items;
    case 'dict':
      return node.entries.flatMap(e => (e.kind === 'pair' ? [e.key, e.value] : [e.value]));
    case 'format-string':
      return node.parts.flatMap(p => (typeof p === 'string' ? [] : [p.value]));
    case 'spread':
    case 'await':
      return [node.value];
    case 'yield':
      return known(node.value);
    case 'assign-expression':
      return [node.target, node.value];
    default:
      return [];
  }
}

/**
 * What a rule gathers of one statement. An edit leaves most statements the objects they were, so they are looked at
 * once; what is kept must hold nodes, whose places move with the text, and never places of its own.
 */
export class OfStatement<T> {
  private readonly known = new WeakMap<Statement, { readonly key: string; readonly gathered: T }>();

  constructor(private readonly gather: (statement: Statement, key: string) => T) {}

  /** `key`: what the answer depends on besides the statement. */
  of(statement: Statement, key = ''): T {
    const found = this.known.get(statement);
    if (found?.key === key) return found.gathered;
    const gathered = this.gather(statement, key);
    this.known.set(statement, { key, gathered });
    return gathered;
  }
}

/** One statement as a program of its own. */
export function alone(statement: Statement): Program {
  return { language: 'javascript', body: [statement], syntaxErrors: [], comments: [] };
}

/** Does anything in these statements, functions inside included, satisfy this? */
export function mentions(body: readonly Statement[], test: (node: Expression) => boolean): boolean {
  let found = false;
  const look = (node: Expression, depth: number): void => {
    if (found || depth > MAX_DEPTH) return;
    if (test(node)) found = true;
    else if (node.kind === 'function-expression') found = mentions(node.body, test);
    else for (const child of childrenOf(node)) look(child, depth + 1);
  };
  for (const statement of body) {
    if (found) break;
    for (const e of expressionsOf(statement)) look(e, 0);
    if (statement.kind === 'for' || statement.kind === 'while' || statement.kind === 'function')
      found ||= mentions(statement.body, test);
    for (const inner of bodiesOf(statement)) found ||= mentions(inner, test);
  }
  return found;
}
