// The runtime that was set up for these tests is found, passes its real self-test, and does so under every Node
// there is.
import assert from 'node:assert/strict';
import path from 'node:path';
import {
  findRuntimes,
  chooseRuntime,
  launchOf,
  thisMachine,
  trainingSettings,
  type Environment,
} from '../../src/runtime';
import { findNodes } from '../../src/runtime/node-executable';
import { packageFolder } from '../../src/runtime/places';
import { selfTest } from '../../src/runtime/self-test';

describe('the native runtime', () => {
  const env: Environment = thisMachine(path.resolve('dist/runtime-kit'));

  it('is found and preferred to the embedded one', async () => {
    const runtime = await chooseRuntime({ env, trusted: true });
    assert.equal(runtime.kind, 'native', JSON.stringify(await findRuntimes({ env, trusted: true }), null, 1));
    assert.equal(runtime.tfjs, '4.22.0');
    assert.match(runtime.tensorflow ?? '', /^2\.\d+/);
    assert.equal(launchOf(runtime, env).tfjsNodeFolder, runtime.folder);
  });

  it('passes the self-test under every Node of this machine', async () => {
    const { folder, packageName } = await chooseRuntime({ env, trusted: true });
    const nodes = await findNodes(env);
    assert.ok(nodes.length > 0);
    for (const node of nodes) {
      const result = await selfTest(packageFolder(folder ?? '', packageName), node, { env });
      assert.equal(result.ok, true, `${node.path} ${node.version}: ${JSON.stringify(result)}`);
    }
  });

  it('measures its settings, each with a speed', async () => {
    const runtime = await chooseRuntime({ env, trusted: true });
    const settings = await trainingSettings(runtime, env);
    assert.ok(settings && settings.measured.length >= 2, JSON.stringify(settings));
    for (const { stepsPerSecond } of settings.measured) assert.ok(stepsPerSecond > 0);
  });
});
