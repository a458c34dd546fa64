// Tells whether two recordings of a step are the same computation, so that nothing that changes from step to step is
// frozen.

import type { TypedArray } from './binding';
import type { RecordedOp, RecordedRegion, Recording, Value } from './record';

/**
 * The first difference between two recordings as a clause that completes "it is not the same every time: …", or
 * undefined when they are the same computation: same operations on the same values, same constants.
 */
export function difference(first: Recording, second: Recording): string | undefined {
  if (first.created.length > 0) return `it makes the variable ${first.created[0]!.name}`;
  if (second.created.length > 0) return `it makes the variable ${second.created[0]!.name}`;
  const length = Math.min(first.steps.length, second.steps.length);
  for (let i = 0; i < length; i++) {
    const clause = differentSteps(first.steps[i]!, second.steps[i]!);
    if (clause) return clause;
  }
  if (first.steps.length !== second.steps.length) {
    return `it ran ${first.steps.length} operations, then ${second.steps.length}`;
  }
  if (first.outputs.map(o => o.name).join() !== second.outputs.map(o => o.name).join()) return 'it returns other names';
  for (const [i, { name, value }] of first.outputs.entries()) {
    if (differentValues(value, second.outputs[i]!.value)) return `the output ${name} is made in another way`;
  }
  if (first.assigned.size !== second.assigned.size) return 'it assigns other variables';
  for (const [variable, value] of first.assigned) {
    const other = second.assigned.get(variable);
    if (!other || differentValues(value, other)) return `it assigns ${variable.name} in another way`;
  }
  return undefined;
}

type Step = RecordedOp | RecordedRegion;

function differentSteps(first: Step, second: Step): string | undefined {
  const label = labelOf(first);
  if (label !== labelOf(second)) return `${label} at one time, ${labelOf(second)} at another`;
  if (first.kind === 'op' && second.kind === 'op' && attributes(first) !== attributes(second)) {
    return `${label} has other attributes`;
  }
  if (first.inputs.length !== second.inputs.length) return `${label} has other inputs`;
  for (const [i, input] of first.inputs.entries()) {
    const clause = differentValues(input, second.inputs[i]!);
    if (clause) return `${clause} (an input of ${label})`;
  }
  if (first.kind === 'region' && second.kind === 'region') {
    if (first.updates.length !== second.updates.length) return `${label} updates other variables`;
    for (const [i, update] of first.updates.entries()) {
      const other = second.updates[i]!;
      if (update.variable !== other.variable || differentValues(update.before, other.before)) {
        return `${label} updates ${update.variable.name} in another way`;
      }
    }
  }
  return undefined;
}

const labelOf = (step: Step): string => (step.kind === 'op' ? step.name : step.key);

const attributes = (op: RecordedOp): string => JSON.stringify(op.attrs);

function differentValues(first: Value, second: Value): string | undefined {
  if (first.kind === 'constant' && second.kind === 'constant') {
    if (
      first.dtype === second.dtype &&
      sameBytes(first.data, second.data) &&
      first.shape.join() === second.shape.join()
    )
      return undefined;
    return first.data.length === 1 && second.data.length === 1
      ? `a number made in ${first.scope} was ${first.data[0]}, then ${second.data[0]}: pass it as an input`
      : `values made in ${first.scope} change: pass them as an input`;
  }
  const same =
    first.kind === 'input' && second.kind === 'input'
      ? first.name === second.name
      : first.kind === 'variable' && second.kind === 'variable'
        ? first.variable === second.variable
        : first.kind === 'output' && second.kind === 'output'
          ? first.step.index === second.step.index && first.index === second.index
          : first.kind === 'updated' && second.kind === 'updated'
            ? first.region.index === second.region.index && first.variable === second.variable
            : false;
  return same ? undefined : 'a value comes from somewhere else';
}

function sameBytes(a: TypedArray, b: TypedArray): boolean {
  if (a === b) return true;
  if (a.byteLength !== b.byteLength) return false;
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength));
}
