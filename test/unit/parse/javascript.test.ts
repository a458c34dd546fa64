// JavaScript and TypeScript as programs, printed compactly.
import assert from 'node:assert/strict';
import type { GrammarName } from '../../../src/parse/grammar';
import { parserOf } from './parsers';
import { print } from './print';

type Rows = readonly (readonly [source: string, printed: string])[];

/** Source that is valid in JavaScript and in TypeScript alike, and the lines of the printed program. */
const SHARED: Readonly<Record<string, Rows>> = {
  literals: [
    ['1_000; 0xff; .5; 1e3; 017', '1000\n255\n0.5\n1000\n15'],
    ['10n; /a+/g', '<a BigInt>\n<a regular expression>'],
    ["\"\\x41\\u{1F600}\\n\\q\" + 'it\\'s'", '("A😀\\nq" + "it\'s")'],
    ['`a${b + `c${d}`}e`; `plain\\n`', 'f["a" {(b + f["c" {d}])} "e"]\n"plain\\n"'],
    ['[1, , ...a]; [null, undefined, true]', '[1, undefined, *a]\n[null, undefined, True]'],
    ['tag`x`', '<a tagged template>'],
  ],
  objects: [
    ["x = {a, b: 1, 'c-d': 2, 3: 4, [e + f]: 5, ...g}", 'x = {"a": a, "b": 1, "c-d": 2, 3: 4, (e + f): 5, **g}'],
    [
      'x = {m() { return 1; }, async *g() {}, get p() { return 1; }, set p(v) {}}',
      'x = {"m": fn(){return 1}, "g": async fn*(){}, "p": <a getter>}',
    ],
  ],
  declarations: [
    ['const a = 1, b = 2; let c; var d = 3', 'const a = 1\nconst b = 2\nlet c\nvar d = 3'],
    ['const {a, b: {c = 1}, ...d} = e', 'const {"a": a, "b": {"c": (c ?= 1)}, **d} = e'],
    ['const [a, , b = 2, ...c] = d', 'const [a, undefined, (b ?= 2), *c] = d'],
  ],
  assignments: [
    ['a = b = c', 'a = b = c'],
    ['a += 1; a **= 2; a >>>= 3', 'a += 1\na **= 2\na >>>= 3'],
    ['a ||= 1; a ??= 2', 'a = (a or 1)\na = (a ?? 2)'],
    ['a++; --b', 'a += 1\nb -= 1'],
    ['x = a++ + --b', 'x = (((a := (a + 1)) - 1) + (b := (b - 1)))'],
    ['[a, b] = [b, a]', '[a, b] = [b, a]'],
    ['({a, b = 1} = c)', '{"a": a, "b": (b ?= 1)} = c'],
    ['x = (a, b)', 'x = [a, b][1]'],
    ['a(), b = 1', 'a()\nb = 1'],
    ['delete a.b', 'del a.b'],
  ],
  operators: [
    ['a && b || !c', '((a and b) or (not c))'],
    ['a === b, "x" in c, d instanceof e', '(a === b)\n("x" in c)\n(d instanceof e)'],
    ['-x * 2 ** 3 ** 2', '((-x) * (2 ** (3 ** 2)))'],
    ['typeof x === "string"; void 0', '((typeof x) === "string")\n(void 0)'],
    ['a ? b : c ? d : e', '(a ? b : (c ? d : e))'],
    ['a?.b?.[c]?.(d) ?? e', '(a?.b?.[c]?.(d) ?? e)'],
    ['new A; new a.B(1, ...c)', 'new A()\nnew a.B(1, *c)'],
  ],
  functions: [
    ['const f = async (a, {b = 1} = {}, ...c) => a', 'const f = async fn(a, {"b": (b ?= 1)} = {}, *c){return a}'],
    ['const f = x => ({a: x})', 'const f = fn(x){return {"a": x}}'],
    [
      'async function* f(a = 1) { yield* g(); yield; await h }',
      'async def* f(a = 1):\n  yield from g()\n  yield\n  await h',
    ],
    ['const f = function g() { return; }', 'const f = fn g(){return}'],
  ],
  classes: [
    [
      'class A extends b.C { static s = 1; #p = 2; q; constructor() { super({}); } get x() { return this.#p; } set x(v) {} static f() {} }',
      'class A(b.C) static s, f:\n  s = 1\n  #p = 2\n  q = undefined\n  def constructor():\n    super({})\n' +
        '  @property\n  def x():\n    return this.#p\n  @x.setter\n  def x(v):\n    pass\n  def f():\n    pass',
    ],
    [
      'class A { static get className() { return "A"; } }',
      'class A() static className:\n  @property\n  def className():\n    return "A"',
    ],
    ['x = class B { static { y(); } }', 'x = <class B():;   block:;     y()>'],
    ['class A { [k]() {} }', 'class A():\n  <a method with a computed name>'],
  ],
  flow: [
    ['if (a) b(); else if (c) { d(); } else e()', 'if a:\n  b()\nelse:\n  if c:\n    d()\n  else:\n    e()'],
    [
      'for (let i = 0, j = 9; i < j; i++, j--) { continue; }',
      'block:\n  let i = 0\n  let j = 9\n  while (i < j); ((i := (i + 1)), (j := (j - 1))):\n    continue',
    ],
    ['for (;;) break', 'while True:\n  break'],
    ['for (const [k, v] of o) f(k)', 'for [k, v] in o:\n  f(k)'],
    ['for (const k in o) f(k)', 'for k keys-of o:\n  f(k)'],
    ['do { a(); } while (b)', 'do-while b:\n  a()'],
    ['switch (x) { case 1: a(); break; default: b() }', 'switch x:\n  case 1:\n    a()\n    break\n  case _:\n    b()'],
    [
      'try { a() } catch ({message}) { b() } finally { c() }',
      'try:\n  a()\nexcept:\n  let {"message": message} = <the error that was caught>\n  b()\nfinally:\n  c()',
    ],
    ['try { a() } catch { b() }', 'try:\n  a()\nexcept:\n  b()'],
    ['try { a() } catch (e) { throw e }', 'try:\n  a()\nexcept as e:\n  raise e'],
    ['outer: for (;;) { break outer; }', 'while True:\n  <a labelled `break`>'],
    ['{ const a = 1; } ; debugger', 'block:\n  const a = 1'],
  ],
  modules: [
    ["import * as tf from '@tensorflow/tfjs'", 'import @tensorflow/tfjs as tf'],
    ['import a, {b as c, d} from "./m"', 'from ./m import default as a, b as c, d'],
    ['import a, * as b from "m"', 'from m import default as a\nimport m as b'],
    ['import "m"', 'import m'],
    ['import {default as a, "x-y" as b} from "m"', 'from m import default as a, x-y as b'],
    [
      'const tf = require("m"), {a, b: c} = require("n"), d = require("o").e',
      'import m as tf\nfrom n import a, b as c\nfrom o import e as d',
    ],
    ['const m = await import("m"); const {a} = await import("n")', 'import m as m\nfrom n import a'],
    ['const p = import("m")', 'const p = import("m")'],
    ['export const a = 1', 'export const a = 1'],
    ['export function f() {}', 'export def f():\n  pass'],
    ['export class A {}', 'export class A():\n  pass'],
    ['export {a, b as c, d as default}', 'export const c = b\nexport const default = d'],
    ['export default class A {}', 'class A():\n  pass\nexport const default = A'],
    ['export default function () {}', 'export const default = fn(){}'],
    ['export default {a: 1}', 'export const default = {"a": 1}'],
    [
      'export * from "m"; export * as n from "m"; export {default as q, r} from "m"',
      'from m import *\nimport m as n\nfrom m import default as q, r',
    ],
    ['module.exports = {a}; exports.b = c', 'module.exports = {"a": a}\nexports.b = c'],
  ],
};

