/**
 * The predicting child: `node predict.js`. It reads one request a line, answers on its output, and ends with its input.
 * The latest checkpoint stays in memory, so that a page can ask with every key.
 */
import './node-compat';
import { evaluateCheckpoint } from '../bert/checkpoint-evaluation';
import { locateCheckpoint } from '../bert/hub';
import { Predictor } from '../bert/predictor';
import { columnsOf, readRecords } from '../bert/tasks';
import { DataError } from '../data/data-error';
import type { PredictAnswer, PredictionInput, PredictRequest } from '../protocol/prediction';
import { loadBackend } from './backend';
import type { Tf } from './compile';
import { endWithStack, sayLine, serveLines } from './line-server';

const say: (line: PredictAnswer) => void = sayLine;

/** So many are answered at a time. */
const PART = 64;

async function main(): Promise<void> {
  const wanted = process.env.MODELWRIGHT_RUNTIME;
  const { tf } = await loadBackend(!wanted || wanted === 'embedded' ? null : wanted);
  const open: { name: string; predictor: Predictor }[] = [];
  await serveLines<PredictRequest>(async request => {
    if (request.evaluate) {
      await evaluate(tf, request);
      return;
    }
    if (open[0]?.name !== request.checkpoint) {
      open.pop()?.predictor.dispose();
      open.push({ name: request.checkpoint, predictor: await load(tf, request.checkpoint) });
    }
    await answer(open[0]!.predictor, request);
  });
  open.pop()?.predictor.dispose();
}

async function load(tf: Tf, name: string): Promise<Predictor> {
  const { folder } = await locateCheckpoint(name);
  return Predictor.open(tf, folder);
}

async function evaluate(tf: Tf, { id, checkpoint, data, ...columns }: PredictRequest): Promise<void> {
  if (data === undefined) throw new DataError('the request', 'it has no data', 'Give a file.');
  const { folder } = await locateCheckpoint(checkpoint);
  const onProgress = (share: number): void => say({ id, share });
  const evaluation = await evaluateCheckpoint(tf, folder, { ...columns, data, onProgress });
  say({ id, evaluation });
  say({ id, done: evaluation.rows });
}

async function answer(predictor: Predictor, request: PredictRequest): Promise<void> {
  if (request.describe) say({ id: request.id, about: predictor.facts });
  if (request.describe && !request.inputs && request.data === undefined) {
    say({ id: request.id, done: 0 });
    return;
  }
  const inputs = request.inputs ?? (await inputsOf(predictor, request));
  for (let start = 0; start < inputs.length; start += PART) {
    const made = predictor.predict(inputs.slice(start, start + PART), request.attention);
    for (const prediction of made) say({ id: request.id, prediction });
  }
  say({ id: request.id, done: inputs.length });
}

/** The texts of a file; its labels, if it has any, are of no interest. */
async function inputsOf(
  { task }: Predictor,
  { data, textColumn, pairColumn }: PredictRequest,
): Promise<PredictionInput[]> {
  if (data === undefined) throw new DataError('the request', 'it has neither inputs nor data', 'Give one of them.');
  const records = await readRecords(data);
  const columns = columnsOf(records, {
    task: task === 'question-answering' ? task : 'masked-lm',
    ...(textColumn && { textColumn }),
    ...(typeof pairColumn === 'string' && { pairColumn }),
  });
  const second = columns.context ?? columns.pair;
  return records.records.map(({ values }) => ({
    text: textOf(values[columns.text]),
    ...(second !== null && { pair: textOf(values[second]) }),
  }));
}

/** A text as it is, words joined, numbers as text; nothing for an empty cell. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(' ');
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

void main().catch(endWithStack);
