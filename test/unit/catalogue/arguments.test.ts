/** Arguments as Python binds them and as the library refuses them. */
import { strict as assert } from 'node:assert';
import { bindArguments, checkArguments, readArguments } from '../../../src/catalogue/arguments';
import { isFailure } from '../../../src/catalogue/apply';
import { layerByClassName, parametersOf } from '../../../src/catalogue/index';
import { closest } from '../../../src/catalogue/spelling';
import { dimText } from '../../../src/ir/dim';
import { Failure } from '../../../src/ir/fault';
import { float, integer, list, NONE, text, tuple, unknownValue, type Value } from '../../../src/ir/value';

const conv = layerByClassName('Conv2D')!;
const parameters = parametersOf(conv);
const bind = (
  positional: readonly Value[],
  keywords: Record<string, Value> = {},
  open = false,
): Map<string, Value> | Failure =>
  bindArguments(parameters, { positional, keywords: new Map(Object.entries(keywords)), open }, conv.renamed);
const read = (keywords: Record<string, Value>): ReturnType<typeof readArguments> =>
  readArguments(parameters, new Map(Object.entries(keywords)));

function detail(x: unknown): Record<string, unknown> {
  assert.ok(isFailure(x));
  return x.detail;
}

describe('arguments', () => {
  it('are bound as Python binds them', () => {
    const bound = bind([integer(8), integer(3)], { activation: text('relu') });
    assert.ok(!isFailure(bound));
    assert.deepEqual([...bound.keys()], ['filters', 'kernel_size', 'activation']);
    assert.equal(detail(bind([integer(8)]))['kind'], 'argument-missing');
    assert.equal(detail(bind(new Array<Value>(30).fill(integer(1))))['kind'], 'argument-count');
    assert.equal(detail(bind([integer(8), integer(3)], { filters: integer(2) }))['kind'], 'argument-conflict');
    // `**options` may hold what is missing.
    assert.ok(!isFailure(bind([integer(8)], {}, true)));
  });

  it('name the way out of an old or mistyped name', () => {
    assert.equal(detail(bind([], { nb_filter: integer(8) }))['suggestion'], 'filters');
    assert.equal(detail(bind([integer(8), integer(3)], { activaton: text('relu') }))['suggestion'], 'activation');
  });

  it('have defaults', () => {
    const args = read({ filters: integer(8), kernel_size: integer(3) });
    assert.equal(args.text('padding'), 'valid');
    assert.equal(args.flag('use_bias'), true);
    assert.deepEqual(args.sizes('strides', 2).map(dimText), ['1', '1']);
    assert.equal(args.isNone('activation'), true);
    assert.equal(args.given('padding'), false);
  });

  it('stay unknown where they are', () => {
    const args = read({
      filters: unknownValue('from a file', 'width'),
      kernel_size: unknownValue('from a file'),
      padding: unknownValue('from a file'),
    });
    assert.equal(dimText(args.size('filters')), 'width');
    assert.deepEqual(args.sizes('kernel_size', 2).map(dimText), ['?', '?']);
    assert.equal(args.text('padding'), undefined);
    assert.equal(checkArguments(parameters, args), undefined);
  });

  it('are refused as the library refuses them, with a way out', () => {
    const refusal = (keywords: Record<string, Value>): Record<string, unknown> =>
      detail(checkArguments(parameters, read(keywords)));
    assert.deepEqual(
      [
        refusal({ filters: float(8) })['name'],
        refusal({ filters: float(8) })['suggestion'],
        refusal({ filters: float(8) })['got'],
      ],
      ['filters', '8', '8.0'],
    );
    assert.equal(refusal({ activation: text('rleu') })['suggestion'], 'relu');
    assert.equal(refusal({ padding: text('sme') })['suggestion'], 'same');
    assert.equal(refusal({ kernel_size: tuple([integer(3), integer(3), integer(3)]) })['name'], 'kernel_size');
    assert.equal(refusal({ kernel_size: NONE })['name'], 'kernel_size');
    assert.equal(
      checkArguments(parameters, read({ padding: text('SAME'), kernel_size: list([integer(3), integer(5)]) })),
      undefined,
    );
  });
});

describe('closest', () => {
  it('finds what was meant, or nothing', () => {
    assert.equal(closest('Units', ['units', 'use_bias']), 'units');
    assert.equal(closest('kernelsize', ['kernel_size', 'kernel_initializer']), 'kernel_size');
    assert.equal(closest('lr', ['momentum', 'nesterov']), undefined);
  });
});
