/** The measuring half of bench/tokenizer.bench.ts: encodes texts again and again, with cold and with warm caches. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { tokenizerFrom, trainWordPiece } from '../../src/bert/tokenizer/index';

const root = process.argv[2]!;
const recorded = JSON.parse(
  gunzipSync(fs.readFileSync(path.join(root, 'test/oracle/tokenizers/recorded.json.gz'))).toString(),
) as { texts: string[]; models: Record<string, { json: string }> };

const prose = ['README.md', 'src/README.md', 'docs']
  .flatMap(name => {
    const file = path.join(root, name);
    if (!fs.existsSync(file)) return [];
    if (fs.statSync(file).isFile()) return [file];
    return fs.readdirSync(file, { recursive: true, encoding: 'utf8' }).map(inside => path.join(file, inside));
  })
  .filter(file => file.endsWith('.md'))
  .flatMap(file => fs.readFileSync(file, 'utf8').split('\n'))
  .filter(line => line.length > 40);

const sets: Record<string, string[]> = { prose, 'hard texts': recorded.texts };
const python = process.env['MODELWRIGHT_PYTHON'];

/** Tokens a second: the first pass has an empty cache of words, the best of the others a full one. */
function measure(json: string, texts: readonly string[]): { cold: number; warm: number; tokens: number } {
  // The tables of characters are made once a process, not once a tokenizer.
  tokenizerFrom({ 'tokenizer.json': json }).encode('ünd');
  const tokenizer = tokenizerFrom({ 'tokenizer.json': json });
  const rates: number[] = [];
  let tokens = 0;
  for (let pass = 0; pass < 8; pass++) {
    const start = performance.now();
    tokens = 0;
    for (const text of texts) tokens += tokenizer.encode(text).ids.length;
    rates.push(tokens / ((performance.now() - start) / 1000));
  }
  return { cold: rates[0]!, warm: Math.max(...rates.slice(1)), tokens };
}

/** The same texts, one by one, in the native tokenizers of Python. */
function measurePython(json: string, texts: readonly string[]): number | null {
  if (!python) return null;
  const program = `
import json, sys, time
from tokenizers import Tokenizer
given = json.load(sys.stdin)
t, best = Tokenizer.from_str(given["json"]), 0
for _ in range(5):
    start = time.perf_counter()
    n = sum(len(t.encode(x).ids) for x in given["texts"])
    best = max(best, n / (time.perf_counter() - start))
print(best)`;
  const { stdout, status } = spawnSync(python, ['-c', program], { input: JSON.stringify({ json, texts }) });
  return status === 0 ? Number(stdout.toString()) : null;
}

const kilo = (rate: number | null): string => (rate === null ? '–' : `${Math.round(rate / 1000)}k`);
console.log('tokenizer      texts        tokens   cold tok/s   warm tok/s   Python tok/s   warm ÷ Python');
for (const [name, { json }] of Object.entries(recorded.models)) {
  for (const [set, texts] of Object.entries(sets)) {
    const { cold, warm, tokens } = measure(json, texts);
    const theirs = measurePython(json, texts);
    const ratio = theirs === null ? '–' : (warm / theirs).toFixed(2);
    console.log(
      `${name.padEnd(14)} ${set.padEnd(12)} ${String(tokens).padStart(6)} ${kilo(cold).padStart(12)} ` +
        `${kilo(warm).padStart(12)} ${kilo(theirs).padStart(14)} ${ratio.padStart(15)}`,
    );
  }
}

const start = performance.now();
const vocabulary = trainWordPiece(prose, { vocabularySize: 8000 });
const characters = prose.reduce((sum, line) => sum + line.length, 0);
console.log(
  `training ${vocabulary.size} WordPiece tokens on ${Math.round(characters / 1000)}k characters: ` +
    `${((performance.now() - start) / 1000).toFixed(2)} s`,
);
