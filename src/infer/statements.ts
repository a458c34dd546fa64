/** Statements, in their order. A statement that cannot be followed leaves a gap with its reason; the next ones go on. */
import type { Assign, Expression, If, ImportFrom, Match, Statement, Try, With } from '../ir/program';
import { NONE, unknownValue, type Value } from '../ir/value';
import { assign } from './assign';
import { branchBlocks, type Completion, type Pending, settlePending } from './branches';
import { callValue } from './call';
import { defineClass } from './classes';
import { decorated } from './decorators';
import { describe } from './describe';
import type { Evaluator } from './evaluator';
import { evaluate } from './expressions';
import { deleteFrameItem } from './frames';
import { closure } from './functions';
import { instanceMethod } from './attributes';
import { scriptCompare } from './javascript';
import { importFrom, importModule, isLibraryImport } from './imports';
import { runFor, runWhile } from './loops';
import { augmented } from './methods';
import { binary, compareValues, truth, truthIn } from './operators';
import { Scope, SCOPE_CELL } from './scope';
import { isSymbolic } from './operations';

/** The body of a function: what it returns is in the frame. */
export function runBody(cx: Evaluator, body: readonly Statement[]): void {
  const completion = runBlock(cx, body);
  const frame = cx.frames.at(-1);
  if (!frame) return;
  frame.completed = completion === 'normal';
  frame.raised = completion === 'raise';
}

/** Runs until the block is left. Ways that left it early while another goes on are joined at its end. */
export function runBlock(cx: Evaluator, body: readonly Statement[]): Completion {
  if (cx.language === 'python' || !declaresNames(body)) return runStatements(cx, body);
  const outer = cx.scope;
  cx.scope = new Scope('block', outer);
  try {
    return runStatements(cx, body);
  } finally {
    cx.scope = outer;
  }
}

const DECLARING = new WeakMap<readonly Statement[], boolean>();

/** JavaScript's `let`, `const` and `class` are known in their block alone. */
function declaresNames(body: readonly Statement[]): boolean {
  let known = DECLARING.get(body);
  if (known === undefined) {
    known = body.some(s => (s.kind === 'declare' && s.scope !== 'var') || s.kind === 'class' || s.kind === 'function');
    DECLARING.set(body, known);
  }
  return known;
}

function runStatements(cx: Evaluator, body: readonly Statement[]): Completion {
  const pending: Pending[] = [];
  let completion: Completion = 'normal';
  for (const statement of body) {
    completion = runStatement(cx, statement, pending);
    if (completion !== 'normal') break;
  }
  if (pending.length > 0) {
    settlePending(cx, pending);
    // The other way returned; only the rest of this block raised.
    if (completion === 'raise') completion = 'return';
  }
  return completion;
}

/** Another module: every statement has its share of the budget, and a surprise in one does not end the others. */
export function runModule(cx: Evaluator, body: readonly Statement[]): void {
  const pending: Pending[] = [];
  for (const statement of body) {
    cx.startStatement();
    cx.statement = statement;
    runStatement(cx, statement, pending);
  }
  settlePending(cx, pending);
}

export function runStatement(cx: Evaluator, node: Statement, pending: Pending[]): Completion {
  if (!cx.step()) return 'normal';
  if (cx.depth >= cx.budget.depth) {
    cx.gap(node.span, 'the code is nested too deeply to follow');
    return 'normal';
  }
  cx.depth++;
  try {
    return runNode(cx, node, pending);
  } finally {
    cx.depth--;
  }
}

