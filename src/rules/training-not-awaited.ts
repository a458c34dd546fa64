/** A training is started and not waited for, and its result or model is used. */
import type { Call, Expression, Statement } from '../ir/program';
import type { Span, TextEdit } from '../ir/span';
import { fix } from './fixes';
import { factsRule, type Fix, type Report, type RuleContext } from './rule';
import { alone, type Around, mentions, OfStatement, walkStatements } from './scripts';

const PROGRAM = (body: string): string => `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [3] })] });
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
${body}`;

export const trainingNotAwaited = factsRule({
  id: 'training-not-awaited',
  severity: 'warning',
  title: 'A training is not awaited before its model is used.',
  doc:
    '`fit` and `fitDataset` give a promise and train while the program goes on. A prediction right behind them sees ' +
    'the weights from before, and a second `fit` is refused while the first one runs. `await` waits for the end; what ' +
    'goes wrong in the training is then seen, too.',
  bad: [],
  good: [],
  javascript: {
    bad: [
      PROGRAM(`model.fit(tf.zeros([8, 3]), tf.zeros([8, 1]), { epochs: 1 });
model.predict(tf.zeros([1, 3])).print();`),
      PROGRAM(`async function run() {
  const history = model.fit(tf.zeros([8, 3]), tf.zeros([8, 1]), { epochs: 1 });
  console.log(history.epoch);
}
await run();`),
      PROGRAM(`function run() {
  model.fit(tf.zeros([8, 3]), tf.zeros([8, 1]), { epochs: 1 });
  return model.evaluate(tf.zeros([8, 3]), tf.zeros([8, 1]));
}
run();`),
    ],
    good: [
      PROGRAM(`await model.fit(tf.zeros([8, 3]), tf.zeros([8, 1]), { epochs: 1 });
model.predict(tf.zeros([1, 3])).print();`),
      PROGRAM(`model.fit(tf.zeros([8, 3]), tf.zeros([8, 1]), { epochs: 1 }).then(() => {
  model.predict(tf.zeros([1, 3])).print();
});`),
      PROGRAM(`const training = model.fit(tf.zeros([8, 3]), tf.zeros([8, 1]), { epochs: 1 });
await training;
model.predict(tf.zeros([1, 3])).print();`),
    ],
  },
  find: cx => {
    const trainings = new Set(
      cx.facts.fits
        .filter(f => (f.method === 'fit' || f.method === 'fitDataset') && f.place.file === undefined)
        .map(f => `${f.place.start}:${f.place.end}`),
    );
    const found: Report[] = [];
    if (trainings.size === 0) return found;
    cx.program.body.forEach((top, index) => {
      for (const { call, statement, around } of STARTED.of(top)) {
        if (!trainings.has(`${call.span.start}:${call.span.end}`)) continue;
        const here = statement === top ? { ...around, body: cx.program.body, index } : around;
        const use = usedAfter(call, statement, here);
        if (use === undefined) continue;
        found.push({
          message: `This training is not awaited, and ${use} before it ends. Write \`await\` in front of it.`,
          span: call.span,
          fixes: [awaited(cx, call, statement, here)],
        });
      }
    });
    return found;
  },
});

interface Started {
  readonly call: Call;
  readonly statement: Statement;
  readonly around: Around;
}

/** What may start a training in one statement at the top of the file. */
const STARTED = new OfStatement((top: Statement): readonly Started[] => {
  const found: Started[] = [];
  walkStatements(alone(top), (statement, around) => {
    const call = startedBy(statement);
    if (call && /^fit(Dataset)?$/.test(call.callee.kind === 'attribute' ? call.callee.name : ''))
      found.push({ call, statement, around });
  });
  return found;
});

interface Mentioned {
  readonly names: ReadonlySet<string>;
  /** Names whose history is read. */
  readonly histories: ReadonlySet<string>;
  /** Models that are used in a way that wants them trained. */
  readonly models: ReadonlySet<string>;
  readonly hasFunction: boolean;
}

