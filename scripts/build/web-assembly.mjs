// Copies the WebAssembly files that the bundles load at run time to dist/wasm/.
import fs from 'node:fs';
import path from 'node:path';

/** The parser, its grammars (VS Code's own builds, ABI 14 and 15), and the kernels of the embedded TensorFlow.js. */
const FILES = [
  'web-tree-sitter/web-tree-sitter.wasm',
  '@vscode/tree-sitter-wasm/wasm/tree-sitter-python.wasm',
  '@vscode/tree-sitter-wasm/wasm/tree-sitter-javascript.wasm',
  '@vscode/tree-sitter-wasm/wasm/tree-sitter-typescript.wasm',
  '@vscode/tree-sitter-wasm/wasm/tree-sitter-tsx.wasm',
  '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm',
  '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
];

export function copyWebAssembly() {
  fs.mkdirSync('dist/wasm', { recursive: true });
  for (const file of FILES) {
    const source = path.join('node_modules', file);
    const copy = path.join('dist/wasm', path.basename(file));
    const same = fs.existsSync(copy) && fs.statSync(copy).size === fs.statSync(source).size;
    if (!same) fs.copyFileSync(source, copy);
  }
}
