/**
 * As for layers: with one length or the rank of an input forgotten, an op that runs must not fail, and must not claim
 * what is not so.
 */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { opByPath } from '../../../src/catalogue/index';
import { isFailure } from '../../../src/catalogue/apply';
import { bindArguments, readArguments } from '../../../src/catalogue/arguments';
import { type Dim, known, OPEN, symbol, unknownDim } from '../../../src/ir/dim';
import { ranked, type Shape, unranked } from '../../../src/ir/shape';
import { list, type TensorValue, tuple, unknownValue, type Value } from '../../../src/ir/value';
import { type Recorded, toValue } from '../values';

type Size = number | null;
interface Answer {
  readonly out?: readonly Size[];
  readonly several?: readonly (readonly Size[])[];
  readonly error?: string;
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
const dims = (s: readonly Size[]): Dim[] => s.map(d => (d === null ? OPEN : known(d)));

function* forgotten(inputs: readonly (readonly Size[])[]): Generator<readonly Shape[]> {
  for (const [i, s] of inputs.entries()) {
    const rest = (own: Shape): readonly Shape[] => inputs.map((t, j) => (j === i ? own : ranked(dims(t))));
    yield rest(unranked('forgotten'));
    for (let axis = 0; axis < s.length; axis++) {
      for (const d of s[axis] === null ? [unknownDim('forgotten')] : [unknownDim('forgotten'), symbol('n')])
        yield rest(ranked(dims(s).map((x, a) => (a === axis ? d : x))));
    }
  }
}

function valueOf(v: Recorded | { readonly t: number }, tensors: readonly TensorValue[]): Value {
  if (v !== null && typeof v === 'object' && 't' in v) return tensors[v.t]!;
  if (Array.isArray(v)) return list(v.map((x: Recorded) => valueOf(x, tensors)));
  if (v !== null && typeof v === 'object' && 'tuple' in v) return tuple(v.tuple.map(x => valueOf(x, tensors)));
  return toValue(v);
}

function wrongClaim(v: Value, truth: readonly Size[] | undefined): boolean {
  if (v.kind !== 'tensor' || v.shape.kind !== 'ranked' || !truth) return false;
  return (
    v.shape.dims.length !== truth.length ||
    v.shape.dims.some((d, i) => d.kind === 'known' && truth[i] !== null && truth[i] !== d.value)
  );
}

describe('ops with something forgotten', () => {
  const byPath = new Map<string, Case[]>();
  for (const c of cases) byPath.set(c.path, [...(byPath.get(c.path) ?? []), c]);

  for (const [path, all] of byPath) {
    it(path, () => {
      const op = opByPath(path)!;
      const flavour = path.startsWith('keras.ops') ? 'symbolic' : path.startsWith('numpy') ? 'numpy' : 'tensorflow';
      const wrong: string[] = [];
      for (const c of all) {
        for (const [inputs, answer] of c.rows
          .filter(r => r[1].error === undefined && r[1].runs !== false)
          .slice(0, 4)) {
          for (const shapes of forgotten(inputs)) {
            const tensors = shapes.map((s): TensorValue => ({ kind: 'tensor', shape: s, flavour }));
            const keywords = new Map(Object.entries(c.kwargs).map(([k, v]) => [k, valueOf(v, tensors)]));
            const bound = bindArguments(op.parameters, { positional: c.args.map(a => valueOf(a, tensors)), keywords });
            if (isFailure(bound)) continue;
            const mine = op.infer({
              args: readArguments(op.parameters, bound),
              path,
              framework: 'keras',
              isMethod: false,
              call: () => unknownValue('no calls here'),
            });
            const call =
              `${path}(${JSON.stringify(c.args)}, ${JSON.stringify(c.kwargs)}) on ` +
              `${JSON.stringify(inputs)} as ${JSON.stringify(shapes)}`;
            if (isFailure(mine)) {
              wrong.push(`${call}: fails with ${JSON.stringify(mine.detail)}`);
              continue;
            }
            const several = mine.kind === 'list' || mine.kind === 'tuple' ? mine.items : [mine];
            if (several.some((v, i) => wrongClaim(v, answer.several ? answer.several[i] : answer.out)))
              wrong.push(`${call}: claims ${JSON.stringify(mine)}, truth ${JSON.stringify(answer)}`);
          }
        }
      }
      assert.equal(wrong.length, 0, `${wrong.length} wrong\n${wrong.slice(0, 6).join('\n')}`);
    });
  }
});
