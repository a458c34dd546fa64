// Losses that a program calls itself against real Keras: what is refused there alone is refused here, and what comes out.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Evaluator } from '../../../src/infer/evaluator';
import { runStatement } from '../../../src/infer/statements';
import { isKnown } from '../../../src/ir/dim';
import { isRanked } from '../../../src/ir/shape';
import { parserOf } from '../../unit/parse/parsers';

type Row = readonly [
  name: string,
  how: 'object' | 'none' | 'function',
  labels: readonly number[],
  predictions: readonly number[],
  shape: readonly number[] | null,
];

const { rows, functions } = JSON.parse(fs.readFileSync(path.join(__dirname, 'calls.json'), 'utf8')) as {
  readonly rows: readonly Row[];
  readonly functions: Readonly<Record<string, string>>;
};

function programOf([name, how, labels, predictions]: Row): string {
  const call = { object: `${name}()`, none: `${name}(reduction=None)`, function: functions[name]! }[how];
  const array = (shape: readonly number[]): string => `np.zeros((${shape.join(', ')},))`;
  return `import keras\nimport numpy as np\nresult = keras.losses.${call}(${array(labels)}, ${array(predictions)})\n`;
}

describe('losses that a program calls', function () {
  this.timeout(60_000);

  it('are refused where Keras refuses them, and give what Keras gives', async () => {
    const parser = await parserOf('python');
    const wrong: string[] = [];
    let refused = 0;
    let missed = 0;
    let known = 0;
    for (const row of rows) {
      const program = parser.parse(programOf(row));
      const cx = new Evaluator(program, {});
      for (const statement of program.body) runStatement(cx, statement, []);
      const isRefused = cx.findings.faults.length > 0;
      const shape = row[4];
      if (isRefused && shape) wrong.push(`refused: ${programOf(row)}`);
      if (isRefused) refused++;
      else if (!shape) missed++;
      const result = cx.variables.peek('result');
      if (!shape || result?.kind !== 'tensor' || !isRanked(result.shape)) continue;
      const dims = result.shape.dims.map(d => (isKnown(d) ? d.value : null));
      known++;
      if (dims.length !== shape.length || dims.some((d, i) => d !== null && d !== shape[i]))
        wrong.push(`(${dims.join(', ')}) instead of (${shape.join(', ')}): ${programOf(row)}`);
    }
    assert.deepEqual(wrong, []);
    assert.ok(refused > 3 * missed, `${refused} refused, ${missed} missed`);
    assert.ok(known > 500, `${known} results are known`);
  });
});
