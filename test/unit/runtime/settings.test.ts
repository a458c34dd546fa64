// Which settings win, and that they are measured once: a fake machine answers for TensorFlow.
import assert from 'node:assert/strict';
import { thisMachine, type Environment } from '../../../src/runtime/environment';
import type { Runtime } from '../../../src/runtime/find';
import { candidates, fastest, knownSettings, tunedLaunch } from '../../../src/runtime/settings';
import { removeTemporaryFolders, temporaryFolder } from './fake-machine';

const on = { oneDnn: true, threads: null };
const off = { oneDnn: false, threads: null };
const half = { oneDnn: true, threads: 4 };

describe('the fastest settings', () => {
  const cases: [string, { oneDnn: boolean; threads: number | null; stepsPerSecond: number }[], object][] = [
    [
      'the faster one',
      [
        { ...on, stepsPerSecond: 10 },
        { ...off, stepsPerSecond: 20 },
      ],
      off,
    ],
    [
      "TensorFlow's own where the difference is noise",
      [
        { ...on, stepsPerSecond: 10 },
        { ...off, stepsPerSecond: 10.4 },
      ],
      on,
    ],
    [
      'fewer threads where they help',
      [
        { ...on, stepsPerSecond: 10 },
        { ...half, stepsPerSecond: 15 },
      ],
      half,
    ],
    ["TensorFlow's own where nothing could be measured", [], on],
  ];
  for (const [name, measured, wanted] of cases) {
    it(name, () => {
      assert.deepEqual(fastest(measured, on), wanted);
    });
  }

  it('tries fewer threads only where two may share a core', () => {
    assert.equal(candidates(2).length, 2);
    assert.deepEqual(candidates(8).at(-1), half);
  });
});

describe('the launch of a child', () => {
  after(removeTemporaryFolders);

  const runtime: Runtime = {
    kind: 'native',
    source: 'installed',
    folder: '/somewhere',
    packageName: '@tensorflow/tfjs-node',
    tfjs: '4.22.0',
    tensorflow: '2.21.0',
    node: { ...thisMachine(null).host, source: 'this process' },
  };

  /** oneDNN makes this machine twice as slow. */
  function machine(variables: Record<string, string> = {}): { env: Environment; runs: () => number } {
    let runs = 0;
    const env: Environment = {
      ...thisMachine(null),
      variables: { MODELWRIGHT_HOME: temporaryFolder(), ...variables },
      run: async (_command, _args, options) => {
        runs++;
        const speed = options?.variables?.['TF_ENABLE_ONEDNN_OPTS'] === '1' ? 10 : 20;
        return { stdout: `\nmeasured ${speed}\n`, stderr: '', code: 0, failure: null };
      },
    };
    return { env, runs: () => runs };
  }

  it('has the settings that were measured, and measures once', async () => {
    const { env, runs } = machine();
    assert.equal((await tunedLaunch(runtime, env)).env['TF_ENABLE_ONEDNN_OPTS'], '0');
    const after = runs();
    await tunedLaunch(runtime, env);
    assert.equal(runs(), after);
    assert.equal((await knownSettings(runtime, env))?.oneDnn, false);
  });

  it('leaves alone what the user has set', async () => {
    const { env } = machine({ TF_ENABLE_ONEDNN_OPTS: '1' });
    assert.equal((await tunedLaunch(runtime, env)).env['TF_ENABLE_ONEDNN_OPTS'], undefined);
  });

  it('starts the embedded runtime without measuring', async () => {
    const { env, runs } = machine();
    await tunedLaunch({ ...runtime, kind: 'embedded', folder: null }, env);
    assert.equal(runs(), 0);
  });
});
