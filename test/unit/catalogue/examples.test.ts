/** Every entry's own examples, and what is derived from an entry: parameters, FLOPs, the arithmetic of the hover. */
import { strict as assert } from 'node:assert';
import { allLayers, layerByClassName, parametersOf, tfjsKey } from '../../../src/catalogue/index';
import { type Applied, applyLayer, isFailure, shapesOf } from '../../../src/catalogue/apply';
import { bindArguments, checkArguments, readArguments } from '../../../src/catalogue/arguments';
import { explainParameters } from '../../../src/catalogue/explain';
import type { LayerExample, LayerSpec } from '../../../src/catalogue/spec';
import { dimJson, symbol } from '../../../src/ir/dim';
import { isRanked, shape, type Shape } from '../../../src/ir/shape';
import type { Value } from '../../../src/ir/value';
import { toValue, type Recorded } from '../../oracle/values';

/** The few forms of Python that examples are written in. */
function parse(text: string): { positional: Value[]; keywords: Map<string, Value> } {
  const positional: Value[] = [];
  const keywords = new Map<string, Value>();
  for (const part of text
    .split(/,(?![^([]*[)\]])(?=(?:[^']*'[^']*')*[^']*$)/)
    .map(p => p.trim())
    .filter(p => p !== '')) {
    const [, name, expression] = /^(?:(\w+)=)?(.*)$/.exec(part)!;
    const json = expression!
      .replace(/'/g, '"')
      .replace(/True/g, 'true')
      .replace(/False/g, 'false')
      .replace(/None/g, 'null')
      .replace(/\(/g, '[')
      .replace(/,?\)/g, ']')
      .replace(/1\.0 \/ 255/, '0.00392');
    const value = toValue(JSON.parse(json) as Recorded);
    if (name === undefined) positional.push(value);
    else keywords.set(name, value);
  }
  return { positional, keywords };
}

function apply(spec: LayerSpec, args: string, inputs: readonly Shape[]): Applied {
  const bound = bindArguments(parametersOf(spec), parse(args));
  assert.ok(!isFailure(bound), `${spec.className}(${args})`);
  const read = readArguments(parametersOf(spec), bound);
  const refused = checkArguments(parametersOf(spec), read) ?? spec.check?.(read, 'keras');
  assert.equal(refused, undefined, `${spec.className}(${args}): ${JSON.stringify(refused)}`);
  const applied = applyLayer(spec, { args: read, inputs, structure: inputs.length === 1 ? 'single' : 'list' });
  assert.ok(!isFailure(applied), `${spec.className}(${args}): ${JSON.stringify(applied)}`);
  return applied;
}

const example = (spec: LayerSpec, e: LayerExample): Applied =>
  apply(
    spec,
    e.args,
    e.inputs.map(s => shape(...s)),
  );

describe('entries of the catalogue', () => {
  for (const spec of allLayers()) {
    it(spec.className, () => {
      assert.match(spec.doc, /^[A-Z].*\.$/, 'a sentence says what it does');
      for (const e of spec.examples) {
        const { context, output } = example(spec, e);
        for (const s of shapesOf(output)) assert.ok(isRanked(s), `${spec.className}(${e.args}) has a known rank`);
        const flops = spec.flops?.(context, output);
        if (flops?.kind === 'known') assert.ok(flops.value > 0 || spec.className.startsWith('Subtract'));
        for (const line of spec.explain?.(context, output) ?? []) assert.doesNotMatch(line, /undefined|NaN|\[object/);
      }
    });
  }

  it('explain their shapes and their parameters', () => {
    const lines = (className: string, args: string, ...input: (number | null)[]): readonly string[] => {
      const { context, output, weights } = apply(layerByClassName(className)!, args, [shape(...input)]);
      return [...(layerByClassName(className)!.explain?.(context, output) ?? []), explainParameters(weights) ?? ''];
    };
    assert.deepEqual(lines('Conv2D', '32, 3', null, 28, 28, 1), [
      'floor((28 − 3) / 1) + 1 = 26',
      'parameters: 3·3·1·32 + 32 = 320',
    ]);
    assert.deepEqual(lines('Conv2D', "8, 3, strides=2, padding='same'", null, 28, 14, 4), [
      'height: ceil(28 / 2) = 14',
      'width: ceil(14 / 2) = 7',
      'parameters: 3·3·4·8 + 8 = 296',
    ]);
    assert.deepEqual(lines('MaxPooling2D', '', null, 27, 27, 8), ['floor((27 − 2) / 2) + 1 = 13', '']);
    assert.deepEqual(lines('Flatten', '', null, 7, 7, 64), ['7·7·64 = 3136', '']);
    assert.deepEqual(lines('Conv2DTranspose', '8, 3, strides=2', null, 7, 7, 4)[0], '(7 − 1)·2 + max(3, 2) = 15');
  });

  it('count floating-point operations as two for a multiplication and addition', () => {
    const flops = (className: string, args: string, ...input: (number | null)[]): unknown => {
      const spec = layerByClassName(className)!;
      const { context, output } = apply(spec, args, [shape(...input)]);
      return dimJson(spec.flops!(context, output));
    };
    assert.equal(flops('Dense', '10', null, 784), 2 * 784 * 10);
    assert.equal(flops('Conv2D', '32, 3', null, 28, 28, 1), 2 * 26 * 26 * 32 * 9);
    assert.equal(flops('LSTM', '8', null, 10, 4), 2 * 10 * 4 * 8 * (4 + 8));
  });

  it('keep names in sizes', () => {
    const conv = layerByClassName('Conv2D')!;
    const { output, weights } = apply(conv, "16, 3, padding='same', strides=2", [
      shape(null, symbol('h'), symbol('w'), symbol('c')),
    ]);
    const [first] = shapesOf(output);
    assert.deepEqual(first && isRanked(first) ? first.dims.map(dimJson) : undefined, [
      null,
      '(h + 1) // 2',
      '(w + 1) // 2',
      16,
    ]);
    assert.equal(explainParameters(weights), 'parameters: 3·3·c·16 + 16 = 144*c + 16');
  });

  it('have TensorFlow.js keys', () => {
    const key = (className: string, name: string): string | null =>
      tfjsKey(parametersOf(layerByClassName(className)!).find(p => p.name === name)!);
    assert.equal(key('Conv2D', 'kernel_size'), 'kernelSize');
    assert.equal(key('LeakyReLU', 'negative_slope'), 'alpha');
    assert.equal(key('Conv2D', 'groups'), null);
  });
});
