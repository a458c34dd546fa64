/** Parsers for the tests of this room, made from the `.wasm` files in `node_modules`, each loaded once. */
import fs from 'node:fs';
import path from 'node:path';
import {
  createParser,
  ENGINE_FILE,
  grammarFile,
  type GrammarName,
  type SourceParser,
} from '../../../src/parse/grammar';

const modules = path.join(__dirname, '../../../node_modules');
const parsers = new Map<GrammarName, Promise<SourceParser>>();

export function parserOf(grammar: GrammarName): Promise<SourceParser> {
  let parser = parsers.get(grammar);
  if (!parser) {
    parser = createParser({
      grammar,
      engineWasm: fs.readFileSync(path.join(modules, 'web-tree-sitter', ENGINE_FILE)),
      grammarWasm: fs.readFileSync(path.join(modules, '@vscode/tree-sitter-wasm/wasm', grammarFile(grammar))),
    });
    parsers.set(grammar, parser);
  }
  return parser;
}
