// The self-test as a real process on packages that are broken in the ways real ones are, and what is said about them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { thisMachine } from '../../../src/runtime/environment';
import { selfTest } from '../../../src/runtime/self-test';
import { removeTemporaryFolders, temporaryFolder, write } from './fake-machine';

const node = { ...thisMachine(null).host, source: 'this process' as const };

/** What a `tf` must have for the self-test, computed wrongly or rightly by plain JavaScript. */
const TF = `
  const tensor = values => ({ dataSync: () => values });
  let kernel;
  module.exports = {
    version: { tfjs: '4.22.0' }, getBackend: () => 'tensorflow', backend: () => ({ binding: { TF_Version: '2.9.1' } }),
    tensor1d: tensor, tensor2d: tensor, zeros: tensor, ones: tensor, sum: x => x, conv2d: x => x,
    matMul: () => tensor([17, PRODUCT]),
    cast: x => tensor(require('util').isNullOrUndefined(x) ? [] : x.dataSync().map(Math.trunc)),
    variable: () => (kernel = tensor([0, 0, 0, 0])),
    train: { sgd: () => ({ minimize: f => { f(); kernel.dataSync = () => [-2, -2, -2, -2]; } }) },
  };
`;

describe('the self-test', () => {
  after(removeTemporaryFolders);

  async function testOf(source: string): Promise<string> {
    const folder = temporaryFolder();
    write(path.join(folder, 'index.js'), source);
    const result = await selfTest(folder, node, { env: thisMachine(null) });
    return result.ok ? `ok ${result.tfjs} ${result.tensorflow}` : result.reason;
  }

  const cases: [string, string, RegExp][] = [
    ['a package that works', TF.replace('PRODUCT', '39'), /^ok 4\.22\.0 2\.9\.1$/],
    ['a wrong product', TF.replace('PRODUCT', '38'), /^matMul returned 17,38 instead of 17,39$/],
    [
      'a failed download',
      'throw new Error("The Node.js native addon module (tfjs_binding.node) can not be found at path: /x")',
      /never downloaded or built/,
    ],
    [
      'a missing library',
      'throw new Error("libtensorflow.so.2: cannot open shared object file: No such file")',
      /library libtensorflow\.so\.2 is missing/,
    ],
    [
      "a newer system's binary",
      'throw new Error("/lib/libm.so.6: version `GLIBC_2.38\' not found (required by x)")',
      /newer system \(GLIBC 2\.38/,
    ],
    ['musl', 'throw new Error("Error loading shared library ld-linux-x86-64.so.2: No such file")', /Alpine/],
    [
      "another Node's binary",
      'throw new Error("was compiled against a different Node.js version")',
      /another version of Node/,
    ],
    ['a missing dependency', 'require("long-gone")', /Cannot find module 'long-gone'/],
    ['a processor without AVX', 'process.kill(process.pid, "SIGILL")', /AVX/],
    [
      'an abort',
      'console.error("terminate called"); process.kill(process.pid, "SIGABRT")',
      /ended by SIGABRT: terminate called/,
    ],
    ['an exit', 'process.exit(3)', /ended with code 3/],
    ['output without an answer', 'console.log("self-test nonsense"); process.exit(0)', /ended with code 0/],
  ];
  for (const [name, source, wanted] of cases) {
    it(`judges ${name}`, async () => assert.match(await testOf(source), wanted));
  }

  it('remembers answers in a file, and does without one that is broken', async () => {
    const folder = temporaryFolder();
    const cacheFolder = path.join(folder, 'cache');
    write(path.join(folder, 'index.js'), TF.replace('PRODUCT', '39'));
    write(path.join(cacheFolder, 'self-tests.json'), '{"half');
    const options = { env: thisMachine(null), cacheFolder };
    const first = await selfTest(folder, node, options);
    assert.ok(first.ok);
    const started = { count: 0 };
    const counting = {
      ...options.env,
      run: (...args: Parameters<typeof options.env.run>) => (started.count++, options.env.run(...args)),
    };
    assert.deepEqual(await selfTest(folder, node, { ...options, env: counting }), first);
    assert.equal(started.count, 0);
    await selfTest(folder, node, { ...options, env: counting, fresh: true });
    assert.equal(started.count, 1);
    assert.deepEqual(fs.readdirSync(cacheFolder), ['self-tests.json']);
  });
});
