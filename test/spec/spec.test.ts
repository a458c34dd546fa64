// The literate specifications: every code block of every document in this folder is analysed, and what its comments say
// is held against the facts. The document is the test.
//
//   # shape: (None, 26, 26, 32)      the output of the layer call on this line (`→` between several)
//   # params: 320                    its parameter count
//   # error: rank-mismatch           a diagnostic of this code is on this line (`warning:` and `info:` likewise)
//   # hint: (None, 10) · 650         the whole hint
//   # model: name, total             a model of this name (Keras's) with that many parameters is bound on this line
//   # layers: conv2d, dense          the layer names of the model bound on this line
//
// A block ```csv name.csv is a file that the programs of its document can read.
// A line without such a comment must have no diagnostic. `<!-- keras 2 -->` before a block sets the version.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { interpret } from '../../src/infer/interpret';
import type { BoundModel, Facts, LayerCallFact } from '../../src/infer/facts';
import { dimText } from '../../src/ir/dim';
import type { Program } from '../../src/ir/program';
import { inlayHints, outputsText } from '../../src/ide/inlay-hints';
import { listedLayers } from '../../src/ide/summary';
import { LineMap } from '../../src/ide/lines';
import { diagnose } from '../../src/rules';
import type { GrammarName } from '../../src/parse/grammar';
import { parserOf } from '../unit/parse/parsers';

const GRAMMARS: Readonly<Record<string, GrammarName>> = {
  python: 'python',
  js: 'javascript',
  javascript: 'javascript',
  ts: 'typescript',
  typescript: 'typescript',
};

interface Block {
  readonly grammar: GrammarName;
  readonly code: string;
  /** Line of the document on which the code begins, for messages. */
  readonly line: number;
  readonly heading: string;
  readonly kerasVersion?: 2 | 3;
  /** Files of data of the document, by name. */
  readonly files: ReadonlyMap<string, string>;
}

function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split('\n');
  let heading = '';
  let kerasVersion: 2 | 3 | undefined;
  const files = new Map<string, string>();
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    if (/^#+ /.test(line)) heading = line.replace(/^#+ /, '');
    const version = /^<!-- keras (\d) -->/.exec(line)?.[1];
    if (version) kerasVersion = Number(version) as 2 | 3;
    const file = /^```csv (\S+)$/.exec(line)?.[1];
    if (file) files.set(file, `${lines.slice(i + 1, lines.indexOf('```', i + 1)).join('\n')}\n`);
    const grammar = GRAMMARS[/^```(\w+)$/.exec(line)?.[1] ?? ''];
    if (!grammar) continue;
    const end = lines.indexOf('```', i + 1);
    blocks.push({ grammar, code: lines.slice(i + 1, end).join('\n'), line: i + 2, heading, kerasVersion, files });
    kerasVersion = undefined;
    i = end;
  }
  return blocks;
}

interface Expectation {
  readonly line: number;
  readonly what: string;
  readonly value: string;
}

const CLAUSE = /(shape|params|hint|error|warning|info|model|layers):\s*/;

/** `# shape: (None, 3) params: 12 error: code` at the end of a line. */
function expectationsOf(code: string): Expectation[] {
  return code.split('\n').flatMap((text, line) => {
    const comment = /(?:#|\/\/)\s*((?:shape|params|hint|error|warning|info|model|layers):.*)$/.exec(text)?.[1];
    if (comment === undefined) return [];
    const parts = comment.split(new RegExp(`(?:^|;\\s*)${CLAUSE.source}`)).slice(1);
    return Array.from({ length: parts.length / 2 }, (_, i) => ({
      line,
      what: parts[2 * i]!,
      value: parts[2 * i + 1]!.trim(),
    }));
  });
}

function factsOf(program: Program, { kerasVersion, files }: Block): Facts {
  return interpret(program, {
    kerasVersion,
    readHead: file => (files.has(file) ? { text: files.get(file)!, isWhole: true } : undefined),
  });
}

async function found(block: Block): Promise<(e: Expectation) => string> {
  const program = (await parserOf(block.grammar)).parse(block.code);
  const facts = factsOf(program, block);
  const diagnostics = diagnose({ text: block.code, language: program.language, program, facts });
  const lines = new LineMap(block.code);
  const lineOf = (offset: number): number => lines.position(offset).line;
  const calls = (line: number): LayerCallFact[] =>
    facts.layerCalls.filter(c => c.place.file === undefined && lineOf(c.place.end) === line);
  const model = (line: number): BoundModel | undefined => facts.models.find(m => lineOf(m.nameSpan.start) === line);
  const distinct = (all: readonly string[]): string => [...new Set(all)].join(' → ');
  return ({ line, what }) => {
    switch (what) {
      case 'shape':
        return distinct(calls(line).map(c => outputsText(c.outputs)));
      case 'params':
        return distinct(calls(line).map(c => (c.params ? dimText(c.params) : '?')));
      case 'hint':
        return inlayHints(facts)
          .filter(h => lineOf(h.offset) === line)
          .map(h => h.text)
          .join(' | ');
      case 'model':
        return `${model(line)?.facts.name ?? 'none'}, ${model(line)?.facts.params.total ?? '?'}`;
      case 'layers':
        return listedLayers(model(line)?.facts ?? ({ layers: [] } as never))
          .map(l => l.name)
          .join(', ');
      default:
        return distinct(diagnostics.filter(d => lineOf(d.span.start) === line && d.severity === what).map(d => d.code));
    }
  };
}

async function diagnosticLines(block: Block): Promise<{ line: number; severity: string; told: string }[]> {
  const program = (await parserOf(block.grammar)).parse(block.code);
  const lines = new LineMap(block.code);
  return diagnose({ text: block.code, language: program.language, program, facts: factsOf(program, block) }).map(d => ({
    line: lines.position(d.span.start).line,
    severity: d.severity,
    told: `${d.code}: ${d.message}`,
  }));
}

for (const file of fs
  .readdirSync(__dirname)
  .filter(f => f.endsWith('.md'))
  .sort()) {
  describe(`spec ${file}`, () => {
    for (const block of blocksOf(fs.readFileSync(path.join(__dirname, file), 'utf8'))) {
      it(`${block.heading} (line ${block.line})`, async () => {
        const read = await found(block);
        const expectations = expectationsOf(block.code);
        for (const e of expectations) assert.equal(read(e), e.value, `${file}:${block.line + e.line} ${e.what}`);
        for (const { line, severity, told } of await diagnosticLines(block)) {
          assert.ok(
            expectations.some(e => e.line === line && e.what === severity),
            `${file}:${block.line + line} unexpected ${severity} ${told}`,
          );
        }
      });
    }
  });
}
