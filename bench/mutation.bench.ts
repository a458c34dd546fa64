// Mutants of correct Keras programs: how many of those that real Keras refuses are found, and how many false alarms.
//
//   npm run bench -- mutation          prints every miss and false alarm below the table
//
// The verdicts of real Keras were recorded by test/oracle/mutation/record.py. Nothing was fitted to the fresh programs.
import fs from 'node:fs';
import path from 'node:path';
import { Analyzer } from '../src/ide/analysis';
import { ENGINE_FILE } from '../src/parse/grammar';
import { count, detection, judge, type Judged } from '../test/oracle/mutation/compare';

const root = path.resolve(import.meta.dirname, '..');
const percent = (share: number): string => (Number.isNaN(share) ? '–' : `${(share * 100).toFixed(1)} %`);

function row(judged: readonly Judged[]): Record<string, string | number> {
  return {
    mutants: judged.length,
    refused: judged.filter(j => j.verdict !== null).length,
    found: count(judged, 'found'),
    elsewhere: count(judged, 'elsewhere'),
    missed: count(judged, 'missed'),
    'by values': count(judged, 'values'),
    'by Python': count(judged, 'python'),
    detection: percent(detection(judged)),
    'false alarms': count(judged, 'false alarm'),
  };
}

async function main(): Promise<void> {
  const analyzer = new Analyzer(file => {
    const folder = file === ENGINE_FILE ? 'web-tree-sitter' : '@vscode/tree-sitter-wasm/wasm';
    return fs.promises.readFile(path.join(root, 'node_modules', folder, file));
  });
  const known = await judge(analyzer, path.join(root, 'test/oracle/mutation'));
  const unseen = await judge(analyzer, path.join(root, 'test/oracle/mutation/held-out'));
  const fresh = await judge(analyzer, path.join(root, 'test/oracle/mutation/fresh'));
  const judged = [...known, ...unseen, ...fresh];
  const kinds = [...new Set(judged.map(j => j.what))].sort();
  const table: Record<string, Record<string, string | number>> = Object.fromEntries(
    kinds.map(kind => [kind, row(known.filter(j => j.what === kind))]),
  );
  table['all'] = row(known);
  table['held-out programs'] = row(unseen);
  table['fresh programs'] = row(fresh);
  console.table(table);
  for (const { outcome, program, line, verdict, told } of judged) {
    if (!['missed', 'elsewhere', 'false alarm'].includes(outcome)) continue;
    const keras = verdict
      ? `${verdict.statements.map(s => s[0]).join(' > ')}: ${verdict.type}: ${verdict.message}`
      : 'runs';
    console.log(`${outcome}: ${program}: ${line}\n    Keras: ${keras}\n    we: ${told.join(' | ') || 'nothing'}`);
  }
}

void main();
