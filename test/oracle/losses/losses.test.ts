/** Labels against outputs, for every loss: what real training takes and what it refuses. */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { allLosses, labelFit, lossByName } from '../../../src/catalogue/losses';
import { shape } from '../../../src/ir/shape';

type Row = readonly [loss: string, labels: readonly number[], output: readonly number[], error: string | null];

const { losses } = JSON.parse(readFileSync(new URL('answers.json', import.meta.url), 'utf8')) as {
  losses: readonly Row[];
};

describe('labels and outputs against real training', () => {
  for (const name of new Set(losses.map(r => r[0]))) {
    it(name, () => {
      const loss = lossByName(name);
      assert.ok(loss, `${name} is in the catalogue`);
      const wrong: string[] = [];
      let unknown = 0;
      for (const [, labels, output, error] of losses.filter(r => r[0] === name)) {
        const fit = labelFit(loss, shape(...labels), shape(...output), 8);
        if (fit === 'unknown') unknown++;
        else if ((fit === 'fails') !== (error !== null))
          wrong.push(
            `labels ${JSON.stringify(labels)}, output ` +
              `${JSON.stringify(output)}: ours ${fit}, Keras ${error ?? 'trains'}`,
          );
      }
      assert.equal(wrong.length, 0, `${wrong.length} disagreements\n${wrong.slice(0, 12).join('\n')}`);
      // Every length is known here, so only losses that flatten or compare pairs may be unsure.
      if (loss.rule !== 'vectors') assert.equal(unknown, 0);
    });
  }

  it('says what cannot be known', () => {
    const mse = lossByName('mse')!;
    assert.equal(labelFit(mse, shape(null, 1), shape(null, 4)), 'broadcasts');
    assert.equal(labelFit(mse, shape(100, 3), shape(null, 4)), 'fails');
    assert.equal(labelFit(mse, shape(100), shape(null, 1)), 'fits');
    assert.equal(labelFit(lossByName('categorical_crossentropy')!, shape(100, null), shape(null, 4)), 'unknown');
  });

  it('has every loss once', () => {
    const names = allLosses().flatMap(l => [l.name, l.className, ...l.aliases, ...l.removed]);
    assert.equal(new Set(names).size, names.filter((n, i) => names.indexOf(n) === i).length);
    assert.equal(lossByName('mse'), lossByName('MeanSquaredError'));
  });
});
