/** What is generated is what its sources say; a stale file fails here with the command that repairs it. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { generatedFiles } from '../../../src/dev/generate';
import { COMMANDS, SETTINGS } from '../../../src/extension/commands';
import { checked } from '../../../src/runs/configuration';
import { trainingSchema } from '../../../src/dev/training-schema';

describe('generated files', () => {
  const files = generatedFiles(fs.readFileSync('package.json', 'utf8'));

  it('are what their sources say', () => {
    const stale = [...files]
      .filter(([file, text]) => !fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== text)
      .map(([file]) => file);
    assert.deepEqual(stale, [], 'stale: run `npm run generate`');
  });

  it('leave no page of a rule that is gone', () => {
    assert.deepEqual(
      fs.readdirSync('docs/rules').filter(file => !files.has(`docs/rules/${file}`)),
      [],
    );
  });
});

describe('the manifest', () => {
  it('names no command twice, and describes every setting in one line', () => {
    assert.equal(new Set(COMMANDS.map(c => c.id)).size, COMMANDS.length);
    for (const [key, { description }] of Object.entries(SETTINGS)) assert.match(description, /^[^\n]{10,140}\.$/, key);
  });
});

describe('the schema of training configurations', () => {
  it('knows the keys that reading accepts, and no other', () => {
    const { properties } = trainingSchema() as { properties: Record<string, { properties?: object }> };
    const message = (value: object): string => {
      try {
        checked(value as never, 'x');
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    const known = (text: string): string[] =>
      /Known are: (.*)\.$/
        .exec(text)?.[1]
        ?.split(', ')
        .map(k => k.split('.').at(-1)!) ?? [];
    assert.deepEqual(
      known(message({ nonsense: 1 })).sort(),
      Object.keys(properties)
        .filter(k => k !== '$schema')
        .sort(),
    );
    for (const section of ['compile', 'fit', 'callbacks']) {
      assert.deepEqual(
        known(message({ [section]: { nonsense: 1 } })).sort(),
        Object.keys(properties[section]!.properties ?? {}).sort(),
      );
    }
  });
});
