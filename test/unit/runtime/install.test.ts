// Installing a runtime: from Python, from pip, from the official archive; and every way it can go wrong.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { bindingFile } from '../../../src/runtime/binding';
import { runProgram } from '../../../src/runtime/environment';
import { installRuntime, type InstallOptions } from '../../../src/runtime/install';
import { packageFolder } from '../../../src/runtime/places';
import { RuntimeProblem, type ProblemCode } from '../../../src/runtime/problem';
import type { InstallProgress } from '../../../src/runtime/progress';
import {
  compiler,
  fakeMachine,
  fakeTensorFlow,
  python,
  removeTemporaryFolders,
  temporaryFolder,
  write,
  type FakeMachine,
} from './fake-machine';

const TFJS = '@tensorflow/tfjs-node';

function optionsFor(env: FakeMachine, more: Partial<InstallOptions> = {}): InstallOptions {
  return { from: 'python', storageFolder: path.join(env.folder, 'storage Ä'), env, trusted: true, ...more };
}

async function problemOf(work: Promise<unknown>, code: ProblemCode): Promise<RuntimeProblem> {
  const problem = await work.then(
    () => assert.fail('it should have failed'),
    (error: unknown) => error,
  );
  assert.ok(problem instanceof RuntimeProblem, String(problem));
  assert.equal(problem.code, code, problem.message);
  assert.match(problem.message, /^[A-Z].*[^.]\.$/, 'one sentence');
  assert.match(problem.wayOut, /\.$/);
  return problem;
}

function leftBehind({ storageFolder }: InstallOptions): string[] {
  return fs.existsSync(storageFolder) ? fs.readdirSync(storageFolder) : [];
}

