// Who imports whom: the table of .dependency-cruiser.mjs, held against the code, and against a house that breaks it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
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
  return (result.output as ICruiseResult).summary.violations.map(({ rule, from, to }) => ({
    rule: rule.name,
    from,
    to,
  }));
}

async function configuration(): Promise<Configuration> {
  return (await rules()).default;
}

interface Rules {
  default: Configuration;
  TABLE: Record<string, string[]>;
}

/** The configuration is plain JavaScript, since dependency-cruiser's own command reads it too. */
async function rules(): Promise<Rules> {
  return (await import(pathToFileURL(path.join(ROOT, '.dependency-cruiser.mjs')).href)) as Rules;
}

/** The map in src/README.md: room → what it may import, without the row of dev, which may import all. */
function map(): Rules['TABLE'] {
  const text = fs.readFileSync(path.join(ROOT, 'src/README.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `([a-z/]+)\/` \|[^|]*\| ([^|]*) \|$/gm)].filter(([, room]) => room !== 'dev');
  return Object.fromEntries(rows.map(([, room = '', list = '']) => [room, list === 'nothing' ? [] : list.split(', ')]));
}

describe('the import table', function () {
  this.timeout(300_000); // Every file of the project is read.

  it('is the one that src/README.md shows', async () => {
    assert.deepEqual(map(), (await rules()).TABLE);
  });

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
      'webview-takes-types-alone webview/page.ts',
    ]);
  });
});
