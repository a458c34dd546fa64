// Small random JavaScript programs, run by the engine itself and followed by the evaluator: what the evaluator knows of
// a variable is what the engine found. It may know less.
//
// MODELWRIGHT_SEED=n tries other programs, MODELWRIGHT_PROGRAMS=n more of them.
import assert from 'node:assert/strict';
import vm from 'node:vm';
import fc from 'fast-check';
import { interpret } from '../../../src/infer/interpret';
import { shapeJson } from '../../../src/ir/shape';
import type { SourceParser } from '../../../src/parse/grammar';
import { parserOf } from '../../unit/parse/parsers';

const PROGRAMS = Number(process.env.MODELWRIGHT_PROGRAMS ?? 1500);
const SEED = Number(process.env.MODELWRIGHT_SEED ?? 5);

type Code = fc.Arbitrary<string>;
const some = (...of: readonly string[]): Code => fc.constantFrom(...of);
const format = (template: string, ...parts: readonly Code[]): Code =>
  fc.tuple(...parts).map(all => all.reduce((text, part, i) => text.replaceAll(`#${i}`, () => part), template));

const number = some('0', '1', '2', '3', '7', '-2', '-5', '0.5', '1e3', 'a', 'b', 'n');
const word = some("'x'", "'12'", "''", "'ab c'", 's', '`t${a}`');
const array = some('[]', '[1, 2, 3]', '[3, 10, 2]', "['b', 'a']", 'list', '[1, [2, [3]]]', '[a, b]', '[...list, 9]');
const object = some('{}', '{ p: 1, q: [2] }', "{ 2: 'two', 1: 'one', z: a }", 'config', '{ ...config, q: 7 }');
const anything = fc.oneof(
  number,
  word,
  array,
  object.map(o => `(${o})`),
  some('true', 'false', 'null', 'undefined', 'NaN'),
);
const fn = some(
  'x => x * 2',
  '(x, i) => x + i',
  'x => [x, x]',
  'x => String(x)',
  '(x, i) => i',
  'x => x > 1',
  'x => ({ x })',
);
const compare = some('<', '>', '<=', '>=', '==', '!=', '===', '!==');

const expression: Code = fc.oneof(
  format(
    '(#0) #1 (#2)',
    anything,
    some('+', '-', '*', '/', '%', '<<', '>>', '>>>', '&', '|', '^', '&&', '||', '??'),
    anything,
  ),
  format('(#0) ** (#1)', number, number),
  format('(#0) #1 (#2)', anything, compare, anything),
  format('#0(#1)', some('-', '+', '!', '!!', 'typeof ', '~'), anything),
  format('(#0) ? #1 : #2', anything, number, word),
  format('(#0).#1(#2)', array, some('map', 'filter', 'find', 'findIndex', 'some', 'every', 'flatMap'), fn),
  format(
    '(#0).#1(#2)',
    array,
    some('slice', 'concat', 'indexOf', 'includes', 'join', 'at', 'flat'),
    fc.oneof(number, some('', "'-'")),
  ),
  format('(#0).slice(#1, #2)', array, number, number),
  format('(#0).reduce((x, y) => x + y, #1)', array, anything),
  format('[...(#0)].sort(#1)', array, some('', '(x, y) => x - y', '(x, y) => y - x')),
  format(
    '[...(#0)].#1',
    array,
    some('reverse()', 'fill(0)', 'fill(1, 1)', 'keys().next', 'length', 'pop()', 'shift()', 'push(4)', 'splice(1, 1)'),
  ),
  format('(#0)[#1]', fc.oneof(array, word), number),
  format('(#0)[#1]', object, some("'p'", '1', "'1'", "'none'")),
  format(
    '#0?.p',
    fc.oneof(
      object.map(o => `(${o})`),
      some('null', 'undefined'),
    ),
  ),
  format('Object.#0(#1)', some('keys', 'values', 'entries'), object),
  format('Object.fromEntries(Object.entries(#0))', object),
  format('Object.assign({}, #0, { r: 1 })', object),
  format('Array.from({ length: #0 }, (_, i) => i * #1)', some('0', '2', '4'), number),
  format('Array.from(#0)', fc.oneof(array, word)),
  format('Array(#0).fill(#1)', some('0', '3'), number),
  format('Math.#0(#1)', some('floor', 'ceil', 'round', 'trunc', 'sqrt', 'abs', 'sign', 'log2'), number),
  format('Math.#0(#1, #2)', some('max', 'min', 'pow', 'hypot'), number, number),
  format('Math.max(...#0)', some('[1, 5, 2]', 'list', '[]')),
  format(
    '#0(#1)',
    some('Number', 'String', 'Boolean', 'parseInt', 'parseFloat', 'isNaN', 'Array.isArray', 'Number.isInteger'),
    anything,
  ),
  format(
    '(#0).#1',
    word,
    some(
      'length',
      'toUpperCase()',
      "split('')",
      "replace('a', 'z')",
      'slice(1)',
      'slice(-1)',
      "padStart(4, '0')",
      'repeat(2)',
      'charAt(0)',
      "includes('a')",
    ),
  ),
  format('`#0 is ${#1} and ${#2}`', some('it', 'that'), anything, anything),
  format('(#0).toFixed(1)', number),
  format('#0 in (#1)', some("'p'", '1', "'z'"), object),
  format('((x, y = #0, ...rest) => [x, y, rest.length])(#1)', number, some('', '1', '1, undefined, 3', '1, 2, 3, 4')),
  format('(({ p, q = #0 }) => [p, q])(#1)', number, object),
  format('(([x, y = #0, ...z]) => [x, y, z])(#1)', number, array),
);