function runNode(cx: Evaluator, node: Statement, pending: Pending[]): Completion {
  switch (node.kind) {
    case 'expression':
      evaluate(cx, node.value);
      return 'normal';
    case 'assign':
      return runAssign(cx, node);
    case 'augmented-assign':
      runAugmented(cx, node);
      return 'normal';
    case 'declare':
      declare(cx, node);
      return 'normal';
    case 'if':
      return runIf(cx, node, pending);
    case 'for':
      return runFor(cx, node);
    case 'while':
      return runWhile(cx, node);
    case 'function':
      bind(cx, node.name, decorated(cx, node.decorators, closure(cx, node)));
      return 'normal';
    case 'class':
      bind(cx, node.name, decorated(cx, node.decorators, defineClass(cx, node)));
      return 'normal';
    case 'return':
      cx.frames.at(-1)?.returns.push(node.value ? evaluate(cx, node.value) : NONE);
      return 'return';
    case 'break':
      return 'break';
    case 'continue':
      return 'continue';
    case 'import':
      importModule(cx, node);
      return 'normal';
    case 'import-from':
      importFrom(cx, node);
      return 'normal';
    case 'raise':
      if (node.value) evaluate(cx, node.value);
      return 'raise';
    case 'try':
      return runTry(cx, node);
    case 'with':
      return runWith(cx, node);
    case 'delete':
      for (const target of node.targets) remove(cx, target);
      return 'normal';
    case 'scope-declaration':
      for (const name of node.names) declareScope(cx, node.scope, name);
      return 'normal';
    case 'match':
      return runMatch(cx, node, pending);
    case 'block':
      return runBlock(cx, node.body);
    case 'unsupported-statement':
      cx.gap(node.span, node.why);
      return 'normal';
  }
}

/** `var` belongs to the function around, whatever block it stands in. */
function declare(cx: Evaluator, node: Statement & { kind: 'declare' }): void {
  const value: Value = node.value ? evaluate(cx, node.value) : { kind: 'none', spelled: 'undefined' };
  const outer = cx.scope;
  if (node.scope === 'var') cx.scope = outer.target('');
  assign(cx, node.target, value, true);
  cx.scope = outer;
}

function bind(cx: Evaluator, name: string, value: Value): void {
  const scope = cx.language === 'python' ? cx.scope.target(name) : cx.scope;
  cx.journal.touch(scope, SCOPE_CELL);
  scope.variables.set(name, value);
}

function forget(cx: Evaluator, name: string): void {
  const scope = cx.scope.target(name);
  cx.journal.touch(scope, SCOPE_CELL);
  scope.variables.delete(name);
}

/** `del x`, `del table['column']`. */
function remove(cx: Evaluator, target: Expression): void {
  if (target.kind === 'name') return forget(cx, target.name);
  if (target.kind !== 'subscript') return;
  const object = evaluate(cx, target.object);
  if (object.kind === 'frame') deleteFrameItem(cx, object, evaluate(cx, target.indices[0]!));
}

function declareScope(cx: Evaluator, kind: 'global' | 'nonlocal', name: string): void {
  const to = kind === 'global' ? cx.scope.module : cx.scope.enclosing(name);
  if (to) cx.scope.redirect(name, to);
}

function runAssign(cx: Evaluator, node: Assign): Completion {
  if (!node.value) return 'normal';
  const value = evaluate(cx, node.value);
  for (const target of node.targets) assign(cx, target, value);
  return 'normal';
}

function runAugmented(cx: Evaluator, node: Statement & { kind: 'augmented-assign' }): void {
  const before = evaluate(cx, node.target);
  const value = evaluate(cx, node.value);
  assign(
    cx,
    node.target,
    augmented(cx, node.operator, before, value) ??
      binary(cx, node.operator, before, value, {
        kind: 'binary',
        operator: node.operator,
        left: node.target,
        right: node.value,
        span: node.span,
      }),
  );
}

function runIf(cx: Evaluator, node: If, pending: Pending[]): Completion {
  const test = evaluate(cx, node.test);
  if (isSymbolic(test)) {
    cx.fault({ kind: 'symbolic-truth' }, { place: cx.place(node.test.span), callee: 'if', origins: [] });
    return 'normal';
  }
  const known = truthIn(cx, test);
  if (known !== undefined) return runBlock(cx, known ? node.body : node.orElse);
  return branchBlocks(
    cx,
    `depends on \`${describe(node.test)}\``,
    () => runBlock(cx, node.body),
    () => runBlock(cx, node.orElse),
    pending,
  );
}

