/**
 * Every recorded answer of keras.ops, NumPy and TensorFlow against ours: the same shape, and a failure exactly where
 * they raise.
 */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { opByPath } from '../../../src/catalogue/index';
import { isFailure } from '../../../src/catalogue/apply';
import { bindArguments, readArguments } from '../../../src/catalogue/arguments';
import type { Failure } from '../../../src/ir/fault';
import { dimJson } from '../../../src/ir/dim';
import { isRanked, shape, shapeJson } from '../../../src/ir/shape';
import { list, type TensorValue, tuple, unknownValue, type Value } from '../../../src/ir/value';
import { type Recorded, toValue } from '../values';

type Size = number | null;
interface Answer {
  readonly out?: readonly Size[];
  readonly several?: readonly (readonly Size[])[];
  readonly sizes?: readonly Size[];
  readonly error?: string;
  readonly message?: string;
  readonly runs?: false;
}
interface Case {
  readonly path: string;
  readonly args: readonly Recorded[];
  readonly kwargs: Readonly<Record<string, Recorded>>;
  readonly rows: readonly (readonly [readonly (readonly Size[])[], Answer])[];
}

const { cases } = JSON.parse(gunzipSync(readFileSync(new URL('answers.json.gz', import.meta.url))).toString()) as {
  cases: readonly Case[];
};

function valueOf(v: Recorded | { readonly t: number }, tensors: readonly TensorValue[]): Value {
  if (v !== null && typeof v === 'object' && 't' in v) return tensors[v.t]!;
  if (Array.isArray(v)) return list(v.map((x: Recorded) => valueOf(x, tensors)));
  if (v !== null && typeof v === 'object' && 'tuple' in v) return tuple(v.tuple.map(x => valueOf(x, tensors)));
  return toValue(v);
}

function ours(c: Case, inputs: readonly (readonly Size[])[]): Value | Failure {
  const op = opByPath(c.path);
  assert.ok(op, `${c.path} is in the catalogue`);
  const flavour = c.path.startsWith('keras.ops') ? 'symbolic' : c.path.startsWith('numpy') ? 'numpy' : 'tensorflow';
  const tensors = inputs.map((s): TensorValue => ({ kind: 'tensor', shape: shape(...s), flavour }));
  const keywords = new Map(Object.entries(c.kwargs).map(([k, v]) => [k, valueOf(v, tensors)]));
  const bound = bindArguments(op.parameters, { positional: c.args.map(a => valueOf(a, tensors)), keywords });
  if (isFailure(bound)) return unknownValue(`the arguments do not bind: ${JSON.stringify(bound.detail)}`);
  return op.infer({
    args: readArguments(op.parameters, bound),
    path: c.path,
    framework: 'keras',
    isMethod: false,
    call: () => unknownValue('no calls here'),
  });
}

const shapeOf = (v: Value): readonly (number | string | null)[] | null | undefined =>
  v.kind === 'tensor'
    ? isRanked(v.shape)
      ? shapeJson(v.shape)
      : null
    : v.kind === 'number' || v.kind === 'boolean'
      ? []
      : v.kind === 'unknown'
        ? null
        : undefined;

const sizeOf = (v: Value): number | string | null =>
  v.kind === 'number' ? v.value : v.kind === 'size' ? dimJson(v.dim) : null;

interface Comparison {
  readonly difference?: string;
  readonly unknown?: true;
}

function compare(mine: Value | Failure, theirs: Answer): Comparison {
  if (isFailure(mine))
    return theirs.error === undefined && theirs.runs !== false
      ? { difference: `ours fails with ${JSON.stringify(mine.detail)}, theirs is ${JSON.stringify(theirs)}` }
      : {};
  const several = mine.kind === 'list' || mine.kind === 'tuple' ? mine.items : undefined;
  if (mine.kind === 'unknown' || (several ?? [mine]).some(v => shapeOf(v) === null && theirs.sizes === undefined)) {
    return { unknown: true };
  }
  const got = theirs.sizes !== undefined ? several?.map(sizeOf) : several ? several.map(shapeOf) : shapeOf(mine);
  if (theirs.error !== undefined) {
    return { difference: `theirs raises ${theirs.error}: ${theirs.message}; ours gives ${JSON.stringify(got)}` };
  }
  const wanted = theirs.sizes ?? theirs.several ?? theirs.out;
  return JSON.stringify(got) === JSON.stringify(wanted)
    ? {}
    : { difference: `ours ${JSON.stringify(got)}, theirs ${JSON.stringify(wanted)}` };
}

describe('ops against keras.ops, NumPy and TensorFlow', () => {
  const byPath = new Map<string, Case[]>();
  for (const c of cases) byPath.set(c.path, [...(byPath.get(c.path) ?? []), c]);
  const unknown: string[] = [];
  let rows = 0;

  for (const [path, all] of byPath) {
    it(path, () => {
      const wrong: string[] = [];
      for (const c of all) {
        for (const [inputs, theirs] of c.rows) {
          rows++;
          const found = compare(ours(c, inputs), theirs);
          const call = `${path}(${JSON.stringify(c.args)}, ${JSON.stringify(c.kwargs)}) on ${JSON.stringify(inputs)}`;
          if (found.unknown) unknown.push(call);
          if (found.difference) wrong.push(`${call}: ${found.difference}`);
        }
      }
      assert.equal(wrong.length, 0, `${wrong.length} disagreements\n${wrong.slice(0, 10).join('\n')}`);
    });
  }

  it('covers at least 1500 rows, almost all of them with a known answer', () => {
    assert.ok(rows >= 1500, `${rows} rows`);
    assert.ok(unknown.length * 50 <= rows, `${unknown.length} of ${rows} unknown:\n${unknown.slice(0, 30).join('\n')}`);
  });
});
