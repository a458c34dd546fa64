// Arguments are read strictly, and every mistake is answered by one line with the way out.
import assert from 'node:assert/strict';
import { parseArguments } from '../../../src/cli/arguments';
import { defineCommand } from '../../../src/cli/command';
import { COMMANDS } from '../../../src/cli/command-line';
import { nearest, UsageError } from '../../../src/cli/usage-error';
import { modelwright } from './console';

const command = defineCommand({
  name: 'fit',
  summary: 'x',
  operands: 'FILE OTHER…',
  count: { least: 1, most: 2 },
  options: {
    json: { kind: 'flag', help: 'x' },
    epochs: { kind: 'integer', help: 'x', value: 'N', least: 1 },
    rate: { kind: 'number', help: 'x' },
    set: { kind: 'text', help: 'x', many: true },
    task: { kind: 'text', help: 'x', choices: ['regression', 'labels'] },
  },
  notes: [],
  run: () => Promise.resolve(0 as const),
});

describe('arguments', () => {
  it('become typed values', () => {
    const { operands, options } = parseArguments(command, [
      'a',
      '--epochs',
      '3',
      '--set',
      'x=1',
      '--json',
      '--set=y=2',
      '--rate',
      '-1e-3',
      'b',
    ]);
    assert.deepEqual(operands, ['a', 'b']);
    assert.deepEqual(options, { json: true, epochs: 3, rate: -0.001, set: ['x=1', 'y=2'], task: undefined });
  });

  it('are operands behind --, and - is one', () => {
    assert.deepEqual(parseArguments(command, ['--', '--epochs', '-']).operands, ['--epochs', '-']);
  });

  const mistakes: [string[], RegExp][] = [
    [['a', '--epoch', '3'], /^`fit` has no option --epoch\. Did you mean --epochs\?$/],
    [['a', '--jsno'], /Did you mean --json\?/],
    [['a', '--zzzzzz'], /^`fit` has no option --zzzzzz\. `modelwright fit --help` lists them\.$/],
    [['a', '-j'], /no option -j/],
    [['a', '--epochs'], /^--epochs needs a value: --epochs N\.$/],
    [['a', '--epochs', '--json'], /--epochs needs a value/],
    [['a', '--epochs', '2.5'], /^--epochs takes a whole number, not "2\.5"\.$/],
    [['a', '--epochs', ''], /whole number/],
    [['a', '--epochs', '0'], /^--epochs is at least 1, not 0\.$/],
    [['a', '--epochs', '1', '--epochs', '2'], /^--epochs was given 2 times; give it once\.$/],
    [['a', '--rate', 'fast'], /^--rate takes a number, not "fast"\.$/],
    [['a', '--rate', 'Infinity'], /a number/],
    [['a', '--json=yes'], /^--json takes no value\.$/],
    [['a', '--task', 'label'], /one of regression, labels, not "label"\. Did you mean labels\?$/],
    [[], /^`fit` needs FILE\. Usage: modelwright fit \[options\] FILE OTHER…$/],
    [['a', 'b', 'c'], /does not know what to do with "c"/],
  ];
  for (const [args, message] of mistakes) {
    it(`are refused: ${JSON.stringify(args)}`, () => {
      assert.throws(
        () => parseArguments(command, args),
        (error: Error) => error instanceof UsageError && message.test(error.message) && !error.message.includes('\n'),
      );
    });
  }

  const words: [string, string | undefined][] = [
    ['chek', 'check'],
    ['sumary', 'summary'],
    ['tarin', 'train'],
    ['dr', undefined],
    ['run', 'runs'],
    ['zzz', undefined],
  ];
  for (const [word, wanted] of words) {
    it(`"${word}" is ${wanted === undefined ? 'no mistyped word' : `nearest to "${wanted}"`}`, () =>
      assert.equal(nearest(word, ['check', 'summary', 'train', 'runs', 'doctor']), wanted));
  }
});

describe('the command line', () => {
  it('answers an unknown command and an unknown option with one line and exit 2', async () => {
    for (const args of [
      ['doctr'],
      ['--json', 'doctor'],
      ['doctor', '--fixx'],
      ['doctor', 'x'],
      ['runs', 'lst'],
      ['runs', 'show'],
    ]) {
      const { code, out, err } = await modelwright(args);
      assert.equal(code, 2, args.join(' '));
      assert.equal(out, '');
      assert.match(err, /^error: [^\n]+\n$/, args.join(' '));
    }
  });

  it('lists every command, and each has a help that names every option', async () => {
    const { out } = await modelwright([]);
    for (const each of COMMANDS) {
      assert.ok(out.includes(`  ${each.name} `), each.name);
      const help = await modelwright([...each.name.split(' '), '--help']);
      assert.equal(help.code, 0);
      for (const option of Object.keys(each.options))
        assert.ok(help.out.includes(`--${option}`), `${each.name} --${option}`);
      assert.equal((await modelwright(['help', ...each.name.split(' ')])).out, help.out);
    }
  });

  it('tells its version', async () => assert.match((await modelwright(['--version'])).out, /^\d+\.\d+\.\d+\n$/));
});
