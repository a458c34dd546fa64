/**
 * Whatever a program hands over, a layer's functions answer: nothing is thrown, no shape has a hole. Random arguments
 * and inputs, seeded.
 */
import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { applyLayer, isFailure, shapesOf } from '../../../src/catalogue/apply';
import { checkArguments, readArguments } from '../../../src/catalogue/arguments';
import { allLayers, parametersOf } from '../../../src/catalogue/index';
import { nestedLayer } from '../../../src/catalogue/nested';
import { type Dim, known, OPEN, symbol, unknownDim } from '../../../src/ir/dim';
import { isRanked, ranked, type Shape, unranked } from '../../../src/ir/shape';
import { boolean, float, integer, list, NONE, text, tuple, unknownValue, type Value } from '../../../src/ir/value';

const dense = allLayers().find(l => l.className === 'LSTM')!;
const inner: Value = { kind: 'layer', layer: {}, className: 'LSTM' };
const layerOf = (v: Value): ReturnType<typeof nestedLayer> | undefined =>
  v === inner ? nestedLayer(dense, readArguments(parametersOf(dense), new Map([['units', integer(3)]]))) : undefined;

const scalar: fc.Arbitrary<Value> = fc.oneof(
  fc.integer({ min: -3, max: 9 }).map(integer),
  fc.double({ min: -2, max: 9, noNaN: true }).map(float),
  fc.boolean().map(boolean),
  fc.constant(NONE),
  fc.constantFrom('same', 'valid', 'relu', 'channels_first', 'one_hot', 'x', '', 'ab,bc->ac').map(text),
  fc.constant(unknownValue('unknown')),
  fc.constant(unknownValue('unknown', 'n')),
  fc.constant(inner),
);
const value: fc.Arbitrary<Value> = fc.oneof(
  { weight: 3, arbitrary: scalar },
  fc.array(scalar, { maxLength: 4 }).map(list),
  fc.array(scalar, { maxLength: 3 }).map(tuple),
  fc.array(fc.array(scalar, { maxLength: 2 }).map(tuple), { maxLength: 3 }).map(tuple),
  fc.constant<Value>({ kind: 'dict', entries: new Map() }),
);
const dim: fc.Arbitrary<Dim> = fc.oneof(
  fc.integer({ min: 0, max: 12 }).map(known),
  fc.constant<Dim>(OPEN),
  fc.constant<Dim>(unknownDim('unknown')),
  fc.constant(symbol('h')),
);
const input: fc.Arbitrary<Shape> = fc.oneof(
  { weight: 6, arbitrary: fc.array(dim, { maxLength: 6 }).map(ranked) },
  fc.constant<Shape>(unranked('unknown')),
);

describe('layers are total', () => {
  for (const spec of allLayers()) {
    it(spec.className, () => {
      const parameters = parametersOf(spec);
      fc.assert(
        fc.property(
          fc.dictionary(fc.constantFrom(...parameters.map(p => p.name)), value, { maxKeys: 5 }),
          fc.array(input, { maxLength: 3 }),
          fc.constantFrom('single', 'list', 'dict'),
          (given, inputs, structure) => {
            const args = readArguments(parameters, new Map(Object.entries(given)), 'keras', layerOf);
            if (checkArguments(parameters, args) ?? spec.check?.(args, 'keras')) return;
            const applied = applyLayer(spec, { args, inputs, structure });
            if (isFailure(applied)) return;
            for (const s of shapesOf(applied.output))
              assert.ok(!isRanked(s) || s.dims.every(d => d?.kind !== undefined), 'an axis without a length');
            for (const w of applied.weights)
              assert.ok(
                w.shape.every(d => d?.kind !== undefined),
                `weight ${w.name} without a length`,
              );
            spec.flops?.(applied.context, applied.output);
            spec.explain?.(applied.context, applied.output);
          },
        ),
        { numRuns: 120, seed: 7 },
      );
    });
  }
});
