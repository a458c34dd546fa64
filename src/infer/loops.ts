/**
 * Loops and comprehensions. A loop over known items runs item by item, within its budget; a loop whose items or end are
 * not known runs a few times on what stands for every item, joining each time, until nothing changes any more.
 */
import type { Expression, For, While } from '../ir/program';
import { integer, type SequenceValue, unknownValue, type Value } from '../ir/value';
import { wholeOf } from './applications';
import { assign } from './assign';
import { type Completion, perhaps } from './branches';
import { describe } from './describe';
import type { Evaluator } from './evaluator';
import { evaluate } from './expressions';
import { joinValues } from './join';
import { isSymbolic } from './operations';
import { truth, truthIn } from './operators';
import { Scope } from './scope';
import { type Items, itemsOf, rangeLength } from './sequences';
import { keyOf } from './strings';
import { runBlock } from './statements';

/** Passes over a loop that is not known: sizes that still change after these are given up by the joins. */
const PASSES = 3;

export function runFor(cx: Evaluator, node: For): Completion {
  const iterable = evaluate(cx, node.iterable);
  if (isSymbolic(iterable)) {
    cx.fault({ kind: 'symbolic-iteration' }, { place: cx.place(node.iterable.span), callee: 'for', origins: [] });
    return 'normal';
  }
  const loop = new Loop(cx, node, () => runBlock(cx, node.body));
  const declares = node.declares === true;
  if (iterable.kind === 'range' && iterable.start.kind === 'known') {
    const count = rangeLength(iterable);
    const { start, step } = { start: iterable.start.value, step: iterable.step };
    for (let i = 0; count !== undefined && i < count; i++) {
      const left = loop.once(() => assign(cx, node.target, integer(start + i * step), declares));
      if (left === 'budget')
        return loop.abstractly(() => assign(cx, node.target, unknownValue('one of many numbers'), declares));
      if (left) return loop.end(left);
    }
    if (count !== undefined) return loop.end('normal', node.orElse);
  }
  const { items, rest } =
    node.over === 'keys' && iterable.kind !== 'dict'
      ? { items: [], rest: unknownValue('one of several keys') }
      : itemsOf(cx, iterable);
  for (const item of items) {
    const left = loop.once(() => assign(cx, node.target, item, declares));
    if (left === 'budget') return loop.abstractly(() => assign(cx, node.target, joinedItem({ items, rest }), declares));
    if (left) return loop.end(left);
  }
  const whole = wholeOf(iterable);
  if (whole) {
    const left = loop.once(() => assign(cx, node.target, whole, declares));
    if (left !== 'budget') return loop.end(left ?? 'normal', node.orElse);
  }
  if (rest) return loop.abstractly(() => assign(cx, node.target, rest, declares));
  return loop.end('normal', node.orElse);
}

export function runWhile(cx: Evaluator, node: While): Completion {
  const loop = new Loop(cx, node, () => {
    const completion = runBlock(cx, node.body);
    if (node.update) cx.scope = nextRound(cx);
    if (node.update && (completion === 'normal' || completion === 'continue')) evaluate(cx, node.update);
    return completion;
  });
  for (let first = true; ; first = false) {
    const known = first && node.testAfterBody ? true : truthIn(cx, evaluate(cx, node.test));
    if (known === false) return loop.end('normal', node.orElse);
    const left = known === undefined ? 'budget' : loop.once(() => undefined);
    if (left === 'budget') return loop.abstractly(() => undefined);
    if (left) return loop.end(left);
  }
}

/** `for (let i = 0; …; i++)`: every round has its own `i`, which begins as the last one ended. */
function nextRound(cx: Evaluator): Scope {
  const { scope } = cx;
  // What a branch that is joined later changes must stay where the journal knows it.
  if (cx.language === 'python' || scope.kind !== 'block' || cx.journal.depth > 0) return scope;
  return new Scope('block', scope.parent, new Map(scope.variables));
}

function joinedItem({ items, rest }: Items): Value {
  const all = rest ? [...items, rest] : items;
  return all.reduce((a, b) => joinValues(a, b, 'one of several items'));
}

/**
 * Steps of a loop that builds no layer, after which its further rounds are taken together: of one with short rounds,
 * which may well make the rows of an array, and of one with long rounds, which plays games or trains.
 */
const IDLE_STEPS = { short: 60_000, long: 12_000 };
/** Steps of a long round. */
const LONG_ROUND = 60;

/** A loop that runs inside of itself more often than this is followed for any number of rounds at once. */
const MOST_NESTED = 2;

/** One loop of the source while it runs. */
class Loop {
  private readonly depth: number;
  /** Since when it has built nothing: steps of the evaluation, and rounds. */
  private idle: { readonly built: number; readonly steps: number; rounds: number };

  constructor(
    private readonly cx: Evaluator,
    private readonly node: For | While,
    private readonly body: () => Completion,
  ) {
    this.depth = cx.loops.length;
    this.idle = { built: cx.built, steps: cx.steps, rounds: 0 };
    cx.loops.push({ maybeBroken: false });
    cx.nested.set(node, (cx.nested.get(node) ?? 0) + 1);
  }

