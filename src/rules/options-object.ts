/** Arguments one by one where TensorFlow.js wants one object. */
import { camelName } from '../catalogue/spelling';
import type { Fault } from '../ir/fault';
import { fix, replace } from './fixes';
import { type Fix, faultRule, type RuleContext } from './rule';

export const optionsObject = faultRule({
  id: 'options-object',
  severity: 'error',
  fault: 'options-object',
  title: 'A function of TensorFlow.js is called in Python’s way instead of with one object.',
  doc:
    'The layers, `tf.sequential`, `tf.model`, `compile` and the options of `fit` are objects with named keys. ' +
    '`tf.layers.dense(10, "relu")` throws; some functions take a plain value without a word and ignore it. Layers whose ' +
    'options all have defaults still want an object where they read it without asking: `tf.layers.maxPooling2d({})`.',
  bad: [],
  good: [],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const layer = tf.layers.dense(10, 'relu');`,
      `import * as tf from '@tensorflow/tfjs';
const layer = tf.layers.conv2d(32, 3);`,
      `import * as tf from '@tensorflow/tfjs';
const layer = tf.layers.maxPooling2d();`,
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [3] })] });
model.compile('sgd', 'meanSquaredError');`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const layers = [tf.layers.dense({ units: 10, activation: 'relu' }), tf.layers.maxPooling2d({}), tf.layers.flatten()];`,
    ],
  },
  report: (fault, cx) => {
    const { names, raises, isMerge } = fault.detail;
    const args = fault.anchors?.['arguments'];
    const given = args && cx.text.slice(args.start + 1, args.end - 1).trim();
    const what = given === '' ? 'needs an object of options, even an empty one' : 'takes one object of options';
    const shown = `{ ${names.slice(0, 2).join(', ')}${names.length > 2 ? ', …' : ''} }`;
    const isEmpty = given === '' || names.length === 0;
    const keys = isMerge ? ' or none; the tensors go to `apply`' : isEmpty ? '' : `: \`${shown}\``;
    return {
      message: `\`${fault.callee}\` ${what}${keys}.${raises ? '' : ' What is given here is ignored.'}`,
      span: fault.place,
      severity: raises ? 'error' : 'warning',
      fixes: [isMerge ? applied(fault, cx, given) : written(fault, cx, names)],
    };
  },
});

function applied(fault: Fault, cx: RuleContext, given: string | undefined): Fix | undefined {
  const callee = fault.anchors?.['callee'];
  const call = fault.anchors?.['call'];
  return callee && call && given
    ? fix('Call the layer with `apply`', replace(call, `${cx.text.slice(callee.start, callee.end)}().apply(${given})`))
    : undefined;
}

/** `(10, 'relu')` as `({ units: 10, activation: 'relu' })`; `epochs=5` keeps its own name. */
function written(fault: Fault, cx: RuleContext, names: readonly string[]): Fix | undefined {
  const args = fault.anchors?.['arguments'];
  if (!args) return undefined;
  const spans = Object.entries(fault.anchors ?? {})
    .filter(([key]) => /^argument:#\d+$/.test(key))
    .sort(([a], [b]) => Number(a.slice(10)) - Number(b.slice(10)))
    .map(([, span]) => span);
  const method = /^model\.(fit|fitDataset)$/.exec(fault.callee)?.[1];
  const options = method === 'fit' ? spans.slice(2) : method ? spans.slice(1) : spans;
  const entries = options.map((span, i): string | undefined => {
    const text = cx.text.slice(span.start, span.end);
    const [, key, value] = /^(\w+)\s*=\s*([^=][\s\S]*)$/.exec(text) ?? [];
    if (key !== undefined) return `${camelName(key)}: ${value}`;
    const name = names[i];
    if (name === undefined) return undefined;
    return name === text ? name : `${name}: ${text}`;
  });
  if (entries.some(e => e === undefined)) return undefined;
  const object = entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  const [first, last] = [options[0], options.at(-1)];
  const inside = { start: args.start + 1, end: args.end - 1 };
  return fix(
    entries.length === 0 ? 'Give it an empty object' : 'Write the arguments as an object',
    replace(first && last ? { start: first.start, end: last.end } : inside, object),
  );
}
