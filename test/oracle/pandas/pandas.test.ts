// Tables of pandas against pandas itself: whatever is known of a shape or of columns is what the library answered.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Evaluator } from '../../../src/infer/evaluator';
import { Findings } from '../../../src/infer/findings';
import { evaluateModule } from '../../../src/infer/interpret';
import { isKnown } from '../../../src/ir/dim';
import { isRanked } from '../../../src/ir/shape';
import { frameTensor, type Value } from '../../../src/ir/value';
import { valueOfKey } from '../../../src/infer/strings';
import { parserOf } from '../../unit/parse/parsers';

interface Row {
  readonly program: string;
  readonly shape?: readonly number[];
  readonly columns?: readonly (string | number)[];
  readonly tuple?: readonly number[];
  readonly raises?: string;
  readonly other?: string;
}

const { files, rows } = JSON.parse(fs.readFileSync(path.join(__dirname, 'recorded.json'), 'utf8')) as {
  readonly files: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
};

async function resultOf(code: string): Promise<{ readonly result: Value | undefined; readonly faults: number }> {
  const program = (await parserOf('python')).parse(code);
  const cx = new Evaluator(program, {
    readHead: file => (files[file] === undefined ? undefined : { text: files[file], isWhole: true }),
  });
  const facts = evaluateModule(cx, program.body, {
    findings: cx.findings satisfies Findings,
    statement: (_, run) => {
      run();
    },
    statementsEnd: () => undefined,
    uncalled: (_, run) => run(),
  });
  return { result: cx.variables.peek('result'), faults: facts.faults.length };
}

/** Lengths as numbers, `null` where one is not known; undefined where not even the rank is. */
function dimsOf(value: Value | undefined): readonly (number | null)[] | undefined {
  const tensor = value?.kind === 'frame' ? frameTensor(value) : value;
  if (tensor?.kind === 'tuple') return tensor.items.map(i => (i.kind === 'number' ? i.value : null));
  if (tensor?.kind !== 'tensor' || !isRanked(tensor.shape)) return undefined;
  return tensor.shape.dims.map(d => (isKnown(d) ? d.value : null));
}

describe('tables of pandas', function () {
  this.timeout(60_000);
  let known = 0;
  let whole = 0;

  it('have the rows and columns that pandas gives them', async () => {
    for (const row of rows) {
      const { result, faults } = await resultOf(row.program);
      if (row.raises !== undefined) continue;
      assert.equal(faults, 0, `nothing is wrong with\n${row.program}`);
      const dims = dimsOf(result);
      const wanted = row.shape ?? row.tuple;
      if (!dims || !wanted) continue;
      known++;
      assert.equal(dims.length, wanted.length, row.program);
      dims.forEach((dim, axis) => {
        if (dim !== null) assert.equal(dim, wanted[axis], `axis ${axis} of\n${row.program}`);
      });
      if (dims.every(dim => dim !== null)) whole++;
      if (result?.kind !== 'frame' || !result.labels || result.isSeries) continue;
      const labels = result.labels.map(label => valueOfKey(label));
      assert.deepEqual(
        labels.map(label => (label?.kind === 'string' || label?.kind === 'number' ? label.value : null)),
        row.columns,
        row.program,
      );
    }
  });

  it('are mostly known', () => {
    const answered = rows.filter(row => row.shape ?? row.tuple).length;
    assert.ok(known > 0.9 * answered, `${known} of ${answered} have a known rank`);
    assert.ok(whole > 0.6 * answered, `${whole} of ${answered} are known entirely`);
  });
});
