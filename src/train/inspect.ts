/**
 * The inspecting child: `node inspect.js`. Before a fine-tuning it tells which checkpoints there are, what the columns of
 * a file mean, and what the run would be like. It loads no TensorFlow.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { CheckpointError } from '../bert/checkpoint-error';
import { taskOf } from '../bert/checkpoint';
import { maxTokens, parseConfig, type Task, TASKS } from '../bert/config';
import { hubSettings, locateCheckpoint } from '../bert/hub';
import { cachedModels } from '../bert/hub/list';
import { parameterCount } from '../bert/memory';
import { previewRun } from '../bert/run-preview';
import { columnsOf, labelsOf, readRecords } from '../bert/tasks';
import { bytesText, DataError } from '../data/data-error';
import type {
  CheckpointFacts,
  ColumnFacts,
  ColumnWishes,
  InspectAnswer,
  InspectionKind,
  Inspections,
  InspectRequest,
} from '../protocol/inspection';
import { endWithStack, sayLine, serveLines } from './line-server';

const say: (line: InspectAnswer) => void = sayLine;

type Handlers = {
  readonly [Kind in InspectionKind]: (
    question: Inspections[Kind]['question'],
    id: number,
  ) => Promise<Inspections[Kind]['answer']>;
};

const HANDLERS: Handlers = {
  checkpoints: ({ folders }) => checkpoints(folders),
  checkpoint: ({ name }, id) => checkpoint(name, id),
  columns: ({ data, wishes }) => columns(data, wishes),
  preview: async ({ plan, seed }, id) => {
    const facts = await checkpoint(plan.checkpoint, id);
    return { ...(await previewRun({ ...plan, checkpoint: facts.folder }, seed)), checkpoint: facts };
  },
};

async function checkpoints(folders: readonly string[]): Promise<CheckpointFacts[]> {
  const cached = await cachedModels(hubSettings().cache);
  const all = await Promise.all(
    [
      ...folders.map(folder => factsOf(folder, path.basename(folder), 'folder')),
      ...cached.map(({ id, folder }) => factsOf(folder, id, 'cache')),
    ].map(facts => facts.catch(ofAnotherFamily)),
  );
  return all.filter(facts => facts !== null);
}

/** A list leaves out what cannot be trained; choosing it by name says why. */
function ofAnotherFamily(error: unknown): null {
  if (error instanceof CheckpointError || (error as NodeJS.ErrnoException).code !== undefined) return null;
  throw error;
}

async function checkpoint(name: string, id: number): Promise<CheckpointFacts> {
  const located = await locateCheckpoint(name, {
    onProgress: ({ file, index, files, done, total }) => {
      const words = `${file} (${index} of ${files})${total ? `, ${bytesText(done)} of ${bytesText(total)}` : ''}`;
      say({ id, progress: { words, share: total ? done / total : null } });
    },
  });
  return factsOf(located.folder, located.source === 'folder' ? path.basename(name) : name, located.source);
}

async function factsOf(folder: string, name: string, source: CheckpointFacts['source']): Promise<CheckpointFacts> {
  const file = path.join(folder, 'config.json');
  const text = await fs.readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new CheckpointError(`${folder} has no config.json.`, 'Give the folder that config.json lies in.');
  });
  const config = parseConfig(text, file);
  const { family, layers, hiddenSize, heads, labels } = config;
  const shape = { family, layers, hiddenSize, heads, parameters: parameterCount(config), maxTokens: maxTokens(config) };
  return { folder, name, source, ...shape, task: taskOf(config) ?? null, labels };
}

const SAMPLE = 60;

async function columns(data: string, wishes: ColumnWishes): Promise<ColumnFacts> {
  const records = await readRecords(data);
  const first = records.records[0]?.values ?? {};
  const facts = {
    rows: records.records.length,
    columns: records.columns.map(name => ({ name, sample: textOf(first[name]).slice(0, SAMPLE) })),
  };
  try {
    const { task, textColumn, pairColumn, labelColumn } = wishes;
    const found = columnsOf(records, {
      ...(task !== null && { task: knownTask(task) }),
      ...(textColumn !== null && { textColumn }),
      ...(pairColumn !== null && { pairColumn }),
      ...(labelColumn !== null && { labelColumn }),
    });
    const { text, context, pair, labels } = found;
    const classes = found.task === 'regression' ? [] : labelsOf(records, found);
    return { ...facts, chosen: { task: found.task, text, pair: context ?? pair, labels, classes }, problem: null };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { ...facts, chosen: null, problem: error.message };
  }
}

function knownTask(name: string): Task {
  const task = TASKS.find(one => one === name);
  if (task) return task;
  throw new CheckpointError(`There is no task "${name}".`, `Known are ${TASKS.join(', ')}.`);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

void serveLines<InspectRequest>(async ({ id, ask, question }) => {
  const handler = HANDLERS[ask] as (question: unknown, id: number) => Promise<Inspections[InspectionKind]['answer']>;
  say({ id, answer: await handler(question, id) });
}).catch(endWithStack);
