/** How a rule writes what it speaks of: in Python's and Keras's spelling, or in JavaScript's and TensorFlow.js's. */
import { camelName } from '../catalogue/spelling';
import { type Dim, dimText } from '../ir/dim';
import { isRanked, type Shape, shapeText } from '../ir/shape';
import type { RuleContext } from './rule';

export function isScript(cx: RuleContext): boolean {
  return cx.language !== 'python';
}

/** `(None, 28, 28)` in Python, `[null, 28, 28]` in JavaScript. */
export function shapeIn(cx: RuleContext, shape: Shape): string {
  if (!isScript(cx)) return shapeText(shape);
  return isRanked(shape) ? `[${shape.dims.map(d => dimIn(cx, d)).join(', ')}]` : '[…]';
}

export function dimIn(cx: RuleContext, dim: Dim): string {
  return isScript(cx) && dim.kind === 'open' ? 'null' : dimText(dim);
}

/** The name of an argument: `kernel_size`, `kernelSize`. */
export function argumentIn(cx: RuleContext, name: string): string {
  return isScript(cx) ? camelName(name) : name;
}

/** A loss, metric or activation by the name that the language gives it. */
export function nameIn(cx: RuleContext, name: string): string {
  return isScript(cx) && /^[a-z0-9_]+$/.test(name) ? camelName(name) : name;
}

/** What stands for an axis without a length. */
export function openIn(cx: RuleContext): string {
  return isScript(cx) ? 'null' : 'None';
}

export function library(cx: RuleContext): string {
  return isScript(cx) ? 'TensorFlow.js' : 'Keras';
}

/** The name under which a program has TensorFlow.js: `tf`. */
export function scriptRoot(cx: RuleContext): string {
  for (const s of cx.program.body) {
    if (s.kind === 'import' && /^@tensorflow\/tfjs/.test(s.module) && s.alias !== undefined) return s.alias;
    const whole = s.kind === 'import-from' && /^@tensorflow\/tfjs/.test(s.module) ? s.names : [];
    const found = whole.find(n => n.name === 'default');
    if (found?.alias !== undefined) return found.alias;
  }
  return 'tf';
}
