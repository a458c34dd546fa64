/** A tensor that is made anew in every round of a loop and never given back. */
import type { Expression, Statement } from '../ir/program';
import { fix } from './fixes';
import { factsRule, type Report, type RuleContext } from './rule';
import { alone, type Around, childrenOf, expressionsOf, mentions, OfStatement, walkStatements } from './scripts';
import { isTensorOp } from '../catalogue';
import { scriptRoot } from './dialect';

export const tensorNotDisposed = factsRule({
  id: 'tensor-not-disposed',
  severity: 'warning',
  title: 'A loop makes tensors and never disposes of them.',
  doc:
    'The memory of a tensor lies outside of JavaScript’s own and is not collected. A tensor that a loop makes in every ' +
    'round stays until `dispose()` is called or the `tf.tidy` around it ends, and the program runs out of memory in time. ' +
    'Tensors that are returned, kept in a list or given to other functions are left to whoever has them then.',
  bad: [],
  good: [],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
for (let i = 0; i < 3; i++) {
  const x = tf.ones([100, 100]);
  console.log(x.dataSync()[0]);
}`,
      `import * as tf from '@tensorflow/tfjs';
async function run(values) {
  for (const value of values) {
    const x = tf.tensor1d([value]);
    const y = tf.square(x);
    console.log((await y.data())[0]);
    x.dispose();
  }
}
await run([1, 2]);`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const kept = [];
for (let i = 0; i < 3; i++) {
  const x = tf.ones([2]);
  const y = tf.ones([2]);
  console.log(x.dataSync()[0]);
  x.dispose();
  kept.push(y);
}
tf.tidy(() => {
  for (let i = 0; i < 3; i++) {
    const x = tf.ones([2]);
    x.print();
  }
});
for (let i = 0; i < 3; i++) {
  tf.tidy(() => {
    const z = tf.ones([2]);
    z.print();
  });
}`,
    ],
  },
  find: cx => {
    const found: Report[] = [];
    if (cx.language === 'python' || !/\b(for|while)\b/.test(cx.text)) return found;
    if (/\b(startScope|engine\(\))/.test(cx.text)) return found;
    const root = scriptRoot(cx);
    const gathered = cx.program.body.map(s => OF_STATEMENT.of(s, root));
    if (gathered.every(g => g.leaks.length === 0)) return found;
    const tidied = new Set(gathered.flatMap(g => [...g.tidied]));
    for (const leak of gathered.flatMap(g => g.leaks))
      if (leak.callers.every(name => !tidied.has(name))) found.push(reportOf(cx, leak));
    return found;
  },
});

interface Leak {
  readonly target: Expression & { kind: 'name' };
  /** The body of the loop around. */
  readonly loop: readonly Statement[];
  /** Functions around it: where one of them is called from within `tf.tidy`, nothing is lost. */
  readonly callers: readonly string[];
}

interface Gathered {
  /** Names that stand anywhere in the arguments of `tf.tidy`. */
  readonly tidied: ReadonlySet<string>;
  readonly leaks: readonly Leak[];
}

const OF_STATEMENT = new OfStatement((statement: Statement, root: string): Gathered => {
  const tidied = new Set<string>();
  const leaks: Leak[] = [];
  walkStatements(alone(statement), (inner, around) => {
    for (const e of expressionsOf(inner)) collectTidied(e, root, tidied);
    const leak = leaked(inner, around, root);
    if (leak) leaks.push(leak);
  });
  return { tidied, leaks };
});

/** Names of functions that stand anywhere in the arguments of `tf.tidy`. */
function collectTidied(node: Expression, root: string, into: Set<string>): void {
  if (isTidy(node, root) && node.kind === 'call')
    for (const a of node.args)
      mentions([{ kind: 'expression', span: a.span, value: a.value }], n => {
        if (n.kind === 'name') into.add(n.name);
        if (n.kind === 'attribute') into.add(n.name);
        return false;
      });
  for (const child of childrenOf(node)) collectTidied(child, root, into);
}

