/**
 * Every recorded answer of real Keras against ours: the same shape and the same weights, and a failure exactly where
 * Keras raises.
 */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { allLayers, layerByClassName, parametersOf, RENAMED_EVERYWHERE } from '../../../src/catalogue/index';
import { applyLayer, isFailure, shapesOf } from '../../../src/catalogue/apply';
import { bindArguments, checkArguments, readArguments } from '../../../src/catalogue/arguments';
import type { Failure } from '../../../src/ir/fault';
import type { LayerSpec } from '../../../src/catalogue/spec';
import { dimJson } from '../../../src/ir/dim';
import { shape, shapeJson } from '../../../src/ir/shape';
import { keywordsOf, layerOf, type Recorded, toValue } from '../values';

type Size = number | null;
interface Answer {
  readonly out?: readonly Size[] | readonly (readonly Size[])[];
  readonly weights?: readonly (readonly [string, readonly Size[], boolean])[];
  readonly error?: string;
  readonly message?: string;
  readonly at?: 'init' | 'call';
  /** False where the symbolic call passes and no data can: then a failure is right as well. */
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

interface Ours {
  readonly failure?: Failure;
  readonly shapes?: readonly (readonly (number | string | null)[] | null)[];
  readonly weights?: readonly unknown[];
}

function ours(spec: LayerSpec, c: Case, [inputs, structure]: Row): Ours {
  const parameters = parametersOf(spec);
  const bound = bindArguments(
    parameters,
    { positional: c.args.map(toValue), keywords: keywordsOf(c.kwargs) },
    { ...RENAMED_EVERYWHERE, ...spec.renamed },
  );
  if (isFailure(bound)) return { failure: bound };
  const args = readArguments(parameters, bound, 'keras', layerOf);
  const refused = checkArguments(parameters, args) ?? spec.check?.(args, 'keras');
  if (refused) return { failure: refused };
  const applied = applyLayer(spec, {
    args,
    inputs: inputs.map(s => shape(...s)),
    structure: structure === 'args' ? 'list' : structure,
  });
  if (isFailure(applied)) return { failure: applied };
  return {
    shapes: shapesOf(applied.output).map(shapeJson),
    weights: applied.weights.map(w => [
      w.name.slice(w.name.lastIndexOf('/') + 1),
      w.shape.map(dimJson),
      w.trainable !== false && args.flag('trainable') !== false,
    ]),
  };
}

/**
 * Where this tool knowingly gives another answer. An unranked answer ("not known") is no disagreement, but counted: the
 * last test
 * holds it below one in a hundred.
 */
function compare(mine: Ours, { out, weights, error, message, runs }: Answer): string | undefined {
  if (error !== undefined) {
    return mine.failure ? undefined : `Keras raises ${error}: ${message}; ours gives ${JSON.stringify(mine.shapes)}`;
  }
  if (mine.failure)
    return runs === false
      ? undefined
      : `ours fails with ${JSON.stringify(mine.failure.detail)}; Keras gives ${JSON.stringify(out)}`;
  if (runs === false || isUnknown(mine)) return undefined;
  const wanted = Array.isArray(out![0]) ? out : [out];
  if (JSON.stringify(wanted) !== JSON.stringify(mine.shapes)) {
    return `shape ${JSON.stringify(mine.shapes)}, Keras ${JSON.stringify(wanted)}`;
  }
  const theirs = weights!.map(([name, dims, trainable]) => [name.slice(name.lastIndexOf('/') + 1), dims, trainable]);
  if (JSON.stringify(theirs) !== JSON.stringify(mine.weights)) {
    return `weights ${JSON.stringify(mine.weights)}, Keras ${JSON.stringify(theirs)}`;
  }
  return undefined;
}

function isUnknown(mine: Ours): boolean {
  return mine.shapes?.some(s => s === null) === true;
}

describe('layers against real Keras', () => {
  const byLayer = new Map<string, Case[]>();
  for (const c of cases) byLayer.set(c.layer, [...(byLayer.get(c.layer) ?? []), c]);
  const unknown: string[] = [];
  let rows = 0;

  for (const [name, all] of byLayer) {
    it(name, () => {
      const spec = layerByClassName(name);
      assert.ok(spec, `${name} is in the catalogue`);
      const wrong: string[] = [];
      for (const c of all) {
        for (const row of c.rows) {
          rows++;
          const mine = ours(spec, c, row);
          if (!mine.failure && isUnknown(mine)) unknown.push(`${name}(${c.text})`);
          const difference = compare(mine, row[2]);
          if (difference) wrong.push(`${name}(${c.text}) on ${JSON.stringify(row[0])} ${row[1]}: ${difference}`);
        }
      }
      assert.equal(wrong.length, 0, `${wrong.length} disagreements\n${wrong.slice(0, 12).join('\n')}`);
    });
  }

  it('covers at least 3000 rows of at least 135 layers, almost all of them with a known answer', () => {
    assert.ok(rows >= 3000, `${rows} rows`);
    assert.ok(
      unknown.length * 100 <= rows,
      `${unknown.length} unknown: ${[...new Set(unknown)].slice(0, 20).join('; ')}`,
    );
    const missing = allLayers()
      .filter(l => ![l.className, ...(l.aliases ?? [])].some(name => byLayer.has(name)))
      .map(l => l.className);
    assert.deepEqual(missing, [
      'Lambda',
      'Wrapper',
      'LSTMCell',
      'GRUCell',
      'SimpleRNNCell',
      'StackedRNNCells',
      'TFSMLayer',
      'JaxLayer',
      'FlaxLayer',
      'TorchModuleWrapper',
      'Layer',
    ]);
  });
});
