// SARIF 2.1.0 as the standard wants it: every required property, every index and region in range.
import assert from 'node:assert/strict';
import type { CheckedFile } from '../../../src/cli/checked-file';
import { sarif } from '../../../src/cli/sarif';

const at = (line: number, character: number) => ({ line, character });
const range = { start: at(2, 4), end: at(2, 10) };
const FILES: CheckedFile[] = [
  {
    path: 'models/ä b#1.py',
    language: 'python',
    models: [],
    diagnostics: [
      {
        code: 'rank-mismatch',
        severity: 'error',
        message: 'It clashes.',
        range,
        related: [
          { message: 'made here', range: { start: at(0, 0), end: at(0, 3) } },
          { message: 'there', range, path: '/else where/b.py' },
        ],
        fixes: [
          {
            title: 'Add an axis',
            edits: [
              { range, newText: 'x' },
              { range: { start: at(3, 0), end: at(3, 0) }, newText: 'y\n' },
            ],
          },
        ],
      },
      { code: 'logits', severity: 'warning', message: 'It is wrong.', range, related: [], fixes: [] },
      { code: 'simpler', severity: 'info', message: 'It could be simpler.', range, related: [], fixes: [] },
    ],
  },
  { path: 'clean.py', language: 'python', models: [], diagnostics: [] },
];

interface Log {
  $schema: string;
  version: string;
  runs: {
    tool: { driver: { name: string; semanticVersion: string; rules: { id: string; name: string }[] } };
    originalUriBaseIds: Record<string, { uri: string }>;
    results: Result[];
    invocations: { executionSuccessful: boolean; toolExecutionNotifications: { message: { text: string } }[] }[];
  }[];
}

interface Location {
  artifactLocation: { uri: string; uriBaseId?: string };
  region: { startLine: number; startColumn: number; endLine: number; endColumn: number };
}

interface Result {
  ruleId: string;
  ruleIndex: number;
  level: string;
  message: { text: string };
  locations: { physicalLocation: Location }[];
  relatedLocations?: { id: number; message: { text: string }; physicalLocation: Location }[];
  fixes?: {
    artifactChanges: {
      artifactLocation: { uri: string };
      replacements: { deletedRegion: Location['region']; insertedContent: { text: string } }[];
    }[];
  }[];
}

describe('SARIF', () => {
  const log = JSON.parse(
    JSON.stringify(sarif(FILES, { version: '1.2.3', folder: '/pro ject', notes: ['a note'] })),
  ) as Log;
  const [run] = log.runs;

  it('names its version and its tool', () => {
    assert.equal(log.version, '2.1.0');
    assert.match(log.$schema, /sarif.*2\.1\.0/);
    assert.equal(run?.tool.driver.semanticVersion, '1.2.3');
    assert.deepEqual(run?.originalUriBaseIds, { ROOT: { uri: 'file:///pro%20ject/' } });
    assert.equal(run?.invocations[0]?.executionSuccessful, true);
    assert.deepEqual(
      run?.invocations[0]?.toolExecutionNotifications.map(({ message }) => message.text),
      ['a note'],
    );
  });

  it('has one rule per code, and results point at theirs', () => {
    const rules = run?.tool.driver.rules ?? [];
    assert.deepEqual(rules, [
      { id: 'logits', name: 'Logits' },
      { id: 'rank-mismatch', name: 'RankMismatch' },
      { id: 'simpler', name: 'Simpler' },
    ]);
    for (const { ruleId, ruleIndex } of run?.results ?? []) assert.equal(rules[ruleIndex]?.id, ruleId);
    assert.deepEqual(
      run?.results.map(({ level }) => level),
      ['error', 'warning', 'note'],
    );
  });

  it('counts from one and escapes paths', () => {
    const [result] = run?.results ?? [];
    assert.deepEqual(result?.locations[0]?.physicalLocation, {
      artifactLocation: { uri: 'models/%C3%A4%20b%231.py', uriBaseId: 'ROOT' },
      region: { startLine: 3, startColumn: 5, endLine: 3, endColumn: 11 },
    });
    assert.equal(result?.relatedLocations?.[1]?.physicalLocation.artifactLocation.uri, 'file:///else%20where/b.py');
    assert.equal(result?.relatedLocations?.[1]?.physicalLocation.artifactLocation.uriBaseId, undefined);
  });

  it('carries fixes as replacements', () => {
    const change = run?.results[0]?.fixes?.[0]?.artifactChanges[0];
    assert.equal(change?.artifactLocation.uri, 'models/%C3%A4%20b%231.py');
    assert.deepEqual(
      change?.replacements.map(({ insertedContent }) => insertedContent.text),
      ['x', 'y\n'],
    );
    assert.equal(run?.results[1]?.fixes, undefined);
  });
});
