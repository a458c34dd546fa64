// The beginning of a file of data: how much of it is read, and what is not read at all.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { dataPaths } from '../../../src/ide/module-paths';
import { onlyHead, readFileHead } from '../../../src/runtime/file-head';

describe('the beginning of a file of data', () => {
  let folder: string;
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'head-'));
  });
  after(() => {
    fs.rmSync(folder, { recursive: true });
  });
  const written = (name: string, bytes: string | Uint8Array): string => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, bytes);
    return file;
  };

  it('is all of a small file', () => {
    assert.deepEqual(readFileHead(written('small.csv', 'a,b\n1,2\n')), { text: 'a,b\n1,2\n', isWhole: true });
    assert.deepEqual(readFileHead(written('empty.csv', '')), { text: '', isWhole: true });
  });

  it('is the first half megabyte of a large one, whatever character it is cut in', () => {
    const head = readFileHead(written('large.csv', `x${'é'.repeat(400_000)}`));
    assert.equal(head?.isWhole, false);
    assert.equal(head.text, `x${'é'.repeat(262_143)}`);
  });

  it('is nothing of a folder, of a file that is not there, and of what is no text', () => {
    assert.equal(readFileHead(folder), undefined);
    assert.equal(readFileHead(path.join(folder, 'none.csv')), undefined);
    assert.equal(readFileHead(written('latin.csv', Uint8Array.of(0x61, 0xe9, 0x0a))), undefined);
  });

  it('is looked for beside the program and below the root, and nowhere else', () => {
    assert.deepEqual(dataPaths('data/x.csv', '/disk/project/src/a.py', '/disk/project'), [
      '/disk/project/src/data/x.csv',
      '/disk/project/data/x.csv',
    ]);
    assert.deepEqual(dataPaths('../x.csv', '/disk/project/src/a.py', '/disk/project'), ['/disk/project/x.csv']);
    assert.deepEqual(dataPaths('/disk/project/x.csv', '/disk/project/a.py', '/disk/project'), ['/disk/project/x.csv']);
    assert.deepEqual(dataPaths('../../secret.csv', '/disk/project/src/a.py', '/disk/project'), []);
    assert.deepEqual(dataPaths('//server/share/x.csv', '/disk/project/a.py', '/disk/project'), []);
    assert.deepEqual(dataPaths('x.csv.gz', '/disk/project/a.py', '/disk/project'), []);
    assert.deepEqual(dataPaths('x.csv', 'C:\\me\\project\\src\\a.py', 'C:\\me\\project'), [
      'C:/me/project/src/x.csv',
      'C:/me/project/x.csv',
    ]);
  });

  it('is not known where two files differ that the program may mean', () => {
    const heads = new Map([
      ['one', { text: 'a', isWhole: true }],
      ['other', { text: 'b', isWhole: true }],
      ['same', { text: 'a', isWhole: true }],
    ]);
    const read = (place: string) => heads.get(place);
    assert.equal(onlyHead(['one', 'other'], read), undefined);
    assert.equal(onlyHead(['none', 'other'], read)?.text, 'b');
    assert.equal(onlyHead(['one', 'same'], read)?.text, 'a');
    assert.equal(onlyHead(['none'], read), undefined);
  });
});
