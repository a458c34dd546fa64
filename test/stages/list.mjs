// The stages of `npm test`, in order: the quick and general first, so that a mistake shows early.
import { checkTypes } from './types.mjs';
import { lint } from './lint.mjs';
import { mocha } from './mocha.mjs';
import { runInVSCode } from './extension.mjs';

/**
 * `needs` names what test/stages/prepare.mjs sets up; a stage whose need cannot be met is skipped with the reason.
 * `run` gets `{ grep, verbose }` and returns `{ passed, failed, skipped, reason? }`.
 */
export const STAGES = [
  { id: 'types', title: 'Type check', needs: [], run: checkTypes },
  { id: 'lint', title: 'Lint', needs: [], run: lint },
  { id: 'architecture', title: 'Architecture', needs: [], run: mocha(['test/architecture/**/*.test.ts']) },
  {
    id: 'unit',
    title: 'Unit, specification and oracle',
    needs: ['build'],
    run: mocha(['test/unit/**/*.test.ts', 'test/spec/**/*.test.ts', 'test/oracle/**/*.test.ts']),
  },
  {
    id: 'training',
    title: 'Training in native TensorFlow',
    needs: ['build', 'runtime'],
    run: mocha(['test/training/**/*.test.ts'], { timeout: 120_000, verbose: true }),
  },
  { id: 'extension', title: 'Extension in VS Code', needs: ['build', 'vscode', 'chromium'], run: runInVSCode },
  {
    id: 'ui',
    title: 'User interface in a browser',
    needs: ['build', 'host', 'chromium'],
    run: mocha(['test/extension/ui/**/*.ui.ts'], { timeout: 90_000, verbose: true }),
  },
];
