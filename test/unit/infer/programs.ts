// Programs for the tests of this room: parsed and evaluated, and a stock of code to damage.
import fs from 'node:fs';
import path from 'node:path';
import type { InterpretOptions } from '../../../src/infer/evaluator';
import type { Facts } from '../../../src/infer/facts';
import { interpret } from '../../../src/infer/interpret';
import { dimText } from '../../../src/ir/dim';
import { shapeText } from '../../../src/ir/shape';
import { parserOf } from '../parse/parsers';

export async function factsOf(text: string, options?: InterpretOptions): Promise<Facts> {
  return interpret((await parserOf('python')).parse(text), options);
}

/** The output shapes of all layer calls, in the order in which they were made. */
export async function shapesOf(text: string, options?: InterpretOptions): Promise<string[]> {
  return (await factsOf(text, options)).layerCalls.map(c => c.outputs.map(shapeText).join(' '));
}

/** Everything a run found, as text: two runs are the same when this is. */
export function digest(facts: Facts): string {
  return JSON.stringify({
    models: facts.models.map(m => [m.facts, m.symbols, m.nameSpan]),
    faults: facts.faults,
    gaps: facts.gaps,
    fits: facts.fits,
    compiles: facts.compiles,
    unbound: facts.unbound,
    calls: facts.layerCalls.map(c => [
      c.name,
      c.place,
      c.outputs.map(shapeText),
      c.params && dimText(c.params),
      c.explain(),
    ]),
  });
}

/** The Python of the specifications and examples. */
export function stock(): string[] {
  const spec = path.join(__dirname, '../../spec');
  const blocks = fs
    .readdirSync(spec)
    .filter(f => f.endsWith('.md'))
    .flatMap(f =>
      [...fs.readFileSync(path.join(spec, f), 'utf8').matchAll(/```python\n([\s\S]*?)```/g)].map(m => m[1]!),
    );
  const examples = path.join(__dirname, '../../../examples/keras');
  return [
    ...blocks,
    ...fs
      .readdirSync(examples)
      .filter(f => f.endsWith('.py'))
      .map(f => fs.readFileSync(path.join(examples, f), 'utf8')),
  ];
}
