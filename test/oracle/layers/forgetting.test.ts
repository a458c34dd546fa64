/**
 * What is not known may cost an answer, but must never make a wrong one. Every recorded call that Keras takes is asked
 * again with one
 * length, the rank, or one argument forgotten: nothing may fail, and what is still claimed must be what Keras says.
 */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { layerByClassName, parametersOf } from '../../../src/catalogue/index';
import { applyLayer, isFailure, shapesOf } from '../../../src/catalogue/apply';
import { bindArguments, checkArguments, readArguments } from '../../../src/catalogue/arguments';
import type { LayerSpec } from '../../../src/catalogue/spec';
import { type Dim, known, OPEN, symbol, unknownDim } from '../../../src/ir/dim';
import { isRanked, ranked, type Shape, unranked } from '../../../src/ir/shape';
import { unknownValue, type Value } from '../../../src/ir/value';
import { keywordsOf, layerOf, type Recorded, toValue } from '../values';

type Size = number | null;
interface Answer {
  readonly out?: readonly Size[] | readonly (readonly Size[])[];
  readonly weights?: readonly (readonly [string, readonly Size[], boolean])[];
  readonly error?: string;
  readonly runs?: false;
}
type Row = readonly [inputs: readonly (readonly Size[])[], structure: 'single' | 'list' | 'args', answer: Answer];
interface Case {
  readonly layer: string;
  readonly text: string;
  readonly args: readonly Recorded[];
  readonly kwargs: Readonly<Record<string, Recorded>>;
  readonly rows: readonly Row[];
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
      // A name stands for one number, so it can take the place of a number only.
      for (const d of s[axis] === null ? [unknownDim('forgotten')] : [unknownDim('forgotten'), symbol('n')])
        yield rest(ranked(dims(s).map((x, a) => (a === axis ? d : x))));
    }
  }
}

/** Claims of a known number where Keras has another one; unknown, symbolic and open lengths claim nothing. */
function contradicts(claim: Dim, truth: Size | undefined): boolean {
  return claim.kind === 'known' && truth !== null && truth !== undefined && claim.value !== truth;
}

function check(
  spec: LayerSpec,
  bound: ReadonlyMap<string, Value>,
  inputs: readonly Shape[],
  structure: Row[1],
  answer: Answer,
): string | undefined {
  const parameters = parametersOf(spec);
  const args = readArguments(parameters, bound, 'keras', layerOf);
  const refused = checkArguments(parameters, args) ?? spec.check?.(args, 'keras');
  if (refused) return `refuses its arguments: ${JSON.stringify(refused.detail)}`;
  const applied = applyLayer(spec, { args, inputs, structure: structure === 'args' ? 'list' : structure });
  if (isFailure(applied)) return `fails: ${JSON.stringify(applied.detail)}`;
  const truth = Array.isArray(answer.out![0])
    ? (answer.out as readonly (readonly Size[])[])
    : [answer.out as readonly Size[]];
  for (const [i, s] of shapesOf(applied.output).entries()) {
    if (!isRanked(s) || !truth[i]) continue;
    if (s.dims.length !== truth[i].length) return `claims rank ${s.dims.length}, Keras ${truth[i].length}`;
    if (s.dims.some((d, a) => contradicts(d, truth[i]![a]))) {
      return `claims ${JSON.stringify(s.dims)}, Keras ${JSON.stringify(truth[i])}`;
    }
  }
  return undefined;
}

describe('layers with something forgotten', () => {
  const byLayer = new Map<string, Case[]>();
  for (const c of cases) byLayer.set(c.layer, [...(byLayer.get(c.layer) ?? []), c]);

  for (const [name, all] of byLayer) {
    it(name, () => {
      const spec = layerByClassName(name)!;
      const wrong: string[] = [];
      for (const c of all) {
        const bound = bindArguments(parametersOf(spec), {
          positional: c.args.map(toValue),
          keywords: keywordsOf(c.kwargs),
        });
        if (isFailure(bound)) continue;
        // A few inputs of each configuration are enough: they differ in numbers, not in kind.
        for (const [inputs, structure, answer] of c.rows
          .filter(r => r[2].error === undefined && r[2].runs !== false)
          .slice(0, 4)) {
          const report = (what: string, found: string | undefined): void => {
            if (found) wrong.push(`${name}(${c.text}) on ${JSON.stringify(inputs)}, ${what}: ${found}`);
          };
          for (const shapes of forgotten(inputs))
            report(`input ${JSON.stringify(shapes)}`, check(spec, bound, shapes, structure, answer));
          for (const argument of bound.keys()) {
            const without = new Map(bound).set(argument, unknownValue('forgotten'));
            report(
              `argument ${argument}`,
              check(
                spec,
                without,
                inputs.map(s => ranked(dims(s))),
                structure,
                answer,
              ),
            );
            const named = new Map(bound).set(argument, unknownValue('forgotten', 'n'));
            report(
              `argument ${argument} a name`,
              check(
                spec,
                named,
                inputs.map(s => ranked(dims(s))),
                structure,
                answer,
              ),
            );
          }
        }
      }
      assert.equal(wrong.length, 0, `${wrong.length} wrong\n${wrong.slice(0, 10).join('\n')}`);
    });
  }
});
