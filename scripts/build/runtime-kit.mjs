// Makes dist/runtime-kit: what Modelwright brings along to build a native TensorFlow runtime without npm, node-gyp or
// any download but TensorFlow itself: tfjs-node's JavaScript in one file, the source of its binding, Node's own
// headers.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';

const PACKAGE = 'node_modules/@tensorflow/tfjs-node';
const HEADERS = 'node_modules/node-api-headers';

/** Version of the N-API the binding is compiled for; Node has had it since 15.12, and every Electron of VS Code. */
const NAPI = 8;

/** tfjs-core itself is handed out too: the compiled step exchanges its random functions, which layers call there. */
const ENTRY = `
  const tf = require('./dist/index.js');
  Object.defineProperty(tf, Symbol.for('modelwright.tfjs-core'), { value: require('@tensorflow/tfjs-core') });
  module.exports = tf;
`;

/**
 * Node finds the names that a CommonJS file offers to `import { … }` and `import * as` by reading it, not by running
 * it; in a bundle there is nothing to read but this line, which never runs. Scripts that are lent the runtime use it.
 */
function namesForImport() {
  const require = createRequire(import.meta.url);
  const own = ['index.js', 'node.js'] // Of tfjs-node's own; both pass on what TensorFlow.js offers besides.
    .map(file => fs.readFileSync(path.join(PACKAGE, 'dist', file), 'utf8'))
    .flatMap(text => [...text.matchAll(/^exports\.(\w+) =/gm)].map(([, name]) => name));
  const names = new Set([...Object.keys(require('@tensorflow/tfjs')), ...own]);
  return `0 && (module.exports = { ${[...names].sort().join(', ')} });`;
}

/**
 * tfjs-node asks node-pre-gyp where its binding lies. In the kit the answer is fixed, and node-pre-gyp with its sixty
 * dependencies stays out.
 */
const withoutPreGyp = {
  name: 'without-node-pre-gyp',
  setup(plugin) {
    plugin.onResolve({ filter: /^@mapbox\/node-pre-gyp$/ }, () => ({ path: 'find', namespace: 'binding' }));
    plugin.onLoad({ filter: /.*/, namespace: 'binding' }, () => ({
      contents: `
        const path = require('path');
        exports.find = manifest => path.join(path.dirname(manifest), 'lib', 'napi-v${NAPI}', 'tfjs_binding.node');
      `,
      resolveDir: '.',
    }));
  },
};

/** Does nothing when the kit is there and of the installed versions. @returns {Promise<boolean>} whether it was made */
export async function makeRuntimeKit(outFolder = 'dist/runtime-kit') {
  const { version, license } = readJson(path.join(PACKAGE, 'package.json'));
  const names = namesForImport();
  const manifest = {
    name: '@tensorflow/tfjs-node',
    version,
    license,
    main: 'dist/index.js',
    napi: NAPI,
    madeFrom: {
      'node-api-headers': readJson(path.join(HEADERS, 'package.json')).version,
      esbuild: readJson('node_modules/esbuild/package.json').version,
      entry: createHash('sha256')
        .update(ENTRY + names)
        .digest('hex')
        .slice(0, 12),
    },
  };
  const manifestText = JSON.stringify(manifest, null, 2) + '\n';
  const manifestFile = path.join(outFolder, 'package.json');
  if (fs.existsSync(manifestFile) && fs.readFileSync(manifestFile, 'utf8') === manifestText) return false;

  fs.rmSync(outFolder, { recursive: true, force: true });
  await build({
    absWorkingDir: process.cwd(), // esbuild would take the folder it was loaded in.
    stdin: { contents: ENTRY, resolveDir: path.resolve(PACKAGE), sourcefile: 'tfjs-node.js' },
    outfile: path.join(outFolder, 'dist/index.js'),
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // The CommonJS builds throughout, as Node itself would load them: one copy of tfjs-core.
    mainFields: ['main'],
    footer: { js: names },
    legalComments: 'linked',
    logLevel: 'warning',
    plugins: [withoutPreGyp],
  });
  copy(path.join(PACKAGE, 'binding'), path.join(outFolder, 'binding'), /\.(cc|h)$/);
  copy(path.join(HEADERS, 'include'), path.join(outFolder, 'include'), /\.h$/);
  fs.copyFileSync(path.join(HEADERS, 'LICENSE'), path.join(outFolder, 'include/LICENSE'));
  fs.writeFileSync(manifestFile, manifestText); // Last: its presence says that the kit is whole.
  return true;
}

/**
 * Puts the binding of a runtime that was compiled here into the kit, so that a package made here serves machines of the
 * same kind that have no compiler. Where it does not load, the installation compiles one all the same.
 */
export function addPrebuiltBinding(runtimeFolder, outFolder = 'dist/runtime-kit') {
  const binding = path.join(runtimeFolder, PACKAGE, 'lib', `napi-v${NAPI}`, 'tfjs_binding.node');
  const target = path.join(outFolder, 'prebuilt', `${process.platform}-${process.arch}`, 'tfjs_binding.node');
  if (!fs.existsSync(binding) || fs.existsSync(target)) return;
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.copyFileSync(binding, target);
}

function copy(from, to, pattern) {
  fs.mkdirSync(to, { recursive: true });
  for (const name of fs.readdirSync(from))
    if (pattern.test(name)) fs.copyFileSync(path.join(from, name), path.join(to, name));
}

function readJson(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}
