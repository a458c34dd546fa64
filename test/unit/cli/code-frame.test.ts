// The picture of a finding in its code, line by line.
import assert from 'node:assert/strict';
import { LineMap } from '../../../src/ide/lines';
import type { Diagnostic } from '../../../src/cli/checked-file';
import { codeFrame } from '../../../src/cli/code-frame';
import { colours } from '../../../src/cli/terminal';

interface Marked {
  source: LineMap;
  /** The n-th «marked» part of the text. */
  range: (index: number) => Diagnostic['range'];
}

/** «» mark the places a test speaks of. */
function marked(text: string): Marked {
  const spans: { start: number; end: number }[] = [];
  let plain = '';
  for (const part of text.split(/([«»])/)) {
    if (part === '«') spans.push({ start: plain.length, end: 0 });
    else if (part === '»') Object.assign(spans.at(-1) ?? {}, { end: plain.length });
    else plain += part;
  }
  const source = new LineMap(plain);
  return { source, range: index => source.range(spans[index] ?? { start: 0, end: 0 }) };
}

function frame({ source }: Marked, diagnostic: Partial<Diagnostic>, columns = 100): string[] {
  const whole: Diagnostic = {
    code: 'rank-mismatch',
    severity: 'error',
    message: 'It clashes.',
    range: source.range({ start: 0, end: 1 }),
    related: [],
    fixes: [],
    ...diagnostic,
  };
  return codeFrame(whole, { path: 'a.py', sourceOf: () => source, colours: colours(false), columns }).split('\n');
}

describe('a code frame', () => {
  it('shows both facts with their places', () => {
    const text = marked('model = [\n  «Input((28, 28))»,\n  «Conv2D(32, 3)»,\n]\n');
    assert.deepEqual(
      frame(text, { range: text.range(1), related: [{ message: 'three axes come from here', range: text.range(0) }] }),
      [
        'error[rank-mismatch]: It clashes.',
        ' --> a.py:3:3',
        '  |',
        '2 |   Input((28, 28)),',
        '  |   --------------- three axes come from here',
        '3 |   Conv2D(32, 3),',
        '  |   ^^^^^^^^^^^^^',
        '  |',
        '',
      ],
    );
  });

  it('leaves out the lines between two distant places', () => {
    const text = marked(`«a»\n${'b\n'.repeat(8)}«c»\n`);
    const lines = frame(text, { range: text.range(1), related: [{ message: 'here', range: text.range(0) }] });
    assert.deepEqual(lines.slice(2, 9), ['   |', ' 1 | a', '   | - here', '...', '10 | c', '   | ^', '   |']);
  });

  it('shows what a fix would change, and only that', () => {
    const text = marked('x = 1\n«Dense(5)»\ny = 2\n');
    const fixes = [{ title: 'Set units to 10', edits: [{ range: text.range(0), newText: 'Flatten(),\nDense(10)' }] }];
    assert.deepEqual(frame(text, { range: text.range(0), fixes }).slice(5), [
      '  |',
      '  = fix: Set units to 10',
      '      - Dense(5)',
      '      + Flatten(),',
      '      + Dense(10)',
      '',
    ]);
  });

  it('counts tabs and wide characters as the screen does', () => {
    const text = marked('\t名前 = «Dense»(1)\n');
    const lines = frame(text, { range: text.range(0) });
    assert.deepEqual(lines.slice(3, 5), ['1 |     名前 = Dense(1)', `  | ${' '.repeat(11)}^^^^^`]);
  });

  it('cuts long lines around the place', () => {
    const text = marked(`x = [${'1, '.repeat(100)}«Dense(3)», ${'2, '.repeat(100)}]\n`);
    const lines = frame(text, { range: text.range(0) }, 60);
    assert.ok((lines[3] ?? '').length <= 60, lines[3]);
    const column = (lines[4] ?? '').indexOf('^');
    assert.equal((lines[3] ?? '').slice(column, column + 8), 'Dense(3)');
    assert.match(lines[3] ?? '', /^1 \| \.\.\..*\.\.\.$/);
  });

  it('marks a place over several lines on its first, an empty one with one caret, one beyond the end without fail', () => {
    const text = marked('f(«a,\n  b»)\n');
    assert.deepEqual(frame(text, { range: text.range(0) }).slice(3, 5), ['1 | f(a,', '  |   ^^']);
    const at = { line: 0, character: 2 };
    assert.equal(frame(text, { range: { start: at, end: at } })[4], '  |   ^');
    const beyond = { line: 9, character: 9 };
    assert.equal(frame(text, { range: { start: beyond, end: beyond } }).length, 7);
  });

  it('lets no control character through to the terminal', () => {
    const text = marked('«x = "\u001b[31m\u0007"»\n');
    assert.ok(!/[\u001b\u0007]/.test(frame(text, { range: text.range(0) }).join('')));
  });

  it('names a place in another file', () => {
    const text = marked('«x»\n');
    const lines = frame(text, {
      range: text.range(0),
      related: [{ message: 'made there', range: text.range(0), path: 'b.py' }],
    });
    assert.equal(lines[6], '  = b.py:1:1: made there');
  });
});

describe('positions', () => {
  it('count lines as editors do, whatever ends them', () => {
    const map = new LineMap('a\r\nb\rc\nd');
    assert.deepEqual(
      [0, 1, 3, 5, 7, 99].map(offset => map.position(offset).line),
      [0, 0, 1, 2, 3, 3],
    );
    assert.equal(map.lineCount, 4);
    assert.equal(map.line(1), 'b');
    assert.deepEqual(map.position(99), { line: 3, character: 1 });
    for (let offset = 0; offset <= 8; offset++) assert.equal(map.offset(map.position(offset)), offset);
  });
});
