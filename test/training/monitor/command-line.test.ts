/** `modelwright train script.mjs`: the script's own words on the terminal, its end as the exit code. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { TrainEvent } from '../../../src/protocol/messages';
import { Scripts } from './scripts';

const CLI = path.resolve('dist/cli.js');

describe('modelwright train on scripts', function () {
  this.timeout(120_000);
  let scripts: Scripts;
  before(() => {
    scripts = new Scripts(path.resolve('.'), {
      'train.mjs': `
        import * as tf from '@tensorflow/tfjs';
        const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
        model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
        await model.fit(tf.ones([8, 2]), tf.ones([8, 1]), { epochs: 2, verbose: 0 });
        console.log('arguments', process.argv.slice(2).join(' '));
        if (process.argv.includes('--fail')) throw new Error('as asked');`,
      'model.py': 'print(1)\n',
    });
  });
  after(() => scripts.remove());

  const run = (...args: string[]) =>
    spawnSync(process.execPath, [CLI, 'train', ...args], { cwd: scripts.folder, encoding: 'utf8' });

  it('runs it, passes its arguments on, and prints what it prints', () => {
    const { status, stdout, stderr } = run('train.mjs', '--', '--lr', '1');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^arguments --lr 1$/m);
    assert.match(stdout, /fit 1: sequential_1: 3 parameters, 8 samples, batches of 32/);
    assert.match(stdout, /Epoch 2\/2 {2}loss /);
    assert.match(stdout, /Finished after .*\nRun \S+\n$/);
  });

  it('ends with 4 where the script fails; the last event says why', () => {
    const { status, stdout } = run('train.mjs', '--json', '--', '--fail');
    assert.equal(status, 4);
    const events = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as TrainEvent);
    const last = events.at(-1);
    assert.match(
      last?.type === 'failed' ? last.message : '',
      /^The script failed\. Error: as asked \(train\.mjs:7:\d+\)$/,
    );
    assert.equal(events.filter(event => event.type === 'epoch').length, 2);
  });

  it('refuses arguments for what is no script, and scripts that are not there', () => {
    for (const [target, words] of [
      ['model.py', /is not run as one/],
      ['absent.mjs', /There is no script absent\.mjs/],
    ] as const) {
      const { status, stderr } = run(target, '--', '1');
      assert.equal(status, 2);
      assert.match(stderr, words);
    }
  });
});