function isTidy(node: Expression, root: string): boolean {
  return (
    node.kind === 'call' &&
    node.callee.kind === 'attribute' &&
    node.callee.name === 'tidy' &&
    isRoot(node.callee.object, root)
  );
}

function isRoot(node: Expression, root: string): boolean {
  return node.kind === 'name' && node.name === root;
}

/** `tf.ones(…)`: a call that surely gives one tensor. */
function makesTensor(node: Expression | undefined, root: string): boolean {
  if (node?.kind !== 'call' || node.callee.kind !== 'attribute') return false;
  return isRoot(node.callee.object, root) && isTensorOp(`tfjs.${node.callee.name}`);
}

function leaked(statement: Statement, around: Around, root: string): Leak | undefined {
  const loop = around.loops.at(-1);
  if (!loop || around.body !== loop || statement.kind !== 'declare' || statement.target.kind !== 'name')
    return undefined;
  if (!makesTensor(statement.value, root)) return undefined;
  // A function may be called from within `tf.tidy`; an asynchronous one may not.
  const plain = around.functions.filter(f => !f.isAsync);
  const callers = plain.flatMap(f => (f.name !== undefined && !f.exported ? [f.name] : []));
  if (callers.length < plain.length || around.calls.some(c => isTidy(c, root))) return undefined;
  const { target } = statement;
  return around.loops.flat().some(s => escapes(s, target.name, root)) ? undefined : { target, loop, callers };
}

function reportOf(cx: RuleContext, { target, loop }: Leak): Report {
  const { name } = target;
  const last = loop.at(-1)!;
  const line = cx.text.lastIndexOf('\n', last.span.start - 1) + 1;
  const indent = /^[ \t]*/.exec(cx.text.slice(line))![0];
  const leaves = last.kind === 'return' || last.kind === 'break' || last.kind === 'continue' || last.kind === 'raise';
  const end = cx.text[last.span.end] === ';' ? last.span.end + 1 : last.span.end;
  return {
    message: `\`${name}\` is a new tensor in every round of the loop and is never disposed of: its memory is not collected.`,
    span: target.span,
    fixes: [
      leaves
        ? undefined
        : fix(`Dispose of ${name} at the end of the round`, {
            span: { start: end, end },
            newText: `\n${indent}${name}.dispose();`,
          }),
    ],
  };
}

/** Reads of a tensor that leave it where it is. */
const READS = new Set([
  'dataSync',
  'data',
  'arraySync',
  'array',
  'print',
  'shape',
  'dtype',
  'rank',
  'size',
  'toString',
  'bytes',
  'id',
]);

/** Anything but a plain read: then somebody else may dispose of it. */
function escapes(statement: Statement, name: string, root: string): boolean {
  let found = false;
  const look = (node: Expression, safe: boolean): void => {
    if (found) return;
    if (node.kind === 'name') {
      if (node.name === name && !safe) found = true;
      return;
    }
    if (node.kind === 'attribute' && node.object.kind === 'name' && node.object.name === name) {
      if (!READS.has(node.name)) found = true;
      return;
    }
    if (node.kind === 'function-expression' || node.kind === 'class-expression') {
      if (mentions(node.kind === 'function-expression' ? node.body : [], n => n.kind === 'name' && n.name === name))
        found = true;
      return;
    }
    // Ops make tensors of their own and leave their arguments alone.
    const isOp = makesTensor(node, root);
    if (node.kind === 'call') {
      look(node.callee, false);
      for (const a of node.args) look(a.value, isOp && a.value.kind === 'name');
      return;
    }
    for (const child of childrenOf(node)) look(child, false);
  };
  const visit = (s: Statement): void => {
    if (s.kind === 'declare') {
      if (s.value) look(s.value, false);
    } else for (const e of expressionsOf(s)) look(e, false);
  };
  walkStatements(alone(statement), visit);
  return found;
}
