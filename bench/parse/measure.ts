// What bench/parse.bench.ts bundles and runs. Processor time of this process, so that what else the machine does counts
// little; the ways of one row take turns; medians.
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { Language, Parser } from 'web-tree-sitter';
import { createParser, ENGINE_FILE, grammarFile, type GrammarName } from '../../src/parse/grammar';
import { pythonLines, typescriptLines } from './sources';

const root = process.argv[2]!;
const COLD = 7;
const KEYSTROKES = 25;
const AIM = 4;

function wasm(file: string): Uint8Array {
  const folder = file === ENGINE_FILE ? 'web-tree-sitter' : '@vscode/tree-sitter-wasm/wasm';
  return fs.readFileSync(path.join(root, 'node_modules', folder, file));
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;

/** Milliseconds of processor time on the main thread's behalf. */
function timed(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** What is typed, and after what: names grow, statements begin between others. */
const TYPED: Readonly<Record<string, readonly [after: RegExp, text: string]>> = {
  'name grows': [/[a-z](?=\()/g, 'x'],
  'new line': [/\n(?=\n)/g, '\n'],
  'open bracket': [/\n(?=\n)/g, 'x = f(g(1, '],
  dot: [/\n(?=\n)/g, 'x = layers.'],
  nonsense: [/\n(?=\n)/g, 'x = f(a b'],
};

function places(text: string, after: RegExp): readonly number[] {
  const all = [...text.matchAll(after)].map(match => match.index + match[0].length);
  return Array.from({ length: KEYSTROKES }, (_, i) => all[Math.floor(((i * 0.618) % 1) * all.length)] ?? 0);
}

async function row(grammar: GrammarName, text: string): Promise<Record<string, string>> {
  const parser = await createParser({
    grammar,
    engineWasm: wasm(ENGINE_FILE),
    grammarWasm: wasm(grammarFile(grammar)),
  });
  const engine = new Parser();
  engine.setLanguage(await Language.load(wasm(grammarFile(grammar))));
  const ours: number[] = [];
  const bare: number[] = [];
  const typescript: number[] = [];
  for (let i = 0; i < COLD; i++) {
    ours.push(
      timed(() => {
        parser.parse(text);
      }),
    );
    bare.push(
      timed(() => {
        engine.parse(text)?.delete();
      }),
    );
    if (grammar !== 'python')
      typescript.push(
        timed(() => {
          ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest, true);
        }),
      );
  }
  const document = parser.open();
  document.update(text);
  const keystroke = ([after, added]: readonly [RegExp, string]): number =>
    median(
      places(text, after).map(at => {
        const time = timed(() => {
          document.update(text.slice(0, at) + added + text.slice(at));
        });
        document.update(text);
        return time;
      }),
    );
  keystroke(TYPED['new line']!);
  const result = {
    'cold ms': median(ours).toFixed(1),
    'to tree-sitter alone': (median(ours) / median(bare)).toFixed(2),
    'to TypeScript': typescript.length ? (median(ours) / median(typescript)).toFixed(2) : '–',
    ...Object.fromEntries(Object.entries(TYPED).map(([name, typed]) => [name, keystroke(typed).toFixed(1)])),
  };
  document.close();
  return result;
}

async function main(): Promise<void> {
  const rows: Record<string, Record<string, string>> = {};
  for (const lines of [1000, 5000]) {
    rows[`Python, ${lines} lines`] = await row('python', pythonLines(lines));
    rows[`TypeScript, ${lines} lines`] = await row('typescript', typescriptLines(lines));
  }
  console.table(rows);
  const worst = Math.max(
    ...Object.entries(rows)
      .filter(([name]) => name.includes('1000'))
      .map(([, each]) => Number(each['name grows'])),
  );
  console.log(`milliseconds a keystroke; aim at 1,000 lines ≤ ${AIM} ms: ratio ${(worst / AIM).toFixed(2)}`);
}

void main();
