// Analysis of one file, cold and for each keystroke, of a folder of 200 files, and the memory of a long session.
//
//   MODELWRIGHT_PYRIGHT=…/pyright npm run bench -- analysis     also times pyright on the same folder
import { runBundled } from './bundled';

process.exitCode = runBundled('analysis/measure.ts', { flags: ['--expose-gc'] });
