// Programs of others: how much of their layers is known, what is said of them, why something is not known, and the time.
//
//   MODELWRIGHT_CORPUS=folder:folder npm run bench -- corpus
//   MODELWRIGHT_KERAS=2              by the rules of Keras 2 (default 3)
//   MODELWRIGHT_CORPUS_LIST=1        every finding with its place, and the places of each gap
//
// The folders are any checkouts of programs that run: whatever is an error there is to be looked into.
import fs from 'node:fs';
import path from 'node:path';
import { Analyzer, type Analysis } from '../src/ide/analysis';
import { dataPaths, modulePaths } from '../src/ide/module-paths';
import { inCell, joinCells, readNotebook, type JoinedCells } from '../src/ide/notebook';
import type { LayerCallFact } from '../src/infer/facts';
import { isRanked, type Shape } from '../src/ir/shape';
import { ENGINE_FILE } from '../src/parse/grammar';
import { type FileHead, onlyHead, readFileHead } from '../src/runtime/file-head';

const root = path.resolve(import.meta.dirname, '..');
const FRAMEWORK = /keras|tensorflow|tfjs|transformers/;
const SKIPPED = /^(\..*|node_modules|venv|__pycache__|site-packages)$/;
const MOST_REASONS = 40;

interface Checked {
  readonly folder: string;
  readonly file: string;
  readonly analysis: Analysis;
  readonly cells: JoinedCells | undefined;
  readonly milliseconds: number;
}

function* filesIn(folder: string): Generator<string> {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (SKIPPED.test(entry.name)) continue;
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(file);
    else if (/\.(py|ipynb|[cm]?[jt]s|[jt]sx)$/.test(entry.name) && !/\.min\.js$|\.d\.ts$/.test(entry.name)) yield file;
  }
}

function analyzerFor(folder: string): Analyzer {
  const read = (file: string): string | undefined => {
    try {
      return fs.readFileSync(file, 'utf8');
    } catch {
      return undefined;
    }
  };
  const heads = new Map<string, FileHead | undefined>();
  return new Analyzer(
    file => {
      const from = file === ENGINE_FILE ? 'web-tree-sitter' : '@vscode/tree-sitter-wasm/wasm';
      return fs.promises.readFile(path.join(root, 'node_modules', from, file));
    },
    {
      readHead: (file, from) =>
        onlyHead(dataPaths(file, from, folder), place => {
          if (!heads.has(place)) heads.set(place, readFileHead(place));
          return heads.get(place);
        }),
      kerasVersion: process.env['MODELWRIGHT_KERAS'] === '2' ? 2 : 3,
      resolveModule: (module, level, from) => {
        for (const file of modulePaths(module, level, from, folder)) {
          const text = read(file);
          if (text !== undefined) return { file, text };
        }
        return undefined;
      },
    },
  );
}

async function check(folder: string): Promise<Checked[]> {
  const analyzer = analyzerFor(folder);
  await analyzer.analyze('warm.py', 'import keras\nkeras.Sequential([keras.layers.Dense(1)])');
  const checked: Checked[] = [];
  for (const file of filesIn(folder)) {
    const source = fs.readFileSync(file, 'utf8');
    const notebook = file.endsWith('.ipynb') ? readNotebook(source) : undefined;
    if (file.endsWith('.ipynb') && !/^i?python/i.test(notebook?.language ?? '')) continue;
    const cells = notebook && joinCells(notebook.cells);
    const text = cells?.text ?? source;
    if (!FRAMEWORK.test(text)) continue;
    const begin = performance.now();
    const analysis = await analyzer.analyze(file, text);
    if (analysis) checked.push({ folder, file, analysis, cells, milliseconds: performance.now() - begin });
  }
  return checked;
}

/** Every axis a number, a symbol, or left open by the program itself. */
function isFollowed(shape: Shape): boolean {
  return isRanked(shape) && shape.dims.every(d => d.kind !== 'unknown');
}

function isKnown({ outputs }: LayerCallFact): boolean {
  return outputs.length > 0 && outputs.every(isFollowed);
}

