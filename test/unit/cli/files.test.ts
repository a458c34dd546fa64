// Which files are found in folders full of traps, and how their bytes become text.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { decode, findFiles } from '../../../src/cli/files';
import { folderWith, removeFolders } from './console';

describe('finding files', () => {
  after(removeFolders);

  const namesIn = async (folder: string, operands = ['.']): Promise<string[]> =>
    (await findFiles(operands, folder)).files.map(({ name }) => name);

  it("walks folders in the order of names and skips what is not the author's", async () => {
    const folder = folderWith({
      'b.py': '',
      'a/z.ts': '',
      'a/c.ipynb': '',
      'a/readme.md': '',
      'node_modules/x.js': '',
      '.git/x.py': '',
      '.venv/x.py': '',
      'venv/x.py': '',
      '__pycache__/x.py': '',
      'dist/x.js': '',
      'my env/pyvenv.cfg': '',
      'my env/lib/x.py': '',
      'x.py/': '',
      'x.py/inside.py': '',
      'UPPER.PY': '',
      'Ünï cödé.py': '',
    });
    assert.deepEqual(await namesIn(folder), [
      'UPPER.PY',
      'a/c.ipynb',
      'a/z.ts',
      'b.py',
      'x.py/inside.py',
      'Ünï cödé.py',
    ]);
  });

  it('reads a folder that is named, even one it would skip', async () => {
    const folder = folderWith({ 'venv/x.py': '', 'venv/pyvenv.cfg': '' });
    assert.deepEqual(await namesIn(folder, ['venv']), ['venv/x.py']);
  });

  it('ends on links that lead back up, follows others once, ignores broken ones', async () => {
    const folder = folderWith({ 'a/x.py': '', 'b/': '' });
    fs.symlinkSync('..', path.join(folder, 'a/up'));
    fs.symlinkSync('../a', path.join(folder, 'b/a'));
    fs.symlinkSync('nowhere.py', path.join(folder, 'broken.py'));
    fs.symlinkSync('loop.py', path.join(folder, 'loop.py'));
    assert.deepEqual(await namesIn(folder), ['a/x.py']);
  });

  it('counts a file once however often it is named', async () => {
    const folder = folderWith({ 'a.py': '' });
    assert.deepEqual(await namesIn(folder, ['a.py', '.', './a.py']), ['a.py']);
  });

  it('leaves out what is too large, with a note, and says when a folder has nothing', async () => {
    const folder = folderWith({ 'big.py': 'x'.repeat(5_000_001), 'empty/': '' });
    const { files, notes } = await findFiles(['.', 'empty'], folder);
    assert.deepEqual(files, []);
    assert.match(notes.join('\n'), /big\.py has 5\.0 MB and was left out/);
    assert.match(notes.join('\n'), /empty has no Python/);
  });

  it('leaves out bundles and minified scripts, with a note', async () => {
    const folder = folderWith({
      'bundle.js': 'a();\n'.repeat(100_001),
      'app.min.js': 'x=1;'.repeat(6_000),
      'model.js': 'const x = 1;\n'.repeat(3_000),
      'node_modules/a/index.js': 'a();',
    });
    const { files, notes } = await findFiles(['.'], folder);
    assert.deepEqual(
      files.map(f => f.name),
      ['model.js'],
    );
    assert.match(notes.join('\n'), /bundle\.js has 500 kB, which looks like a bundle, and was left out/);
    assert.match(notes.join('\n'), /app\.min\.js is minified and was left out/);
  });

  it('refuses what does not exist, with the nearest name, and what is no source', async () => {
    const folder = folderWith({ 'models/cnn.py': '', 'data.csv': '' });
    await assert.rejects(
      findFiles(['models/cn.py'], folder),
      /^UsageError: There is no file or folder models\/cn\.py\. Did you mean models\/cnn\.py\?$/,
    );
    await assert.rejects(findFiles(['data.csv'], folder), /none of the files that can be checked/);
  });

  it('shows paths outside the folder in full', async () => {
    const folder = folderWith({ 'in/': '', 'out.py': '' });
    assert.deepEqual(await namesIn(path.join(folder, 'in'), ['../out.py']), [
      path.join(folder, 'out.py').split(path.sep).join('/'),
    ]);
  });

  it('reads UTF-8 with and without mark, UTF-16 with one, and survives other bytes', () => {
    const bytes = (...values: number[]) => Uint8Array.from(values);
    assert.equal(decode(bytes(0xef, 0xbb, 0xbf, 0x61)), 'a');
    assert.equal(decode(bytes(0xff, 0xfe, 0x61, 0x00)), 'a');
    assert.equal(decode(bytes(0xfe, 0xff, 0x00, 0x61)), 'a');
    assert.equal(decode(bytes(0x78, 0xe9, 0x79)), 'x\ufffdy');
    assert.equal(decode(bytes()), '');
  });
});
