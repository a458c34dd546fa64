/** Our verdict on each mutant beside that of real Keras: what is found, on which statement, and what is a false alarm. */
import fs from 'node:fs';
import path from 'node:path';
import type { Analyzer } from '../../../src/ide/analysis';

export interface Verdict {
  readonly type: string;
  readonly message: string;
  /** First and last line of each statement on the way to the exception, the innermost last. */
  readonly statements: readonly (readonly [number, number])[];
  /** Numbers in the data were refused, which no shape tells. */
  readonly values?: true;
}

export interface Mutant {
  readonly program: string;
  readonly what: string;
  readonly at: readonly [number, number];
  readonly by: string;
  readonly verdict: Verdict | null;
}

export type Outcome = 'found' | 'elsewhere' | 'missed' | 'values' | 'python' | 'silent' | 'false alarm';

export interface Judged extends Mutant {
  readonly outcome: Outcome;
  /** The mutated line. */
  readonly line: string;
  readonly told: readonly string[];
}

/** The recorded mutants, each analysed; `folder` is this one. */
export async function judge(analyzer: Analyzer, folder: string): Promise<Judged[]> {
  const text = fs.readFileSync(path.join(folder, 'answers.json'), 'utf8');
  const { rows } = JSON.parse(text) as { readonly rows: readonly Mutant[] };
  const judged: Judged[] = [];
  for (const mutant of rows) {
    const source = fs.readFileSync(path.join(folder, 'programs', `${mutant.program}.py`), 'utf8');
    judged.push(await judgeOne(analyzer, source, mutant));
  }
  return judged;
}

async function judgeOne(analyzer: Analyzer, source: string, mutant: Mutant): Promise<Judged> {
  const [start, end] = mutant.at;
  const text = source.slice(0, start) + mutant.by + source.slice(end);
  const analysis = await analyzer.analyze('program.py', text);
  const errors = (analysis?.diagnostics ?? []).filter(d => d.severity === 'error');
  const lines = errors.map(d => analysis!.lines.position(d.span.start).line + 1);
  const from = text.lastIndexOf('\n', start - 1) + 1;
  return {
    ...mutant,
    outcome: outcomeOf(mutant.verdict, lines),
    line: text.slice(from, (text.indexOf('\n', start) + 1 || text.length + 1) - 1).trim(),
    told: errors.map((d, i) => `${lines[i]}: ${d.code}: ${d.message}`),
  };
}

/** What Python itself raises, for a tuple or a call that has too few parts; no library sees it. */
const OF_PYTHON = /to unpack|cannot unpack|required positional argument|'int' object/;

function outcomeOf(verdict: Verdict | null, lines: readonly number[]): Outcome {
  if (verdict === null) return lines.length > 0 ? 'false alarm' : 'silent';
  if (lines.some(line => verdict.statements.some(([first, last]) => first <= line && line <= last))) return 'found';
  if (verdict.values) return 'values';
  if (OF_PYTHON.test(verdict.message)) return 'python';
  return lines.length > 0 ? 'elsewhere' : 'missed';
}

export function count(judged: readonly Judged[], ...outcomes: readonly Outcome[]): number {
  return judged.filter(j => outcomes.includes(j.outcome)).length;
}

/** The share of what real Keras refuses for its shapes that is found on the right statement. */
export function detection(judged: readonly Judged[]): number {
  return count(judged, 'found') / count(judged, 'found', 'elsewhere', 'missed');
}
