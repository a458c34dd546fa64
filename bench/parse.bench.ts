// From text to program: cold, and for each keystroke, against tree-sitter alone and against TypeScript's own parser.
import { runBundled } from './bundled';

process.exitCode = runBundled('parse/measure.ts', { external: ['typescript'] });
