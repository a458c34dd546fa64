// `modelwright runs`: the history of training runs kept in this folder's `.modelwright/runs`.
import { compareRuns, findRun, listRuns, readRun, RunNotFound, type RunSummary } from '../../runs';
import { defineCommand, type Context } from '../command';
import { comparisonText, runsTable, runText } from '../runs-text';
import { didYouMean, EXIT, UsageError } from '../usage-error';

type Answer = { json: unknown; text: (paint: Context['terminal']['colours']['out']) => string };

const ACTIONS: Readonly<Record<string, (ids: readonly string[], context: Context) => Promise<Answer>>> = {
  list,
  show,
  compare,
};

export const runs = defineCommand({
  name: 'runs',
  summary: 'the history of training runs: list them, show one, compare several',
  operands: '[list | show ID | compare ID ID…]',
  count: { least: 0, most: Number.POSITIVE_INFINITY },
  options: { json: { kind: 'flag', help: 'the same as JSON' } },
  notes: [
    'ID is a run\'s name, a part of it that fits one run alone, or "latest".',
    'Runs are kept in .modelwright/runs of the folder where training was started.',
    '',
    'Exit: 0, or 2 where there is no such run.',
  ],
  async run([action = 'list', ...ids], { json: asJson }, context) {
    const known = Object.keys(ACTIONS);
    const act = known.includes(action) ? ACTIONS[action] : undefined;
    if (act === undefined) {
      throw new UsageError(`\`runs\` knows ${known.join(', ')}, not ${action}.${didYouMean(action, known)}`);
    }
    const { json, text } = await act(ids, context);
    context.terminal.out(asJson ? `${JSON.stringify(json, null, 2)}\n` : text(context.terminal.colours.out));
    return EXIT.ok;
  },
});

async function list(ids: readonly string[], { folder }: Context): Promise<Answer> {
  if (ids.length > 0) throw new UsageError('`runs list` takes no names; `runs show` and `runs compare` do.');
  const all = await listRuns(folder);
  return { json: all.map(runJson), text: paint => runsTable(all, Date.now(), paint) };
}

async function show([id, ...more]: readonly string[], context: Context): Promise<Answer> {
  if (id === undefined || more.length > 0) {
    throw new UsageError('`runs show` needs one run: `modelwright runs show ID`.');
  }
  const run = await findRunOf(id, context);
  const state = await readRun(run.folder);
  const { best, alerts, end } = state.story;
  return { json: { ...runJson(run), best, alerts, end }, text: paint => runText(run, state, paint) };
}

async function compare(ids: readonly string[], context: Context): Promise<Answer> {
  if (ids.length < 2) {
    throw new UsageError('`runs compare` needs two runs or more: `modelwright runs compare ID ID…`.');
  }
  const compared = await Promise.all(ids.map(id => findRunOf(id, context)));
  const comparison = compareRuns(compared);
  return { json: { ...comparison, runs: compared.map(runJson) }, text: paint => comparisonText(comparison, paint) };
}

/** @throws {UsageError} where the name fits no run or several */
export async function findRunOf(id: string, { folder }: Context): Promise<RunSummary> {
  try {
    return await findRun(folder, id);
  } catch (error) {
    if (error instanceof RunNotFound) throw new UsageError(error.message);
    throw error;
  }
}

/** The record with what it is now. */
function runJson({ record, status, resumable, folder }: RunSummary): object {
  return { ...record, status, resumable, folder };
}