/**
 * What fails inside of `try` is caught, so nothing is reported there. The handlers may or may not run. A `try` around
 * imports of libraries is a matter of which version is installed: the first way is the one that counts.
 */
function runTry(cx: Evaluator, node: Try): Completion {
  const pending: Pending[] = [];
  const importsOnly = node.body.every(
    s => s.kind === 'import' || (s.kind === 'import-from' && isLibraryImport(s satisfies ImportFrom)),
  );
  if (node.handlers.length > 0) cx.silence++;
  let completion = runBlock(cx, node.body);
  if (node.handlers.length > 0) cx.silence--;
  const tried = completion;
  if (!importsOnly) {
    for (const handler of node.handlers) {
      completion = branchBlocks(
        cx,
        'depends on whether an exception was raised',
        () => {
          if (handler.name !== undefined) bind(cx, handler.name, unknownValue('an exception'));
          return runBlock(cx, handler.body);
        },
        () => tried,
        pending,
      );
    }
  }
  if (completion === 'normal') completion = runBlock(cx, node.orElse);
  settlePending(cx, pending);
  const last = runBlock(cx, node.finalBody);
  return last === 'normal' ? completion : last;
}

function runWith(cx: Evaluator, node: With): Completion {
  for (const { context, target } of node.items) {
    const value = evaluate(cx, context);
    if (!target) continue;
    const enter = value.kind === 'instance' ? instanceMethod(cx, value, '__enter__') : undefined;
    assign(
      cx,
      target,
      enter
        ? callValue(cx, enter, { positional: [] }, context)
        : value.kind === 'object' || value.kind === 'instance'
          ? value
          : value.kind === 'unknown'
            ? value
            : unknownValue(`what \`${describe(context)}\` gives is not known`),
    );
  }
  return runBlock(cx, node.body);
}

/** Python's `match` on plain values and JavaScript's `switch`. */
function runMatch(cx: Evaluator, node: Match, pending: Pending[]): Completion {
  const subject = evaluate(cx, node.subject);
  const why = `depends on \`${describe(node.subject)}\``;
  const from = (at: number, left: Pending[]): Completion => {
    const one = node.cases[at];
    if (!one) return 'normal';
    // `break` ends a `switch` and no loop around it.
    const run = (): Completion => {
      const completion = runCase(cx, node, at);
      return node.fallsThrough && completion === 'break' ? 'normal' : completion;
    };
    const matches = !one.test
      ? true
      : isPattern(one.test.kind)
        ? undefined
        : node.fallsThrough
          ? scriptCompare('===', subject, evaluate(cx, one.test))
          : compareValues('==', subject, evaluate(cx, one.test));
    const guarded = matches === true && one.guard ? truth(evaluate(cx, one.guard)) : matches;
    if (guarded === true) return run();
    if (guarded === false) return from(at + 1, left);
    // What leaves early among the further cases is joined inside of this branch: frames nest.
    const others = (): Completion => {
      const inner: Pending[] = [];
      const completion = from(at + 1, inner);
      settlePending(cx, inner);
      return completion;
    };
    return branchBlocks(cx, why, run, others, left);
  };
  // A default in the middle of a `switch` is only for what no other case takes; written last it needs no care.
  return from(0, pending);
}

function isPattern(kind: string): boolean {
  return kind === 'call' || kind === 'list' || kind === 'tuple' || kind === 'dict' || kind === 'unsupported';
}

function runCase(cx: Evaluator, node: Match, at: number): Completion {
  let completion = runBlock(cx, node.cases[at]!.body);
  for (let next = at + 1; node.fallsThrough && completion === 'normal' && next < node.cases.length; next++) {
    completion = runBlock(cx, node.cases[next]!.body);
  }
  return completion;
}
