/** Which Keras a workspace has: by its environment, else by what its files ask for. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { installedVersion, kerasVersionIn, requiredVersion } from '../../../src/runtime/keras-version';

describe('the version of Keras', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-version-'));
  after(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('is that of the installed packages', () => {
    assert.equal(installedVersion(['keras-3.15.1.dist-info', 'tensorflow-2.21.0.dist-info']), 3);
    assert.equal(installedVersion(['keras-2.15.0.dist-info', 'tensorflow-2.15.1.dist-info']), 2);
    assert.equal(installedVersion(['tensorflow_cpu-2.12.0.dist-info']), 2);
    assert.equal(installedVersion(['tensorflow-2.16.1.dist-info', 'keras_tuner-1.4.dist-info']), 3);
    assert.equal(installedVersion(['numpy-2.0.0.dist-info']), undefined);
  });

  it('is what the project asks for', () => {
    assert.equal(requiredVersion('numpy\ntensorflow==2.10.0\n'), 2);
    assert.equal(requiredVersion('tensorflow[and-cuda]==2.17.0\n'), 3);
    assert.equal(requiredVersion('keras<3\n'), 2);
    assert.equal(requiredVersion('[tool.poetry.dependencies]\nkeras = "^3.1"\n'), 3);
    assert.equal(requiredVersion('dependencies = ["tensorflow<2.16"]\n'), 2);
    assert.equal(requiredVersion('tensorflow>=2.3\nkeras-tuner==1.0\n'), undefined);
  });

  it('is found in the virtual environment before the files', () => {
    fs.writeFileSync(path.join(folder, 'requirements.txt'), 'keras==3.1\n');
    assert.equal(kerasVersionIn(folder, {}), 3);
    const packages = path.join(folder, '.venv/lib/python3.11/site-packages/keras-2.13.1.dist-info');
    fs.mkdirSync(packages, { recursive: true });
    assert.equal(kerasVersionIn(folder, {}), 2);
    assert.equal(kerasVersionIn(path.join(folder, 'nothing'), {}), undefined);
  });
});
