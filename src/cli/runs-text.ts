// The run history for a person: a table of runs, one run in full, several side by side.
import { column } from '../protocol/columns';
import type { Metrics } from '../protocol/messages';
import type { RunState } from '../protocol/run-state';
import type { RunComparison, RunSummary } from '../runs/history';
import { plainTable } from './table';
import type { Colours } from './terminal';

export function runsTable(runs: readonly RunSummary[], now: number, paint: Colours): string {
  if (runs.length === 0) return 'No runs yet. `modelwright train FILE` starts one.\n';
  const columns = [
    { title: 'RUN' },
    { title: 'WHAT' },
    { title: 'STATUS' },
    { title: 'EPOCHS', align: 'right' as const },
    { title: 'RESULT' },
    { title: 'TIME', align: 'right' as const },
    { title: 'STARTED' },
  ];
  const rows = runs.map(({ id, record, status }) => [
    id,
    record.title,
    status,
    epochsText(record.progress.epoch, record.progress.epochs),
    mainMetrics(record.progress.metrics, 2),
    duration(record.progress.active),
    ago(record.created, now),
  ]);
  return plainTable(columns, rows, paint.bold);
}

function epochsText(done: number, wanted: number): string {
  return wanted === 0 ? '' : `${done}/${wanted}`;
}

/** The validation metrics where there are some: they say more about a model than those on data it has learnt. */
export function mainMetrics(metrics: Metrics, most: number): string {
  const names = Object.keys(metrics);
  const validation = names.filter(name => name.startsWith('val_'));
  const chosen = (validation.length > 0 ? validation : names).slice(0, most);
  return chosen.map(name => `${name} ${metricText(metrics[name] ?? null)}`).join('  ');
}

/** Four significant digits; what is not finite has no number. */
export function metricText(value: number | null): string {
  if (value === null) return 'NaN';
  if (value === 0) return '0';
  const size = Math.abs(value);
  return size >= 0.001 && size < 100_000 ? String(Number(value.toPrecision(4))) : value.toExponential(3);
}

export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

function ago(time: number, now: number): string {
  const minutes = Math.floor((now - time) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return `${Math.floor(minutes / (24 * 60))} days ago`;
}

export function runText(
  { id, folder, record, status, resumable }: RunSummary,
  state: RunState,
  paint: Colours,
): string {
  const { backend, source, progress } = record;
  const versions = Object.entries(backend?.versions ?? {})
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
  const rows: [string, string][] = [
    ['what', record.title],
    ['status', resumable ? `${status}; can be resumed` : status],
    ['epochs', epochsText(progress.epoch, progress.epochs)],
    ['steps', progress.step > 0 ? String(progress.step) : ''],
    ['time', `${duration(progress.active)} of training, started ${new Date(record.created).toISOString()}`],
    ['model', source.file === null ? '' : `${source.file}${source.binding === null ? '' : `#${source.binding}`}`],
    ['runtime', backend === null ? '' : `${backend.kind}, ${versions}`],
    ['folder', folder],
  ];
  const lines = [paint.bold(id), ...fields(rows)];
  const { end } = state.story;
  if (end !== null && end.kind !== 'ended')
    lines.push('', paint.red(end.message), ...(end.kind === 'failed' ? [end.hint] : []));
  const settings = Object.entries(record.settings).map(([name, value]): [string, string] => [name, settingText(value)]);
  if (settings.length > 0) lines.push('', paint.bold('Settings'), ...fields(settings));
  const curves = state.setup.metrics
    .flatMap(name => [name, `val_${name}`])
    .flatMap((name): [string, string][] => {
      const values = epochValues(state, name);
      return values.length === 0
        ? []
        : [[name, `${metricText(values.at(-1) ?? null).padEnd(10)} ${sparkline(values)}`]];
    });
  if (curves.length > 0) lines.push('', paint.bold('Metrics by epoch'), ...fields(curves));
  if (state.story.best) lines.push(`  best: epoch ${state.story.best.epoch}, ${metricText(state.story.best.value)}`);
  return `${lines.join('\n')}\n`;
}

function fields(rows: readonly (readonly [string, string])[]): string[] {
  const shown = rows.filter(([, value]) => value !== '');
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}

function epochValues(state: RunState, name: string): (number | null)[] {
  return [...column(state.epochTable, name)].map(value => (Number.isFinite(value) ? value : null));
}

const LEVELS = [...'▁▂▃▄▅▆▇█'];

/** At most 40 characters; of longer curves every n-th value, the last one always. */
export function sparkline(values: readonly (number | null)[]): string {
  const stride = Math.ceil(values.length / 40);
  const shown = values.filter((_, index) => (values.length - 1 - index) % stride === 0);
  const finite = shown.filter(value => value !== null);
  const [least, most] = [Math.min(...finite), Math.max(...finite)];
  return shown
    .map(value => {
      if (value === null) return ' ';
      const share = most === least ? 0 : (value - least) / (most - least);
      return LEVELS[Math.round(share * (LEVELS.length - 1))];
    })
    .join('');
}

/** Settings that differ, then metrics with the best of each row marked. */
export function comparisonText({ runs, settings, metrics }: RunComparison, paint: Colours): string {
  const columns = [{ title: '' }, ...runs.map(({ id }) => ({ title: id }))];
  const differing = settings
    .filter(({ differs }) => differs)
    .map(({ name, values }) => [name, ...values.map(settingText)]);
  const same = settings.length - differing.length;
  const results = metrics.map(({ name, values, best }) => [
    name,
    ...values.map((value, index) => `${value === null ? '-' : metricText(value)}${index === best ? ' *' : ''}`),
  ]);
  const status = [
    ['status', ...runs.map(run => run.status)],
    ['epochs', ...runs.map(({ record: { progress } }) => epochsText(progress.epoch, progress.epochs))],
  ];
  const note = `${same} ${same === 1 ? 'setting is' : 'settings are'} the same in all of them; * marks the best of a row.\n`;
  return plainTable(columns, [...status, ...differing, ...results], paint.bold) + paint.dim(note);
}

function settingText(value: unknown): string {
  return typeof value === 'string' ? value : value === null || value === undefined ? '-' : JSON.stringify(value);
}
