/** The manifest is generated; a stale one fails here with the command that repairs it. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { updated } from '../../../src/dev/manifest';
import { COMMANDS, SETTINGS } from '../../../src/extension/commands';

describe('manifest', () => {
  it('is what the tables say', () => {
    const text = fs.readFileSync('package.json', 'utf8');
    assert.ok(text === updated(text), 'package.json is stale: run `npm run manifest`');
  });

  it('names no command twice, and describes every setting in one line', () => {
    assert.equal(new Set(COMMANDS.map(c => c.id)).size, COMMANDS.length);
    for (const [key, { description }] of Object.entries(SETTINGS)) assert.match(description, /^[^\n]{10,140}\.$/, key);
  });
});
