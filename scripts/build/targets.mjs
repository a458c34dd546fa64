// What is bundled, from where, to where, and with which options.
import fs from 'node:fs';
import path from 'node:path';

/** Bundles of CommonJS have no `import.meta`; this line gives it back, so that a file works bundled and under tsx. */
const IMPORT_META = 'const __import_meta_url = require("node:url").pathToFileURL(__filename).href;';

/** VS Code 1.96, the oldest one supported, runs extensions on Node 20. */
const NODE = 'node20';

/**
 * web-tree-sitter's ES module looks itself up through `import.meta.url`, which is empty in a CommonJS bundle: it builds
 * without a warning and throws at `Parser.init()`. Its CommonJS twin has no such trap.
 */
const ALIAS = { 'web-tree-sitter': path.resolve('node_modules/web-tree-sitter/web-tree-sitter.cjs') };

/** @returns {import('esbuild').BuildOptions[]} */
export function allTargets({ production }) {
  const shared = {
    bundle: true,
    minify: production,
    sourcemap: production ? false : 'linked',
    legalComments: 'none',
    logLevel: 'warning',
  };
  const node = {
    ...shared,
    platform: 'node',
    format: 'cjs',
    target: NODE,
    alias: ALIAS,
    define: { 'import.meta.url': '__import_meta_url' },
    banner: { js: IMPORT_META },
  };
  return [
    target('dist/extension.js', 'src/extension/main.ts', {
      ...node,
      external: ['vscode'],
      plugins: [lazyBundles(LAZY)],
    }),
    ...LAZY.map(name => target(`dist/${name}.js`, `src/extension/${name}.ts`, { ...node, external: ['vscode'] })),
    target('dist/cli.js', 'src/cli/main.ts', { ...node, banner: { js: `#!/usr/bin/env node\n${IMPORT_META}` } }),
    target('dist/child.js', 'src/train/child.ts', { ...node, external: ['@tensorflow/*'] }),
    target('dist/monitor.js', 'src/train/monitor/preload.ts', node),
    target('dist/predict.js', 'src/train/predict.ts', { ...node, external: ['@tensorflow/*'] }),
    target('dist/inspect.js', 'src/train/inspect.ts', node),
    target('dist/export-checkpoint.js', 'src/train/export-checkpoint.ts', node),
    checkpointPackage(shared),
    embeddedTensorFlow(node),
    ...pages(shared),
  ];
}

/** What the extension loads when it is first asked for, each a bundle beside extension.js. */
const LAZY = ['engine', 'training'];

/** `import('./engine')` stays an import, of the bundle of that name. */
function lazyBundles(names) {
  return {
    name: 'lazy-bundles',
    setup(plugin) {
      plugin.onResolve({ filter: new RegExp(`^\\./(${names.join('|')})$`) }, ({ kind, path: name }) =>
        kind === 'dynamic-import' ? { path: `${name}.js`, external: true } : undefined,
      );
    },
  };
}

const target = (outfile, entry, options) => ({ ...options, entryPoints: [entry], outfile });

/** What an exported checkpoint runs on: one readable ES module for browsers and Node, without TensorFlow.js in it. */
function checkpointPackage(shared) {
  return target('dist/bert-package.js', 'src/bert/package/index.ts', {
    ...shared,
    minify: false,
    sourcemap: false,
    platform: 'neutral',
    format: 'esm',
    target: 'es2022',
    external: ['node:*'],
  });
}

/**
 * The pure JavaScript TensorFlow.js with its CPU and WebAssembly back ends, in a bundle of its own: only a child that
 * found no native runtime loads it. The WebGL back end needs a browser and stays out.
 */
function embeddedTensorFlow(node) {
  const contents = `
    export * from '@tensorflow/tfjs';
    export { setWasmPaths, setThreadsCount } from '@tensorflow/tfjs-backend-wasm';
  `;
  const withoutWebGL = {
    name: 'without-webgl',
    setup(plugin) {
      const filter = /^@tensorflow\/tfjs-backend-webgl$/;
      plugin.onResolve({ filter }, () => ({ path: 'webgl', namespace: 'empty' }));
      const contents = 'export const version_webgl = "left out";';
      plugin.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents }));
    },
  };
  return {
    ...node,
    sourcemap: false, // Nobody steps through a library's bundle, and its map alone would be 10 MB.
    // One copy of tfjs-core for all: the packages' ES modules, never their CommonJS bundles with a copy inside.
    mainFields: ['module', 'main'],
    plugins: [withoutWebGL],
    stdin: { contents, resolveDir: '.', sourcefile: 'embedded-tfjs.ts' },
    outfile: 'dist/embedded-tfjs.js',
  };
}

/** Every TypeScript file directly in webview/ is one page; what pages share lies in folders below it. */
function pages(shared) {
  const entries = fs
    .readdirSync('webview')
    .filter(file => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .sort();
  return entries.map(file =>
    target(`dist/webview/${path.basename(file, '.ts')}.js`, `webview/${file}`, {
      ...shared,
      platform: 'browser',
      format: 'iife',
      target: 'chrome128', // Electron 32 of VS Code 1.96.
      loader: { '.svg': 'text', '.ttf': 'dataurl', '.woff2': 'dataurl' },
    }),
  );
}
