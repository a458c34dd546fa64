// Which runtime is chosen, in which order, and what is said of those that are not.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { bindingFile } from '../../../src/runtime/binding';
import { diagnose } from '../../../src/runtime/diagnose';
import { chooseRuntime, findRuntimes, launchOf } from '../../../src/runtime/find';
import { cacheFolder, packageFolder } from '../../../src/runtime/places';
import {
  compiler,
  fakeMachine,
  fakeTensorFlow,
  python,
  removeTemporaryFolders,
  write,
  type FakeMachine,
} from './fake-machine';

/** A folder with tfjs-node in its node_modules; with its binding, or as a failed `npm install` leaves it. */
function withPackage(folder: string, { broken = false, name = '@tensorflow/tfjs-node' } = {}): string {
  const target = packageFolder(folder, name);
  write(path.join(target, 'package.json'), '{}');
  if (!broken) write(bindingFile(target), 'binding');
  return folder;
}

function sourcesOf(candidates: readonly { source: string; usable: boolean }[]): string[] {
  return candidates.map(({ source, usable }) => `${source} ${usable ? 'yes' : 'no'}`);
}

describe('finding a runtime', () => {
  after(removeTemporaryFolders);

  it('prefers the variable, then the workspace, then what was installed, then the embedded one', async () => {
    const env = fakeMachine();
    const workspaceFolder = withPackage(path.join(env.folder, 'workspace'));
    const storageFolder = path.join(env.folder, 'storage');
    withPackage(path.join(storageFolder, 'runtime'));
    withPackage(path.join(cacheFolder(env), 'runtime'));
    const named = withPackage(path.join(env.folder, 'named'));
    env.variables = { ...env.variables, MODELWRIGHT_RUNTIME: named };
    const options = { env, workspaceFolder, storageFolder, trusted: true };
    const candidates = await findRuntimes(options);
    assert.deepEqual(sourcesOf(candidates), [
      'MODELWRIGHT_RUNTIME yes',
      'workspace yes',
      'installed yes',
      'installed yes',
      'embedded yes',
    ]);
    assert.equal((await chooseRuntime(options)).folder, named);
  });

  it('gives a runtime of an earlier Modelwright the JavaScript of this one, and keeps its binding', async () => {
    const env = fakeMachine();
    const folder = withPackage(path.join(cacheFolder(env), 'runtime'));
    const target = packageFolder(folder, '@tensorflow/tfjs-node');
    write(path.join(target, 'package.json'), '{"version":"4.22.0","madeFrom":"something older"}');
    write(path.join(target, 'dist/index.js'), 'old');
    write(path.join(env.kitFolder ?? '', 'dist/index.js'), 'new');
    assert.equal((await chooseRuntime({ env, trusted: true })).source, 'installed');
    assert.equal(fs.readFileSync(path.join(target, 'dist/index.js'), 'utf8'), 'new');
    assert.equal(fs.readFileSync(bindingFile(target), 'utf8'), 'binding');
    const manifest = (where: string): string => fs.readFileSync(path.join(where, 'package.json'), 'utf8');
    assert.equal(manifest(target), manifest(env.kitFolder ?? ''));
    assert.deepEqual(fs.readdirSync(path.join(target, 'dist')), ['index.js']);
  });

  it("leaves a runtime of another tfjs-node, and a workspace's own, as they are", async () => {
    const env = fakeMachine();
    const workspaceFolder = withPackage(path.join(env.folder, 'workspace'));
    const folder = withPackage(path.join(cacheFolder(env), 'runtime'));
    const other = path.join(packageFolder(folder, '@tensorflow/tfjs-node'), 'package.json');
    write(other, '{"version":"3.0.0"}');
    await findRuntimes({ env, workspaceFolder, trusted: true });
    assert.equal(fs.readFileSync(other, 'utf8'), '{"version":"3.0.0"}');
    const own = path.join(packageFolder(workspaceFolder, '@tensorflow/tfjs-node'), 'package.json');
    assert.equal(fs.readFileSync(own, 'utf8'), '{}');
  });

  it('runs nothing of an untrusted workspace', async () => {
    const env = fakeMachine();
    const workspaceFolder = withPackage(path.join(env.folder, 'workspace'));
    const [workspace] = await findRuntimes({ env, workspaceFolder, trusted: false });
    assert.deepEqual(workspace, {
      source: 'workspace',
      folder: workspaceFolder,
      usable: false,
      reason: 'the workspace is not trusted, so nothing in it is run',
    });
    assert.ok(!env.started.includes('self-test'), env.started.join());
  });

  it("takes the workspace's GPU build", async () => {
    const env = fakeMachine();
    const workspaceFolder = withPackage(path.join(env.folder, 'workspace'), { name: '@tensorflow/tfjs-node-gpu' });
    assert.equal(
      (await chooseRuntime({ env, workspaceFolder, trusted: true })).packageName,
      '@tensorflow/tfjs-node-gpu',
    );
  });

  it('falls back to the embedded one and says why the others are not usable', async () => {
    const env = fakeMachine();
    const workspaceFolder = withPackage(path.join(env.folder, 'workspace'), { broken: true });
    const candidates = await findRuntimes({ env, workspaceFolder, trusted: true });
    assert.deepEqual(sourcesOf(candidates), ['workspace no', 'installed no', 'embedded yes']);
    const [workspace, installed] = candidates;
    assert.match(workspace?.usable === false ? workspace.reason : '', /never installed/);
    assert.match(installed?.usable === false ? installed.reason : '', /nothing has been installed/);
    const runtime = await chooseRuntime({ env, workspaceFolder, trusted: true });
    assert.deepEqual([runtime.kind, runtime.tensorflow], ['embedded', null]);
    assert.equal(launchOf(runtime, env).tfjsNodeFolder, null);
  });

  it('takes the embedded one where it is asked for', async () => {
    const env = fakeMachine({ variables: { MODELWRIGHT_RUNTIME: 'embedded' } });
    withPackage(path.join(cacheFolder(env), 'runtime'));
    assert.equal((await chooseRuntime({ env, trusted: true })).kind, 'embedded');
  });

  it("falls back to the Node on the PATH where the host's own does not work", async () => {
    const env: FakeMachine = fakeMachine({
      nodeOnPath: { path: '/usr/bin/node', version: '20.20.2' },
      selfTestFails: (_folder, node) =>
        node === '/usr/bin/node' ? null : 'util_1.isNullOrUndefined is not a function',
    });
    env.host.electron = true;
    withPackage(path.join(cacheFolder(env), 'runtime'));
    const runtime = await chooseRuntime({ env, trusted: true });
    assert.deepEqual([runtime.kind, runtime.node.version, runtime.node.source], ['native', '20.20.2', 'PATH']);
    const launch = launchOf(runtime, env);
    assert.equal(launch.node, '/usr/bin/node');
    assert.equal(launch.env['ELECTRON_RUN_AS_NODE'], undefined);
  });

  it('starts an Electron as Node', async () => {
    const env = fakeMachine();
    env.host.electron = true;
    withPackage(path.join(cacheFolder(env), 'runtime'));
    const launch = launchOf(await chooseRuntime({ env, trusted: true }), env);
    assert.equal(launch.node, env.host.path);
    assert.equal(launch.env['ELECTRON_RUN_AS_NODE'], '1');
    assert.equal(launch.tfjsNodeFolder, path.join(cacheFolder(env), 'runtime'));
  });

  it('asks a runtime once, until something of it changes', async () => {
    const env = fakeMachine();
    const folder = withPackage(path.join(cacheFolder(env), 'runtime'));
    const tests = () => env.started.filter(call => call === 'self-test').length;
    await chooseRuntime({ env, trusted: true });
    await chooseRuntime({ env, trusted: true });
    assert.equal(tests(), 1);
    write(bindingFile(packageFolder(folder, '@tensorflow/tfjs-node')), 'another binding');
    await chooseRuntime({ env, trusted: true });
    assert.equal(tests(), 2);
  });

  const caches: [NodeJS.Platform, Record<string, string>, string][] = [
    ['linux', {}, '.cache/modelwright'],
    ['linux', { XDG_CACHE_HOME: '/xdg' }, '/xdg/modelwright'],
    ['linux', { XDG_CACHE_HOME: 'relative' }, '.cache/modelwright'],
    ['darwin', { XDG_CACHE_HOME: '/xdg' }, 'Library/Caches/modelwright'],
    ['win32', { LOCALAPPDATA: '/local' }, '/local/modelwright'],
    ['win32', {}, 'AppData/Local/modelwright'],
    ['linux', { MODELWRIGHT_HOME: '/own', XDG_CACHE_HOME: '/xdg' }, '/own'],
  ];
  for (const [platform, variables, wanted] of caches) {
    it(`keeps its files in ${wanted} on ${platform} with ${JSON.stringify(variables)}`, () => {
      const env = { ...fakeMachine({ platform }), variables };
      assert.equal(cacheFolder(env), path.resolve(env.homeFolder, wanted));
    });
  }
});

