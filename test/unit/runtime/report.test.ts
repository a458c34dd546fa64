// The report a person reads, as a whole: on a machine with a native runtime and on one without.
import assert from 'node:assert/strict';
import os from 'node:os';
import path from 'node:path';
import { bindingFile } from '../../../src/runtime/binding';
import { diagnose } from '../../../src/runtime/diagnose';
import { cacheFolder, packageFolder } from '../../../src/runtime/places';
import { diagnosisText } from '../../../src/runtime/report';
import { compiler, fakeMachine, python, removeTemporaryFolders, write, type FakeMachine } from './fake-machine';

describe('the report of the diagnosis', () => {
  after(removeTemporaryFolders);

  /** With the machine's own names and sizes replaced. */
  async function reportOf(env: FakeMachine): Promise<string[]> {
    const diagnosis = await diagnose({ env, trusted: true, workspaceFolder: path.join(env.folder, 'project') });
    const text = diagnosisText({ ...diagnosis, system: { ...diagnosis.system, processors: 8, memoryBytes: 16e9 } });
    return text.replaceAll(env.folder, '/m').replaceAll(os.hostname(), 'host').split('\n');
  }

  it('is short where all is well', async () => {
    const env = fakeMachine();
    const folder = packageFolder(path.join(cacheFolder(env), 'runtime'), '@tensorflow/tfjs-node');
    write(path.join(folder, 'package.json'), '{}');
    write(bindingFile(folder), '');
    assert.deepEqual(await reportOf(env), [
      'Training runs on TensorFlow 2.21.0 (native)',
      '  Modelwright installed it, and it passed its self-test under Node 22.1.0 (/m/bin/node).',
      '',
      'Where Modelwright looked, best first',
      '  ✘ this workspace            the folder does not exist',
      '                              /m/project',
      '  ✔ installed by Modelwright  TensorFlow.js 4.22.0 on TensorFlow 2.21.0, under Node 22.1.0 (/m/bin/node)  ← used',
      '                              /m/home/cache/runtime',
      '  · embedded in Modelwright   TensorFlow.js in pure JavaScript and WebAssembly; always works  not needed',
      '',
      'This machine',
      '  system   linux x64, 8 processors, 16 GB of memory',
      '  node     Node 22.1.0 (/m/bin/node) runs the training',
      '  threads  one per processor; TF_NUM_INTRAOP_THREADS changes it',
      '  oneDNN   on; TF_ENABLE_ONEDNN_OPTS changes it',
      '  disk     1000 GB free for /m/home/cache',
    ]);
  });

  it('ends with the ways out where only the embedded one works', async () => {
    const lines = await reportOf(
      fakeMachine({ programs: { python3: python('/usr/bin/python3', { pip: true }), 'c++': compiler } }),
    );
    assert.deepEqual(lines.slice(0, 2), [
      'Training runs on the embedded JavaScript TensorFlow (slow)',
      '  No native TensorFlow works here. The embedded one always does, but is many times slower.',
    ]);
    assert.deepEqual(lines.slice(-4), [
      'How to get a native one',
      '  Run modelwright doctor --fix, or "Modelwright: Set Up Training Runtime" in VS Code. It would:',
      '  ✔ Download TensorFlow with pip of /usr/bin/python3 (280 MB, 900 MB on disk) and build on it.',
      '  ✔ Download the official TensorFlow 2.9.1 from storage.googleapis.com.',
    ]);
  });
});