/** The calls at each place of the file that calls a layer; a loop passes one place many times. */
function layerPlaces({ analysis }: Checked): LayerCallFact[][] {
  const byPlace = new Map<number, LayerCallFact[]>();
  for (const call of analysis.facts.layerCalls) {
    if (call.place.file !== undefined) continue;
    const calls = byPlace.get(call.place.end);
    if (calls) calls.push(call);
    else byPlace.set(call.place.end, [call]);
  }
  return [...byPlace.values()];
}

const percent = (part: number, of: number): string => (of === 0 ? '–' : `${((part / of) * 100).toFixed(1)} %`);

function row(checked: readonly Checked[]): Record<string, string | number> {
  const places = checked.flatMap(layerPlaces);
  const followed = places.filter(calls => calls.every(isKnown)).length;
  const diagnostics = checked.flatMap(c => c.analysis.diagnostics);
  const times = checked.map(c => c.milliseconds).sort((a, b) => a - b);
  return {
    files: checked.length,
    'layer calls': places.length,
    'shapes known': percent(followed, places.length),
    'not followed': checked.flatMap(c => c.analysis.facts.gaps).length,
    errors: diagnostics.filter(d => d.severity === 'error').length,
    warnings: diagnostics.filter(d => d.severity !== 'error').length,
    'median ms': Number((times[times.length >> 1] ?? 0).toFixed(0)),
    'longest ms': Number((times.at(-1) ?? 0).toFixed(0)),
  };
}

function placeOf({ folder, file, cells, analysis }: Checked, offset: number): string {
  const name = path.relative(path.dirname(folder), file);
  const line = (at: number): number => analysis.lines.position(at).line;
  if (!cells) return `${name}:${line(offset) + 1}`;
  const { cell } = inCell(cells, offset) ?? {};
  const start = cells.starts[cells.cells.indexOf(cell!)] ?? 0;
  return `${name}:cell ${(cell?.index ?? 0) + 1}:${line(offset) - line(start) + 1}`;
}

function countBy(keys: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

async function main(): Promise<void> {
  const folders = (process.env['MODELWRIGHT_CORPUS'] ?? '').split(path.delimiter).filter(each => each !== '');
  if (folders.length === 0) {
    console.log('MODELWRIGHT_CORPUS names the folders to check; there are none.');
    return;
  }
  const all: Checked[] = [];
  const table: Record<string, Record<string, string | number>> = {};
  for (const folder of folders) {
    const checked = await check(path.resolve(folder));
    table[path.basename(folder)] = row(checked);
    all.push(...checked);
  }
  table['all'] = row(all);
  console.table(table);

  const listed = process.env['MODELWRIGHT_CORPUS_LIST'] === '1';
  const diagnostics = all.flatMap(c => c.analysis.diagnostics.map(d => ({ ...d, where: placeOf(c, d.span.start) })));
  console.log('Findings by rule');
  for (const [code, count] of countBy(diagnostics.map(d => `${d.severity} ${d.code}`)))
    console.log(`${String(count).padStart(6)}  ${code}`);
  if (listed) for (const d of diagnostics) console.log(`${d.severity} ${d.where}: ${d.code}: ${d.message}`);

  console.log('\nLayer calls whose shape is not known, by reason');
  const unknown = all.flatMap(c =>
    layerPlaces(c)
      .flatMap(calls => calls.filter(call => !isKnown(call)).slice(0, 1))
      .map(call => ({ why: call.why ?? 'no reason given', where: placeOf(c, call.place.start) })),
  );
  for (const [why, count] of countBy(unknown.map(u => u.why)).slice(0, listed ? undefined : MOST_REASONS)) {
    const places = unknown.filter(u => u.why === why).map(u => u.where);
    console.log(
      `${String(count).padStart(6)}  ${why}${listed ? `  (${[...new Set(places)].slice(0, 3).join(', ')})` : ''}`,
    );
  }

  console.log('\nFiles above a second');
  for (const each of all.filter(c => c.milliseconds > 1000))
    console.log(`${each.milliseconds.toFixed(0).padStart(6)} ms  ${placeOf(each, 0)}`);
}

void main();