describe('the diagnosis', () => {
  after(removeTemporaryFolders);

  it('names the native runtime and needs no repair', async () => {
    const env = fakeMachine();
    withPackage(path.join(cacheFolder(env), 'runtime'));
    const diagnosis = await diagnose({ env, trusted: true });
    assert.equal(diagnosis.native, true);
    assert.deepEqual(diagnosis.repairs, []);
    assert.match(diagnosis.why, /Modelwright installed it.*Node 22\.1\.0/);
  });

  it('tells both ways out where only the embedded one works', async () => {
    const env = fakeMachine();
    const site = fakeTensorFlow(path.join(env.folder, 'site'));
    Object.assign(env.programs, { python3: python('/usr/bin/python3', { tensorflow: site }), 'c++': compiler });
    const { native, repairs } = await diagnose({ env, trusted: true });
    assert.equal(native, false);
    assert.deepEqual(
      repairs.map(({ from, possible }) => [from, possible]),
      [
        ['python', true],
        ['download', true],
      ],
    );
    assert.match(repairs[0]?.detail ?? '', /TensorFlow 2\.21\.0 of \/usr\/bin\/python3/);
  });

  const impossible: [string, () => FakeMachine, RegExp][] = [
    ['a compiler', () => fakeMachine({ programs: { python3: python('python3', { pip: true }) } }), /no C\+\+ compiler/],
    ['Python', () => fakeMachine({ programs: { 'c++': compiler } }), /No Python/],
    [
      'pip',
      () => fakeMachine({ programs: { 'c++': compiler, python3: python('python3', {}) } }),
      /neither TensorFlow nor pip/,
    ],
    [
      'room',
      () => fakeMachine({ freeBytes: 1e8, programs: { 'c++': compiler, python3: python('python3', { pip: true }) } }),
      /1\.3 GB are needed/,
    ],
  ];
  for (const [name, machine, detail] of impossible) {
    it(`says that ${name} is missing`, async () => {
      const [repair] = (await diagnose({ env: machine(), trusted: true })).repairs;
      assert.equal(repair?.possible, false);
      assert.match(repair?.detail ?? '', detail);
      assert.ok(repair?.wayOut);
    });
  }
});
