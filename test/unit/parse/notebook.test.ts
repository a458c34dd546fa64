// Notebooks: code cells as one program, with the places of each cell.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { inCell, joinCells, maskMagics, readNotebook } from '../../../src/parse/notebook';
import { parserOf } from './parsers';
import { print } from './print';

const notebook = (cells: readonly object[], metadata: object = {}) => JSON.stringify({ nbformat: 4, metadata, cells });
const code = (source: string | readonly string[], metadata: object = {}) => ({ cell_type: 'code', source, metadata });

const MASKS: readonly (readonly [source: string, masked: string])[] = [
  ['%matplotlib inline\nx = 1', 'pass              \nx = 1'],
  ['!pip install keras', 'pass              '],
  ['!ls', '0  '],
  ['if colab:\n    !pip install \\\n      keras\nx', 'if colab:\n    pass          \n           \nx'],
  ['files = !ls *.csv', 'files = _        '],
  ['t = %timeit -o f()', 't = _             '],
  ['model.fit?', 'pass      '],
  ['?np.zeros', 'pass     '],
  ['%%time\nmodel.fit(x)', 'pass  \nmodel.fit(x)'],
  ['%%bash\necho "x\nls', '      \n       \n  '],
  ['y = (a\n  % b)', 'y = (a\n  % b)'],
  ['s = """\n%d\n!x"""', 's = """\n%d\n!x"""'],
  ['y = a % b\nz = a != b', 'y = a % b\nz = a != b'],
  ['y = x \\\n  % 2', 'y = x \\\n  % 2'],
  ['x\u00a0=\u00a01', 'x = 1'],
];

describe('notebooks', () => {
  for (const [source, masked] of MASKS) {
    it(`reads ${JSON.stringify(source)} as ${JSON.stringify(masked)}`, () => assert.equal(maskMagics(source), masked));
  }

  it('join their code cells and find the way back', async () => {
    const read = readNotebook(
      notebook([
        { cell_type: 'markdown', source: '# Title' },
        code(['import keras\n', '%time x = 1\n']),
        code('%%html\n<b>'),
        code('y = x'),
      ]),
    );
    assert.ok(read);
    const joined = joinCells(read.cells);
    const program = (await parserOf('python')).parse(joined.text);
    assert.deepEqual(program.syntaxErrors, []);
    assert.equal(print(program), 'import keras\ny = x');
    const start = program.body[1]?.span.start ?? -1;
    assert.deepEqual(inCell(joined, start), { cell: { index: 3, source: 'y = x' }, offset: 0 });
    assert.deepEqual(inCell(joined, 3), { cell: read.cells[0], offset: 3 });
  });

  it('leave out cells of another language', () => {
    const read = readNotebook(
      notebook([code('x = 1', { vscode: { languageId: 'r' } }), code('y = 2')], { kernelspec: { language: 'python' } }),
    );
    assert.deepEqual(read, { language: 'python', cells: [{ index: 1, source: 'y = 2' }] });
  });

  it('of the old format are read too', () => {
    const json = JSON.stringify({ nbformat: 3, worksheets: [{ cells: [{ cell_type: 'code', input: ['x = 1'] }] }] });
    assert.deepEqual(readNotebook(json)?.cells, [{ index: 0, source: 'x = 1' }]);
  });

  it('are undefined when the text is none', () => {
    for (const text of ['', '{', 'null', '[]', '{"cells": 1}', '{"cells": {}}'])
      assert.equal(readNotebook(text), undefined, text);
    assert.deepEqual(readNotebook('{"cells": [null, 1, {"cell_type": "code"}]}')?.cells, [{ index: 2, source: '' }]);
  });

  it('keep the length of every cell', () => {
    const piece = fc.constantFrom(
      '%',
      '%%',
      '!',
      '?',
      ' ',
      '\n',
      '\r\n',
      '\\',
      '"""',
      "'",
      '(',
      ')',
      '=',
      'x',
      'pip',
      '\u00a0',
      '#',
      'bash',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), pieces => {
        const cell = pieces.join('');
        assert.equal(maskMagics(cell).length, cell.length);
        assert.deepEqual(maskMagics(cell).match(/\r?\n/g), cell.match(/\r?\n/g));
      }),
    );
  });
});
