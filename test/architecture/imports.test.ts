// Who imports whom: the table of .dependency-cruiser.mjs, held against the code, and against a house that breaks it.
import assert from 'node:assert/strict';
import path from 'node:path';
import type { ICruiseOptions, ICruiseResult, IForbiddenRuleType } from 'dependency-cruiser';

interface Configuration {
  forbidden: (IForbiddenRuleType & { name: string; comment: string })[];
  options: ICruiseOptions;
}

interface Violation {
  rule: string;
  from: string;
  to: string;
}

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Cruises `folders` below `base` by the rules; unresolved npm packages are looked for from the project. */
async function violations(base: string, folders: string[]): Promise<Violation[]> {
  const { cruise } = await import('dependency-cruiser');
  const { default: extractTSConfig } = await import('dependency-cruiser/config-utl/extract-ts-config');
  const { forbidden, options } = await configuration();
  const result = await cruise(
    folders,
    { ...options, tsConfig: undefined, baseDir: base, ruleSet: { forbidden }, validate: true },
    undefined,
    { tsConfig: extractTSConfig(path.join(ROOT, 'tsconfig.json')) },
  );
  return (result.output as ICruiseResult).summary.violations
    .map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
}

async function configuration(): Promise<Configuration> {
  const { default: extract } = await import('dependency-cruiser/config-utl/extract-depcruise-config');
  return await extract(path.join(ROOT, '.dependency-cruiser.mjs')) as Configuration;
}

describe('the import table', () => {
  it('is kept by src and webview', async () => {
    const found = await violations(ROOT, ['src', 'webview']);
    const comments = new Map((await configuration()).forbidden.map(rule => [rule.name, rule.comment]));
    const lines = found.map(({ rule, from, to }) => `${from} imports ${to} (${rule}: ${comments.get(rule)})`);
    assert.deepEqual(lines, []);
  });

  it('catches each kind of broken import', async () => {
    const found = await violations(path.join(import.meta.dirname, 'fixtures/house'), ['src', 'webview']);
    assert.deepEqual(found.map(({ rule, from }) => `${rule} ${from}`).sort(), [
      'cli-imports src/cli/main.ts',
      'every-import-resolves src/parse/lost.ts',
      'every-room-is-in-the-table src/mystery/room.ts',
      'ir-imports src/ir/dim.ts',
      'only-backend-loads-tensorflow src/train/loop.ts',
      'only-extension-knows-vscode src/cli/main.ts',
      'only-parse-uses-tree-sitter src/cli/main.ts',
      'pure-rooms-use-no-node src/ir/dim.ts',
      'pure-rooms-use-no-package src/ir/dim.ts',
      'webview-imports webview/page.ts',
    ]);
  });
});