/** Statements; every one of them leaves its result in `r`. */
const statement: Code = fc.oneof(
  { weight: 6, arbitrary: expression.map(e => `r = ${e};`) },
  format('r = 0; for (let i = 0; i < #0; i++) { if (i === #1) continue; r += i; }', some('3', '5', 'n'), number),
  format('r = []; for (const x of #0) { r.push(x); if (r.length > 2) break; }', array),
  format('r = []; for (const k in #0) r.push(k);', object),
  format(
    'r = []; { const fns = []; for (let i = 0; i < 3; i++) fns.push(() => i * #0); r = fns.map(f => f()); }',
    number,
  ),
  format('r = []; { const fns = []; for (const x of #0) fns.push(() => x); r = fns.map(f => f()); }', array),
  format('{ let a = #0; { let a = 9; a += 1; } r = a; }', number),
  format('{ const a = 4; r = a + #0; } r = [r, a];', number),
  format('for (const a of [5, 6]) r = a; r = [r, a];'),
  format('switch (#0) { case 1: r = 1; case 2: r = 2; break; case "x": r = 3; break; default: r = 4; }', anything),
  format('if (#0) r = 1; else if (#1) r = 2; else r = 3;', anything, anything),
  format('let k# = 0; while (k# < 4) { k# += 2; } r = k#;'),
  format('r = #0; r += #1;', anything, anything),
  format('r = #0; r ??= 5;', anything),
  format('r = #0; r ||= 5;', anything),
  format('r = 3; r **= 2; r -= #0;', number),
  format('{ const grown = [...#0]; grown[grown.length] = 1; grown.push(2, 3); r = grown; }', array),
  format('{ const made = { ...#0 }; made.extra = 1; made["p"] = #1; r = made; }', object, number),
  format('{ const shared = [1]; const other = shared; other.push(2); r = shared.length; }'),
  format(
    '{ class Box { constructor(v) { this.v = v; } twice() { return this.v * 2; } } r = new Box(#0).twice(); }',
    number,
  ),
  format('{ const add = n => x => x + n; r = add(#0)(#1); }', number, number),
  format('{ function fib(k) { return k < 2 ? k : fib(k - 1) + fib(k - 2); } r = fib(#0); }', some('3', '6')),
  format('{ const [p, [q = 1] = []] = [#0]; r = [p, q]; }', number),
);

const program: Code = fc
  .array(statement, { minLength: 1, maxLength: 3 })
  .map(all => all.map((s, i) => s.replaceAll('k#', `k${i}`)))
  .map(
    all =>
      `const a = 3; let b = 4; const n = 5; const s = 'text'; const list = [4, 5, 6]; const config = { p: 2, q: 'no' };\nlet r;\n${all.join('\n')}`,
  );

/**
 * How a value is told, in the words of the language itself: a text with its type. The evaluator's own answer is asked
 * for by giving the text's letters to a tensor as its shape.
 */
const TELL = `
function tell(v) {
  if (v === undefined) return 'undefined';
  if (v === null) return 'null';
  if (typeof v === 'function') return 'function';
  if (Array.isArray(v)) return '[' + v.map(x => tell(x)).join(',') + ']';
  if (typeof v === 'object') return '{' + Object.keys(v).map(k => k + ':' + tell(v[k])).join(',') + '}';
  return typeof v + ':' + String(v);
}`;

describe('JavaScript followed by the evaluator against the engine itself', function () {
  this.timeout(300_000);
  let parser: SourceParser;
  before(async () => {
    parser = await parserOf('javascript');
  });

  /** The text that `tell(r)` gives as far as the evaluator knows it. */
  const followed = (text: string): string | undefined => {
    const source = `import * as tf from '@tensorflow/tfjs';\n${text}\n${TELL}
const told = tell(r).split('').map(c => c.charCodeAt(0));
const model = tf.sequential({ layers: [tf.layers.reLU({ inputShape: [1] })] });
model.predict(tf.zeros(told));`;
    const facts = interpret(parser.parse(source));
    const shape = facts.fits.at(-1)?.features[0]?.shape;
    const letters = shape && shapeJson(shape);
    return letters?.every(l => typeof l === 'number') ? String.fromCharCode(...letters) : undefined;
  };

  it(`knows nothing wrong of ${PROGRAMS} random programs`, () => {
    const wrong: string[] = [];
    let [compared, unknown] = [0, 0];
    for (const text of fc.sample(program, { seed: SEED, numRuns: PROGRAMS })) {
      let real: string;
      try {
        real = vm.runInNewContext(`${text}\n${TELL}\ntell(r)`) as string;
      } catch {
        continue;
      }
      compared++;
      const ours = followed(text);
      if (ours === undefined) unknown++;
      else if (ours !== real) wrong.push(`${text}\n  engine ${real}\n  evaluator ${ours}`);
    }
    assert.equal(wrong.length, 0, `${wrong.length} of ${compared} wrong\n${wrong.slice(0, 15).join('\n\n')}`);
    assert.ok(compared * 10 >= PROGRAMS * 7, `${compared} of ${PROGRAMS} run`);
    assert.ok(unknown * 3 <= compared, `${unknown} of ${compared} are not followed`);
  });
});