describe('installing a runtime', () => {
  after(removeTemporaryFolders);

  it('links a Python TensorFlow and compiles the binding against it', async () => {
    const env = fakeMachine();
    const site = fakeTensorFlow(path.join(env.folder, 'site'));
    Object.assign(env.programs, { python3: python('python3', { tensorflow: site }), 'c++': compiler });
    const options = optionsFor(env);
    const runtime = await installRuntime(options);
    assert.equal(runtime.folder, path.join(options.storageFolder, 'runtime'));
    assert.equal(runtime.tensorflow, '2.21.0');
    const folder = packageFolder(runtime.folder ?? '', TFJS);
    assert.ok(fs.existsSync(bindingFile(folder)));
    for (const name of ['libtensorflow.so.2', 'libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
      assert.ok(fs.existsSync(path.join(folder, 'deps/lib', name)), name);
    }
    assert.deepEqual(leftBehind(options), ['runtime']);
  });

  it('lets pip download TensorFlow where no Python has it, and keeps only what is needed of the wheel', async () => {
    const env = fakeMachine({ programs: { python3: python('python3', { pip: true }), 'c++': compiler } });
    const seen: InstallProgress[] = [];
    const runtime = await installRuntime(optionsFor(env, { onProgress: progress => seen.push(progress) }));
    const lib = path.join(packageFolder(runtime.folder ?? '', TFJS), 'deps/lib/libtensorflow.so.2');
    // A link that still leads somewhere after the folder was moved into place.
    assert.equal(fs.readFileSync(lib, 'utf8'), 'libtensorflow_cc.so.2');
    assert.ok(!fs.existsSync(path.join(runtime.folder ?? '', 'wheel')));
    assert.deepEqual(
      [...new Set(seen.map(({ step }) => step))],
      ['looking', 'downloading', 'unpacking', 'building', 'testing', 'finishing'],
    );
    assert.ok(seen.some(({ message, fraction }) => fraction === 0.5 && message.includes('140 MB of 280 MB')));
  });

  it('copies the libraries where links are not allowed', async () => {
    const env = fakeMachine();
    const site = fakeTensorFlow(path.join(env.folder, 'site'));
    Object.assign(env.programs, { python3: python('python3', { tensorflow: site }), 'c++': compiler });
    env.symlink = () => Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM' }));
    const runtime = await installRuntime(optionsFor(env));
    const lib = path.join(packageFolder(runtime.folder ?? '', TFJS), 'deps/lib');
    assert.deepEqual(fs.readdirSync(lib).sort(), ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']);
    assert.ok(!fs.lstatSync(path.join(lib, 'libtensorflow_cc.so.2')).isSymbolicLink());
  });

  it('does nothing where a working runtime is installed already', async () => {
    const env = fakeMachine({ programs: { python3: python('python3', { pip: true }), 'c++': compiler } });
    await installRuntime(optionsFor(env));
    env.started.length = 0;
    await installRuntime(optionsFor(env));
    assert.ok(!env.started.some(call => call.startsWith('python3')), env.started.join());
  });

  it('never runs a Python of an untrusted workspace', async () => {
    const env = fakeMachine({ programs: { 'c++': compiler } });
    const workspaceFolder = path.join(env.folder, 'workspace');
    const interpreter = path.join(workspaceFolder, '.venv/bin/python');
    write(interpreter, '');
    env.programs[interpreter] = python(interpreter, { tensorflow: fakeTensorFlow(path.join(env.folder, 'site')) });
    await problemOf(installRuntime(optionsFor(env, { workspaceFolder, trusted: false })), 'no-python-tensorflow');
    assert.ok((await installRuntime(optionsFor(env, { workspaceFolder, trusted: true }))).kind === 'native');
  });

  it('uses a prebuilt binding where there is no compiler', async () => {
    const env = fakeMachine({ programs: { python3: python('python3', { pip: true }) } });
    write(path.join(env.kitFolder ?? '', 'prebuilt/linux-x64/tfjs_binding.node'), 'prebuilt');
    const runtime = await installRuntime(optionsFor(env));
    assert.equal(fs.readFileSync(bindingFile(packageFolder(runtime.folder ?? '', TFJS)), 'utf8'), 'prebuilt');
  });

  const failures: [string, ProblemCode, RegExp, () => FakeMachine][] = [
    [
      'no compiler',
      'no-compiler',
      /sudo apt install g\+\+/,
      () => fakeMachine({ programs: { python3: python('python3', { pip: true }) } }),
    ],
    ['no Python', 'no-python-tensorflow', /MODELWRIGHT_PYTHON/, () => fakeMachine({ programs: { 'c++': compiler } })],
    [
      'no pip',
      'no-pip',
      /python3-pip/,
      () => fakeMachine({ programs: { 'c++': compiler, python3: python('python3', {}) } }),
    ],
    [
      'pip finds no wheel',
      'pip-failed',
      /pip download/,
      () => fakeMachine({ programs: { 'c++': compiler, python3: python('python3', { pip: true, wheel: false }) } }),
    ],
    [
      'a disk with too little room',
      'disk-full',
      /another disk/,
      () => fakeMachine({ freeBytes: 5e7, programs: { 'c++': compiler, python3: python('python3', { pip: true }) } }),
    ],
    [
      'a disk that fills up in the middle',
      'disk-full',
      /another disk/,
      () =>
        fakeMachine({
          programs: {
            'c++': compiler,
            python3: (args, options) =>
              args.length === 4
                ? { code: 1, stderr: 'OSError: [Errno 28] No space left on device' }
                : python('python3', { pip: true })(args, options),
          },
        }),
    ],
    [
      'a binding that does not compile',
      'compile-failed',
      /--from download/,
      () =>
        fakeMachine({
          programs: {
            python3: python('python3', { pip: true }),
            'c++': args => (args[0] === '--version' ? {} : { code: 1, stderr: 'x.cc:1: error: unknown type' }),
          },
        }),
    ],
    [
      'a runtime that fails its self-test',
      'self-test-failed',
      /doctor --json/,
      () =>
        fakeMachine({
          programs: { python3: python('python3', { pip: true }), 'c++': compiler },
          selfTestFails: () => 'matMul returned 3 instead of 4',
        }),
    ],
    ['Windows', 'unsupported-platform', /--from download/, () => fakeMachine({ platform: 'win32' })],
    [
      'a package without its kit',
      'incomplete-package',
      /npm run build/,
      () => Object.assign(fakeMachine(), { kitFolder: null }),
    ],
  ];
  for (const [name, code, wayOut, machine] of failures) {
    it(`says what is wrong and leaves nothing behind: ${name}`, async () => {
      const options = optionsFor(machine());
      const problem = await problemOf(installRuntime(options), code);
      assert.match(problem.wayOut, wayOut);
      assert.deepEqual(leftBehind(options), []);
    });
  }

  it('names a storage folder that cannot be written to', async () => {
    const env = fakeMachine();
    write(path.join(env.folder, 'file'), '');
    const problem = await problemOf(
      installRuntime(optionsFor(env, { storageFolder: path.join(env.folder, 'file/storage') })),
      'not-writable',
    );
    assert.match(problem.message, /file\/storage/);
  });

  it('keeps the old runtime when the new one fails', async () => {
    const env = fakeMachine({ programs: { python3: python('python3', { pip: true }), 'c++': compiler } });
    const options = optionsFor(env);
    const old = await installRuntime(options);
    write(path.join(old.folder ?? '', 'mark'), 'old');
    env.programs['c++'] = args => (args[0] === '--version' ? {} : { code: 1, stderr: 'error: no' });
    await problemOf(installRuntime({ ...options, force: true }), 'compile-failed');
    assert.deepEqual(leftBehind(options), ['runtime']);
    assert.ok(fs.existsSync(path.join(old.folder ?? '', 'mark')));
    env.programs['c++'] = compiler;
    await installRuntime({ ...options, force: true });
    assert.ok(!fs.existsSync(path.join(old.folder ?? '', 'mark')));
    assert.deepEqual(leftBehind(options), ['runtime']);
  });

  it('leaves nothing when it is cancelled in the middle', async () => {
    const cancel = new AbortController();
    const env = fakeMachine({
      programs: {
        python3: python('python3', { pip: true }),
        'c++': args => {
          if (args[0] !== '--version') cancel.abort();
          return {};
        },
      },
    });
    const options = optionsFor(env, { signal: cancel.signal });
    await problemOf(installRuntime(options), 'cancelled');
    assert.deepEqual(leftBehind(options), []);
  });

  it('builds once when two are asked to at the same time', async () => {
    let compiled = 0;
    const env = fakeMachine({
      programs: {
        python3: python('python3', { pip: true }),
        'c++': (args, options) => {
          compiled += args[0] === '--version' ? 0 : 1;
          return compiler(args, options);
        },
      },
    });
    const options = optionsFor(env);
    const [first, second] = await Promise.all([installRuntime(options), installRuntime(options)]);
    assert.equal(compiled, 1);
    assert.equal(first.folder, second.folder);
  });

  describe('from the official archive', () => {
    let server: http.Server;
    let archive: Buffer;
    let requests: string[] = [];
    before(async () => {
      const folder = temporaryFolder();
      for (const name of ['libtensorflow', 'libtensorflow_framework']) {
        write(path.join(folder, `lib/${name}.so.2.9.1`), name);
        fs.symlinkSync(`${name}.so.2.9.1`, path.join(folder, `lib/${name}.so.2`));
      }
      write(path.join(folder, 'include/tensorflow/c/c_api.h'), '');
      const { code } = await runProgram(process.env)('tar', ['-czf', 'a.tar.gz', 'lib', 'include'], { cwd: folder });
      assert.equal(code, 0);
      archive = fs.readFileSync(path.join(folder, 'a.tar.gz'));
      server = http.createServer((request, response) => {
        requests.push(request.url ?? '');
        response.setHeader('content-length', archive.length).end(archive);
      });
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    });
    after(() => server.close());
    beforeEach(() => (requests = []));

    function machine(): FakeMachine {
      const { port } = server.address() as AddressInfo;
      const env = fakeMachine({
        variables: { TFJS_NODE_CDN_STORAGE: `http://127.0.0.1:${port}/mirror` },
        programs: { 'c++': compiler },
      });
      env.programs['tar'] = (args, options) => runProgram(process.env)('tar', args, options);
      return env;
    }
    const archives = () => ({
      'linux-x64': {
        path: 'libs/x.tar.gz',
        sha256: createHash('sha256').update(archive).digest('hex'),
        tensorflow: '2.9.1',
      },
    });

    it('downloads from the mirror, unpacks and compiles', async () => {
      const options = optionsFor(machine(), { from: 'download', archives: archives() });
      const runtime = await installRuntime(options);
      assert.deepEqual(requests, ['/mirror/libs/x.tar.gz']);
      const lib = path.join(packageFolder(runtime.folder ?? '', TFJS), 'deps/lib');
      assert.equal(fs.readFileSync(path.join(lib, 'libtensorflow_cc.so.2'), 'utf8'), 'libtensorflow');
      assert.deepEqual(leftBehind(options), ['runtime']);
    });

    it('is the second way of `auto`, and both problems are told when both fail', async () => {
      const options = optionsFor(machine(), { from: 'auto', archives: archives() });
      assert.equal((await installRuntime(options)).kind, 'native');
      const wrong = { 'linux-x64': { ...archives()['linux-x64'], sha256: '0'.repeat(64) } };
      const env = machine();
      const problem = await problemOf(
        installRuntime(optionsFor(env, { from: 'auto', archives: wrong })),
        'no-python-tensorflow',
      );
      assert.match(problem.message, /No Python was found.*hash is wrong/);
    });
  });
});
