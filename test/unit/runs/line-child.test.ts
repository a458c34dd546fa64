// A child that is asked line by line: answers reach their question, errors have words, a dead child comes back.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ChildRefusal, LineChild } from '../../../src/runs';

const SCRIPT = `
require('node:readline').createInterface({ input: process.stdin }).on('line', line => {
  const { id, word } = JSON.parse(line);
  const say = value => console.log(JSON.stringify(value));
  if (word === 'die') { console.error('killed by its own hand'); process.exit(3); }
  if (word === 'refuse') return say({ id, failed: { message: 'No.', hint: 'Ask for something else.' } });
  console.log('a library prints this');
  for (const letter of word) say({ id, letter });
  say({ id, done: true });
});`;

interface Answer {
  readonly id: number;
  readonly letter?: string;
  readonly done?: boolean;
  readonly failed?: { readonly message: string; readonly hint: string };
}

describe('a child that is asked line by line', () => {
  let folder: string;
  let child: LineChild<{ word: string }, Answer>;

  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-lines-'));
    const script = path.join(folder, 'child.cjs');
    fs.writeFileSync(script, SCRIPT);
    child = new LineChild(() => Promise.resolve({ node: process.execPath, script, env: {} }));
  });

  after(() => {
    child.dispose();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  async function spelled(word: string): Promise<string> {
    let letters = '';
    await child.ask({ word }, ({ letter, done }) => {
      letters += letter ?? '';
      return done === true;
    });
    return letters;
  }

  it('gives each question its own answers', async () => {
    assert.deepEqual(await Promise.all(['one', 'two', 'three'].map(spelled)), ['one', 'two', 'three']);
  });

  it('turns a refusal into an error with its way out', async () => {
    await assert.rejects(spelled('refuse'), (error: unknown) => {
      assert.ok(error instanceof ChildRefusal);
      assert.equal(`${error.message} ${error.hint}`, 'No. Ask for something else.');
      return true;
    });
  });

  it('tells the last words of a child that dies, and starts another', async () => {
    await assert.rejects(spelled('die'), /killed by its own hand/);
    assert.equal(await spelled('again'), 'again');
  });

  it('rejects what waits when it is ended', async () => {
    const answer = assert.rejects(spelled('refuse'), /cancelled/);
    child.dispose();
    await answer;
  });
});