  private isIdle(): boolean {
    const { cx, idle } = this;
    if (cx.built !== idle.built) this.idle = { built: cx.built, steps: cx.steps, rounds: 0 };
    const steps = cx.steps - this.idle.steps;
    const isLong = steps > LONG_ROUND * this.idle.rounds++;
    return steps > (isLong ? IDLE_STEPS.long : IDLE_STEPS.short);
  }

  /** One time round. Undefined: go on; a completion: the loop is left; `budget`: this loop must be given up as it is. */
  once(start: () => void): Completion | 'budget' | undefined {
    const { cx, node } = this;
    const done = (cx.iterations.get(node) ?? 0) + 1;
    cx.iterations.set(node, done);
    // A function that calls itself from a loop without a known end: each round would be followed twice as often.
    if (node.kind === 'while' && cx.nested.get(node)! > MOST_NESTED) return 'budget';
    if (done > cx.budget.iterations || cx.exhausted || cx.loops[this.depth]!.maybeBroken || this.isIdle())
      return 'budget';
    const completion = this.round(start);
    return completion === 'normal' || completion === 'continue' ? undefined : completion;
  }

  /** A variable that the loop declares is another one in every round: functions made inside keep theirs. */
  private round(start: () => void): Completion {
    const { cx, node } = this;
    const outer = cx.scope;
    if (node.kind === 'for' && node.declares) cx.scope = new Scope('block', outer);
    try {
      start();
      return this.body();
    } finally {
      if (node.kind === 'for') cx.scope = outer;
    }
  }

  /** Any number of further times round, none included. */
  abstractly(start: () => void): Completion {
    const { cx } = this;
    const why =
      this.node.kind === 'for'
        ? `depends on how often the loop over \`${describe(this.node.iterable)}\` runs`
        : `depends on how often the loop runs while \`${describe(this.node.test)}\``;
    // Inside of itself each pass would take as many again.
    const passes = cx.nested.get(this.node) === 1 ? PASSES : 1;
    for (let pass = 0; pass < passes; pass++) {
      if (pass > 0) cx.hidden++;
      perhaps(cx, why, () => {
        this.round(start);
      });
      if (pass > 0) cx.hidden--;
    }
    return this.end('normal');
  }

  end(completion: Completion, orElse: For['orElse'] = []): Completion {
    const { cx } = this;
    cx.loops.length = this.depth;
    const nested = cx.nested.get(this.node) ?? 1;
    if (nested > 1) cx.nested.set(this.node, nested - 1);
    else cx.nested.delete(this.node); // The evaluator lives as long as its file is open.
    if (completion === 'break') return 'normal';
    return completion === 'normal' && orElse.length > 0 ? runBlock(cx, orElse) : completion;
  }
}

// -------------------------------------------------------------------------------------------------- comprehensions

export function comprehension(cx: Evaluator, node: Expression & { kind: 'comprehension' }): Value {
  const outer = cx.scope;
  const out = new Collected(cx, node);
  cx.scope = new Scope('function', outer);
  try {
    runClauses(cx, node, 0, true, out);
  } finally {
    cx.scope = outer;
  }
  return out.value();
}

function runClauses(
  cx: Evaluator,
  node: Expression & { kind: 'comprehension' },
  at: number,
  sure: boolean,
  out: Collected,
): void {
  const clause = node.clauses[at];
  if (!clause) {
    out.add(sure);
    return;
  }
  const { items, rest } = itemsOf(cx, evaluate(cx, clause.iterable));
  const one = (item: Value, certain: boolean): void => {
    assign(cx, clause.target, item);
    let included = certain;
    for (const condition of clause.conditions) {
      const known = truth(evaluate(cx, condition));
      if (known === false) return;
      if (known === undefined) included = false;
    }
    runClauses(cx, node, at + 1, included, out);
  };
  const begin = { steps: cx.steps, built: cx.built };
  for (const [i, item] of items.entries()) {
    if (cx.exhausted || out.full) {
      out.add(false);
      return;
    }
    const steps = cx.steps - begin.steps;
    if (steps > IDLE_STEPS.long && steps > LONG_ROUND * i && cx.built === begin.built) {
      one(joinedItem({ items: items.slice(i) }), false);
      return;
    }
    one(item, sure);
  }
  if (rest) one(rest, false);
}

class Collected {
  private readonly items: Value[] = [];
  private rest: Value | undefined;
  private readonly entries = new Map<string, Value>();
  private open: string | undefined;

  constructor(
    private readonly cx: Evaluator,
    private readonly node: Expression & { kind: 'comprehension' },
  ) {}

  get full(): boolean {
    return this.items.length >= this.cx.budget.items;
  }

  /** `sure`: this item is surely there, once. */
  add(sure: boolean): void {
    const { cx, node } = this;
    const value = evaluate(cx, node.value);
    if (node.result === 'dict') {
      const key = node.key ? keyOf(evaluate(cx, node.key)) : undefined;
      if (key === undefined) this.open ??= 'some keys are not known';
      else this.entries.set(key, value);
      if (!sure) this.open ??= 'some keys may be missing';
      return;
    }
    if (sure && !this.rest) this.items.push(value);
    else this.rest = this.rest ? joinValues(this.rest, value, 'one of several items') : value;
  }

  value(): Value {
    if (this.node.result === 'dict') return { kind: 'dict', entries: this.entries, open: this.open };
    const kind: SequenceValue['kind'] = this.node.result === 'set' ? 'set' : 'list';
    return { kind, items: this.items, rest: this.rest };
  }
}
