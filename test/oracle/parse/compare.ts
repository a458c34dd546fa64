/**
 * Compares the Python front end with Python's own `ast` on whole files, line by line of the print:
 *
 *   python test/oracle/parse/print_files.py FOLDER... | npx tsx test/oracle/parse/compare.ts
 */
import fs from 'node:fs';
import readline from 'node:readline';
import { parserOf } from '../../unit/parse/parsers';
import { print } from '../../unit/parse/print';

async function main(): Promise<void> {
  const parser = await parserOf('python');
  const counts = { files: 0, lines: 0, syntaxErrors: 0, different: 0 };
  for await (const row of readline.createInterface({ input: process.stdin })) {
    const { path, printed } = JSON.parse(row) as { path: string; printed: string };
    const program = parser.parse(fs.readFileSync(path, 'utf8'));
    const ours = print(program).split('\n');
    const theirs = printed.split('\n');
    counts.files++;
    counts.lines += theirs.length;
    if (program.syntaxErrors.length > 0) counts.syntaxErrors++;
    const at = theirs.findIndex((line, i) => line !== ours[i]);
    if (at === -1 && ours.length === theirs.length) continue;
    counts.different++;
    console.log(`${path}\n  ast:  ${theirs[at] ?? '(end)'}\n  ours: ${ours[at] ?? '(end)'}`);
  }
  console.log(
    `${counts.files} files, ${counts.lines} statements and heads, ${counts.syntaxErrors} with a syntax error, ${counts.different} read differently`,
  );
  process.exitCode = counts.syntaxErrors + counts.different > 0 ? 1 : 0;
}

void main();
