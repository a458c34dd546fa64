/** keras.applications: shapes, numbers of weights and refusals against what the real builders give. */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import {
  allApplications,
  applicationByPath,
  applicationModel,
  type ApplicationModel,
} from '../../../src/catalogue/applications';
import { isFailure } from '../../../src/catalogue/apply';
import { readArguments } from '../../../src/catalogue/arguments';
import { dimJson, known, OPEN } from '../../../src/ir/dim';
import type { Failure } from '../../../src/ir/fault';
import { ranked, shapeJson } from '../../../src/ir/shape';
import { keywordsOf, type Recorded } from '../values';

type Size = number | null;
interface Answer {
  readonly out?: readonly Size[];
  readonly trainable?: number;
  readonly nonTrainable?: number;
  readonly error?: string;
  readonly outs?: readonly (readonly [readonly [number, number], readonly Size[] | string])[];
}
type Row = readonly [name: string, options: Readonly<Record<string, Recorded>>, answer: Answer];

const { rows } = JSON.parse(readFileSync(new URL('answers.json', import.meta.url), 'utf8')) as { rows: readonly Row[] };

function ours(name: string, options: Readonly<Record<string, Recorded>>): ApplicationModel | Failure {
  const spec = applicationByPath(`keras.applications.${name}`);
  assert.ok(spec, `${name} is in the catalogue`);
  return applicationModel(
    spec,
    readArguments(spec.parameters, keywordsOf('weights' in options ? options : { ...options, weights: null })),
  );
}

function compare(name: string, options: Readonly<Record<string, Recorded>>, answer: Answer): string[] {
  const mine = ours(name, options);
  if (isFailure(mine)) return answer.error === undefined ? [`fails with ${JSON.stringify(mine.detail)}`] : [];
  if (answer.error !== undefined) return [`gives ${JSON.stringify(shapeJson(mine.output))}, Keras ${answer.error}`];
  const wrong: string[] = [];
  const check = (what: string, got: unknown, wanted: unknown): void => {
    if (JSON.stringify(got) !== JSON.stringify(wanted))
      wrong.push(`${what} ${JSON.stringify(got)}, Keras ` + `${JSON.stringify(wanted)}`);
  };
  check('output', shapeJson(mine.output), answer.out);
  check('trainable', dimJson(mine.params.trainable), answer.trainable);
  check('non-trainable', dimJson(mine.params.nonTrainable), answer.nonTrainable);
  for (const [[height, width], out] of answer.outs ?? []) {
    // A map without any element left is refused by some builders only.
    if (typeof out === 'string') continue;
    const input = ranked([OPEN, known(height), known(width), known(3)]);
    check(`output for ${height} × ${width}`, shapeJson(mine.outputFor(input)), out);
  }
  return wrong;
}

describe('keras.applications', () => {
  for (const name of new Set(rows.map(r => r[0]))) {
    it(name, () => {
      const wrong = rows
        .filter(r => r[0] === name)
        .flatMap(([, options, answer]) => compare(name, options, answer).map(w => `${JSON.stringify(options)}: ${w}`));
      assert.equal(wrong.length, 0, `${wrong.length} disagreements\n${wrong.join('\n')}`);
    });
  }

  it('default models have the outputs and weights of the recorded ones', () => {
    const packed = readFileSync(new URL('layers.json.gz', import.meta.url));
    const models = JSON.parse(gunzipSync(packed).toString()) as Readonly<Record<string, Answer>>;
    assert.equal(Object.keys(models).length, 40);
    assert.deepEqual(
      Object.entries(models).flatMap(([name, answer]) => compare(name, {}, answer).map(w => `${name}: ${w}`)),
      [],
    );
  });

  it('are forty, all of them recorded', () => {
    assert.equal(allApplications().length, 40);
    assert.deepEqual(
      allApplications()
        .map(a => a.name)
        .filter(name => !rows.some(r => r[0] === name)),
      [],
    );
  });
});
