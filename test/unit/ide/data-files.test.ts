// An open program is analysed anew when the file of data it reads is another one than before.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Analyzer } from '../../../src/ide/analysis';
import { ENGINE_FILE } from '../../../src/parse/grammar';

const root = path.join(__dirname, '../../..');
const readWasm = (file: string): Promise<Uint8Array> =>
  fs.promises.readFile(
    path.join(root, 'node_modules', file === ENGINE_FILE ? 'web-tree-sitter' : '@vscode/tree-sitter-wasm/wasm', file),
  );

const PROGRAM = `import keras
import pandas as pd
table = pd.read_csv('data/table.csv')
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile('adam', 'mse')
model.fit(table, table['a'])
`;

describe('a file of data that a program reads', () => {
  it('is asked for by the path in the program and by the place of the program', async () => {
    const asked: string[][] = [];
    const analyzer = new Analyzer(readWasm, {
      readHead: (file, from) => {
        asked.push([file, from]);
        return undefined;
      },
    });
    assert.deepEqual((await analyzer.analyze('/project/train.py', PROGRAM))?.diagnostics, []);
    assert.deepEqual(asked, [['data/table.csv', '/project/train.py']]);
  });

  it('changes what is said of an open program when it changes', async () => {
    let head = { text: 'a,b\n1,2\n', isWhole: true };
    const analyzer = new Analyzer(readWasm, { readHead: () => head });
    const open = await analyzer.open('/project/train.py');
    const codes = (anew: boolean): string[] => open!.update(PROGRAM, anew).diagnostics.map(d => d.code);
    assert.deepEqual(codes(false), []);
    head = { text: 'a,b,c\n1,2,3\n', isWhole: true };
    assert.deepEqual(codes(true), ['data-mismatch']);
    head = { text: 'a,b\n1,2\n', isWhole: true };
    assert.deepEqual(codes(true), []);
    open!.close();
  });
});