const TYPESCRIPT: Readonly<Record<string, Rows>> = {
  types: [
    ['const x: tf.Tensor<tf.Rank.R2> = y as any', 'const x = y'],
    ['x!.y!; <any>z; a satisfies B; f<number>(1)', 'x.y\nz\na\nf(1)'],
    ['interface A { b: number }\ntype C = string | A;\ndeclare const d: C;', ''],
    ['import type {A} from "m"; import {type B, c} from "m"; export type {A}', 'from m import c'],
    ['function f(this: A, b?: number, ...c: string[]): void {}', 'def f(b, *c):\n  pass'],
    ['function f(a: number): number;\nfunction f(a: any) { return a; }', 'def f(a):\n  return a'],
    ['const f = <T,>(x: T): T => x', 'const f = fn(x){return x}'],
    ['import a = require("m"); export = a', 'import m as a\nmodule.exports = a'],
    ['import A = B.C', 'const A = B.C'],
  ],
  enums: [
    ['enum A { B, C = 5, D, E = "x" }', 'const A = {"B": 0, "C": 5, "D": 6, "E": "x"}'],
    ['export const enum A { B = f(), C }', 'export const A = {"B": f(), "C": <an enum member after a computed one>}'],
  ],
  namespaces: [['namespace A { export const b = 1; }', '<a TypeScript namespace>']],
  classes: [
    [
      'abstract class A<T> extends B<T> implements C { declare x: number; private y = 1; abstract f(): void; ' +
        'constructor(private readonly u: number, v = 1) { super(); v; } }',
      'class A(B):\n  y = 1\n  def constructor(u, v = 1):\n    super()\n    this.u = u\n    v',
    ],
    ['@a class B { @c() d() {} }', '@a\nclass B():\n  @c()\n  def d():\n    pass'],
  ],
};

const GRAMMARS: readonly (readonly [GrammarName, Readonly<Record<string, Rows>>])[] = [
  ['javascript', SHARED],
  ['typescript', SHARED],
  ['typescript', TYPESCRIPT],
  ['tsx', SHARED],
];

for (const [grammar, table] of GRAMMARS) {
  describe(`the front end of ${grammar}`, () => {
    for (const [topic, rows] of Object.entries(table)) {
      describe(topic, () => {
        for (const [source, printed] of rows) {
          it(source, async () => {
            const program = (await parserOf(grammar)).parse(source);
            assert.deepEqual(program.syntaxErrors, []);
            assert.equal(print(program), printed);
          });
        }
      });
    }
  });
}

it('JSX is one unsupported value', async () => {
  for (const grammar of ['javascript', 'tsx'] as const) {
    const program = (await parserOf(grammar)).parse('const a = <A b={c}>d</A>; const f = <></>;');
    assert.deepEqual(program.syntaxErrors, []);
    assert.equal(print(program), 'const a = <JSX>\nconst f = <JSX>');
  }
});
