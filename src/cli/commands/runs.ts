// `modelwright runs`: the history of training runs kept in this folder's `.modelwright/runs`.
import { compareRuns, findRun, listRuns, readRun, RunNotFound, type RunSummary } from '../../runs/history';
import { defineCommand, type Context } from '../command';
import { comparisonText, runsTable, runText } from '../runs-text';
import { didYouMean, EXIT, UsageError, type ExitCode } from '../usage-error';

const ACTIONS = ['list', 'show', 'compare'];

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
  async run([action = 'list', ...ids], { json }, context): Promise<ExitCode> {
    try {
      switch (action) {
        case 'list': {
          if (ids.length > 0) throw new UsageError('`runs list` takes no names; `runs show` and `runs compare` do.');
          const all = await listRuns(context.folder);
          print(json, context, all.map(runJson), () => runsTable(all, Date.now(), context.terminal.colours.out));
          break;
        }
        case 'show': {
          const [id] = ids;
          if (id === undefined || ids.length > 1)
            throw new UsageError('`runs show` needs one run: `modelwright runs show ID`.');
          const run = await findRun(context.folder, id);
          const state = await readRun(run.folder);
          const { story } = state;
          print(json, context, { ...runJson(run), best: story.best, alerts: story.alerts, end: story.end }, () =>
            runText(run, state, context.terminal.colours.out),
          );
          break;
        }
        case 'compare': {
          if (ids.length < 2)
            throw new UsageError('`runs compare` needs two runs or more: `modelwright runs compare ID ID…`.');
          const compared = await Promise.all(ids.map(id => findRun(context.folder, id)));
          const comparison = compareRuns(compared);
          print(json, context, { ...comparison, runs: compared.map(runJson) }, () =>
            comparisonText(comparison, context.terminal.colours.out),
          );
          break;
        }
        default:
          throw new UsageError(`\`runs\` knows list, show and compare, not ${action}.${didYouMean(action, ACTIONS)}`);
      }
    } catch (error) {
      if (error instanceof RunNotFound) throw new UsageError(error.message);
      throw error;
    }
    return EXIT.ok;
  },
});

function print(json: boolean, { terminal }: Context, value: unknown, text: () => string): void {
  terminal.out(json ? `${JSON.stringify(value, null, 2)}\n` : text());
}

/** The record with what it is now. */
function runJson({ record, status, resumable, folder }: RunSummary): object {
  return { ...record, status, resumable, folder };
}