const MENTIONED = new OfStatement((statement: Statement): Mentioned => {
  const [names, histories, models] = [new Set<string>(), new Set<string>(), new Set<string>()];
  let hasFunction = false;
  mentions([statement], node => {
    if (node.kind === 'name') names.add(node.name);
    if (node.kind === 'function-expression') hasFunction = true;
    if (node.kind === 'attribute' && node.object.kind === 'name' && /^(history|epoch|params)$/.test(node.name))
      histories.add(node.object.name);
    const used = node.kind === 'call' && node.callee.kind === 'attribute' && NEEDS_TRAINED.has(node.callee.name);
    const model = used && node.callee.kind === 'attribute' ? plainName(node.callee.object) : undefined;
    if (model !== undefined) models.add(model);
    return false;
  });
  return { names, histories, models, hasFunction };
});

/** `model.fit(…);` and `const history = model.fit(…);`. */
function startedBy(statement: Statement): Call | undefined {
  const value = statement.kind === 'expression' || statement.kind === 'declare' ? statement.value : undefined;
  return value?.kind === 'call' && value.callee.kind === 'attribute' ? value : undefined;
}

const NEEDS_TRAINED = new Set([
  'predict',
  'predictOnBatch',
  'evaluate',
  'evaluateDataset',
  'fit',
  'fitDataset',
  'save',
  'getWeights',
]);

/** What the statements behind it do with the model or the promise; undefined where nothing is sure. */
function usedAfter(call: Call, statement: Statement, { body, index }: Around): string | undefined {
  const model = call.callee.kind === 'attribute' ? plainName(call.callee.object) : undefined;
  const promise = statement.kind === 'declare' && statement.target.kind === 'name' ? statement.target.name : undefined;
  const rest = body.slice(index + 1);
  if (promise !== undefined) {
    if (rest.some(s => MENTIONED.of(s).histories.has(promise))) return `\`${promise}\` is read as its history`;
    if (rest.some(s => MENTIONED.of(s).names.has(promise))) return undefined;
  }
  if (model === undefined) return undefined;
  // Only what runs for sure and at once: the next statements themselves, not functions that are kept for later.
  const direct = rest.filter(s => s.kind !== 'function' && s.kind !== 'class').map(s => MENTIONED.of(s));
  return direct.some(s => s.models.has(model) && !s.hasFunction) ? `\`${model}\` is used` : undefined;
}

function plainName(node: Expression): string | undefined {
  if (node.kind === 'name') return node.name;
  const object = node.kind === 'attribute' ? plainName(node.object) : undefined;
  return object !== undefined && node.kind === 'attribute' ? `${object}.${node.name}` : undefined;
}

/** `await` in front; the function around becomes asynchronous, and so do the calls of it that stand alone. */
function awaited(
  cx: RuleContext,
  call: Call,
  statement: Statement,
  { functions, body, index }: Around,
): Fix | undefined {
  const at = (offset: number, newText: string): TextEdit => ({ span: { start: offset, end: offset }, newText });
  const wait = at(call.span.start, 'await ');
  const around = functions.at(-1);
  if (around?.isAsync) return fix('Await the training', wait);
  if (around) {
    const written = cx.text.slice(around.span.start, around.span.end);
    const start = /^export\s+(default\s+)?/.exec(written)?.[0].length ?? 0;
    const canBeAsync = /^(function\b|\(|\w+\s*=>)/.test(written.slice(start));
    return canBeAsync
      ? fix('Await the training in an async function', wait, at(around.span.start + start, 'async '))
      : undefined;
  }
  // At the top of a module `await` may stand by itself; a script that requires its modules has no such place.
  if (!/\brequire\s*\(/.test(cx.text) || /^\s*(import|export)\b/m.test(cx.text)) return fix('Await the training', wait);
  const last = body.at(-1) ?? statement;
  return index < body.length
    ? fix(
        'Await the training in an async function',
        at(statement.span.start, '(async () => {\n'),
        wait,
        at(endOf(cx, last.span), '\n})();'),
      )
    : undefined;
}

function endOf({ text }: RuleContext, span: Span): number {
  return text[span.end] === ';' ? span.end + 1 : span.end;
}
